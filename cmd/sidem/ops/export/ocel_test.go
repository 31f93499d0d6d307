package export_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage/archive"
)

// eventLog is all that OCEL 2.0 has in its JSON, and what of it must be there.
type eventLog struct {
	ObjectTypes []logType `json:"objectTypes"`
	EventTypes  []logType `json:"eventTypes"`
	Events      []struct {
		ID, Type      string
		Time          time.Time
		Attributes    []logValue
		Relationships []logRelation
	} `json:"events"`
	Objects []struct {
		ID, Type   string
		Attributes []struct {
			Name, Value string
			Time        time.Time
		}
		Relationships []logRelation
	} `json:"objects"`
}

type (
	logType struct {
		Name       string
		Attributes []struct{ Name, Type string }
	}
	logValue    struct{ Name, Value string }
	logRelation struct{ ObjectID, Qualifier string }
)

// standard is the schema of OCEL 2.0, read by a checker that others wrote; it asks for dates too.
func standard(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("testdata/ocel20.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// judged has an event log judged by the standard's schema, and reads it more strictly, as the
// standard's text has it: nothing that it does not know, each type and attribute declared with
// one of its types, ids that are no other's, and every relation to an object that is there.
func judged(t *testing.T, body []byte) (l eventLog) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = standard(t).Validate(value)
	}
	if err != nil {
		t.Errorf("the schema: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	declared := func(types []logType) map[string]map[string]bool {
		out := map[string]map[string]bool{}
		for _, ty := range types {
			if out[ty.Name] != nil || ty.Attributes == nil {
				t.Errorf("the type %q is declared twice, or without its attributes", ty.Name)
			}
			out[ty.Name] = map[string]bool{}
			for _, a := range ty.Attributes {
				switch a.Type {
				case "string", "time", "integer", "float", "boolean":
				default:
					t.Errorf("%s of %s is of type %q", a.Name, ty.Name, a.Type)
				}
				out[ty.Name][a.Name] = true
			}
		}
		return out
	}
	events, objects, there := declared(l.EventTypes), declared(l.ObjectTypes), map[string]bool{}
	for _, o := range l.Objects {
		if there[o.ID] || objects[o.Type] == nil {
			t.Errorf("object %q of type %q", o.ID, o.Type)
		}
		there[o.ID] = true
		for _, a := range o.Attributes {
			if !objects[o.Type][a.Name] || a.Time.IsZero() {
				t.Errorf("object %q has %q at %v", o.ID, a.Name, a.Time)
			}
		}
	}
	seen := map[string]bool{}
	for _, e := range l.Events {
		if seen[e.ID] || events[e.Type] == nil || e.Time.IsZero() {
			t.Errorf("event %q of type %q at %v", e.ID, e.Type, e.Time)
		}
		seen[e.ID] = true
		for _, a := range e.Attributes {
			if !events[e.Type][a.Name] {
				t.Errorf("event %q has %q", e.ID, a.Name)
			}
		}
		for _, r := range e.Relationships {
			if !there[r.ObjectID] || r.Qualifier == "" {
				t.Errorf("event %q is related to %q as %q", e.ID, r.ObjectID, r.Qualifier)
			}
		}
	}
	for _, o := range l.Objects {
		for _, r := range o.Relationships {
			if !there[r.ObjectID] {
				t.Errorf("object %q is related to %q", o.ID, r.ObjectID)
			}
		}
	}
	return l
}

func TestAnEventLogIsWhatWasDoneOnRequestsAsTheStandardHasIt(t *testing.T) {
	request := func(seq int, v core.Verb, from, to core.State, by string) archive.Line {
		return archive.Line{Event: &core.Event{
			Kind: core.KindRequest, Record: "r1", Agency: "IE", Seq: seq, Verb: v, From: from, To: to, By: by, At: testbed.Monday.Add(time.Duration(seq) * time.Hour),
			Fields: map[core.Field]string{core.FieldReason: "secreto de la dependencia"},
		}}
	}
	refused := request(3, core.VerbRelease, core.StateFiled, core.StateFiled, "lucia")
	refused.Event.Refusal = &core.Refusal{Reason: core.NotAllowed}
	assign := request(5, core.VerbAssign, core.StateReferred, core.StateAssigned, "hector")
	assign.Event.Fields, assign.Event.For = map[core.Field]string{core.FieldExecutive: "mariana"}, "elena"
	r := core.Record{
		Kind: core.KindRequest, ID: "r1", Number: "000001/2026", Agency: "IE", State: core.StateAssigned, Created: testbed.Monday,
		Fields: map[core.Field]string{core.FieldCategory: "cloud", core.FieldAmount: "412300.00", core.FieldSubject: "secreto"}, Items: make([]value.Item, 2),
	}
	var out bytes.Buffer
	_, err := export.Write(t.Context(), &out, of(
		request(1, core.VerbDraft, core.None, core.StateDraft, "lucia"), request(2, core.VerbFile, core.StateDraft, core.StateFiled, "lucia"), refused, assign,
		archive.Line{Event: &core.Event{Kind: core.KindAccount, Record: "lucia", Verb: core.VerbApply, By: "sofia", At: testbed.Monday}},
		archive.Line{Record: &r}, archive.Line{Record: &core.Record{Kind: core.KindAccount, ID: "lucia", Fields: map[core.Field]string{core.FieldName: "secreto"}}},
	), export.Options{Format: export.OCEL, Office: office(t), At: testbed.Monday})
	if err != nil {
		t.Fatal(err)
	}
	l := judged(t, out.Bytes())
	if len(l.Events) != 3 || len(l.Objects) != 6 { // the request, its agency, Lucía, Héctor, Elena and Mariana
		t.Errorf("%d events, %d objects:\n%s", len(l.Events), len(l.Objects), out.String())
	}
	if bytes.Contains(out.Bytes(), []byte("secreto")) {
		t.Errorf("what people wrote is in it:\n%s", out.String())
	}
	if len(l.Objects) > 0 && len(l.Objects[0].Attributes) != 4 {
		t.Errorf("the request has %v", l.Objects[0].Attributes)
	}
}

func TestAnEventLogNamesTheArchiveThatIsNotAtHand(t *testing.T) {
	const id = "archive-2026-03-1"
	r := core.Record{
		Kind: core.KindRequest, ID: "r1", Number: "000001/2026", Agency: "IE", State: core.StateCollected, Created: testbed.Monday,
		Fields: map[core.Field]string{core.FieldSubject: "secreto", core.FieldArchived: id},
	}
	var out bytes.Buffer
	o := export.Options{Format: export.OCEL, Office: office(t), At: testbed.Monday, Missing: []export.Missing{{Archive: id, Month: "2026-03", Requests: 1}}}
	if _, err := export.Write(t.Context(), &out, of(archive.Line{Record: &r}), o); err != nil {
		t.Fatal(err)
	}
	l := judged(t, out.Bytes()) // which follows each relation
	if len(l.Objects) != 3 || l.Objects[0].Relationships[0] != (logRelation{"archive:" + id, "in"}) || l.Objects[1].ID != "archive:"+id || l.Objects[1].Type != "archive" {
		t.Errorf("%+v", l.Objects)
	}
	if len(l.Objects[0].Attributes) != 1 { // its number: how many items it has is not known here
		t.Errorf("the request has %v", l.Objects[0].Attributes)
	}
}

func TestAnEventLogOfNothingIsOneToo(t *testing.T) {
	var out bytes.Buffer
	if _, err := export.Write(t.Context(), &out, of(), export.Options{Format: export.OCEL, Office: office(t), At: testbed.Monday}); err != nil {
		t.Fatal(err)
	}
	if l := judged(t, out.Bytes()); l.Events == nil || l.Objects == nil {
		t.Errorf("its lists are missing:\n%s", out.String())
	}
}

func TestTheEventLogOfTheEightStepsIsAsTheStandardHasIt(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	err := w.Begin(t.Context(), nil)
	if err == nil {
		err = w.Given(t.Context(), "dictamen entregado")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := ops.Export(t.Context(), &w.Config, world.Quiet(), ops.Exporting{Format: export.OCEL, File: ops.Standard, Standard: &out}); err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for _, e := range judged(t, out.Bytes()).Events {
		done[e.Type] = true
	}
	for _, v := range []core.Verb{core.VerbDraft, core.VerbFile, core.VerbRelease, core.VerbSendLetter, core.VerbReceiveLetter, core.VerbRefer, core.VerbAssign, core.VerbIssue, core.VerbHandOver} {
		if !done[string(v)] {
			t.Errorf("nobody did %s, of %v", v, done)
		}
	}
}

func TestTheSchemaOfEventLogsRefusesWhatIsNone(t *testing.T) {
	schema := standard(t)
	const whole = `{"eventTypes":[{"name":"release","attributes":[]}],"objectTypes":[],"objects":[],
		"events":[{"id":"1","type":"release","time":"2026-11-23T10:00:00Z","attributes":[{"name":"from","value":"filed"}],"relationships":[{"objectId":"r","qualifier":"of"}]}]}`
	for change, wrong := range map[string]bool{
		"":                  false,
		`"objects":[],`:     true,
		`,"attributes":[]`:  true,
		`,"qualifier":"of"`: true,
		`T10:00:00Z`:        true,
		`"id":"1",`:         true,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(whole, change, "", 1)))
		if err == nil {
			err = schema.Validate(value)
		}
		if (err != nil) != wrong {
			t.Errorf("without %q: %v", change, err)
		}
	}
}
