package form

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Filled is f with what d and the record hold in its controls, to be drawn on one screen.
// A control that could not hold it without loss is left out: its question says so.
func Filled(d Draft, f card.Form, problems map[core.Field]string, now time.Time) card.Form {
	f.Questions = slices.Clone(f.Questions)
	for i, q := range f.Questions {
		f.Questions[i] = filled(q, d, now)
		f.Questions[i].Problem = problems[q.Field]
	}
	return severally(d, f)
}

// Redrawn is f, filled, in place of the screen that e came from, with the marks of what its
// controls show (Shown). A platform may keep what stands in a control that is drawn again,
// or not: it is what was sent, whatever became of the answer elsewhere meanwhile.
func Redrawn(d Draft, f card.Form, e Whole, problems map[core.Field]string, now time.Time) (card.Form, string) {
	f = Filled(d, f, problems, now)
	for i, q := range f.Questions {
		before, same := e.Shown[q.Field]
		if !same || q.Spec.Type == core.TypeUpload {
			continue
		}
		q.Value, q.Held = e.Values[q.Field], ""
		if before == heldMark || Weight(q.Value) > card.MaxControl {
			q.Value, q.Held = "", held(q, present(plainQuestion(q), d))
		}
		if !q.Typed {
			q.Options = withOptions(q)
		}
		f.Questions[i] = q
	}
	marks := ReadShown(Shown(f))
	for field, mark := range e.Shown { // what was taken since is in the draft (Draft.Screens)
		if _, there := marks[field]; there || field == fieldScreen {
			marks[field] = mark
		}
	}
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(marks)) {
		parts = append(parts, string(field)+":"+marks[field])
	}
	return f, strings.Join(parts, ",")
}

// withOptions are the options of q, and what it holds beside: what is not offered any more
// is kept all the same.
func withOptions(q card.Question) []card.Option {
	switch q.Spec.Type { //nolint:exhaustive // the others have none
	case core.TypePerson, core.TypeChoice, core.TypeChoices:
		for _, v := range split(q.Value) {
			if !isOption(q, v) {
				q.Options = append(slices.Clone(q.Options), card.Option{Label: es.FieldValue(q.Field, v), Value: v})
			}
		}
	}
	return q.Options
}

func filled(q card.Question, d Draft, now time.Time) card.Question {
	a := present(q, d)
	value := a.Value
	switch q.Spec.Type {
	case core.TypeUpload:
		if !a.empty() {
			q.Required, q.Hint = false, es.FilesHere(names(a.Files))
		}
		return q
	case core.TypePerson, core.TypeChoice, core.TypeChoices:
		q.Value = a.Value
		q.Options = withOptions(q)
		if q.Typed && a.Value != "" {
			value = labelOf(q, a.Value)
		}
	default:
		value = written(q, a)
	}
	if earlier := d.Earlier[q.Field]; len(earlier) > 0 && a.empty() {
		q.Hint = es.EarlierAnswers(earlier)
	}
	if text, ok := d.Rejected[q.Field]; ok {
		value = text
	} else if !a.empty() && !holds(q, a, value, now) {
		q.Held = held(q, a)
		value = ""
	}
	q.Value = value
	return q
}

// joiner stands between the parts of one emoji. What comes back without it is untouched (mark).
const joiner = '\u200d'

// holds reports whether the control of q can show text and bring it back as the answer a.
func holds(q card.Question, a Answer, text string, now time.Time) bool {
	multiline := q.Spec.Type == core.TypeLong || q.Spec.Type == core.TypeLines
	switch q.Spec.Type {
	case core.TypePerson, core.TypeChoice, core.TypeChoices, core.TypeUpload:
		return true
	case core.TypeText, core.TypeLong, core.TypeDate, core.TypeClock, core.TypeMoney, core.TypeDigits, core.TypeMail, core.TypePhone, core.TypeKey, core.TypeLines:
	}
	if Weight(text) > card.MaxControl || strings.ContainsFunc(text, func(r rune) bool {
		return r == '\n' && !multiline || r != '\n' && r != joiner && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
	}) {
		return false
	}
	back, no := read(q, text, now)
	if no != nil { // what stands there is not what would be taken today: it can be mended
		return q.Spec.Type != core.TypeLines
	}
	if q.Spec.Type == core.TypeLines {
		return slices.Equal(back.Items, today(a.Items))
	}
	kept, no := read(q, a.Value, now) // as it would be written today: 1000.00 for 1000
	return no == nil && back.Value == kept.Value
}

// held says why what stands in q cannot be changed here, and where it can.
func held(q card.Question, a Answer) string {
	if q.Spec.Type == core.TypeLines {
		return es.HeldItems(len(a.Items))
	}
	return es.Say(es.HeldText)
}

// Weight is the length of s as a control may count it: in UTF-16 units, with the three
// characters that Slack keeps as entities counted in full.
func Weight(s string) int {
	n := 0
	for _, r := range s {
		switch r {
		case '&':
			n += len("&amp;")
		case '<', '>':
			n += len("&lt;")
		default:
			n += utf16.RuneLen(r)
		}
	}
	return n
}

// Shown are marks of what the controls of a filled form show, by which it is told
// afterwards what was left as it was: "field:mark,…".
func Shown(f card.Form) string {
	var out []string
	for _, q := range f.Questions {
		if q.Spec.Type != core.TypeUpload {
			out = append(out, string(q.Field)+":"+markOf(q))
		}
	}
	return strings.Join(out, ",")
}

// fieldScreen stands among the marks of a screen for which screen it is.
const fieldScreen core.Field = "screen"

// OnScreen are the marks of a screen that is drawn for the first time, by the input with
// an id.
func OnScreen(id, shown string) string {
	return shown + "," + string(fieldScreen) + ":" + mark(core.TypeText, id)
}

// Screen is what was taken last from one screen that still stands, by marks: what comes
// back as it was then was not touched since.
type Screen struct {
	ID    string                `json:"id,omitempty"`
	Taken map[core.Field]string `json:"taken,omitempty"`
}

// maxScreens is how many screens of one form are remembered.
const maxScreens = 4

// screen is what was taken from the screen with an id.
func (d Draft) screen(id string) map[core.Field]string {
	for _, s := range d.Screens {
		if s.ID == id {
			return s.Taken
		}
	}
	return nil
}

// taking is d with what was taken from the screen with an id.
func (d Draft) taking(id string, taken map[core.Field]string) Draft {
	all := slices.DeleteFunc(slices.Clone(d.Screens), func(s Screen) bool { return s.ID == id })
	all = append(all, Screen{ID: id, Taken: taken})
	d.Screens = all[max(0, len(all)-maxScreens):]
	return d
}

// ReadShown reads what Shown made.
func ReadShown(text string) map[core.Field]string {
	out := map[core.Field]string{}
	for part := range strings.SplitSeq(text, ",") {
		if field, mark, ok := strings.Cut(part, ":"); ok {
			out[core.Field(field)] = mark
		}
	}
	return out
}

// heldMark stands for a control that was not there.
const heldMark = "-"

func markOf(q card.Question) string {
	if q.Held != "" {
		return heldMark
	}
	return mark(q.Spec.Type, q.Value)
}

// mark is 48 bits of what a control shows. The platforms may bring text back with other
// line ends, or without what cannot be seen, and several choices in another order.
func mark(t core.Type, text string) string {
	if t == core.TypeChoices {
		parts := split(text)
		slices.Sort(parts)
		text = strings.Join(parts, ",")
	}
	var lines []string
	for l := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n") {
		lines = append(lines, strings.TrimRightFunc(strings.Map(func(r rune) rune {
			if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, l), unicode.IsSpace))
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(strings.Join(lines, "\n"))))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// whole takes a form that was filled in on one screen, control by control: what came
// back as it was shown leaves the answer as it is by now.
func (s step) whole(d Draft, e Whole) (Draft, Effect) {
	sent := e.Digest()
	e = e.plain()
	problems := map[core.Field]string{}
	id := e.Shown[fieldScreen]
	taken := maps.Clone(d.screen(id))
	if taken == nil {
		taken = map[core.Field]string{}
	}
	for _, q := range s.form.Questions {
		var problem string
		if d, problem = s.control(d, q, e); problem != "" {
			problems[q.Field] = problem
		} else if q.Spec.Type != core.TypeUpload && e.Shown[q.Field] != heldMark {
			taken[q.Field] = mark(q.Spec.Type, e.Values[q.Field])
		}
	}
	d = d.taking(id, taken)
	if len(d.Ready) > 0 && len(d.Answers) == 0 && e.nothing() { // there is no other
		d, problems = d.removed(s.form), map[core.Field]string{}
	}
	more := s.form.Several && e.Values[FieldAnother] == core.Yes
	if more && len(d.Ready)+1 >= core.MaxSeveral {
		problems[FieldAnother] = es.TooManyAtOnce(core.MaxSeveral)
	}
	for _, q := range s.form.Questions {
		if no := lacks(q, d, s.now); no != nil && problems[q.Field] == "" {
			problems[q.Field] = es.Refuse(no, "", s.now)
		}
	}
	if len(problems) > 0 {
		return d, Effect{Do: Refill, Problems: problems}
	}
	var asked []string
	if note := e.Files[core.FieldItems].Note; note != "" && note != d.Noted {
		d.Noted = note
		asked = append(asked, es.SendAgainAsIs(note))
	}
	if note := strings.Join(bereaves(d, s.form), " "); note != "" && note != d.Noted {
		d.Noted = note
		asked = append(asked, es.SendAgainAsIs(note))
	}
	d, doubted := doubt(d, s.form)
	if doubted != "" {
		asked = append(asked, doubted)
	}
	if len(asked) > 0 {
		return d, Effect{Do: Refill, Asked: asked}
	}
	if more {
		return d.ready(s.form), Effect{Do: Refill}
	}
	d.Sent = sent
	if d = d.Kept(); e.holds(d.Pending()) {
		d.Unsure = nil
	}
	return s.send(d)
}

// holds reports whether a text stands in one of the controls.
func (e Whole) holds(text string) bool {
	for _, v := range e.Values {
		if strings.Contains(v, text) {
			return true
		}
	}
	return false
}

// Digest tells what one form holds from what another does, whatever they showed before.
func (e Whole) Digest() string {
	held := core.Command{Fields: map[core.Field]string{}}
	for field, text := range e.Values {
		if text = strings.TrimSpace(text); text != "" {
			held.Fields[field] = mark(core.Specs[field].Type, text)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(e.Files)) {
		held.Items = append(held.Items, e.Files[field].Items...)
		held.Files = append(held.Files, e.Files[field].Kept...)
	}
	return digest(held)
}

// control takes what one control holds; the text is what is wrong with it.
func (s step) control(d Draft, q card.Question, e Whole) (Draft, string) {
	files := e.Files[q.Field]
	text := strings.TrimSpace(e.Values[q.Field])
	shown, known := d.screen(e.Shown[fieldScreen])[q.Field]
	if !known {
		shown, known = e.Shown[q.Field]
	}
	if !known {
		shown = markOf(filled(q, d, s.now))
	}
	rejected, again := d.Rejected[q.Field]
	again = again && mark(q.Spec.Type, rejected) == mark(q.Spec.Type, text)
	switch {
	case files.Typed && files.Problem != "":
		return d.rejecting(q.Field, text), files.Problem
	case files.Typed && shown != heldMark:
		return d.with(q.Field, Answer{Items: files.Items}), ""
	case files.Problem != "" || len(files.Kept) > 0:
		return d.adding(q.Field, files.Kept), files.Problem
	case q.Spec.Type == core.TypeUpload:
		return d, ""
	case len(files.Items) > 0 && text != "" && (mark(q.Spec.Type, text) != shown || d.Rejected[q.Field] != ""):
		return d.rejecting(q.Field, text), es.Say(es.ItemsTwice)
	case len(files.Items) > 0:
		return d.with(q.Field, Answer{Items: files.Items}), ""
	case shown == heldMark:
		return d, ""
	case mark(q.Spec.Type, text) == shown && !again && (text == "" || !d.assumes(q)): // what was assumed is meant as it was shown
		return d.rejecting(q.Field, ""), ""
	case text == "" && q.Kept():
		return d, es.Say(es.NotEmptied)
	case text == "":
		return d.with(q.Field, blank(q)), ""
	}
	a, search, problem := s.answer(q, e.Values[q.Field])
	if search != "" {
		var labels []string
		for _, o := range value.Matching(search, q.Options) {
			labels = append(labels, o.Label)
		}
		problem = es.SeveralOptions(labels)
	}
	if problem != "" {
		return d.rejecting(q.Field, text), problem
	}
	return d.with(q.Field, a), ""
}
