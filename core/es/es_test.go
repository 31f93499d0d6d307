package es

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func TestEveryWordOfTheTablesIsThere(t *testing.T) {
	for _, lc := range core.Lifecycles {
		for _, s := range lc.States {
			if State(lc.Kind, s) == "" {
				t.Errorf("state %s of %s has no label", s, lc.Kind)
			}
		}
		for _, row := range lc.Rows {
			w, ok := verbs[row.Verb]
			if !ok || w.Button == "" || w.Past == "" || w.Did == "" || len(deeds[row.Verb]) == 0 {
				t.Errorf("verb %s lacks words: %+v", row.Verb, w)
			}
			if !row.Auto && row.Verb != core.VerbLink && row.Verb != core.VerbMailed && w.Saved == "" {
				t.Errorf("verb %s has no answer", row.Verb)
			}
			for _, f := range slices.Concat(row.Needs, row.Asks) {
				if Field(f) == "" || FieldQuestion(f) == "" || FieldExample(f) == "" {
					t.Errorf("field %s lacks words", f)
				}
				for _, v := range core.Specs[f].Choices {
					if Value(v) == v {
						t.Errorf("value %s of %s has no label", v, f)
					}
				}
			}
		}
	}
	for _, r := range append(slices.Clone(core.Roles), core.RoleSystem) {
		if Role(r) == "" || RoleOf(r) == "" {
			t.Errorf("role %s has no name", r)
		}
	}
	for f := range core.Specs {
		if articles[f] == "" {
			t.Errorf("field %s has no article", f)
		}
	}
	for d := range core.DefaultTargets {
		if Duty(d) == "" {
			t.Errorf("duty %s has no words", d)
		}
	}
}

func TestEveryRefusalHasItsOwnSentence(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, reason := range core.Reasons {
		no := &core.Refusal{
			Reason: reason, Verb: core.VerbRelease, Kind: core.KindRequest, State: core.StateFiled, Field: core.FieldLetterDate,
			Value: "2026-11-30", Roles: []core.Role{core.RoleSecretary}, Done: core.VerbRelease,
			Act: core.Act{Name: "Elena Cruz", At: now, For: "x"},
		}
		if s := Refuse(no, "Instituto de Ejemplo", now); s == "" || s == Internal("") {
			t.Errorf("reason %s has no sentence of its own", reason)
		}
	}
}

func TestRefusalsReadAsTheCatalogueSays(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := time.Date(2026, 11, 23, 10, 42, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		no   core.Refusal
		want string
	}{
		"decided by another": {
			core.Refusal{Reason: core.Already, Done: core.VerbRelease, Act: core.Act{Name: "Elena Cruz", For: "raul", At: at}},
			"Ya la liberó Elena Cruz hoy a las 10:42 h, en suplencia. No necesita hacer nada.",
		},
		"same person again": {
			core.Refusal{Reason: core.Repeated, Done: core.VerbRelease, Act: core.Act{At: at}},
			"Ya constaba: usted liberó la solicitud hoy a las 10:42 h. No se registró de nuevo.",
		},
		"not allowed": {
			core.Refusal{Reason: core.NotAllowed, Verb: core.VerbRelease, Roles: []core.Role{core.RoleSecretary}, Mine: []core.Role{core.RoleRequester}},
			"Solo la Secretaría Técnica (Instituto de Ejemplo) o su suplente pueden liberarla. Usted tiene el perfil de Solicitante. No se cambió nada.",
		},
		"own request": {
			core.Refusal{Reason: core.OwnRequest, Verb: core.VerbRelease},
			"Usted registró esta solicitud; debe liberarla otra persona.",
		},
		"missing field": {
			core.Refusal{Reason: core.Missing, Field: core.FieldLetterNumber},
			"Falta el número de oficio. Escríbalo como aparece en el documento. Por ejemplo: “IE/ST/0412/2026”.",
		},
		"future date": {
			core.Refusal{Reason: core.Future, Field: core.FieldLetterDate, Value: "2026-11-30"},
			"La fecha del oficio (30 de noviembre) es posterior a hoy. Revise el día.",
		},
	} {
		if diff := cmp.Diff(c.want, Refuse(&c.no, "Instituto de Ejemplo", now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// forbidden are the words of the house style that nobody is told: no emoji, no
// exclamation, no tú, no legal terms.
var forbidden = regexp.MustCompile(`(?i)[¡!]|\b(tú|tu|tus|contigo|puedes|tienes|debes|haz|urgente|plazo|vencido|rechazad[oa]|email|mail|link|password|click|tarjeta|versión|servidor|cargado|reloj|detenid[oa]s?|pulse|toque)\b|[«»]`)

func TestNoTextBreaksTheVoiceOfTheHouse(t *testing.T) {
	var texts []string
	for _, w := range verbs {
		texts = append(texts, w.Button, w.Past, w.La, w.Did, w.Ask, w.Yes, w.Saved)
	}
	for _, w := range fields {
		texts = append(texts, w.Label, w.Question, w.Example)
	}
	for _, m := range states {
		texts = slices.AppendSeq(texts, maps.Values(m))
	}
	for _, sentences := range deeds {
		texts = append(texts, sentences...)
	}
	texts = slices.AppendSeq(texts, maps.Values(phrases))
	texts = slices.AppendSeq(texts, maps.Values(lacks))
	texts = slices.AppendSeq(texts, maps.Values(doings))
	texts = slices.AppendSeq(texts, maps.Values(commandPhrases))
	texts = slices.AppendSeq(texts, maps.Values(stages))
	texts = slices.AppendSeq(texts, maps.Values(help))
	texts = slices.AppendSeq(texts, maps.Values(values))
	texts = slices.AppendSeq(texts, maps.Values(duties))
	if len(texts) < 300 {
		t.Fatalf("only %d texts were looked at", len(texts))
	}
	for _, s := range texts {
		if m := forbidden.FindString(s); m != "" {
			t.Errorf("%q says %q", s, m)
		}
		if i := strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.So, r) || r > 0x1F000 }); i >= 0 {
			t.Errorf("%q has a symbol", s)
		}
	}
}

func TestDatesReadAsPeopleSayThem(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 5, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{Day(core.DateOf(at)), "23 de noviembre de 2026"},
		{Weekday(core.DateOf(at)), "lunes 23 de noviembre de 2026"},
		{Hour(at), "10:05 h"},
		{Moment(at), "23 de noviembre de 2026, 10:05 h"},
		{Lately(at, at.Add(time.Hour)), "hoy a las 10:05 h"},
		{Lately(at, at.Add(24*time.Hour)), "ayer a las 10:05 h"},
		{Period("2026-11-23", "2026-11-27"), "del 23 al 27 de noviembre de 2026"},
		{Period("2026-11-30", "2026-12-04"), "del 30 de noviembre al 4 de diciembre de 2026"},
		{Period("2026-12-28", "2027-01-08"), "del 28 de diciembre de 2026 al 8 de enero de 2027"},
		{Period("2026-11-23", "2026-11-23"), "el 23 de noviembre de 2026"},
		{quantity(core.Item{Quantity: value.Units(20), Unit: "pieza"}), "20 piezas"},
		{quantity(core.Item{Quantity: value.Units(12), Unit: "mes"}), "12 meses"},
		{quantity(core.Item{Quantity: value.Units(1), Unit: "pieza"}), "1 pieza"},
		{Weight(48 << 10), "48 kB"},
		{Weight(3<<20 + 200<<10), "3.2 MB"},
		{WorkingDays(1), "1 día hábil"},
		{WorkingDays(10), "10 días hábiles"},
		{Money("1234567.5"), "$1,234,567.50"},
		{Money("950"), "$950.00"},
		{List([]string{"a", "b", "Irene"}), "a, b e Irene"},
		{List([]string{"“Marca”", "“IVA”"}), "“Marca” e “IVA”"},
		{List([]string{"a", "«Índice»"}), "a e «Índice»"},
		{List([]string{"a", "hijo"}), "a e hijo"},
		{List([]string{"a", "“Híbrido”"}), "a e “Híbrido”"},
		{List([]string{"agua", "hielo"}), "agua y hielo"},
		{List([]string{"a", "“IEPS”"}), "a y “IEPS”"},
		{List([]string{"a", "iónico"}), "a y iónico"},
		{List([]string{"a", "yodo"}), "a y yodo"},
		{List([]string{"a", "i"}), "a e i"},
		{List([]string{"a", "“”"}), "a y “”"},
		{Either([]string{"a", "otra"}), "a u otra"},
		{Either([]string{"a", "“Óptica”"}), "a u “Óptica”"},
		{Either([]string{"minuto", "hora"}), "minuto u hora"},
		{Either([]string{"a", "huella"}), "a o huella"},
		{Code("483920"), "483 920"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWhatMustBeDeliveredIsToldUntilAnObservationIsSettledAndEverInTheDetail(t *testing.T) {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	lucia := core.Record{Kind: core.KindAccount, ID: "lucia", State: core.StateActive, Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	filed := map[core.Verb]core.Act{core.VerbFile: {By: "lucia"}}
	s := core.Scene{Viewer: lucia, Record: core.Record{Kind: core.KindRequest, Agency: "IE", Acts: filed, State: core.StateAssigned, Observations: []core.Observation{
		{N: 1, Section: "annexes", Missing: "No hay carta.", Deliver: "La carta firmada.", Answer: "Va la carta.", Answered: at, Resolved: at, Files: make([]core.Attachment, 1)},
		{N: 2, Section: "items", Missing: "No hay precio.", Deliver: "El precio.", Answer: "Es de 20.", Answered: at},
	}}, Now: at}
	answered := "Observación 2 · Renglones. No hay precio.\nEntregue: El precio.\nRespuesta: Es de 20."
	if diff := cmp.Diff([]string{"Observación 1 · Anexos. Solventada.", answered}, Tell(s).Text); diff != "" {
		t.Errorf("the card (-want +got):\n%s", diff)
	}
	detail, _ := Detail(s, 0)
	settled := "Observación 1 · Anexos. No hay carta.\nEntregue: La carta firmada.\nRespuesta: Va la carta. (1 archivo)\nSolventada."
	if diff := cmp.Diff([]string{settled, answered}, detail.Text); diff != "" {
		t.Errorf("the detail (-want +got):\n%s", diff)
	}
	s.Viewer = core.Record{Kind: core.KindAccount, ID: "mariana"}
	if got := Tell(s).Text[1]; !strings.Contains(got, "\nDebe entregar: El precio.") {
		t.Errorf("who asked for it is told to deliver it: %q", got)
	}
}
