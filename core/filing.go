package core

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"reflect"
	"strings"
	"time"
)

// foldings is raised where Apply makes something else of the same events than it did.
const foldings = 1

// Filing names how this program files records: what is kept of them beside the trail, and in
// which lists and under which keys they stand. Where a store was filed otherwise, its records
// are to be folded from the trail once more (desk.Reindex). It changes by itself when a field
// of Record or a term of its Index does; with what Apply makes of it, by foldings.
func Filing() string {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, foldings) // a hash takes all
	shapeOf(h, reflect.TypeFor[Record](), map[reflect.Type]bool{})
	for _, l := range Lifecycles {
		for _, state := range l.States {
			body, err := json.Marshal(sampleOf(l.Kind, state).Index())
			if err != nil { // an index holds plain values only
				panic(fmt.Sprintf("core: an index that cannot be encoded: %v", err))
			}
			_, _ = h.Write(append(body, '\n'))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// shapeOf writes the names and the types of what a type holds.
func shapeOf(h hash.Hash, t reflect.Type, seen map[reflect.Type]bool) {
	_, _ = fmt.Fprintln(h, t.String(), t.Kind())
	if seen[t] {
		return
	}
	seen[t] = true
	kind := t.Kind()
	if kind == reflect.Map {
		shapeOf(h, t.Key(), seen)
	}
	if kind == reflect.Map || kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Array {
		shapeOf(h, t.Elem(), seen)
	}
	if kind == reflect.Struct && strings.HasPrefix(t.PkgPath(), "sidem.gob.mx/sidem/") { // how others keep theirs inside is their own
		for f := range t.Fields() {
			_, _ = fmt.Fprintln(h, f.Name, f.Tag.Get("json"))
			shapeOf(h, f.Type, seen)
		}
	}
}

// sampleOf is a record of which as much is known as can be.
func sampleOf(kind Kind, state State) Record {
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	r := Record{
		Kind: kind, ID: "record", Number: "000001/2026", Agency: "AGENCY", State: state, Since: at, Updated: at, Version: 9, Seq: 9,
		Fields: map[Field]string{}, Acts: map[Verb]Act{}, Told: []string{"told"}, Links: []Link{{Platform: "telegram", ID: "7"}},
		Roles:    []Role{RoleRequester, RoleSecretary, RoleRegistry, RoleHead, RoleExecutive, RoleDirector, RoleAdmin, RoleAuditor},
		Reminded: []Reminded{{Duty: DutyRelease, Turn: 9, N: 3, Late: StallsAfter, At: at}},
	}
	for field := range Specs {
		r.Fields[field] = "a-" + string(field)
	}
	for _, row := range LifecycleOf(kind).Rows {
		r.Acts[row.Verb] = Act{By: "by-" + string(row.Verb), At: at, Version: 1}
	}
	return r
}
