package stage

import (
	"context"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// stroke is the stretch of a script in which one person does one thing: from the
// button or the word that begins it to the line before the next.
type stroke struct {
	verb  core.Verb // "" for what comes before the first of a section
	nth   int       // how many of the script do the same, this one included
	word  bool      // it begins with a word, which can always be said
	lines []bottest.Line
}

// wordVerbs are what the words of a script begin.
var wordVerbs = map[string]core.Verb{
	"/programa": core.VerbDeliver, "/cuenta": core.VerbApply, "/start": core.VerbLink, "/nueva": core.VerbDraft,
}

// strokes cuts a section; count goes on from section to section.
func strokes(lines []bottest.Line, count map[core.Verb]int) []stroke {
	out := []stroke{{}}
	for _, l := range lines {
		last := &out[len(out)-1]
		verb, word := begins(l)
		if verb != "" && (verb != last.verb || !last.word) {
			count[verb]++
			out = append(out, stroke{verb: verb, nth: count[verb], word: word})
			last = &out[len(out)-1]
		}
		last.lines = append(last.lines, l)
	}
	return out
}

// begins is the verb that a line begins, "" for any other line.
func begins(l bottest.Line) (verb core.Verb, word bool) {
	if l.Kind == bottest.Say {
		first, _, _ := strings.Cut(l.Arg, " ")
		return wordVerbs[first], true
	}
	if l.Kind == bottest.Do {
		return verbOf(pressed(l)), false
	}
	return "", false
}

// pressed is the label of the button or the menu of a line.
func pressed(l bottest.Line) string {
	what, rest, _ := strings.Cut(l.Arg, `"`)
	if what = strings.TrimSpace(what); what != "pulsa" && what != "elige" {
		return ""
	}
	label, _, _ := strings.Cut(rest, `"`)
	return label
}

// numbered are the verbs whose buttons name an observation.
var numbered = []core.Verb{core.VerbAnswer, core.VerbResolve, core.VerbAskAgain}

// verbOf is what a button of a card does; those of requests come first, as some
// labels are of several kinds.
func verbOf(label string) core.Verb {
	if slices.ContainsFunc([]string{core.CallAnswered, core.CallNoAnswer, core.CallMessage, core.CallWrong}, func(c string) bool { return es.Value(c) == label }) {
		return core.VerbLogCall
	}
	for _, l := range slices.Backward(core.Lifecycles) {
		for _, row := range l.Rows {
			if b := es.Button(row.Verb); b != "" && (label == b || slices.Contains(numbered, row.Verb) && strings.HasPrefix(label, es.ObservationButtonOf(row.Verb, ""))) {
				return row.Verb
			}
		}
	}
	return ""
}

// finish plays of a section what is left of it. Once the visitor has acted, what
// people read is theirs, and only what is done is played.
func (s *Stage) finish(ctx context.Context, sec section) error {
	for i, st := range sec.strokes {
		lines := st.lines
		if s.byHand.Load() {
			lines = slices.DeleteFunc(slices.Clone(lines), func(l bottest.Line) bool { return l.Kind == bottest.Expect || l.Kind == bottest.Never })
			left, err := s.isLeft(ctx, st, i == len(sec.strokes)-1)
			if err != nil {
				return err
			}
			if !left {
				continue
			}
		}
		if err := s.runner.Part(ctx, lines); err != nil {
			return err
		}
	}
	return nil
}

// isLeft reports whether a stroke is still to be done: the trail does not have
// it, and its button can be seen. The last of a section is what completes it, so
// its button is waited for.
func (s *Stage) isLeft(ctx context.Context, st stroke, last bool) (bool, error) {
	if st.verb == "" {
		return true, nil
	}
	s.settle(ctx)
	v, err := s.look(ctx)
	if err != nil {
		return false, err
	}
	done := 0
	for _, e := range v.trail {
		if e.Verb == st.verb && e.Refusal == nil && e.Index > s.begun {
			done++
		}
	}
	if done >= st.nth || st.word || last {
		return done < st.nth, nil
	}
	begin := st.lines[slices.IndexFunc(st.lines, func(l bottest.Line) bool { verb, _ := begins(l); return verb == st.verb })]
	c, err := s.w.Client(begin.Who[0], begin.On)
	if err != nil {
		return false, err
	}
	label := pressed(begin)
	if strings.HasPrefix(begin.Arg, "elige") { // a menu, whose options have other names
		return true, nil
	}
	return slices.ContainsFunc(c.Screen(), func(m bottest.Shown) bool { return slices.Contains(m.Buttons, label) }), nil
}
