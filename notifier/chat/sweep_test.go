package chat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/chat"
)

func (s *sessions) Values(_ context.Context, prefixes []string, _ time.Time) (map[string][]byte, error) {
	out := map[string][]byte{}
	for key, value := range s.values {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			out[key] = value
		}
	}
	return out, nil
}

// List has the room's record, under every id of which there is a card.
func (r *room) List(_ context.Context, q desk.Query) (desk.Page, error) {
	for _, entry := range r.directory {
		if q.Terms[0] == core.TermState(entry.Kind, entry.State) {
			return desk.Page{Records: r.directory}, nil
		}
	}
	if q.Terms[0] != core.TermState(r.scene.Record.Kind, r.scene.Record.State) {
		return desk.Page{}, nil
	}
	if r.fails != nil {
		return desk.Page{}, r.fails
	}
	ids := map[string]bool{}
	for key := range r.values {
		if parts := strings.Split(key, ":"); parts[0] == "card" && parts[1] > q.After {
			ids[parts[1]] = true
		}
	}
	var page desk.Page
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if len(page.Records) == q.Limit {
			page.Next = page.Records[len(page.Records)-1].ID
			break
		}
		rec := r.scene.Record
		rec.ID = id
		page.Records = append(page.Records, rec)
	}
	return page, nil
}

// asked keeps what a sweep asks for.
type asked struct{ keys []string }

func (a *asked) Add(_ context.Context, _ time.Time, items ...outbox.Item) (int, error) {
	for _, it := range items {
		a.keys = append(a.keys, it.Key)
	}
	return len(items), nil
}

// sweep has a new Sweeper look at the room's cards once and returns what it asked for.
func (r *room) sweep(now time.Time) []string {
	r.t.Helper()
	return r.pass(&chat.Sweeper{}, now)
}

// pass has a Sweeper look at the room's cards once more and returns what it asked for.
func (r *room) pass(s *chat.Sweeper, now time.Time) []string {
	r.t.Helper()
	var out asked
	s.Channels, s.Places, s.Records, s.Outbox = []*chat.Channel{r.ch}, r.sessions, r, &out
	s.Now, s.Log, s.Page, s.Pause = func() time.Time { return now }, slog.New(slog.DiscardHandler), 2, time.Nanosecond
	n, err := s.Pass(r.t.Context())
	if err != nil || n != len(out.keys) {
		r.t.Errorf("%d asked, %q: %v", n, out.keys, err)
	}
	return out.keys
}

const theCard = "card:r1:a1:telegram"

var evening = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)

func (r *room) swept(t *testing.T, what string, want bool) {
	t.Helper()
	if got := r.sweep(evening); slices.Contains(got, theCard) != want || len(got) > 1 {
		t.Errorf("%s: a sweep asks for %q", what, got)
	}
}

func TestASweepAsksForCardsThatDoNotShowWhatIsSo(t *testing.T) {
	for what, change := range map[string]func(r *room){
		"the record moved on":  func(r *room) { r.becomes(core.StateReleased, 3) },
		"a substitution ended": func(r *room) { r.scene.Duties = nil }, // no version moves with it
		"the chat was unlinked": func(r *room) {
			r.scene.Viewer.Links = nil
		},
		"its buttons are sealed with a former key": func(r *room) { r.seal = "k2" },
		"it is theirs no more":                     func(r *room) { r.err = desk.ErrNotFound },
	} {
		t.Run(what, func(t *testing.T) {
			r := newRoom(t)
			r.owes(core.DutyRelease, 2)
			r.must("post m1: filed v2 [Liberar]")
			r.swept(t, "as it is drawn", false)
			change(r)
			r.swept(t, what, true)
			if _, _, err := r.send(); err != nil {
				t.Fatal(err)
			}
			r.swept(t, "drawn again", false)
		})
	}
}

func TestASweepAsksForOldCopiesThatAreStillThere(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.data = map[string]string{"anew": "tg:8"}
	r.removes = []error{errTrouble}
	if _, _, err := r.send(); err == nil {
		t.Fatal("the fault does not strike")
	}
	r.data = nil
	r.swept(t, "an old copy is there", true)
	r.must("remove m1")
	r.swept(t, "they are off", false)
}

func TestASweepLeavesAloneWhatIsOnTheWayOrOutOfReach(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateReleased, 3)
	r.scene.Record.Updated = evening.Add(-30 * time.Second)
	r.swept(t, "changed half a minute ago", false)
	r.scene.Record.Updated = evening.Add(-2 * time.Minute)
	r.swept(t, "changed two minutes ago", true)
	r.edits = []error{outbox.Permanent(errors.New("403 blocked"))}
	if _, _, err := r.send(); !outbox.IsPermanent(err) {
		t.Fatal(err)
	}
	r.swept(t, "blocked", false)
	r.becomes(core.StateReceived, 4)
	r.swept(t, "blocked, and the record moved on", true)
	r.must("edit m1: received v4")
	r.swept(t, "reached again", false)
}

func TestACardOfAnEqualRenderingIsKnownToShowTheVersion(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	// The next version draws the same (a fact that this viewer does not see).
	r.scene.Record.Version = 3
	r.ch = chat.New(chat.Config{
		Platform: "telegram", Poster: r.poster, Scenes: r, Sessions: r.sessions, Now: monday, Draw: drawSame, Gone: gone,
	})
	r.must("edit m1: the same")
	r.scene.Record.Version = 4
	r.must()
	if p := r.place(); p.Version != 4 {
		t.Errorf("the place says version %d", p.Version)
	}
	r.swept(t, "an equal rendering", false)
}

func TestASweepReadsAllCardsPageByPage(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	one := r.values[theCard]
	for i := range 9 {
		key := chat.Key(fmt.Sprint("x", i), "a1", "telegram")
		r.values[key], r.revs[key] = one, 1
	}
	r.values["card:of:another:platform"], r.values["card:nonsense"] = one, one
	r.scene.Record.Version, r.scene.Record.ID = 3, ""
	r.anyRecord = true
	if got := r.sweep(evening); len(got) != 10 {
		t.Errorf("%d of ten cards were asked for: %q", len(got), got)
	}
}

func TestASweepLooksAtClosedRequestsForAWeek(t *testing.T) {
	r := newRoom(t)
	r.must("post m1: filed v2")
	r.becomes(core.StateCancelled, 3)
	r.scene.Record.Since = evening.Add(-6 * 24 * time.Hour)
	r.swept(t, "closed six days ago", true)
	r.scene.Record.Since = evening.Add(-8 * 24 * time.Hour)
	r.swept(t, "closed eight days ago", false)
}

func TestASweeperGoesOnUntilItIsToldToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		r.must("post m1: filed v2")
		r.becomes(core.StateReleased, 3)
		var out asked
		s := chat.Sweeper{
			Channels: []*chat.Channel{r.ch}, Places: r.sessions, Records: r, Outbox: &out, Every: 10 * time.Minute,
			Now: testbed.Now, Log: slog.New(slog.DiscardHandler),
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(time.Hour + time.Minute)
		stop()
		if err := <-done; err != nil || len(out.keys) != 7 {
			t.Errorf("%d times in an hour, %v; want at the start and six times more", len(out.keys), err)
		}
	})
}

// What one Sweeper has found right is found wrong as soon as another would find it so.
func TestASweepLooksAgainAtWhatWasRightOnceSomethingHasChanged(t *testing.T) {
	for what, change := range map[string]func(t *testing.T, r *room){
		"the record moved on": func(_ *testing.T, r *room) { r.becomes(core.StateReleased, 3) },
		"the account is suspended": func(_ *testing.T, r *room) {
			r.directory[0].Version, r.directory[0].Seq, r.err = 5, 5, desk.ErrNotFound
		},
		"another account came": func(_ *testing.T, r *room) {
			r.directory = append(r.directory, core.Record{Kind: core.KindAccount, ID: "a2", State: r.directory[0].State, Version: 1, Seq: 1})
			r.err = desk.ErrNotFound
		},
		"its buttons are sealed with a former key": func(_ *testing.T, r *room) { r.seal = "k2" },
		"an old copy is there": func(t *testing.T, r *room) {
			r.data = map[string]string{"anew": "tg:8"}
			r.removes = []error{errTrouble}
			if _, _, err := r.send(); err == nil {
				t.Fatal("the fault does not strike")
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRoom(t)
			r.directory = []core.Record{{Kind: core.KindAccount, ID: "a1", State: core.LifecycleOf(core.KindAccount).States[0], Version: 4, Seq: 4}}
			r.owes(core.DutyRelease, 2)
			r.must("post m1: filed v2 [Liberar]")
			var s chat.Sweeper
			r.pass(&s, evening)
			r.scenes = 0
			for range 3 {
				if got := r.pass(&s, evening.Add(10*time.Minute)); len(got) > 0 || r.scenes > 0 {
					t.Errorf("nothing has changed: %q, and %d scenes are asked for", got, r.scenes)
				}
			}
			change(t, r)
			for i := range 2 {
				if got := r.pass(&s, evening.Add(20*time.Minute)); !slices.Equal(got, []string{theCard}) {
					t.Errorf("pass %d asks for %q", i+1, got)
				}
			}
		})
	}
}

func TestASweepLooksAgainInEachHour(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	var s chat.Sweeper
	r.pass(&s, evening.Add(50*time.Minute))
	r.scene.Duties = nil // a substitution ends at the hour
	if got := r.pass(&s, evening.Add(time.Hour)); !slices.Equal(got, []string{theCard}) {
		t.Errorf("it asks for %q", got)
	}
}

func TestASweepDoesNotTakeForRightWhatItHasNotLookedAt(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	r.scene.Duties, r.scene.Record.Updated = nil, evening.Add(-30*time.Second)
	var s chat.Sweeper
	if got := r.pass(&s, evening); len(got) > 0 {
		t.Errorf("changed half a minute ago: it asks for %q", got)
	}
	if got := r.pass(&s, evening.Add(10*time.Minute)); !slices.Equal(got, []string{theCard}) {
		t.Errorf("ten minutes later it asks for %q", got)
	}
}

// A pass that is cut short keeps what was found before, and takes nothing else for right.
func TestASweepThatIsCutShortForgetsNothing(t *testing.T) {
	r := newRoom(t)
	r.owes(core.DutyRelease, 2)
	r.must("post m1: filed v2 [Liberar]")
	var s chat.Sweeper
	r.pass(&s, evening)
	r.fails = errTrouble
	if _, err := s.Pass(t.Context()); !errors.Is(err, errTrouble) {
		t.Fatalf("the fault does not strike: %v", err)
	}
	r.fails, r.scenes = nil, 0
	if got := r.pass(&s, evening.Add(time.Minute)); len(got) > 0 || r.scenes > 0 {
		t.Errorf("%q, and %d scenes are asked for", got, r.scenes)
	}
}

// years is an office with some open requests and many that were closed long ago; what is
// read of it is counted.
type years struct {
	closed        int
	pages, values int
	records       int
}

func (y *years) List(_ context.Context, q desk.Query) (desk.Page, error) {
	y.pages++
	n := 0
	switch q.Terms[0] {
	case core.TermState(core.KindRequest, core.StateFiled):
		n = 5
	case core.TermState(core.KindRequest, core.LifecycleOf(core.KindRequest).Final[0]):
		n = y.closed
	}
	from := 0
	if q.After != "" {
		if _, err := fmt.Sscan(q.After, &from); err != nil {
			return desk.Page{}, err
		}
	}
	var page desk.Page
	for i := from; i < min(n, from+q.Limit); i++ {
		r := core.Record{Kind: core.KindRequest, ID: fmt.Sprint(q.Terms[0], i), State: core.StateFiled, Since: evening.AddDate(0, -2, 0), Updated: evening.AddDate(0, -2, 0)}
		page.Records = append(page.Records, r)
	}
	if y.records += len(page.Records); from+q.Limit < n {
		page.Next = fmt.Sprint(from + q.Limit)
	}
	return page, nil
}

func (y *years) Values(_ context.Context, prefixes []string, _ time.Time) (map[string][]byte, error) {
	y.values += len(prefixes)
	return nil, nil
}

func TestASweepReadsAsMuchAfter600ClosedRequestsAsAfter2000(t *testing.T) {
	read := func(closed int) years {
		y := &years{closed: closed}
		s := &chat.Sweeper{Places: y, Records: y, Now: func() time.Time { return evening }, Log: slog.New(slog.DiscardHandler), Pause: time.Nanosecond}
		if _, err := s.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		y.closed = 0
		return *y
	}
	some, many := read(600), read(2000)
	if some != many || some.values != 5 || some.records <= 5 { // of what is closed it reads one page
		t.Errorf("%+v after 600, %+v after 2000", some, many)
	}
}
