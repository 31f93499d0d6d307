package desk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// A card shows the end of a trail only; what there was before a correction may lie further back.
func TestWhatACorrectionChangedIsToldHoweverLongTheTrailIs(t *testing.T) {
	s := storagetest.NewModel()
	storagetest.Workday(t, s)
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	d := &desk.Desk{
		Ledger: s, Sessions: s, Office: core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026), GateWarns: true},
		Now: func() time.Time { return now },
	}
	presses := 0
	do := func(who, id string, c core.Command) (core.Record, *core.Refusal) {
		t.Helper()
		account, err := s.Record(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		actor, err := d.Actor(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		presses++
		c.Where, c.Once = "cli", fmt.Sprint("changes:", presses)
		out, err := d.Do(t.Context(), actor, id, c)
		if err != nil {
			t.Fatal(err)
		}
		return out.Record, out.Refusal
	}
	done := func(who, id string, c core.Command) core.Record {
		t.Helper()
		r, no := do(who, id, c)
		if no != nil {
			t.Fatal(no)
		}
		return r
	}
	r := done("lucia", "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Items: []core.Item{{Description: "Cable", Quantity: value.Units(1), Unit: "pieza"}}, Fields: map[core.Field]string{
		core.FieldSubject: "Adquisición de cable", core.FieldProcurement: "purchase", core.FieldCategory: "equipment", core.FieldJustification: "El cable actual ya no sirve.",
		core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales", core.FieldAmount: "100.00", core.FieldMultiYear: core.No, core.FieldProject: "P-01",
	}})
	done("lucia", r.ID, core.Command{Verb: core.VerbFile})
	done("raul", r.ID, core.Command{Verb: core.VerbReturn, Fields: map[core.Field]string{core.FieldReason: "El monto no coincide."}})
	done("lucia", r.ID, core.Command{Verb: core.VerbCorrect, Fields: map[core.Field]string{core.FieldNote: "El monto", core.FieldAmount: "200.00"}})
	want := []core.Change{{Field: core.FieldAmount, Before: "100.00", After: "200.00"}}
	for _, more := range []int{0, 210} { // presses that are refused lengthen the trail too
		for range more {
			if _, no := do("lucia", r.ID, core.Command{Verb: core.VerbRelease}); no == nil {
				t.Fatal("nobody releases what they corrected")
			}
		}
		scene, err := d.Scene(t.Context(), r.ID, "raul")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, scene.Changes); diff != "" {
			t.Errorf("after %d more events: %s", more, diff)
		}
	}
	done("raul", r.ID, core.Command{Verb: core.VerbRelease})
	if scene, err := d.Scene(t.Context(), r.ID, "raul"); err != nil || scene.Changes != nil {
		t.Errorf("released, it tells of %+v, %v", scene.Changes, err)
	}
}
