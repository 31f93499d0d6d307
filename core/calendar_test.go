package core_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
)

func day(s string) core.Day {
	d, err := core.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// state is a calendar with days off of all kinds: federal, the state's own, a
// vacation period across the new year, and an agency's anniversary.
var state = core.CalendarOf(time.UTC,
	core.Year{Year: 2026, Off: []core.Holiday{
		{From: day("2026-01-01"), Name: "Año Nuevo"},
		{From: day("2026-03-02"), Name: "Aniversario del Estado"},
		{From: day("2026-07-20"), To: day("2026-07-31"), Name: "Vacaciones de verano"},
		{From: day("2026-11-02"), Name: "Día de Muertos"},
		{From: day("2026-11-16"), Name: "Día de la Revolución"},
		{From: day("2026-12-21"), To: day("2027-01-06"), Name: "Vacaciones de invierno"},
	}, Agencies: map[string][]core.Holiday{"IE": {{From: day("2026-11-25"), Name: "Aniversario del Instituto"}}}},
	core.Year{Year: 2028},
)

// naive is the oracle: the rule of the process, one day after the other, by the
// standard library alone.
type naive struct{ agency string }

func (n naive) works(t time.Time) bool {
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	at := t.Format(time.DateOnly)
	switch {
	case at == "2026-01-01", at == "2026-03-02", at >= "2026-07-20" && at <= "2026-07-31", at == "2026-11-02",
		at == "2026-11-16", at >= "2026-12-21" && at <= "2027-01-06", n.agency == "IE" && at == "2026-11-25":
		return false
	case t.Year() == 2026, t.Year() == 2028:
		return true
	}
	monday := func(nth int) bool { return t.Weekday() == time.Monday && (t.Day()-1)/7 == nth-1 }
	switch t.Month() {
	case time.January:
		return t.Day() != 1
	case time.February:
		return !monday(1)
	case time.March:
		return !monday(3)
	case time.May:
		return t.Day() != 1
	case time.September:
		return t.Day() != 16
	case time.October:
		return t.Day() != 1 || t.Year() < 2024 || (t.Year()-2024)%6 != 0
	case time.November:
		return !monday(3)
	case time.December:
		return t.Day() != 25
	default:
		return true
	}
}

func TestDatesAgreeWithCountingDayByDay(t *testing.T) {
	cases := 1_000_000
	if testing.Short() {
		cases = 50_000
	}
	// The oracle walks each pair of days; a table of what it found serves them all.
	from := time.Date(1999, 6, 1, 0, 0, 0, 0, time.UTC)
	const span = 37_500 // days, to 2102: beyond what the calendar counts in advance
	for _, agency := range []string{"", "IE"} {
		worked := make([]int, span+1) // working days before day i
		for i := range span {
			worked[i+1] = worked[i]
			if (naive{agency}).works(from.AddDate(0, 0, i)) {
				worked[i+1]++
			}
		}
		cal := state.Of(agency)
		rng := rand.New(rand.NewPCG(2026, 11))
		for range cases / 2 {
			i, n := rng.IntN(span-400), rng.IntN(200)
			j := i + rng.IntN(400)
			a, b := core.DateOf(from.AddDate(0, 0, i)), core.DateOf(from.AddDate(0, 0, j))
			if got, want := cal.WorkingBetween(a, b), worked[j+1]-worked[i+1]; got != want || cal.WorkingBetween(b, a) != -want {
				t.Fatalf("%q: from %s to %s are %d working days, want %d", agency, a, b, got, want)
			}
			at := i
			for left := n; left > 0; {
				at++
				left -= worked[at+1] - worked[at]
			}
			if got, want := cal.AddWorking(a, n), core.DateOf(from.AddDate(0, 0, at)); got != want {
				t.Fatalf("%q: %s and %d working days are %s, want %s", agency, a, n, got, want)
			}
			if got, want := cal.IsWorking(a), worked[i+1] > worked[i]; got != want {
				t.Fatalf("%q: %s is worked: %v, want %v", agency, a, got, want)
			}
		}
	}
}

func TestAnAgencysOwnDayIsNobodyElses(t *testing.T) {
	own := day("2026-11-25")
	if state.Of("IE").IsWorking(own) || !state.Of("SO").IsWorking(own) || !state.IsWorking(own) || !state.Of("IE").Of("").IsWorking(own) {
		t.Errorf("%s: IE %v, SO %v, office %v", own, state.Of("IE").IsWorking(own), state.Of("SO").IsWorking(own), state.IsWorking(own))
	}
}

func TestAYearsHolidaysAreToldByName(t *testing.T) {
	want := []core.Holiday{
		{From: day("2026-01-01"), To: day("2026-01-01"), Name: "Año Nuevo"},
		{From: day("2026-03-02"), To: day("2026-03-02"), Name: "Aniversario del Estado"},
		{From: day("2026-07-20"), To: day("2026-07-31"), Name: "Vacaciones de verano"},
		{From: day("2026-11-02"), To: day("2026-11-02"), Name: "Día de Muertos"},
		{From: day("2026-11-16"), To: day("2026-11-16"), Name: "Día de la Revolución"},
		{From: day("2026-12-21"), To: day("2026-12-31"), Name: "Vacaciones de invierno"},
	}
	if diff := cmp.Diff(want, state.Holidays(2026)); diff != "" {
		t.Error(diff)
	}
}

func TestAYearThatIsNotLoadedIsMissedInTime(t *testing.T) {
	for today, want := range map[string][]int{
		"2026-10-31": nil, "2026-11-01": {2027}, "2027-03-01": {2027}, "2027-12-31": {2027}, "2028-02-01": nil, "2029-11-01": {2029, 2030},
	} {
		if diff := cmp.Diff(want, state.Missing(day(today))); diff != "" {
			t.Errorf("on %s: %s", today, diff)
		}
	}
}

func TestTheZeroCalendarKnowsTheFederalDraft(t *testing.T) {
	var none core.Calendar
	if none.IsWorking(day("2026-09-16")) || !none.IsWorking(day("2026-09-17")) || none.AddWorking(day("2026-09-15"), 1) != day("2026-09-17") ||
		none.WorkingBetween(day("2026-09-15"), day("2026-09-18")) != 2 || !none.Provisional(2026) {
		t.Error("it does not")
	}
}
