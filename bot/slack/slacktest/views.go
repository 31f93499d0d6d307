package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// view is one modal, or the Home of one person.
type view struct {
	kind                         string
	id, hash, external, callback string
	metadata, title              string
	submit, close                string
	raw                          json.RawMessage // its blocks, as they were sent
	seen
	values map[string]any // by block_id: the state of its element
	errors map[string]string
	person *Person
}

// trigger is the right to open one modal.
type trigger struct {
	person *Person
	at     time.Time
	used   bool
}

// parseView judges a view of one kind.
func parseView(raw, kind string) (*view, error) {
	var v struct {
		Type     string          `json:"type"`
		Title    *text           `json:"title"`
		Submit   *text           `json:"submit"`
		Close    *text           `json:"close"`
		Metadata string          `json:"private_metadata"`
		Callback string          `json:"callback_id"`
		External string          `json:"external_id"`
		Blocks   json.RawMessage `json:"blocks"`
	}
	switch {
	case len(raw) > maxView:
		return nil, no("view_too_large")
	case json.Unmarshal([]byte(raw), &v) != nil || v.Type != kind:
		return nil, no("invalid_arguments", "[ERROR] unsupported type: "+v.Type+" [json-pointer:/view/type]")
	}
	in := &inspector{}
	if kind == "modal" {
		in.judge(v.Title, maxViewTitle, "/view/title", false)
		for _, t := range []*text{v.Submit, v.Close} {
			if t != nil {
				in.judge(t, maxViewTitle, "/view/submit", false)
			}
		}
	} else if v.Title != nil || v.Submit != nil || v.Close != nil {
		in.fault("a home has no title, submit nor close [json-pointer:/view]")
	}
	if utf8.RuneCountInString(v.Metadata) > maxMetadata || len(v.Callback) > maxID || len(v.External) > maxID {
		in.fault("must be less than %d characters [json-pointer:/view/private_metadata]", maxMetadata+1)
	}
	shown, err := inspect(v.Blocks, maxViewBlocks)
	switch {
	case err != nil:
		return nil, no("invalid_arguments", append(in.faults, err.(*refused).details...)...) //nolint:errorlint // inspect's own
	case kind == "modal" && len(shown.inputs) > 0 && v.Submit == nil:
		in.fault("missing required field: submit [json-pointer:/view]")
	case string(v.Blocks) == "[]":
		in.fault("must have at least one block [json-pointer:/view/blocks]")
	}
	if len(in.faults) > 0 {
		return nil, no("invalid_arguments", in.faults...)
	}
	out := &view{kind: kind, metadata: v.Metadata, callback: v.Callback, external: v.External, raw: v.Blocks, seen: shown, values: map[string]any{}}
	if v.Title != nil {
		out.title = v.Title.Text
	}
	if v.Submit != nil {
		out.submit = v.Submit.Text
	}
	if v.Close != nil {
		out.close = v.Close.Text
	}
	for _, b := range shown.inputs {
		out.values[b.ID] = b.Element.initial()
	}
	return out, nil
}

// initial is the state of an input before anybody touches it.
func (e element) initial() map[string]any {
	state := map[string]any{"type": unquote(e.Type)}
	switch {
	case e.Initial != "":
		state["value"] = e.Initial
	case e.Date != "":
		state["selected_date"] = e.Date
	case e.Time != "":
		state["selected_time"] = e.Time
	case e.Option != nil:
		state["selected_option"] = e.Option
	case len(e.Several) > 0:
		state["selected_options"] = e.Several
	}
	return state
}

// pull uses a trigger up.
func (s *Server) pull(id string) (*Person, error) {
	t, ok := s.triggers[id]
	switch {
	case !ok:
		return nil, no("invalid_trigger_id")
	case t.used:
		return nil, no("exchanged_trigger_id")
	case s.opts.Real().Sub(t.at) > triggerLife:
		return nil, no("expired_trigger_id")
	}
	t.used = true
	return t.person, nil
}

// add puts v on the screen of p.
func (s *Server) add(p *Person, v *view) (map[string]any, error) {
	if v.external != "" && s.views[v.external] != nil {
		return nil, no("duplicate_external_id")
	}
	v.id, v.person = fmt.Sprintf("V%08d", s.next()), p
	s.keepView(v)
	return v.described(), nil
}

func (s *Server) keepView(v *view) {
	v.hash = fmt.Sprintf("%d.hash", s.next())
	s.views[v.id] = v
	if v.external != "" {
		s.views[v.external] = v
	}
}

func (v *view) described() map[string]any {
	return map[string]any{"view": map[string]any{
		"id": v.id, "hash": v.hash, "type": v.kind, "private_metadata": v.metadata, "callback_id": v.callback, "external_id": v.external,
	}}
}

// openView shows a modal in place of those that are there.
func (s *Server) openView(p map[string]string) (map[string]any, error) {
	v, err := parseView(p["view"], "modal")
	if err != nil {
		return nil, err
	}
	person, err := s.pull(p["trigger_id"])
	if err != nil {
		return nil, err
	}
	out, err := s.add(person, v)
	if err == nil {
		person.modals = []*view{v}
	}
	return out, err
}

func (s *Server) pushView(p map[string]string) (map[string]any, error) {
	v, err := parseView(p["view"], "modal")
	if err != nil {
		return nil, err
	}
	person, err := s.pull(p["trigger_id"])
	switch {
	case err != nil:
		return nil, err
	case len(person.modals) >= maxStack:
		return nil, no("push_limit_reached")
	}
	out, err := s.add(person, v)
	if err == nil {
		person.modals = append(person.modals, v)
	}
	return out, err
}

// updateView replaces a view that is open.
func (s *Server) updateView(p map[string]string) (map[string]any, error) {
	old := s.views[p["view_id"]]
	if p["view_id"] == "" {
		old = s.views[p["external_id"]]
	}
	switch {
	case p["view_id"] == "" && p["external_id"] == "":
		return nil, no("invalid_arguments", "[ERROR] view_id or external_id is required")
	case old == nil || !old.open():
		return nil, no("not_found")
	case p["hash"] != "" && p["hash"] != old.hash:
		return nil, no("hash_conflict")
	}
	v, err := parseView(p["view"], old.kind)
	if err != nil {
		return nil, err
	}
	if other := s.views[v.external]; v.external != "" && other != nil && other != old {
		return nil, no("duplicate_external_id")
	}
	s.replace(old, v)
	return old.described(), nil
}

// replace has old, which keeps its id and its place, show what v does. What was
// filled in stays where the question is the same one.
func (s *Server) replace(old, v *view) {
	v.id, v.person = old.id, old.person
	for id := range v.values {
		if kept, ok := old.values[id]; ok {
			v.values[id] = kept
		}
	}
	*old = *v
	s.keepView(old)
}

// open reports whether somebody has v before them.
func (v *view) open() bool {
	return v.person.home == v || slices.Contains(v.person.modals, v)
}

// publishView is the Home of one person.
func (s *Server) publishView(p map[string]string) (map[string]any, error) {
	person, ok := s.people[p["user_id"]]
	if !ok {
		return nil, no("invalid_arguments", "[ERROR] user_id is nobody of this workspace")
	}
	v, err := parseView(p["view"], "home")
	if err != nil {
		return nil, err
	}
	if person.home != nil {
		if p["hash"] != "" && p["hash"] != person.home.hash {
			return nil, no("hash_conflict")
		}
		s.replace(person.home, v)
		return person.home.described(), nil
	}
	out, err := s.add(person, v)
	if err == nil {
		person.home = v
	}
	return out, err
}
