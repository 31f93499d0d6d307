package storagetest

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem/core"
	"sidem/core/desk"
	"sidem/storage/archive"
)

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
