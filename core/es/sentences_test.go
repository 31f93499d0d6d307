package es

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

var update = flag.Bool("update", false, "rewrite golden files")

// sentences are what the tables can say, by the table, for a person to read from top to bottom.
type sentences struct{ strings.Builder }

func (b *sentences) under(title string) { _, _ = fmt.Fprintf(b, "\n# %s\n\n", title) }

func (b *sentences) say(name, text string) {
	if text != "" {
		_, _ = fmt.Fprintf(b, "%-28s %s\n", name, strings.ReplaceAll(text, "\n", " / "))
	}
}

func TestEverySentenceOfTheTablesReadsAsTheGoldenFileSays(t *testing.T) {
	var b sentences
	b.WriteString("Every sentence of the tables of core/es, with every verb, field, value and role. Read it aloud when it changes.\n")
	readDeeds(&b)
	readAnswers(&b)
	readRefusals(&b)
	readFields(&b)
	readPhrases(&b)
	path := filepath.Join("testdata", "sentences.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a golden file
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestNoSentenceOfTheTrailLacksAName(t *testing.T) {
	for _, v := range slices.Sorted(maps.Keys(deeds)) {
		bare := Deed(core.Event{Verb: v, By: "a", ByName: "Raúl Ortega Díaz"}, core.Record{}, func(string) string { return "" })
		if strings.ContainsAny(bare, "{}") || bare == "" {
			t.Errorf("%s with nothing known reads %q", v, bare)
		}
		full := Deed(fullEvent(v), fullRecord(), person)
		if strings.Contains(full, "{") || strings.Contains(full, "  ") || strings.HasSuffix(full, ".") {
			t.Errorf("%s reads %q", v, full)
		}
	}
}

func readDeeds(b *sentences) {
	b.under("Bitácora")
	for _, v := range slices.Sorted(maps.Keys(deeds)) {
		seen := map[string]bool{}
		events := []core.Event{fullEvent(v), {Verb: v, ByName: "Raúl Ortega Díaz"}}
		if v == core.VerbLogCall {
			for _, result := range core.Specs[core.FieldCallResult].Choices {
				e := fullEvent(v)
				e.Fields = map[core.Field]string{core.FieldCallResult: result, core.FieldNote: "Con la asistente de la unidad."}
				events = append(events, e)
			}
		}
		for _, e := range events {
			if s := Deed(e, fullRecord(), person); !seen[s] {
				seen[s] = true
				b.say(string(v), s)
			}
		}
	}
	stand := fullEvent(core.VerbRelease)
	stand.ByName, stand.ForName = "Elena Cruz Mora", "Raúl Ortega Díaz"
	b.say("in place of another", Deed(stand, fullRecord(), person))
	for _, v := range slices.Sorted(maps.Keys(imported)) {
		b.say(string(v)+", import", imported[v])
	}
}

func readAnswers(b *sentences) {
	b.under("Respuestas a quien actúa")
	for _, v := range slices.Sorted(maps.Keys(verbs)) {
		b.say(string(v), SavedIn(v, 1, fullRecord(), person))
	}
	for _, result := range core.Specs[core.FieldCallResult].Choices {
		r := core.Record{Calls: []core.Call{{Result: result}}}
		b.say(string(core.VerbLogCall)+", "+result, SavedIn(core.VerbLogCall, 1, r, person))
	}
	b.say("three observations", SavedIn(core.VerbObserve, 3, fullRecord(), person))
	b.say("one is late", Delayed([]string{"Mariana Ríos Téllez"}))
	b.say("many are late", Delayed([]string{"a", "b", "c"}))
	b.under("Preguntas antes de un acto")
	for _, v := range slices.Sorted(maps.Keys(verbs)) {
		if ask, yes := Question(v); verbs[v].Ask != "" {
			b.say(string(v), ask+" ["+yes+"]")
		}
	}
}

func readRefusals(b *sentences) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	act := core.Act{Name: "Elena Cruz Mora", At: now.Add(-78 * time.Minute)}
	b.under("Lo hizo otra persona, o ya constaba")
	for _, lc := range core.Lifecycles {
		for _, row := range lc.Rows {
			no := core.Refusal{Kind: lc.Kind, Verb: row.Verb, Done: row.Verb, Act: act}
			for _, reason := range []core.Reason{core.Already, core.Repeated} {
				no.Reason = reason
				b.say(string(lc.Kind)+" "+string(row.Verb), Refuse(&no, "Instituto de Ejemplo", now))
			}
		}
	}
	b.under("Se hizo de otra manera")
	for _, no := range []core.Refusal{
		{Verb: core.VerbAssign, Done: core.VerbAssign, Other: core.FieldExecutive, Stands: "m", StandsName: "Mariana Ríos Téllez"},
		{Verb: core.VerbAssign, Done: core.VerbAssign, Other: core.FieldExecutive, Stands: "m"},
		{Verb: core.VerbLogCall, Done: core.VerbLogCall, Other: core.FieldCallResult, Stands: core.CallAnswered},
		{Verb: core.VerbReturn, Done: core.VerbReturn, Other: core.FieldReason},
	} {
		no.Kind, no.Act = core.KindRequest, act
		for _, reason := range []core.Reason{core.Already, core.Repeated} {
			no.Reason = reason
			b.say(string(no.Verb), Refuse(&no, "Instituto de Ejemplo", now))
		}
	}
	b.under("No le corresponde, o no ahora")
	for _, row := range core.LifecycleOf(core.KindRequest).Rows {
		no := core.Refusal{Kind: core.KindRequest, Verb: row.Verb, Roles: row.By, Mine: []core.Role{core.RoleAuditor}, State: core.StateIssued}
		if row.Auto || slices.Contains(row.By, core.RoleSystem) {
			continue
		}
		for _, reason := range []core.Reason{core.NotAllowed, core.NotNow} {
			no.Reason = reason
			b.say(string(row.Verb), Refuse(&no, "Instituto de Ejemplo", now))
		}
	}
	b.under("Otras negativas")
	for _, reason := range core.Reasons {
		switch reason { //nolint:exhaustive // those that were read above, and those of fields
		case core.Already, core.Repeated, core.NotAllowed, core.NotNow, core.Missing, core.Invalid, core.Ambiguous:
			continue
		}
		no := core.Refusal{Reason: reason, Kind: core.KindRequest, Verb: core.VerbRelease, Field: core.FieldLetterDate, Value: "2026-11-30"}
		b.say(string(reason), Refuse(&no, "Instituto de Ejemplo", now))
	}
}

func readFields(b *sentences) {
	b.under("Preguntas, ejemplos y lo que falta")
	for _, f := range slices.SortedFunc(maps.Keys(core.Specs), cmp.Compare[core.Field]) {
		b.say(string(f), FieldQuestion(f))
		b.say("", Hint("", f))
		b.say("", Refuse(&core.Refusal{Reason: core.Missing, Field: f}, "", time.Time{}))
		for _, why := range []value.Why{value.WhyForm, value.WhyShort, value.WhyLong} {
			b.say("", Refuse(&core.Refusal{Reason: core.Invalid, Field: f, Value: "x", Why: why}, "", time.Time{}))
		}
		for _, v := range core.Specs[f].Choices {
			b.say("  "+v, Value(v))
		}
	}
	for _, v := range slices.Sorted(maps.Keys(questions)) {
		for _, f := range slices.Sorted(maps.Keys(questions[v])) {
			b.say(string(v)+" "+string(f), Ask(v, f))
		}
	}
}

func readPhrases(b *sentences) {
	b.under("Estados, etapas, perfiles y pendientes")
	for _, lc := range core.Lifecycles {
		for _, s := range lc.States {
			b.say(string(lc.Kind)+" "+string(s), State(lc.Kind, s))
		}
	}
	for _, s := range slices.Sorted(maps.Keys(stages)) {
		b.say("stage "+string(s), stages[s])
	}
	for _, r := range slices.Sorted(maps.Keys(roles)) {
		b.say(string(r), Role(r)+" · "+RoleOf(r))
	}
	for _, d := range slices.Sorted(maps.Keys(duties)) {
		b.say(string(d), Duty(d)+" · Recordatorio: "+Lacks(d))
	}
	b.under("Botones y frases")
	for _, v := range slices.Sorted(maps.Keys(verbs)) {
		b.say(string(v), Button(v))
	}
	for _, v := range slices.Sorted(maps.Keys(forms)) {
		b.say(string(v)+", form", FormTitle(v)+" ["+FormSubmit(v)+"]")
	}
	for _, v := range []core.Verb{core.VerbAnswer, core.VerbResolve, core.VerbAskAgain} {
		b.say(string(v)+" 2", ObservationButton(v, 2))
	}
	all := maps.Clone(phrases)
	maps.Copy(all, commandPhrases)
	for _, p := range slices.Sorted(maps.Keys(all)) {
		b.say(string(p), all[p])
	}
	b.under("Palabras que se escriben")
	for _, w := range slices.Sorted(maps.Keys(help)) {
		b.say(w, help[w])
	}
	b.under("Cuentas y tiempos")
	for _, n := range []int{0, 1, 2} {
		b.say("pending", DutiesTitle(n))
		b.say("age", Age(n))
		for _, late := range []int{0, 1, 2} {
			if late <= n {
				b.say("stage of a board", StageFact(n, late, 14))
			}
		}
		b.say("hands", Held(n, 0))
		b.say("hands", Held(n, 2))
	}
}

func person(account string) string {
	return map[string]string{
		"hector": "Héctor Molina Sáenz", "mariana": "Mariana Ríos Téllez", "elena": "Elena Cruz Mora", "lucia": "Lucía Herrera Campos",
	}[account]
}

func fullRecord() core.Record {
	return core.Record{
		Kind: core.KindRequest, Number: "000147/2026", Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia", Version: 1}},
		Fields: map[core.Field]string{core.FieldHead: "hector", core.FieldExecutive: "mariana", core.FieldPhone: "722 555 0100", core.FieldExtension: "1214"},
	}
}

// fullEvent is an event of verb v that brings every field.
func fullEvent(v core.Verb) core.Event {
	return core.Event{
		Kind: kindOf(v), Verb: v, By: "raul", ByName: "Raúl Ortega Díaz", ForName: titular(v), Files: make([]core.Attachment, 2),
		Fields: map[core.Field]string{
			core.FieldHead: "hector", core.FieldExecutive: "mariana", core.FieldSubstitute: "elena", core.FieldPlatform: "telegram",
			core.FieldOutcome: core.Favorable, core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldFolio: "OP-2231", core.FieldObservation: "2",
			core.FieldOpinionNumber: "DT-0093/2026", core.FieldReceivedBy: "Lucía Herrera Campos", core.FieldCallResult: core.CallAnswered,
			core.FieldReason: "El monto no coincide con los renglones.", core.FieldNote: "Se actualizó la cantidad.", core.FieldMissing: "La cotización está vencida.",
		},
	}
}

func titular(v core.Verb) string {
	if kindOf(v) == core.KindAccount {
		return "Elena Cruz Mora"
	}
	return ""
}

// kindOf is the kind of record that a verb is mostly done upon.
func kindOf(v core.Verb) core.Kind {
	for _, k := range []core.Kind{core.KindRequest, core.KindProgram, core.KindAccount, core.KindAgency} {
		if _, ok := core.LifecycleOf(k).Verb(v); ok {
			return k
		}
	}
	return core.KindRequest
}
