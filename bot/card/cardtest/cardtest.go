// Package cardtest brings every card and form of SIDEM before a renderer: scenes of real records, made by commands that the core decided.
package cardtest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

// Case is one card to draw: "request/filed/raul.ortega".
type Case struct {
	Name  string
	Kind  core.Kind
	Stage string // a state, or a state and what is particular
	User  string // who reads
	Scene core.Scene
}

// Seal makes tokens for the cards of the scenes.
var Seal = card.NewSealer([]byte("a key of 32 bytes for the tests."))

// Card is the card of the scene.
func (c Case) Card() card.Card { return card.Of(c.Scene, Seal) }

// Scenes are every kind, in every state and its variants, as each of the people
// sees it who may. They are made once: what they hold is not to be changed.
func Scenes() []Case { return slices.Clone(scenes()) }

var scenes = sync.OnceValue(tell)

func tell() []Case {
	var out []Case
	for _, lc := range core.Lifecycles {
		for _, st := range stages[lc.Kind] {
			s := NewStory()
			id := st.come(s)
			for _, p := range people {
				if scene, ok := s.Scene(id, p.user); ok {
					out = append(out, Case{
						Name: fmt.Sprintf("%s/%s/%s", lc.Kind, st.name, p.user), Kind: lc.Kind, Stage: st.name, User: p.user, Scene: scene,
					})
				}
			}
		}
	}
	return out
}

// FormCase is one form to draw: "request/filed/return".
type FormCase struct {
	Name string
	Verb core.Verb
	Form card.Form
}

// Whole is the form as it is drawn on one screen.
func (c FormCase) Whole() card.Form {
	return form.Filled(form.Draft{Verb: c.Verb}, c.Form, nil, NewStory().Now)
}

// Asked is question i of the form as it is asked where it is not drawn whole.
func (c FormCase) Asked(i int) card.Card {
	d := form.Draft{ID: "1a2b3c", Verb: c.Verb, Stage: form.Asking, At: c.Form.Questions[i].Field}
	asked, _ := form.Card(d, c.Form, func(t card.Token) string { return Seal.Seal("", t) }, NewStory().Now)
	return asked
}

// Forms are the forms of every row that asks for something, as whoever may use it sees it.
func Forms() []FormCase {
	var out []FormCase
	add := func(k core.Kind, stage string, v core.Verb, f card.Form) {
		name := fmt.Sprintf("%s/%s/%s", k, stage, v)
		if len(f.Questions) > 0 && !slices.ContainsFunc(out, func(c FormCase) bool { return c.Name == name }) {
			out = append(out, FormCase{name, v, f})
		}
	}
	agencies, err := NewStory().Desk.Agencies(context.Background())
	if err != nil {
		panic(fmt.Sprintf("cardtest: %v", err))
	}
	for _, lc := range core.Lifecycles {
		blank := core.Scene{Record: core.Record{Kind: lc.Kind}, Viewer: NewStory().Account(Sofia), Agencies: agencies, Office: Office(), Now: NewStory().Now}
		for _, row := range lc.Rows {
			if slices.Contains(row.From, core.None) {
				add(lc.Kind, "new", row.Verb, card.FormFor(row.Verb, "token", row.Needs, row.Asks, blank, nil))
			}
		}
	}
	for _, c := range Scenes() {
		c.Scene.Agencies = agencies
		for _, row := range core.Allowed(c.Scene.Record, c.Scene.Actor, c.Scene.Now) {
			add(c.Kind, c.Stage, row.Verb, card.FormOf(c.Scene, "token", row.Verb, preset(row, c.Scene.Record)))
		}
	}
	return out
}

// preset is what the button of a row brings along.
func preset(row core.Transition, r core.Record) map[core.Field]string {
	if len(row.Needs) > 0 && row.Needs[0] == core.FieldObservation && len(r.Observations) > 0 {
		return map[core.Field]string{core.FieldObservation: "1"} // the button says which
	}
	return nil
}
