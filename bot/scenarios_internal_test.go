package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/filetype"
)

// mishap is one row of the error catalogue: a text that it says, and how one
// recognizes it in what somebody reads, whatever names and dates it holds.
type mishap struct {
	row   string
	says  string
	shown string // a regular expression
}

// mishaps is the catalogue: each reason for a refusal, what is said of files, of a
// channel that is down, and of a failure of our own.
func mishaps() []mishap {
	now := time.Date(2026, time.November, 23, 10, 45, 0, 0, time.UTC)
	act := core.Act{By: "r", Name: "Elena Cruz", At: now.Add(-3 * time.Minute), For: "x"}
	say := func(no core.Refusal) string {
		no.Kind, no.Mine, no.Act = core.KindRequest, []core.Role{core.RoleRequester}, act
		return es.Refuse(&no, "Instituto de Ejemplo", now)
	}
	release := []core.Role{core.RoleSecretary}
	return []mishap{
		{string(core.Already), say(core.Refusal{Reason: core.Already, Verb: core.VerbRelease, Done: core.VerbRelease}), `^Ya l[ao] \pL+ .* hoy a las `},
		{string(core.Repeated), say(core.Refusal{Reason: core.Repeated, Verb: core.VerbRelease, Done: core.VerbRelease}), `^Ya constaba: usted `},
		{string(core.NotAllowed), say(core.Refusal{Reason: core.NotAllowed, Verb: core.VerbRelease, Roles: release}), `^Solo .* pueden? `},
		{string(core.OwnRequest), say(core.Refusal{Reason: core.OwnRequest, Verb: core.VerbRelease}), `Usted registró esta solicitud; debe liberarla otra persona\.`},
		{string(core.Unknown), say(core.Refusal{Reason: core.Unknown}), `^Este chat todavía no está vinculado a una cuenta de SIDEM\.`},
		{string(core.Stale), say(core.Refusal{Reason: core.Stale}), `^Esta información ya cambió y no se registró nada\.`},
		{string(core.NotFound), say(core.Refusal{Reason: core.NotFound, Value: "147/26"}), `^No encontré la solicitud “`},
		{string(core.Missing), say(core.Refusal{Reason: core.Missing, Field: core.FieldLetterNumber}), `^Faltan? (el|la|los|las) `},
		{string(core.Invalid), say(core.Refusal{Reason: core.Invalid, Field: core.FieldBudgetLine, Value: "31"}), `^No entendí |(es muy (breve|larg[oa])|lleva \d+ dígitos)`},
		{string(core.Ambiguous), say(core.Refusal{Reason: core.Ambiguous, Field: core.FieldAmount, Readings: []string{"1,234.00", "1.23"}}), `^¿Quiso decir `},
		{string(core.Future), say(core.Refusal{Reason: core.Future, Field: core.FieldLetterDate, Value: "2026-11-30"}), `es posterior a hoy\. Revise el día\.`},
		{string(core.NotNow), say(core.Refusal{Reason: core.NotNow, Verb: core.VerbRelease, State: core.StateFiled}), `^En este momento no se puede `},
		{string(core.NoProgram), say(core.Refusal{Reason: core.NoProgram}), `^Falta un requisito`},
		{string(core.WrongCode), say(core.Refusal{Reason: core.WrongCode}), `^El código no corresponde a esta solicitud\.`},
		{string(core.Taken), say(core.Refusal{Reason: core.Taken}), `^Ese dato ya pertenece a otra cuenta o a otro registro\.`},
		{string(core.Suspended), say(core.Refusal{Reason: core.Suspended}), `^Su cuenta está suspendida y no se registró nada\.`},
		{string(core.LastAdmin), say(core.Refusal{Reason: core.LastAdmin}), `^Es la única cuenta que puede administrar SIDEM por un chat`},
		{string(core.NotUndone), say(core.Refusal{Reason: core.NotUndone, Verb: core.VerbUndoRefer, Done: core.VerbAssign}), `^Ya no se puede deshacer`},
		{"file too large", es.FileHeavy(24<<20, 20<<20), `^El archivo pesa \d+ MB; puedo recibir hasta `},
		{"wrong type", es.FileRefused("a.exe", filetype.Unknown), `^Recibí un archivo `},
		{"channel down", es.Delayed([]string{"Lucía Herrera"}), `Su decisión quedó registrada\. El aviso a .* saldrá más tarde`},
		{"internal", es.Internal("7F3K"), `^No pude completar la acción y no se cambió nada\.`},
	}
}

func TestTheCatalogueOfErrorsHoldsEveryReasonInItsOwnWords(t *testing.T) {
	rows := map[string]mishap{}
	for _, m := range mishaps() {
		rows[m.row] = m
	}
	for _, r := range core.Reasons {
		if _, ok := rows[string(r)]; !ok {
			t.Errorf("reason %s has no row", r)
		}
	}
	for _, m := range rows {
		for _, other := range rows {
			if is := regexp.MustCompile(m.shown).MatchString(other.says); is != (m.row == other.row) {
				t.Errorf("%s is recognized as %s: %v: %s", other.row, m.row, is, other.says)
			}
		}
	}
}

// platforms are those on which the whole work can be done.
var platforms = []string{"telegram", "slack"}

// story is one embedded scenario.
type story struct {
	name  string
	lines []bottest.Line
}

func stories(t *testing.T) []story {
	t.Helper()
	var out []story
	for _, name := range bottest.Names() {
		lines, err := bottest.Scenario(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, story{name, lines})
	}
	return out
}

func TestEveryRowOfTheErrorCatalogueIsToldByAScenarioOnBothPlatforms(t *testing.T) {
	all := stories(t)
	for _, m := range mishaps() {
		if m.row == string(core.Taken) {
			continue // of two administrators at one instant: storagetest has that race
		}
		shown := regexp.MustCompile(m.shown)
		for _, platform := range platforms {
			if !slices.ContainsFunc(all, func(s story) bool {
				return slices.ContainsFunc(s.lines, func(l bottest.Line) bool {
					return l.Kind == bottest.Expect && l.On == platform && slices.ContainsFunc(strings.Split(l.Arg, "\n"), shown.MatchString)
				})
			}) {
				t.Errorf("no scenario shows %s on %s", m.row, platform)
			}
		}
	}
}

func TestEveryWordHasItsCommandAndEveryCommandItsWord(t *testing.T) {
	for _, row := range word.All {
		if w, ok := find(row.Name); !ok || w.word != row.Name || w.run == nil && w.form == nil {
			t.Errorf("%s is answered by nothing", row.Name)
		}
	}
	if len(commands) != len(word.All) {
		t.Errorf("%d commands, %d words", len(commands), len(word.All))
	}
}

// elsewhere are words that a platform says in another way: Slack has no /start, and
// no form that waits for one answer to go on.
var elsewhere = map[string]string{"slack /start": "/vincular", "slack /seguir": ""}

func TestEveryCommandIsWrittenAndAnsweredInAScenarioOnBothPlatforms(t *testing.T) {
	all := stories(t)
	for _, row := range word.All {
		for _, platform := range platforms {
			name := row.Name
			if other, ok := elsewhere[platform+" "+name]; ok {
				name = other
			}
			if name == "" {
				continue
			}
			if !slices.ContainsFunc(all, func(s story) bool { return answers(s.lines, platform, name) }) {
				t.Errorf("no scenario writes %s on %s and reads an answer", name, platform)
			}
		}
	}
}

// answers reports whether somebody writes the word on the platform, or presses
// the button that says it, and then reads or fills in something.
func answers(lines []bottest.Line, platform, name string) bool {
	for i, l := range lines {
		if l.On != platform || !says(l, name) {
			continue
		}
		for _, next := range lines[i+1:] {
			if len(next.Who) > 0 && next.On == platform && slices.Contains(next.Who, l.Who[0]) {
				return next.Kind == bottest.Expect || next.Kind == bottest.Do
			}
		}
	}
	return false
}

// says reports whether a line writes a command: with its stroke, behind /sidem, or bare.
func says(l bottest.Line, name string) bool {
	if l.Kind == bottest.Do && name == word.GoOn {
		return l.Arg == fmt.Sprintf("pulsa %q", es.Say(es.ButtonResumeForm))
	}
	if l.Kind != bottest.Say {
		return false
	}
	said, rest := word.Split(l.Arg)
	if said == "/sidem" {
		said, _ = word.Split(rest)
	}
	row, ok := word.Find("/" + strings.TrimPrefix(said, "/"))
	return ok && row.Name == name
}
