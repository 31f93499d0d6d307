package desk_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// held is a ledger whose first answer is held back, once it was read.
type held struct {
	desk.Ledger
	mu      sync.Mutex
	records map[string]core.Record
	gathers int
	trails  int
	free    chan struct{}
}

func (h *held) Gather(_ context.Context, w desk.Wanted) (desk.Gathered, error) {
	h.mu.Lock()
	h.gathers++
	first, g := h.gathers == 1, desk.Gathered{Records: map[string]core.Record{}}
	for _, id := range w.IDs {
		if r, ok := h.records[id]; ok {
			g.Records[id] = r
		}
	}
	h.mu.Unlock()
	if first {
		<-h.free
	}
	return g, nil
}

func (h *held) Applied(context.Context, string, int) ([]core.Event, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trails++
	return nil, nil
}

// reading is a desk on a ledger that has one request and five secretaries.
func reading() (*desk.Desk, *held, []string) {
	h := &held{records: map[string]core.Record{}, free: make(chan struct{})}
	people := []string{"ana", "berta", "carla", "diana", "emma"}
	for _, id := range people {
		h.records[id] = core.Record{Kind: core.KindAccount, ID: id, State: core.StateActive, Agency: "IE", Roles: []core.Role{core.RoleSecretary}}
	}
	h.records["r1"] = core.Record{Kind: core.KindRequest, ID: "r1", State: core.StateFiled, Agency: "IE", Number: "000001/2026", Version: 1, Seq: 1}
	return &desk.Desk{Ledger: h, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets}, Now: func() time.Time { return monday }}, h, people
}

func TestWhatSeveralAskOfARecordAtATimeIsReadOnceAndAfterTheyAsked(t *testing.T) {
	d, alone, people := reading()
	close(alone.free)
	if _, err := d.Scene(t.Context(), "r1", people[0]); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		d, h, people := reading()
		versions := make([]int, len(people))
		var all sync.WaitGroup
		ask := func(i int) {
			all.Go(func() {
				s, err := d.Scene(t.Context(), "r1", people[i])
				if err != nil || s.Viewer.ID != people[i] {
					t.Errorf("%s has the scene of %q: %v", people[i], s.Viewer.ID, err)
				}
				versions[i] = s.Record.Version
			})
		}
		ask(0)
		synctest.Wait() // the first has read, and its answer is held back
		h.mu.Lock()
		r := h.records["r1"]
		r.Version = 2
		h.records["r1"] = r
		h.mu.Unlock()
		for i := 1; i < len(people); i++ {
			ask(i)
		}
		synctest.Wait()
		close(h.free)
		all.Wait()
		for i, version := range versions {
			if want := min(i+1, 2); version != want {
				t.Errorf("%s is shown version %d, asked for when it was %d", people[i], version, want)
			}
		}
		if h.gathers != 2*alone.gathers || h.trails != 2*alone.trails {
			t.Errorf("%d readings and %d trails for five, and %d and %d for one alone", h.gathers, h.trails, alone.gathers, alone.trails)
		}
	})
}

func TestWhoMayNotSeeARecordIsNotShownItBesideOthersWhoMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h, _ := reading()
		h.records["foreign"] = core.Record{Kind: core.KindAccount, ID: "foreign", State: core.StateActive, Agency: "SO", Roles: []core.Role{core.RoleSecretary}}
		var all sync.WaitGroup
		for who, sees := range map[string]bool{"ana": true, "foreign": false, "nobody": false, "berta": true} {
			all.Go(func() {
				if _, err := d.Scene(t.Context(), "r1", who); (err == nil) != sees {
					t.Errorf("%s: %v", who, err)
				}
			})
		}
		synctest.Wait()
		close(h.free)
		all.Wait()
	})
}
