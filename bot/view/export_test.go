package view

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

func TestThePeriodOfAnExportIsReadAsPeopleWriteIt(t *testing.T) {
	now := time.Date(2028, 2, 29, 23, 58, 0, 0, time.FixedZone("", -6*3600))
	day := func(y int, m time.Month, d int) core.Day { return core.Day{Year: y, Month: m, Day: d} }
	march := core.Period{From: day(2026, 3, 1), To: day(2026, 3, 31)}
	for text, want := range map[string]core.Period{
		"Hoy": {From: day(2028, 2, 29), To: day(2028, 2, 29)}, "Este mes": {From: day(2028, 2, 1), To: day(2028, 2, 29)},
		"este año": {From: day(2028, 1, 1), To: day(2028, 12, 31)}, "este ano": {From: day(2028, 1, 1), To: day(2028, 12, 31)},
		"ayer":                     {From: day(2028, 2, 28), To: day(2028, 2, 28)},
		"01/03/2026 al 31/03/2026": march, "1/3/2026 31/3/2026": march, "2026-03-01 a 2026-03-31": march, "01/03/2026 - 31/03/2026": march,
		"del 1 de marzo al 31 de marzo de 2026": march, "desde el 1 de marzo de 2026 hasta el 31 de marzo de 2026": march,
		"1/3 al 31/3/2026": march, "31/03/2026 al 01/03/2026": march, "  01/03/2026   AL 31/03/2026": march,
		"23 de noviembre de 2026": {From: day(2026, 11, 23), To: day(2026, 11, 23)},
		"23/11/2026 a hoy":        {From: day(2026, 11, 23), To: day(2028, 2, 29)},
	} {
		if got, ok := periodOf(text, now); !ok || got != want {
			t.Errorf("%q is %v, %t; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "todo", "32/01/2026 al 31/03/2026", "01/03/2026 al", "al 31/03/2026", "31/3", "147"} {
		if got, ok := periodOf(text, now); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
	if got, _ := periodOf("este mes", time.Date(2026, 12, 31, 23, 58, 0, 0, time.UTC)); got != (core.Period{From: day(2026, 12, 1), To: day(2026, 12, 31)}) {
		t.Errorf("in December: %v", got)
	}
}
