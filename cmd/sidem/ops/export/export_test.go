package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem/cmd/sidem/ops/export"
	"sidem/core"
	"sidem/core/outbox"
	"sidem/core/testbed"
	"sidem/storage/archive"
)

// of is the snapshot of some lines.
func of(all ...archive.Line) export.Snapshot {
	return func(each func(archive.Line) error) error {
		for _, l := range all {
			if err := each(l); err != nil {
				return err
			}
		}
		return nil
	}
}

// filed are the lines of a request that was filed at an instant: an event, the record, an
// item, and the place of its card.
func filed(id string, at time.Time) []archive.Line {
	r := core.Record{Kind: core.KindRequest, ID: id, Number: id, State: core.StateFiled, Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia", At: at}}}
	e := core.Event{Kind: core.KindRequest, Record: id, Verb: core.VerbFile, At: at}
	place := archive.Session{Key: "card:" + id + ":lucia:telegram", Value: []byte(`{"ref":{"chat":"7","message":"11"},"version":2,"buttons":3,"old":[{"ref":{"chat":"7","message":"9"}}]}`)}
	return []archive.Line{{Event: &e}, {Record: &r}, {Item: &outbox.Item{ID: "i-" + id, Key: "mail:" + id, Record: id}}, {Session: &place}}
}

// office is one of Mexico City.
func office(t *testing.T) core.Office {
	t.Helper()
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	return core.Office{Calendar: core.NewCalendar(zone, nil)}
}

// written are the lines of an export, each by its type and what it is of.
func written(t *testing.T, s export.Snapshot, p core.Period) (names []string, text string) {
	t.Helper()
	var out bytes.Buffer
	if _, err := export.Write(t.Context(), &out, s, export.Options{Format: export.JSONL, Period: p, Office: office(t), At: testbed.Monday}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var v struct{ Type, ID, Record, Message string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if v.Type != "meta" && v.Type != "end" {
			names = append(names, strings.TrimSpace(v.Type+" "+v.Record+v.ID+" "+v.Message))
		}
	}
	return names, out.String()
}

func TestAPeriodHasTheRequestsThatWereFiledInItAndTheDirectory(t *testing.T) {
	lucia := core.Record{Kind: core.KindAccount, ID: "lucia"}
	program := core.Record{Kind: core.KindProgram, ID: "program-ie-2026"}
	var all []archive.Line
	for id, at := range map[string]time.Time{
		"before": time.Date(2026, 11, 23, 5, 59, 0, 0, time.UTC), // the 22nd in Mexico City
		"first":  time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC),
		"last":   time.Date(2026, 11, 25, 5, 59, 0, 0, time.UTC),
		"after":  time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC),
	} {
		all = append(all, filed(id, at)...)
	}
	draft := core.Record{Kind: core.KindRequest, ID: "draft", State: core.StateDraft}
	tick := outbox.Item{ID: "tick", Key: "tick:digest"}
	all = append(all, archive.Line{Record: &lucia}, archive.Line{Record: &program}, archive.Line{Record: &draft}, archive.Line{Item: &tick})
	day := func(d int) core.Day { return core.Day{Year: 2026, Month: 11, Day: d} }
	for name, c := range map[string]struct {
		period core.Period
		want   []string
	}{
		"two days":  {core.Period{From: day(23), To: day(24)}, []string{"first", "last"}},
		"from one":  {core.Period{From: day(24)}, []string{"last", "after"}},
		"up to one": {core.Period{To: day(22)}, []string{"before"}},
	} {
		got, _ := written(t, of(all...), c.period)
		want := []string{"account lucia", "record program-ie-2026"}
		for _, id := range c.want {
			want = append(want, "event "+id, "record "+id, "item "+id+"i-"+id, "card "+id+" 11", "card "+id+" 9")
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, _ := written(t, of(all...), core.Period{}); len(got) != 4*5+4 {
		t.Errorf("without a period: %q", got)
	}
}

func TestWhatHandsAnOpinionOverAndWhatIsOfTheMomentIsNotExported(t *testing.T) {
	const code = "483920"
	r := core.Record{Kind: core.KindRequest, ID: "r1", Head: "abc", Fields: map[core.Field]string{core.FieldPickupCode: code, core.FieldSubject: "Cable"}}
	issued := core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbIssue, Fields: map[core.Field]string{core.FieldPickupCode: code}, Salt: "grain", Hash: "f00d"}
	tried := core.Event{
		Kind: core.KindRequest, Record: "r1", Verb: core.VerbHandOver, Fields: map[core.Field]string{core.FieldShown: code}, Salt: "grain", Hash: "cafe",
		Refusal: &core.Refusal{Reason: core.WrongCode, Field: core.FieldShown, Value: code},
	}
	old := core.Event{Kind: core.KindRequest, Record: "r1", Verb: core.VerbIssue, Fields: map[core.Field]string{core.FieldPickupCode: code}, Hash: "bad1"}
	_, text := written(t, of(archive.Line{Record: &r}, archive.Line{Event: &issued}, archive.Line{Event: &tried}, archive.Line{Event: &old},
		archive.Line{Session: &archive.Session{Key: "secret:key", Value: []byte("sesame")}},
		archive.Line{Number: &archive.Number{Series: "number:2026", Record: "r1", Value: 1}}), core.Period{})
	for _, out := range []string{code, "grain", "sesame", "secret", "bad1", "abc"} {
		if strings.Contains(text, out) {
			t.Errorf("it says %q: %s", out, text)
		}
	}
	for _, in := range []string{"Cable", "f00d", "cafe", `"verdict":"refused"`, `"verdict":"applied"`, "wrong_code"} {
		if !strings.Contains(text, in) {
			t.Errorf("it does not say %q: %s", in, text)
		}
	}
	if r.Fields[core.FieldPickupCode] != code || issued.Salt != "grain" || tried.Refusal.Value != code {
		t.Error("what was given was changed")
	}
}

// crowd is a store of n requests, made one by one as they are read: some 3 KB each.
func crowd(n int) export.Snapshot {
	return func(each func(archive.Line) error) error {
		chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
		for i := range n {
			text := make([]byte, 500)
			for j := range text {
				text[j] = byte('a' + chance.IntN(26))
			}
			for _, l := range filed(fmt.Sprintf("%06d/2026", i+1), testbed.Monday) {
				if l.Record != nil {
					l.Record.Fields = map[core.Field]string{core.FieldJustification: string(text)}
				}
				if err := each(l); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// last measures what is held when the export is about to end.
type last struct {
	bytes int
	held  uint64
}

func (w *last) Write(p []byte) (int, error) {
	if w.bytes += len(p); bytes.Contains(p, []byte(`{"type":"end"`)) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.held = m.HeapAlloc
	}
	return len(p), nil
}

func TestAnExportHoldsLittleOfALargeStore(t *testing.T) {
	measure := func(n int) *last {
		w := &last{}
		o := export.Options{Format: export.JSONL, Office: office(t), At: testbed.Monday, Period: core.Period{From: core.Day{Year: 2026, Month: 1, Day: 1}}}
		count, err := export.Write(t.Context(), w, crowd(n), o)
		if err != nil || count.Records != n || count.Cards != 2*n {
			t.Fatal(count, err)
		}
		return w
	}
	few, many := measure(100), measure(20_000)
	if grown := int64(many.held) - int64(few.held); many.bytes < 25<<20 || few.held == 0 || grown > 4<<20 {
		t.Errorf("of %d MB it held %d KB more than of %d KB", many.bytes>>20, grown>>10, few.bytes>>10)
	}
}

func TestAnExportTellsHowFarItIsAndThatNobodyTakesIt(t *testing.T) {
	var told []int
	o := export.Options{Format: export.JSONL, Office: office(t), At: testbed.Monday, Progress: func(n int) { told = append(told, n) }}
	if _, err := export.Write(t.Context(), io.Discard, crowd(10_000), o); err != nil || !slices.Equal(told, []int{20_000, 40_000}) {
		t.Errorf("%v, %v", told, err)
	}
	if _, err := export.Write(t.Context(), brokenPipe{}, crowd(1000), o); err == nil {
		t.Error("that nobody reads it was not noticed")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
