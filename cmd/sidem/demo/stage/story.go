package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// playing is what is done for the visitor right now, and how it ended.
type playing struct {
	running bool
	line    bottest.Line
	trouble string
}

// section is a part of the script that one press plays: a step, or all of a
// story that has none.
type section struct {
	step    int
	strokes []stroke
}

// openingLines is how many lines come before anybody acts.
func openingLines(lines []bottest.Line) int {
	for i, l := range lines {
		switch l.Kind {
		case bottest.Without, bottest.Today, bottest.Linked, bottest.Given, bottest.Clock:
		default:
			return i
		}
	}
	return len(lines)
}

func sections(lines []bottest.Line) []section {
	var out []section
	count := map[core.Verb]int{}
	for rest := lines[openingLines(lines):]; len(rest) > 0; {
		end := 1 + slices.IndexFunc(rest[1:], func(l bottest.Line) bool { return l.Kind == bottest.Step })
		if end == 0 {
			end = len(rest)
		}
		sec := section{strokes: strokes(rest[:end], count)}
		_, _ = fmt.Sscanf(rest[0].Arg, "%d", &sec.step) // a story without steps has one section, number 0
		out, rest = append(out, sec), rest[end:]
	}
	return out
}

func (s *Stage) busy() bool {
	s.playMu.Lock()
	defer s.playMu.Unlock()
	return s.playing != nil && s.playing.running
}

// play plays the next step for the visitor, or all that are left. It returns at once.
func (s *Stage) play(all bool) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.begin(all)
}

// begin is play with mu held.
func (s *Stage) begin(all bool) error {
	s.playMu.Lock()
	defer s.playMu.Unlock()
	if s.playing != nil && s.playing.running {
		return page.Playing
	}
	if s.ended {
		return page.Finished
	}
	left, err := s.left(s.base)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return page.Finished
	}
	if !all {
		left = left[:1]
	}
	s.playing = &playing{running: true}
	s.touch()
	s.done.Go(func() { s.perform(s.base, left) })
	return nil
}

// left are the sections of the story that have not come true yet.
func (s *Stage) left(ctx context.Context) ([]section, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	done := s.ticks(v)
	var out []section
	for _, sec := range sections(s.lines) {
		if sec.step == 0 || done[sec.step] == "" {
			out = append(out, sec)
		}
	}
	return out, nil
}

// firstUp is who begins the first step that is left, and which that is; 0 when
// none is.
func (s *Stage) firstUp(v *view) (who string, step int) {
	done := s.ticks(v)
	for _, sec := range sections(s.lines) {
		if sec.step == 0 || done[sec.step] != "" {
			continue
		}
		for _, st := range sec.strokes {
			for _, l := range st.lines {
				if l.Kind == bottest.Say || l.Kind == bottest.Do {
					return l.Who[0], sec.step
				}
			}
		}
	}
	return "", 0
}

func (s *Stage) perform(ctx context.Context, left []section) {
	var err error
	for _, sec := range left {
		if err = s.finish(ctx, sec); err != nil {
			break
		}
		if sec.step == 0 {
			s.playMu.Lock()
			s.ended = true
			s.playMu.Unlock()
		}
	}
	s.playMu.Lock()
	s.playing.running = false
	if err != nil && ctx.Err() == nil {
		s.playing.trouble = page.Stopped(lineWords(s.playing.line))
	}
	s.playMu.Unlock()
	s.touch()
}

// onLine shows a line before it is played, and leaves time to see it.
func (s *Stage) onLine(l bottest.Line) {
	s.playMu.Lock()
	if s.playing == nil { // the opening
		s.playMu.Unlock()
		return
	}
	s.playing.line = l
	s.playMu.Unlock()
	if l.Kind != bottest.Say && l.Kind != bottest.Do {
		return
	}
	s.touch()
	select {
	case <-time.After(s.pace):
	case <-s.base.Done():
	}
}

// lineWords are a line of the script as a sentence: "Raúl, en Telegram: pulsa “Liberar”".
func lineWords(l bottest.Line) string {
	if len(l.Who) == 0 {
		return l.Text
	}
	who := strings.ToUpper(l.Who[0][:1]) + l.Who[0][1:]
	arg := l.Arg
	switch l.Kind {
	case bottest.Say:
		arg = "escribe “" + arg + "”"
	case bottest.Expect:
		arg = "lee “" + arg + "”"
	default:
		quotes := strings.Split(arg, `"`)
		arg = quotes[0]
		for i, part := range quotes[1:] {
			arg += []string{"“", "”"}[i%2] + part
		}
	}
	return who + ", en " + page.Titles[l.On] + ": " + arg
}

// ticks are the steps that have come true, in words, by the trail.
func (s *Stage) ticks(v *view) map[int]string {
	out := map[int]string{}
	applied := map[string]bool{} // accounts that were asked for in the story
	without := map[string]bool{}
	for _, l := range s.lines {
		if l.Kind == bottest.Without {
			for who := range strings.SplitSeq(l.Arg, ",") {
				without[strings.TrimSpace(who)] = true
			}
		}
	}
	if !without["programa"] {
		out[1] = page.Before
	}
	if delete(without, "programa"); len(without) == 0 {
		out[2] = page.Before
	}
	for _, e := range v.trail {
		if e.Refusal != nil || (e.Kind != core.KindRequest && e.Index <= s.begun) {
			continue
		}
		if e.Verb == core.VerbApply {
			applied[e.Record] = true
		}
		step := stepOf[e.Kind][e.Verb]
		if step == 0 || out[step] != "" || (step == 2 && !applied[e.Record]) {
			continue
		}
		out[step] = e.ByName + ", " + es.Lately(e.At, v.now)
	}
	if slices.ContainsFunc(v.records, func(r core.Record) bool { return r.State == core.StateObserved }) {
		delete(out, 7) // until what was observed is answered
	}
	return out
}

// stepOf is the verb that completes each of the guide's steps.
var stepOf = map[core.Kind]map[core.Verb]int{
	core.KindProgram: {core.VerbValidate: 1},
	core.KindAccount: {core.VerbLink: 2},
	core.KindRequest: {
		core.VerbFile: 3, core.VerbRelease: 4, core.VerbReceiveLetter: 5, core.VerbRefer: 6, core.VerbAssign: 7, core.VerbHandOver: 8,
	},
}

func (s *Stage) checklist(v *view) page.Story {
	done := s.ticks(v)
	var out page.Story
	next := false
	for _, step := range page.Steps {
		step.Done = done[step.N]
		if step.Done == "" && !next {
			step.Next, next = true, true
		}
		out.Steps = append(out.Steps, step)
	}
	for _, d := range page.Detours {
		d.Done = s.detoured(v, d.Name)
		out.Detours = append(out.Detours, d)
	}
	s.playMu.Lock()
	defer s.playMu.Unlock()
	if p := s.playing; p != nil {
		out.Trouble = p.trouble
		if p.running {
			out.Playing = page.Going
		}
		if l := p.line; p.running && len(l.Who) > 0 {
			out.Playing, out.Acting, out.ActingOn = lineWords(l), l.Who[0], l.On
			if quotes := strings.Split(l.Arg, `"`); l.Kind == bottest.Do && len(quotes) > 1 {
				out.Press = quotes[len(quotes)-2]
			}
		}
	}
	return out
}

// detoured says when a detour came true: by the trail, and for an outage by what
// was decided while it lasted.
func (s *Stage) detoured(v *view, name string) string {
	from, to := s.faults.Outage()
	for _, e := range v.trail {
		if e.Refusal != nil || e.Index <= s.begun {
			continue
		}
		hit := false
		switch name {
		case page.DetourObserve:
			hit = e.Verb == core.VerbResolve
		case page.DetourSubstitute:
			hit = e.For != ""
		case page.DetourOutage:
			hit = e.Index > from && e.Index <= to
		}
		if hit {
			return es.Past(e.Verb) + " " + e.ByName + ", " + es.Lately(e.At, v.now)
		}
	}
	return ""
}

// detours are the stories that tell a detour.
var detours = map[string]string{
	page.DetourObserve: "observaciones", page.DetourSubstitute: "suplencia", page.DetourOutage: "se_cae_telegram",
}

// detour begins anew with the story of a detour, and plays it.
func (s *Stage) detour(ctx context.Context, name string) error {
	story, ok := detours[name]
	if !ok {
		return fmt.Errorf("detour %q: unknown", name)
	}
	if err := s.reset(ctx, story); err != nil {
		return err
	}
	return s.play(true)
}
