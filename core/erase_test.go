package core_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
)

// erasable is the trail of a request that Lucía Herrera Campos filed, with a refusal and a
// comment of others that name her.
func erasable() (account, request []core.Event) {
	const name, mail = "Lucía Herrera Campos", "lucia.herrera@ejemplo.gob.mx"
	account = core.Seal(core.Record{}, []core.Event{
		{
			Kind: core.KindAccount, Record: "acc0lucia", Verb: core.VerbApply, To: core.StateRequested, By: "sofia", ByName: "Sofía Lara Ponce", At: start, Salt: "s1",
			Fields: map[core.Field]string{core.FieldName: name, core.FieldEmail: mail, core.FieldPhone: "7225550100", core.FieldUser: "lucia.herrera", core.FieldPost: "Jefa de Unidad", core.FieldProfile: "requester"},
		},
		{Kind: core.KindAccount, Record: "acc0lucia", Verb: core.VerbLink, From: core.StateGranted, To: core.StateActive, By: "system", At: start, Fields: map[core.Field]string{core.FieldPlatform: "telegram", core.FieldChat: "1001"}},
	})
	request = core.Seal(core.Record{}, []core.Event{
		{
			Kind: core.KindRequest, Record: "r1", Verb: core.VerbDraft, To: core.StateDraft, By: "acc0lucia", ByName: name, At: start,
			Fields: map[core.Field]string{core.FieldSubject: "Adquisición de computadoras", core.FieldName: name, core.FieldEmail: mail, core.FieldPhone: "7225550100"},
		},
		{Kind: core.KindRequest, Record: "r1", Verb: core.VerbFile, From: core.StateDraft, To: core.StateFiled, By: "acc0lucia", ByName: name, At: start, Number: "000001/2026"},
		{
			Kind: core.KindRequest, Record: "r1", Verb: core.VerbRelease, From: core.StateFiled, To: core.StateFiled, By: "raul", ByName: "Raúl", At: start,
			Refusal: &core.Refusal{Reason: core.Already, Act: core.Act{By: "acc0lucia", Name: name}},
		},
		{
			Kind: core.KindRequest, Record: "r1", Verb: core.VerbComment, From: core.StateFiled, To: core.StateFiled, By: "raul", ByName: "Raúl", At: start,
			Fields: map[core.Field]string{core.FieldNote: "Lo vi con Lucía Herrera Campos, escriban a " + mail + "."},
		},
		{
			Kind: core.KindRequest, Record: "r1", Verb: core.VerbComment, From: core.StateFiled, To: core.StateFiled, By: "raul", ByName: "Raúl", At: start,
			Fields: map[core.Field]string{core.FieldNote: "Lucía Herrera Camposanto es otra persona."},
		},
	})
	return account, request
}

// blackedOut is a trail without the person, with the event that vouches for it.
func blackedOut(account, trail []core.Event) []core.Event {
	after, _, erased := core.Erase(trail, core.SubjectOf("acc0lucia", account).Black)
	r := core.Fold(after)
	return append(after, core.Seal(r, []core.Event{core.Erased(r, core.VerbRedact, erased, start)})...)
}

func TestAnErasedPersonIsNamedNowhereAndWhatTheyDidStays(t *testing.T) {
	account, request := erasable()
	for name, trail := range map[string][]core.Event{"the account": account, "a request": request} {
		after := blackedOut(account, trail)
		body, err := json.Marshal(append([]any{core.Fold(after)}, any(after)))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(body), "Lucía Herrera Camposanto", "")
		for _, gone := range []string{"Herrera", "7225550100", "lucia.herrera", `"1001"`, "Jefa de Unidad", `"s1"`} {
			if strings.Contains(text, gone) {
				t.Errorf("%s still says %s:\n%s", name, gone, text)
			}
		}
		if at := core.Verify(after); at != 0 {
			t.Errorf("%s: the chain does not hold at %d", name, at)
		}
		for i, e := range trail {
			if after[i].Hash != e.Hash || after[i].Verb != e.Verb || after[i].By != e.By || !after[i].At.Equal(e.At) {
				t.Errorf("%s: event %d is another: %+v", name, e.Seq, after[i])
			}
		}
		if _, _, again := core.Erase(after, core.SubjectOf("acc0lucia", account).Black); len(again) > 0 {
			t.Errorf("%s: erased again, %d events change", name, len(again))
		}
	}
	after := blackedOut(account, request)
	if got := after[0].Fields[core.FieldSubject]; got != "Adquisición de computadoras" {
		t.Errorf("the subject became %q", got)
	}
	if after[4].Hash != request[4].Hash || after[4].Fields[core.FieldNote] != request[4].Fields[core.FieldNote] {
		t.Error("the comment about somebody else was changed")
	}
}

func TestAnEventThatWasBlackedOutCannotBeChangedAnyFurther(t *testing.T) {
	account, request := erasable()
	sound := blackedOut(account, request)
	for name, change := range map[string]func([]core.Event){
		"who did it":            func(e []core.Event) { e[1].By = "raul" },
		"a field that was left": func(e []core.Event) { e[0].Fields[core.FieldSubject] = "Otra cosa" },
		"its hash":              func(e []core.Event) { e[0].Hash = e[1].Hash },
		"what vouches for it":   func(e []core.Event) { e[len(e)-1].Erased[0].Left = e[1].Sum() },
		"one that was not":      func(e []core.Event) { e[4].Fields[core.FieldNote] = "Otra cosa" },
		"nothing vouches":       func(e []core.Event) { e[len(e)-1].Erased = nil },
	} {
		trail := blackedOut(account, request)
		change(trail)
		if core.Verify(trail) == 0 {
			t.Errorf("%s changed, and the chain holds", name)
		}
		if n := len(auditOf(trail).Faults); n == 0 {
			t.Errorf("%s changed, and the audit finds nothing", name)
		}
	}
	a := auditOf(sound)
	if len(a.Faults) > 0 || a.Erased != 4 {
		t.Errorf("%d were blacked out, faults: %v", a.Erased, a.Faults)
	}
}

// auditOf audits a trail of one record, whose record is kept as the trail has it.
func auditOf(trail []core.Event) *core.Audit {
	var a core.Audit
	for i, e := range trail {
		e.Index = i + 1
		a.Event(e)
	}
	a.Record(core.Fold(trail))
	a.Close()
	return &a
}

func TestADraftThatWasThrownAwayKeepsNothingOfWhatWasInIt(t *testing.T) {
	_, request := erasable()
	after, _, _ := core.Erase(request[:1], core.BlackDraft)
	e := after[0]
	if e.ByName != "" || e.Fields != nil || e.Items != nil || e.Files != nil || e.By != "acc0lucia" || e.Hash != request[0].Hash {
		t.Errorf("%+v", e)
	}
}

func TestAnErasedPersonIsNamedInNoWayOfWritingTheirWholeName(t *testing.T) {
	account, _ := erasable()
	person := core.SubjectOf("acc0lucia", account)
	for text, want := range map[string]string{
		"Vino LUCÍA HERRERA CAMPOS por el oficio":       "Vino Persona acc0lu por el oficio",
		"lucia herrera campos":                          "Persona acc0lu",
		"Herrera Campos, Lucía; y Raúl":                 "Persona acc0lu; y Raúl",
		"HERRERA CAMPOS LUCIA":                          "Persona acc0lu",
		"de Lucía\nHerrera  Campos.":                    "de Persona acc0lu.",
		"Luci\u0301a Herrera Campos":                    "Persona acc0lu",
		"Lucia.Herrera@Ejemplo.gob.mx":                  "Persona acc0lu",
		"(Lucía Herrera Campos, Herrera Campos, Lucía)": "(Persona acc0lu, Persona acc0lu)",
		// These may be others', and stay.
		"Lucía Herrera Camposanto": "Lucía Herrera Camposanto",
		"la licenciada Herrera":    "la licenciada Herrera",
		"Lucía Herrera":            "Lucía Herrera",
		"Ana Lucía Herrera":        "Ana Lucía Herrera",
	} {
		got, hit := person.Hide(text)
		if got != want || hit != (want != text) {
			t.Errorf("%q becomes %q (%t), want %q", text, got, hit, want)
		}
		if again, hit := person.Hide(got); again != got || hit {
			t.Errorf("%q is hidden once more: %q", got, again)
		}
	}
}

func TestAPersonIsFoundInEveryWritingOfTheirNameMailAndTelephone(t *testing.T) {
	account, _ := erasable()
	p := core.SubjectOf("acc0lucia", account)
	for _, s := range []string{
		"Lucía Herrera Campos", "LUCIA-HERRERA-CAMPOS", "lucia_herrera_campos.pdf", "Herrera Campos, Lucía", "Campos/Lucía/Herrera", "Lucía\u200b Herrera–Campos",
		"Ｌｕｃｉａ Herrera Campos", "Luciа Herrera Campos", "Lucía; Herrera; Campos", "ＬＵＣＩＡ.HERRERA@ejemplo.gob.mx", "lucia.herrera@EJEMPLO.gob.mx",
		"7225550100", "722 555 0100", "722-555-01-00", "(722) 555.0100", "+52 722 555 0100", "+5217225550100", "52-1-722-555-0100", "７２２ ５５５ ０１００", "722\u00a0555\u20110100", "al 3, 722 555 0100",
	} {
		if hidden, hit := p.Hide("Diga a " + s + " que venga"); !hit || strings.ContainsAny(hidden, "0555") && strings.Contains(hidden, "0100") || strings.Contains(strings.ToLower(hidden), "herrera") {
			t.Errorf("%q becomes %q", s, hidden)
		}
		if again, hit := p.Hide(p.Alias + " y nadie"); hit {
			t.Fatalf("the alias becomes %q", again)
		}
	}
	for _, s := range []string{"Lucía Herrera Camposanto", "Lucía Herrera", "722 555 0101", "7.225.550,99", "campos de la tabla", "folio 7225, renglones 55 y 01, hoja 00"} {
		if hidden, hit := p.Hide(s); hit {
			t.Errorf("%q becomes %q", s, hidden)
		}
	}
}
