package storagetest

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/archive"
)

// An observation that is made after a restore has no number that another may have had which
// is lost: those of requests from before go on in the next hundred.
func observeAfterRestore(t *testing.T, s Store) {
	t.Helper()
	w := newWorkday(t, s)
	Workday(t, s)
	w.ids, w.n, w.now = 1000, 1000, w.now.Add(3*time.Hour)
	page, err := s.List(t.Context(), desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateAssigned)}})
	must(t, err)
	old := page.Records[0].ID
	observe := func(id string) (numbers []int) {
		t.Helper()
		one := fields{core.FieldSection: "annexes", core.FieldMissing: "La cotización está vencida.", core.FieldDeliver: "Una cotización"}
		r := w.as("mariana", id, core.Command{Verb: core.VerbObserve, Fields: one, Also: []map[core.Field]string{one}})
		for _, o := range r.Observations {
			numbers = append(numbers, o.N)
		}
		return numbers
	}
	same(t, "before a restore", observe(old), []int{1, 2})
	lost := desk.Restored{At: w.now, Since: w.now, Times: 1}
	must(t, desk.KeepRestored(t.Context(), s, lost, w.now))
	same(t, "after it", observe(old), []int{1, 2, 101, 102})
	same(t, "once more", observe(old), []int{1, 2, 101, 102, 103, 104})
	w.request(2)
	page, err = s.List(t.Context(), desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateAssigned)}, Newest: true})
	must(t, err)
	same(t, "of a request that came after it", observe(page.Records[0].ID), []int{1, 2})
	lost.At, lost.Since, lost.Times = w.now, w.now, 2
	must(t, desk.KeepRestored(t.Context(), s, lost, w.now))
	same(t, "after another", observe(old), []int{1, 2, 101, 102, 103, 104, 201, 202})
	sound(t, s)
}

// plantNumbers writes what a store holds to others, each with numbers that are none of its
// own, and has the audit find them; and numbers that may be so, and are no fault.
func plantNumbers(t *testing.T, from Archived, open func(t *testing.T) Archived) {
	t.Helper()
	Workday(t, from)
	commit(t, from, next(core.Record{}, core.Event{Record: "draft", Agency: "IE", To: core.StateDraft}))
	var lines []archive.Line
	must(t, from.Dump(t.Context(), func(l archive.Line) error { lines = append(lines, l); return nil }))

	series := core.NumberSeries(core.Season(noon))
	passed := core.Passed{Series: series, At: noon.Unix()}
	given := func(series, record string, value int) []archive.Number {
		return []archive.Number{{Series: series, Record: record, Value: value}}
	}
	for name, c := range map[string]struct {
		more []archive.Number
		note *desk.Restored
		want string // of a fault; "" for none
	}{
		"a draft had it reserved":         {more: given(series, "draft", 4)},
		"it was passed over by a restore": {more: given(series, passed.Name(1), 4), note: &desk.Restored{At: noon, Skipped: map[string]int{series: 1}}},
		"it is far ahead":                 {given(series, "draft", 900_000), nil, "the numbers 4 to 899999 of " + series + " were given to nobody"},
		"it is none":                      {given(series, "draft", 0), nil, "which is not its own"},
		"it is below the first":           {given(series, "draft", -7), nil, "which is not its own"},
		"it is nobody's":                  {given(series, "nobody", 4), nil, "record nobody has no event"},
		"it is an account's":              {given(series, "lucia", 4), nil, "which only requests have"},
		"the request came after that year": {
			given(core.NumberSeries(core.Season(noon.AddDate(-2, 0, 0))), "draft", 1), nil, "in whose year it had none to get",
		},
		"that year is to come": {
			given(core.NumberSeries(core.Season(noon.AddDate(2, 0, 0))), "draft", 1), nil, "in whose year it had none to get",
		},
		"it is of another series":          {given("folio:2026", "draft", 1), nil, "which is no series of ours"},
		"it is of a series without a year": {given("number:", "draft", 1), nil, "which is no series of ours"},
		"it is of no year":                 {given("number:26", "draft", 1), nil, "which is no series of ours"},
		"no restore passed over it":        {given(series, passed.Name(1), 4), nil, "no restore is on record"},
		"the restore passed over others": {
			given(series, passed.Name(1), 4), &desk.Restored{At: noon, Skipped: map[string]int{series: 2}}, "passed over 2",
		},
		"the restore was before": {
			given(series, core.Passed{Series: series, At: noon.Unix() + 9}.Name(1), 4), &desk.Restored{At: noon}, "no restore is on record",
		},
	} {
		s := open(t)
		must(t, loadWith(t.Context(), s, lines, c.more))
		if c.note != nil {
			must(t, desk.KeepRestored(t.Context(), s, *c.note, noon))
		}
		a, err := (&desk.Desk{Ledger: s, Sessions: s, Now: func() time.Time { return noon.Add(time.Hour) }}).Audit(t.Context())
		must(t, err)
		if got := strings.Join(a.Faults, "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: want a fault with %q, got %q", name, c.want, got)
		}
	}
}

// loadWith fills a store with lines, and with numbers after them.
func loadWith(ctx context.Context, s archive.Target, lines []archive.Line, more []archive.Number) error {
	lines = slices.Clone(lines)
	for _, n := range more {
		lines = append(lines, archive.Line{Number: &n})
	}
	return s.Load(ctx, func() (archive.Line, error) {
		if len(lines) == 0 {
			return archive.Line{}, io.EOF
		}
		l := lines[0]
		lines = lines[1:]
		return l, nil
	})
}
