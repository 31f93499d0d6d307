package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// An object-centric event log (OCEL 2.0, Berti, Koren and others, RWTH Aachen, 2023), as JSON:
// what was done on requests, with the request, its agency and the persons that each act is of.
// Texts and names stay out; values are strings, of the types that are declared, as the
// standard's own examples have them.

type (
	ocelType struct {
		Name       string          `json:"name"`
		Attributes []ocelAttribute `json:"attributes"`
	}
	ocelAttribute struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	ocelValue struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Time  string `json:"time,omitempty"` // of objects only: since when it is so
	}
	ocelRelation struct {
		Object    string `json:"objectId"`
		Qualifier string `json:"qualifier"`
	}
	ocelEvent struct {
		ID         string         `json:"id"`
		Type       string         `json:"type"`
		Time       string         `json:"time"`
		Attributes []ocelValue    `json:"attributes"`
		Relations  []ocelRelation `json:"relationships"`
	}
	ocelObject struct {
		ID         string         `json:"id"`
		Type       string         `json:"type"`
		Attributes []ocelValue    `json:"attributes"`
		Relations  []ocelRelation `json:"relationships"`
	}
)

// The types of objects, and the attributes of each.
var ocelObjects = []ocelType{
	{"request", []ocelAttribute{{"number", "string"}, {"category", "string"}, {"amount", "float"}, {"items", "integer"}}},
	{"agency", []ocelAttribute{}},
	{"person", []ocelAttribute{}},
	{"archive", []ocelAttribute{{"month", "string"}, {"requests", "integer"}}}, // whose file was not at hand
}

// The attributes of every event.
var ocelEvents = []ocelAttribute{{"from", "string"}, {"to", "string"}, {"where", "string"}}

// ocel writes events as they come, and objects after them: those of requests wait in a file.
type ocel struct {
	to       *bufio.Writer
	spool    *os.File
	objects  *bufio.Writer
	events   int
	requests int
	verbs    []core.Verb // that are declared
	missing  []Missing
	at       time.Time         // of the snapshot
	others   map[string]string // persons and agencies that were named: type by id
}

func newOCEL(w io.Writer, opts Options) (*ocel, error) {
	spool, err := os.CreateTemp("", "sidem-export-*")
	if err != nil {
		return nil, fmt.Errorf("the objects of the log: %w", err)
	}
	o := &ocel{to: bufio.NewWriter(w), spool: spool, objects: bufio.NewWriter(spool), verbs: requestVerbs(), missing: opts.Missing, at: opts.At, others: map[string]string{}}
	var types []ocelType
	for _, v := range o.verbs {
		types = append(types, ocelType{string(v), ocelEvents})
	}
	return o, errors.Join(o.text(`{"objectTypes":`), put(o.to, ocelObjects), o.text(`,"eventTypes":`), put(o.to, types), o.text(`,"events":[`))
}

// requestVerbs are all acts on a request, in order.
func requestVerbs() []core.Verb {
	verbs := map[core.Verb]bool{}
	for _, row := range core.LifecycleOf(core.KindRequest).Rows {
		verbs[row.Verb] = true
	}
	return slices.Sorted(maps.Keys(verbs))
}

func (o *ocel) text(s string) error {
	_, err := o.to.WriteString(s)
	return err
}

// put writes a value without the line's end.
func put(w *bufio.Writer, v any) error {
	body, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(body)
	}
	return err
}

// next writes a value of a list, after a comma where it is not the first.
func next(w *bufio.Writer, n int, v any) error {
	if n > 0 {
		if err := w.WriteByte(','); err != nil {
			return err
		}
	}
	return put(w, v)
}

// name is an object of a type, as it is named in the log: no two objects share an id.
func (o *ocel) name(kind, id string) string {
	name := kind + ":" + id
	o.others[name] = kind
	return name
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (o *ocel) event(e core.Event) error {
	if e.Kind != core.KindRequest || e.Refusal != nil || !slices.Contains(o.verbs, e.Verb) {
		return nil
	}
	out := ocelEvent{
		ID: fmt.Sprintf("%s#%d", e.Record, e.Seq), Type: string(e.Verb), Time: instant(e.At),
		Attributes: values("", "from", string(e.From), "to", string(e.To), "where", e.Where),
		Relations:  []ocelRelation{{"request:" + e.Record, "of"}},
	}
	if e.Agency != "" {
		out.Relations = append(out.Relations, ocelRelation{o.name("agency", e.Agency), "agency"})
	}
	for _, who := range []struct{ id, as string }{{e.By, "by"}, {e.For, "for"}, {e.Fields[core.FieldExecutive], "executive"}} {
		if who.id != "" {
			out.Relations = append(out.Relations, ocelRelation{o.name("person", who.id), who.as})
		}
	}
	o.events++
	return next(o.to, o.events-1, out)
}

// values are pairs of names and values, those without a value left out.
func values(at string, pairs ...string) []ocelValue {
	out := []ocelValue{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			out = append(out, ocelValue{pair[0], pair[1], at})
		}
	}
	return out
}

func (o *ocel) record(r core.Record) error {
	if r.Kind != core.KindRequest {
		return nil
	}
	items := fmt.Sprint(len(r.Items))
	_, archived := r.Archived()
	if archived {
		items = "" // they are in a file that was not at hand
	}
	out := ocelObject{
		ID: "request:" + r.ID, Type: "request", Relations: []ocelRelation{},
		Attributes: values(instant(r.Created), "number", r.Number, "category", r.Fields[core.FieldCategory],
			"amount", r.Fields[core.FieldAmount], "items", items),
	}
	if archived {
		out.Relations = append(out.Relations, ocelRelation{"archive:" + r.Fields[core.FieldArchived], "in"})
	}
	if r.Agency != "" {
		out.Relations = append(out.Relations, ocelRelation{o.name("agency", r.Agency), "of"})
	}
	o.requests++
	return next(o.objects, o.requests-1, out)
}

func (o *ocel) account(core.Record) error { return nil }
func (o *ocel) item(outbox.Item) error    { return nil }
func (o *ocel) card(Card) error           { return nil }

func (o *ocel) close() error {
	if err := errors.Join(o.objects.Flush(), o.text(`],"objects":[`)); err != nil {
		return err
	}
	if _, err := o.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(o.to, o.spool); err != nil {
		return err
	}
	n := o.requests
	for _, m := range o.missing {
		out := ocelObject{
			ID: "archive:" + m.Archive, Type: "archive", Relations: []ocelRelation{},
			Attributes: values(instant(o.at), "month", m.Month, "requests", strconv.Itoa(m.Requests)),
		}
		if err := next(o.to, n, out); err != nil {
			return err
		}
		n++
	}
	for _, id := range slices.Sorted(maps.Keys(o.others)) {
		if err := next(o.to, n, ocelObject{ID: id, Type: o.others[id], Attributes: []ocelValue{}, Relations: []ocelRelation{}}); err != nil {
			return err
		}
		n++
	}
	return errors.Join(o.text("]}\n"), o.to.Flush())
}

// free removes what it wrote for itself.
func (o *ocel) free() error { return errors.Join(o.spool.Close(), os.Remove(o.spool.Name())) }
