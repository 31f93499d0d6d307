package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// sentBack is what Slack brings when a modal is sent as it was opened, but for a note.
func sentBack(t *rapid.T, f card.Form, note string) map[core.Field]string {
	raw, err := json.Marshal(modal(f, false))
	if err != nil {
		t.Fatal(err)
	}
	var view struct {
		Blocks []struct {
			ID      string `json:"block_id"`
			Element struct {
				Type    string           `json:"type"`
				Value   string           `json:"initial_value"`
				Date    string           `json:"initial_date"`
				Time    string           `json:"initial_time"`
				Option  *optionPayload   `json:"initial_option"`
				Options []map[string]any `json:"initial_options"`
			} `json:"element"`
		} `json:"blocks"`
	}
	if err := json.Unmarshal(raw, &view); err != nil {
		t.Fatal(err)
	}
	values := map[string]map[string]any{}
	for _, b := range view.Blocks {
		if b.Element.Type == "" {
			continue
		}
		e := map[string]any{"type": b.Element.Type, "value": b.Element.Value, "selected_date": b.Element.Date, "selected_time": b.Element.Time}
		if b.Element.Option != nil {
			e["selected_option"] = b.Element.Option
		}
		e["selected_options"] = b.Element.Options
		if b.ID == string(core.FieldNote) {
			e["value"] = note
		}
		values[b.ID] = map[string]any{valueAction: e}
	}
	body, err := json.Marshal(map[string]any{
		"type": "view_submission", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": "U1", "team_id": "T1"},
		"view": map[string]any{"id": "V1", "hash": "h", "private_metadata": "token", "state": map[string]any{"values": values}},
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := testParser(nil).parse(typeInteractive, body)
	if err != nil {
		t.Fatal(err)
	}
	return in.Input.Form.Values
}

func TestAFormThatIsSentAsItWasOpenedChangesNothing(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	text := rapid.StringMatching(`[A-Za-zñáé&<>;:"*_ ]{20,200}`)
	rapid.Check(t, func(t *rapid.T) {
		r := core.Record{Kind: core.KindRequest, ID: "r1", State: core.StateReturned, Fields: map[core.Field]string{
			core.FieldSubject: "Equipo: " + text.Draw(t, "subject")[:20], core.FieldProcurement: "purchase", core.FieldCategory: "telecom,equipment",
			core.FieldJustification: strings.Join(rapid.SliceOfN(text, 1, 20).Draw(t, "justification"), "\n\n"),
			core.FieldBudgetLine:    "5151", core.FieldFunding: text.Draw(t, "funding")[:20], core.FieldAmount: "503440.00", core.FieldMultiYear: "no", core.FieldProject: "P-03 & más",
		}}
		for i := range rapid.IntRange(1, 120).Draw(t, "renglones") {
			r.Items = append(r.Items, core.Item{Description: fmt.Sprint(text.Draw(t, "description")[:20], i), Quantity: value.Units(1), Unit: "pieza", Features: "16 GB; SSD"})
		}
		d := form.Draft{ID: "f1", Kind: r.Kind, Verb: core.VerbCorrect, Record: r.ID}
		f := card.FormOf(core.Scene{Record: r, Now: now}, "", d.Verb, nil)
		shown := form.Filled(d, f, nil, now)
		values := sentBack(t, shown, "Se agregó un anexo.")
		d, effect := form.Step(d, f, form.Act{ID: "sl:1", Event: form.Whole{Values: values, Shown: form.ReadShown(form.Shown(shown))}}, now)
		if len(effect.Problems) > 0 {
			t.Fatalf("%+v", effect.Problems)
		}
		if c := form.Command(d, f); len(c.Fields) != 1 || len(c.Items) > 0 {
			t.Fatalf("it changes %+v, %d renglones", c.Fields, len(c.Items))
		}
	})
}
