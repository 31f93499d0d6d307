package form_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

func TestAnAcuseIsRegisteredByItsFolioAlone(t *testing.T) {
	c := asked(t, filed(), core.VerbReceiveLetter)
	r := core.Record{Fields: map[core.Field]string{core.FieldLetterNumber: "IE/ST/0412/2026"}}
	c.d = form.Assuming(c.d, r, now)
	c.say("OP-2231")
	if c.d.Stage != form.Reviewing {
		t.Fatalf("it asks for %q", c.d.At)
	}
	c.do(form.Send)
	want := map[core.Field]string{
		core.FieldFolio: "OP-2231", core.FieldLetterNumber: "IE/ST/0412/2026",
		core.FieldReceivedDate: now.Format(time.DateOnly), core.FieldReceivedTime: now.Format("15:04"),
	}
	if diff := cmp.Diff(want, form.Command(c.d, c.f).Fields); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsAssumedIsAskedOfWhoeverCorrectsIt(t *testing.T) {
	c := asked(t, filed(), core.VerbReceiveLetter)
	c.d = form.Assuming(c.d, core.Record{}, now)
	c.say("OP-2231")
	c.at(core.FieldLetterNumber) // nobody has announced it
	c.say("IE/ST/0412/2026")
	c.do(form.Correct)
	c.do(form.Jump{Field: core.FieldReceivedDate})
	c.say("ayer")
	c.do(form.GoOn)
	if got, want := form.Command(c.d, c.f).Fields[core.FieldReceivedDate], now.AddDate(0, 0, -1).Format(time.DateOnly); got != want {
		t.Errorf("it is %s, and not %s", got, want)
	}
}

func TestAnAcuseOnOneScreenIsOfTheHourThatItShowed(t *testing.T) {
	c := asked(t, filed(), core.VerbReceiveLetter)
	d := form.Assuming(c.d, core.Record{}, now)
	shown := form.Filled(d, c.f, nil, now)
	whole := form.Whole{Values: map[core.Field]string{}, Shown: form.ReadShown(form.Shown(shown))}
	for _, q := range shown.Questions {
		whole.Values[q.Field] = q.Value
	}
	whole.Values[core.FieldFolio], whole.Values[core.FieldLetterNumber] = "OP-2231", "IE/ST/0412/2026"
	later := now.Add(7 * time.Minute)
	d = form.Assuming(form.Draft{ID: "f2", Verb: d.Verb, Kind: d.Kind, Record: d.Record}, core.Record{}, later)
	d, effect := form.Step(d, c.f, form.Act{ID: "sl:1", On: "slack", Event: whole}, later)
	if effect.Do != form.Give {
		t.Fatalf("it leads to %+v", effect)
	}
	if got := form.Command(d, c.f).Fields[core.FieldReceivedTime]; got != now.Format("15:04") {
		t.Errorf("it is of %s", got)
	}
}
