package form_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

var now = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// failer is a test, or a check of one.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// chat is a form as a person without modals fills it in.
type chat struct {
	t    failer
	d    form.Draft
	f    card.Form
	last form.Effect
	acts int
}

// asked is a form of a verb on a record, begun in a chat.
func asked(t failer, r core.Record, v core.Verb) *chat {
	return &chat{t: t, d: form.Draft{ID: "f1", Kind: r.Kind, Verb: v, Record: r.ID}, f: questions(r, v)}
}

func questions(r core.Record, v core.Verb) card.Form {
	if r.State == core.None {
		must, may := core.Needs(r.Kind, v, core.None)
		return card.FormFor(v, "", must, may, core.Scene{Record: r, Now: now}, nil)
	}
	return card.FormOf(core.Scene{Record: r, Now: now}, "", v, nil)
}

func (c *chat) do(e form.Event) { c.again(fmt.Sprint("tg:", c.acts+1), e) }

func (c *chat) again(id string, e form.Event) {
	c.acts++
	c.d, c.last = form.Step(c.d, c.f, form.Act{ID: id, From: "telegram:" + id, On: "telegram", Place: c.d.Placed(c.f).Place(c.f), Event: e}, now)
}

func (c *chat) say(text string) { c.t.Helper(); c.do(form.Words{Text: text}) }

// at fails unless what is open is the question for a field, or nothing is.
func (c *chat) at(f core.Field) {
	c.t.Helper()
	q, _ := c.d.Asks(c.f)
	if q.Field != f {
		c.t.Fatalf("the question for %q is open, and not for %q: %+v", q.Field, f, c.d)
	}
}

func (c *chat) value(f core.Field, want string) {
	c.t.Helper()
	if got := c.d.Answers[f].Value; got != want {
		c.t.Errorf("%s is %q, want %q", f, got, want)
	}
}

// card is what the person reads.
func (c *chat) card() card.Card {
	out, _ := form.Card(c.d, c.f, func(t card.Token) string { return t.Word + "." + t.Arg }, now)
	return out
}

func filed() core.Record {
	return core.Record{Kind: core.KindRequest, ID: "r1", State: core.StateFiled, Fields: map[core.Field]string{}}
}

func returned() core.Record {
	return core.Record{
		Kind: core.KindRequest, ID: "r1", Agency: "IE", Acts: map[core.Verb]core.Act{core.VerbFile: {By: "a"}}, State: core.StateReturned, Number: "000001/2026",
		Fields: map[core.Field]string{
			core.FieldSubject: "Adquisición de 20 computadoras", core.FieldProcurement: "purchase", core.FieldCategory: "equipment,software",
			core.FieldJustification: "El equipo actual\n\nya no recibe actualizaciones.", core.FieldBudgetLine: "5151",
			core.FieldFunding: "Recursos estatales", core.FieldAmount: "503440.00", core.FieldMultiYear: core.No, core.FieldProject: "P-03 Renovación",
		},
		Items: items(2),
	}
}

func blank() core.Record { return core.Record{Kind: core.KindRequest} }

func TestAnAnswerOpensTheNextQuestionAndTheLastOneTheSummary(t *testing.T) {
	c := asked(t, filed(), core.VerbSendLetter)
	c.say("IE/ST/0412/2026")
	c.at(core.FieldLetterDate)
	c.say("hoy")
	c.value(core.FieldLetterDate, "2026-11-23")
	c.at(core.FieldFiles)
	c.do(form.GoOn)
	if c.d.Stage != form.Reviewing {
		t.Fatalf("%+v", c.d)
	}
	c.do(form.Send)
	if c.last.Do != form.Give {
		t.Fatalf("%+v", c.last)
	}
	got := form.Command(c.d, c.f)
	if diff := cmp.Diff(map[core.Field]string{core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldLetterDate: "2026-11-23"}, got.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotTheAnswerLeavesTheQuestionOpenAndSaysWhy(t *testing.T) {
	for name, tc := range map[string]struct {
		event form.Event
		says  string
	}{
		"too short":          {form.Words{Text: "no"}, "al menos 10 letras"},
		"a sticker":          {form.Unread{Problem: "No pude leer la calcomanía."}, "No pude leer la calcomanía."},
		"a file":             {form.Files{Problem: es.Say(es.NoFileNow)}, "esta pregunta se contesta por escrito"},
		"an option":          {form.Choice{Value: "x"}, "ya no está disponible"},
		"to go on without":   {form.GoOn, "Falta el motivo"},
		"a field to correct": {form.Jump{Field: core.FieldReason}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := asked(t, filed(), core.VerbReturn)
			c.do(tc.event)
			c.at(core.FieldReason)
			if c.last.Do != form.Ask || !strings.Contains(strings.Join(c.card().Text, "\n"), tc.says) || len(c.d.Answers) > 0 {
				t.Errorf("%+v\n%v", c.d, c.card().Text)
			}
		})
	}
}

func TestAnInputThatComesAgainLeadsToTheSameAgainWhateverIsOpen(t *testing.T) {
	c := asked(t, blank(), core.VerbDraft)
	c.again("tg:a", form.Words{Text: "corto"})
	c.again("tg:b", form.Words{Text: "Adquisición de 20 computadoras"})
	c.do(form.Choice{Value: "purchase"})
	c.do(form.Choice{Value: "equipment"})
	c.do(form.GoOn)
	before := c.d
	for _, id := range []string{"tg:a", "tg:b"} {
		c.again(id, form.Words{Text: "Otra cosa que se escribió antes"})
		if diff := cmp.Diff(before, c.d); diff != "" || c.last.Do != form.Ask {
			t.Errorf("%s changed the form, or said %q:\n%s", id, c.last.Do, diff)
		}
	}
	done := c.d.Given("Quedó guardado.", "telegram")
	if _, effect := form.Step(done, c.f, form.Act{ID: "tg:b", Event: form.Words{Text: "x"}}, now); effect.Do != form.Close {
		t.Errorf("after the end it is %q", effect.Do)
	}
	next := done.Begin(form.Draft{ID: "f2", Verb: core.VerbDraft, Kind: core.KindRequest}, "telegram", "tg:z")
	if after, effect := form.Step(next, c.f, form.Act{ID: "tg:b", Event: form.Words{Text: "Adquisición de otra cosa"}}, now); effect.Do != form.Ask || len(after.Answers) > 0 {
		t.Errorf("the next form took an answer of the one before: %+v", after)
	}
}

func TestWordsAfterTheEndOfAFormAreMeantForSomethingElse(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.do(form.Discard)
	if c.last.Do != form.Close || c.d.Done == "" {
		t.Fatalf("%+v", c.d)
	}
	if c.say("147"); c.last.Do != form.Nothing {
		t.Errorf("%+v", c.last)
	}
}

func TestWordsWhereAButtonIsAskedForAreNotTakenAndItIsSaid(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.say("El monto no coincide con los renglones.")
	c.say("sí, envíelo")
	if c.d.Stage != form.Reviewing || c.card().Text[0] != es.Say(es.ChooseBelow) {
		t.Errorf("%+v", c.card().Text)
	}
}

func TestTheEditOfAnAnswerCountsWhileTheFormIsOpen(t *testing.T) {
	c := asked(t, filed(), core.VerbSendLetter)
	c.again("tg:1", form.Words{Text: "IE/ST/0412/2025"})
	edit := func(from, text string) {
		c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "tg:e" + text, From: from, Event: form.Amended{Text: text}}, now)
	}
	edit("telegram:tg:1", "IE/ST/0412/2026")
	c.value(core.FieldLetterNumber, "IE/ST/0412/2026")
	c.at(core.FieldLetterDate)
	if got := c.card().Text[0]; !strings.Contains(got, "IE/ST/0412/2026") {
		t.Errorf("it says %q", got)
	}
	edit("telegram:tg:1", "x")
	c.value(core.FieldLetterNumber, "IE/ST/0412/2026")
	if got := c.card().Text[0]; !strings.Contains(got, "no se tomó") {
		t.Errorf("it says %q", got)
	}
	if edit("telegram:other", "147"); c.last.Do != form.Nothing {
		t.Errorf("the edit of another message is %q", c.last.Do)
	}
}

func TestTheEditOfWhatWasRefusedIsAnotherTry(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.again("tg:1", form.Words{Text: "corto"})
	c.d, _ = form.Step(c.d, c.f, form.Act{ID: "tg:2", From: "telegram:tg:1", Event: form.Amended{Text: "El monto no coincide."}}, now)
	c.value(core.FieldReason, "El monto no coincide.")
}

func TestTheEditOfAPartOfATextIsNotTaken(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.again("tg:1", form.Words{Text: strings.Repeat("El monto no coincide. ", 10), Parts: 2})
	c.d, _ = form.Step(c.d, c.f, form.Act{ID: "tg:2", From: "telegram:tg:1", Event: form.Amended{Text: "El monto no coincide, y más."}}, now)
	if got := c.d.Answers[core.FieldReason].Value; !strings.HasPrefix(got, "El monto no coincide. El monto") {
		t.Errorf("it is %q", got)
	}
}

func TestACorrectionAsksOnlyForWhatIsChosenAndProposesWhatWasChanged(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	c.do(form.Jump{Field: core.FieldAmount})
	c.at(core.FieldAmount)
	c.say("429200")
	c.do(form.Jump{Field: core.FieldSubject})
	c.do(form.GoOn) // left as it is
	c.do(form.Jump{Field: core.FieldNote})
	c.at(core.FieldNote)
	c.do(form.GoOn)
	c.do(form.GoOn) // the fields to choose from are the summary
	if c.last.Do != form.Give {
		t.Errorf("it leads to %q", c.last.Do)
	}
	got := form.Command(c.d, c.f)
	want := map[core.Field]string{core.FieldAmount: got.Fields[core.FieldAmount], core.FieldNote: "Se corrigió lo siguiente: monto estimado con IVA."}
	if diff := cmp.Diff(want, got.Fields); diff != "" || len(got.Items) > 0 {
		t.Error(diff, got.Items)
	}
}

func TestAFormIsNotSentWithoutWhatItCannotDoWithout(t *testing.T) {
	c := asked(t, filed(), core.VerbSendLetter)
	c.say("IE/ST/0412/2026")
	c.d.Stage = form.Reviewing
	c.do(form.Send)
	c.at(core.FieldLetterDate)
	c.say("23/11/2026")
	if c.d.Stage != form.Reviewing {
		t.Errorf("it does not go back to the summary: %+v", c.d)
	}
}

func TestARefusalAboutAFieldOpensItsQuestionAndTheNextTryIsAnotherAct(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.say("El monto no coincide con los renglones.")
	c.do(form.Send)
	first := form.Command(c.d, c.f).Once
	d, ok := form.Refused(c.d, c.f, &core.Refusal{Reason: core.Invalid, Field: core.FieldReason}, "No.")
	if !ok {
		t.Fatal("it is about no field")
	}
	c.d = d
	c.at(core.FieldReason)
	c.do(form.GoOn)
	c.do(form.Send)
	if again := form.Command(c.d, c.f).Once; again == first {
		t.Error("it is the same act again")
	}
	if _, ok := form.Refused(c.d, c.f, &core.Refusal{Reason: core.NotNow}, "No."); ok {
		t.Error("a refusal about no field opens a question")
	}
}

func TestTheSameAnswersAreTheSameAct(t *testing.T) {
	once := func() string {
		c := asked(t, filed(), core.VerbSendLetter)
		c.say("IE/ST/0412/2026")
		c.say("hoy")
		return form.Command(c.d, c.f).Once
	}
	if first, second := once(), once(); first != second {
		t.Error("they are not")
	}
}

func persons(n int) []card.Option {
	var out []card.Option
	for i := range n {
		out = append(out, card.Option{Label: fmt.Sprintf("Persona %03d de Ejemplo", i), Value: fmt.Sprint("p", i)})
	}
	return append(out, card.Option{Label: "Elena Cruz Mora", Value: "p-elena"}, card.Option{Label: "Elena Ruiz", Value: "p-ruiz"})
}

func substitution(t failer, n int) *chat {
	c := asked(t, core.Record{Kind: core.KindAccount, ID: "a1", State: core.StateActive}, core.VerbSubstitute)
	c.f.Questions[0].Options = persons(n)
	c.f.Questions[0].Typed = n > card.MaxListed
	return c
}

func TestOfManyOptionsSomeAreShownAndTheOthersAreFoundByTheirNames(t *testing.T) {
	c := substitution(t, 130)
	rows := c.card().Rows
	if n := len(rows); n > 25 || rows[n-1][0].Label != es.Say(es.ButtonLater) || rows[n-1][1].Label != es.Say(es.ButtonDrop) {
		t.Fatalf("%d rows, the last %+v", n, rows[n-1])
	}
	if got := strings.Join(c.card().Text, "\n"); !strings.Contains(got, "20 de 132") {
		t.Errorf("the cut is not said: %s", got)
	}
	c.say("elena")
	c.at(core.FieldSubstitute)
	if got := c.card().Rows[:2]; got[0][0].Label != "Elena Cruz Mora" || got[1][0].Label != "Elena Ruiz" {
		t.Errorf("%+v", got)
	}
	c.say("elena cr")
	c.at(core.FieldFromDate)
	c.value(core.FieldSubstitute, "p-elena")
	c = substitution(t, 130)
	c.say("zzz")
	c.at(core.FieldSubstitute)
	if got := c.card().Text[0]; !strings.Contains(got, "No encontré “zzz”") {
		t.Errorf("it says %q", got)
	}
}

func TestAnOptionThatIsNotOfferedAnyMoreIsNotTaken(t *testing.T) {
	c := substitution(t, 3)
	c.f.Questions[0].Options = c.f.Questions[0].Options[1:]
	c.do(form.Choice{Value: "p0"})
	c.at(core.FieldSubstitute)
	c.do(form.Choice{Value: "p1"})
	c.value(core.FieldSubstitute, "p1")
}

func TestFilesThatComeAtAnotherQuestionAreKeptAndTheirWordsAnswerIt(t *testing.T) {
	pdf := core.Attachment{Name: "carta.pdf", Hash: "h"}
	r := filed()
	r.State, r.Observations = core.StateObserved, []core.Observation{{N: 1}}
	c := asked(t, r, core.VerbAnswer)
	c.d.Preset = map[core.Field]string{core.FieldObservation: "1"}
	c.f = card.FormOf(core.Scene{Record: r, Now: now}, "", core.VerbAnswer, c.d.Preset)
	if form.Wants(c.d, c.f) != form.ForUpload {
		t.Fatal("it wants no files")
	}
	c.do(form.Files{Kept: []core.Attachment{pdf}})
	c.at(core.FieldAnswer)
	if got := c.card().Text[1]; !strings.Contains(got, "carta.pdf") {
		t.Errorf("it says %q", got)
	}
	c.do(form.Files{Kept: []core.Attachment{pdf}, Caption: "Se adjunta la carta."})
	c.value(core.FieldAnswer, "Se adjunta la carta.")
	if n := len(c.d.Answers[core.FieldFiles].Files); n != 1 {
		t.Errorf("the same file is there %d times", n)
	}
}

func TestTheWordsUnderFilesThatNoFieldTakesAreSaidNotToBeKept(t *testing.T) {
	c := asked(t, filed(), core.VerbAttach)
	c.do(form.Files{Kept: []core.Attachment{{Name: "a.pdf", Hash: "h"}}, Caption: "la que faltaba"})
	if got := c.card().Text[0]; got != es.Say(es.CaptionNotKept) {
		t.Errorf("it says %q", got)
	}
}

func TestTheWordsUnderFilesAreUsedOrSaidNotToBe(t *testing.T) {
	const words, wrong = "El monto no coincide con los renglones.", "El archivo “b.exe” no se recibió."
	lost, good := es.Say(es.CaptionLost), []core.Attachment{{Name: "a.pdf", Hash: "h"}}
	answering := filed()
	answering.State, answering.Observations = core.StateObserved, []core.Observation{{N: 1}}
	for name, tc := range map[string]struct {
		record core.Record
		verb   core.Verb
		at     core.Field
		way    form.Way
		sent   form.Files
		opens  core.Field // the question that is open then
		used   core.Field // that the words are the answer to
		says   []string
	}{
		"a file that is not kept":        {filed(), core.VerbAttach, core.FieldFiles, form.InOrder, form.Files{Problem: wrong}, core.FieldFiles, "", []string{wrong, lost}},
		"where no file is wanted":        {filed(), core.VerbReturn, core.FieldReason, form.InOrder, form.Files{Problem: es.Say(es.NoFileNow)}, core.FieldReason, "", []string{"por escrito", lost}},
		"a spreadsheet":                  {returned(), core.VerbDraft, core.FieldItems, form.InOrder, form.Files{Items: items(2)}, core.FieldJustification, "", []string{lost}},
		"a spreadsheet that is the last": {returned(), core.VerbAmend, core.FieldItems, form.Lacking, form.Files{Items: unpriced(3)}, core.FieldItems, "", []string{lost}},
		"files some of which are kept":   {filed(), core.VerbAttach, core.FieldFiles, form.InOrder, form.Files{Kept: good, Problem: wrong}, core.FieldFiles, "", []string{"a.pdf", wrong, es.Say(es.CaptionNotKept)}},
		"such files at a question":       {answering, core.VerbAnswer, core.FieldAnswer, form.InOrder, form.Files{Kept: good, Problem: wrong}, core.FieldFiles, core.FieldAnswer, []string{"a.pdf", wrong}},
	} {
		t.Run(name, func(t *testing.T) {
			c := asked(t, tc.record, tc.verb)
			c.d.Stage, c.d.At, c.d.Way = form.Asking, tc.at, tc.way
			tc.sent.Caption = words
			c.do(tc.sent)
			c.at(tc.opens)
			if c.last.Do != form.Ask {
				t.Errorf("%+v", c.last)
			}
			for _, want := range tc.says {
				if !strings.Contains(c.d.Problem, want) {
					t.Errorf("it says %q, and not %q", c.d.Problem, want)
				}
			}
			if tc.used != "" {
				c.value(tc.used, words)
			}
			if n := len(c.d.Answers[core.FieldFiles].Files); n != len(tc.sent.Kept) {
				t.Errorf("%d files are kept", n)
			}
		})
	}
}

func TestADraftOfAnEarlierVersionIsReadAndGoesOnWhereItWas(t *testing.T) {
	var d form.Draft
	body := `{"id":"x1","verb":"send_letter","kind":"request","record":"r1","seen":3,"values":{"letter_number":"IE/1"},"files":[{"name":"a.pdf","mime":"","size":1,"hash":"h"}],"at":1,"last":"tg:9","next":{"id":"x2","verb":"draft","kind":"request","at":0,"values":{"subject":"Algo que se pidió"}}}`
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	next := d.Next
	d.Next = nil
	c := &chat{t: t, d: d.Placed(questions(filed(), core.VerbSendLetter)), f: questions(filed(), core.VerbSendLetter)}
	c.at(core.FieldLetterDate)
	c.value(core.FieldLetterNumber, "IE/1")
	if len(d.Answers[core.FieldFiles].Files) != 1 || !d.HasApplied("tg:9") || next.Answers[core.FieldSubject].Value != "Algo que se pidió" {
		t.Errorf("%+v", d)
	}
	body2, err := json.Marshal(c.d)
	if err != nil {
		t.Fatal(err)
	}
	var back form.Draft
	if err := json.Unmarshal(body2, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.d, back); diff != "" {
		t.Error(diff)
	}
	if err := json.Unmarshal([]byte(`{"id":"x1","verb":"","kind":"","at":0,"done":"Quedó."}`), &d); err != nil || d.Open() {
		t.Errorf("what had ended is open: %+v, %v", d, err)
	}
}

// whole sends a filled form back, with the controls changed as f does.
func whole(d form.Draft, f card.Form, shown card.Form, change func(map[core.Field]string)) (form.Draft, form.Effect) {
	values := map[core.Field]string{}
	for _, q := range shown.Questions {
		if q.Held == "" && q.Spec.Type != core.TypeUpload && q.Value != "" {
			values[q.Field] = q.Value
		}
	}
	change(values)
	act := form.Act{ID: fmt.Sprint("sl:", values), On: "slack", Event: form.Whole{Values: values, Shown: form.ReadShown(form.Shown(shown))}}
	return form.Step(d, f, act, now)
}

func TestAWholeFormDoesNotOverwriteWhatWasAnsweredElsewhereMeanwhile(t *testing.T) {
	c := asked(t, blank(), core.VerbDraft)
	shown := form.Filled(c.d, c.f, nil, now)
	c.say("Adquisición de 20 computadoras") // in Telegram, while the form stands open in Slack
	c.do(form.Choice{Value: "purchase"})
	d, effect := whole(c.d, c.f, shown, func(v map[core.Field]string) { v[core.FieldFunding] = "Recursos estatales" })
	if d.Answers[core.FieldSubject].Value != "Adquisición de 20 computadoras" || d.Answers[core.FieldProcurement].Value != "purchase" || d.Answers[core.FieldFunding].Value != "Recursos estatales" {
		t.Errorf("%+v", d.Answers)
	}
	if effect.Do != form.Refill || effect.Problems[core.FieldSubject] != "" || effect.Problems[core.FieldCategory] == "" {
		t.Errorf("%+v", effect)
	}
	if q, _ := d.Asks(c.f); q.Field != core.FieldCategory {
		t.Errorf("in Telegram the question is %s", q.Field)
	}
}

func TestWhatCouldNotBeTakenIsShownAgainUnderItsProblem(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	d, effect := whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(v map[core.Field]string) { v[core.FieldReason] = "corto" })
	again := form.Filled(d, c.f, effect.Problems, now)
	if q := again.Questions[0]; q.Value != "corto" || q.Problem == "" {
		t.Errorf("%+v", q)
	}
	d, effect = whole(d, c.f, again, func(map[core.Field]string) {})
	if effect.Do != form.Refill {
		t.Errorf("sent again as it was it is %q", effect.Do)
	}
	if d, effect = whole(d, c.f, again, func(v map[core.Field]string) { v[core.FieldReason] = "El monto no coincide." }); effect.Do != form.Give || len(d.Rejected) > 0 {
		t.Errorf("%+v %+v", d, effect)
	}
}

func TestWhatIsPutBackAsItStoodBeforeAnErrorIsAsItStood(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	shown := form.Filled(c.d, c.f, nil, now)
	d, effect := whole(c.d, c.f, shown, func(v map[core.Field]string) {
		v[core.FieldSubject], v[core.FieldFunding], v[core.FieldNote] = "Otro asunto de la solicitud", "Otra fuente", "x"
	})
	if effect.Do != form.Refill || d.Answers[core.FieldSubject].Value != "Otro asunto de la solicitud" {
		t.Fatalf("%+v %+v", effect, d.Answers)
	}
	d, effect = whole(d, c.f, shown, func(v map[core.Field]string) {
		v[core.FieldFunding], v[core.FieldNote] = "Otra fuente", "Se corrigió la fuente."
	})
	if effect.Do != form.Give {
		t.Fatalf("%+v", effect)
	}
	want := map[core.Field]string{core.FieldFunding: "Otra fuente", core.FieldNote: "Se corrigió la fuente."}
	if diff := cmp.Diff(want, form.Command(d, c.f).Fields); diff != "" {
		t.Error(diff)
	}
}

func TestTheTotalOfTheRenglonesIsProposedAndADifferenceIsAskedAboutOnce(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	total, ok := core.Total(returned().Items)
	if !ok {
		t.Fatal("the renglones have no prices")
	}
	c.do(form.Jump{Field: core.FieldAmount})
	if got := c.card().Rows[0][0]; got.Label != es.UseTotal(total.Stored()) {
		t.Errorf("it proposes %+v", got)
	}
	c.say("1.00")
	c.at(core.FieldAmount)
	if got := c.card().Text[0]; !strings.Contains(got, "no coincide con los renglones") {
		t.Errorf("it says %q", got)
	}
	c.do(form.GoOn)
	if c.value(core.FieldAmount, "1.00"); c.d.Stage != form.Choosing {
		t.Errorf("it is asked twice: %+v", c.d)
	}
	c.do(form.Jump{Field: core.FieldAmount})
	c.do(form.Choice{Value: total.Stored()})
	c.value(core.FieldAmount, total.Stored())
}

func TestRenglonesThatDoNotComeToTheAmountAreAskedAboutHoweverTheyCame(t *testing.T) {
	for name, e := range map[string]form.Event{
		"in words": form.Words{Text: "Computadora; 1; pieza; 18500"}, "in a spreadsheet": form.Files{Items: items(1)},
	} {
		for _, verb := range []core.Verb{core.VerbCorrect, core.VerbAmend} {
			t.Run(name+", "+string(verb), func(t *testing.T) {
				c := asked(t, returned(), verb)
				c.do(form.Jump{Field: core.FieldItems})
				c.do(e)
				c.at(core.FieldAmount)
				if got := c.card().Text[0]; !strings.Contains(got, "no coincide con los renglones") {
					t.Errorf("it says %q", got)
				}
				c.do(form.GoOn)
				if c.d.Stage != form.Choosing {
					t.Errorf("it is asked twice: %+v", c.d)
				}
			})
		}
	}
}

func TestADifferenceThatNoAnswerLedToIsAskedAboutBeforeItIsSent(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	c.d = form.WithItems(c.d, c.f, items(1)) // brought before the form was there
	c.d.Answers[core.FieldNote] = form.Answer{Value: "Se corrigieron los renglones."}
	c.d.Stage = form.Reviewing
	c.do(form.Send)
	c.at(core.FieldAmount)
	c.do(form.GoOn)
	if c.d.Stage != form.Reviewing {
		t.Fatalf("%+v", c.d)
	}
	if c.do(form.Send); c.last.Do != form.Give {
		t.Errorf("it is asked twice: %+v", c.d)
	}
}

func TestADifferenceOfTheAmountIsAskedAboutInAWholeFormToo(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	shown := form.Filled(c.d, c.f, nil, now)
	change := func(v map[core.Field]string) {
		v[core.FieldAmount], v[core.FieldNote] = "1.00", "Se corrigió el monto."
	}
	d, effect := whole(c.d, c.f, shown, change)
	if !strings.Contains(strings.Join(effect.Asked, "\n"), "no coincide con los renglones") {
		t.Fatalf("%+v", effect)
	}
	act := form.Act{ID: "sl:again", Event: form.Whole{
		Values: map[core.Field]string{core.FieldAmount: "1.00", core.FieldNote: "Se corrigió el monto."}, Shown: map[core.Field]string{},
	}}
	for _, q := range shown.Questions {
		if w := act.Event.(form.Whole); w.Values[q.Field] == "" && q.Held == "" {
			w.Values[q.Field] = q.Value
		}
	}
	if _, effect = form.Step(d, c.f, act, now); effect.Do != form.Give {
		t.Errorf("it is asked twice: %+v", effect)
	}
}

func TestWhatCanMeanSeveralThingsIsAskedBackWithAButtonForEach(t *testing.T) {
	for name, tc := range map[string]struct {
		record core.Record
		verb   core.Verb
		before []string
		field  core.Field
		text   string
		offers []string
		value  string // of the first
	}{
		"a day of the past":       {filed(), core.VerbSendLetter, []string{"IE/ST/0412/2026"}, core.FieldLetterDate, "20 nov", []string{"20/11/2026"}, "2026-11-20"},
		"a day not yet this year": {filed(), core.VerbSendLetter, []string{"IE/ST/0412/2026"}, core.FieldLetterDate, "24 de diciembre", []string{"24/12/2025"}, "2025-12-24"},
		"today":                   {filed(), core.VerbSendLetter, []string{"IE/ST/0412/2026"}, core.FieldLetterDate, "23/11", []string{"23/11/2026"}, "2026-11-23"},
		"an amount":               {returned(), core.VerbCorrect, nil, core.FieldAmount, "503.440", []string{"503,440.00", "503.44"}, "503440.00"},
	} {
		t.Run(name, func(t *testing.T) {
			c := asked(t, tc.record, tc.verb)
			for _, text := range tc.before {
				c.say(text)
			}
			if c.d.At != tc.field { // among others
				c.d.Stage, c.d.At, c.d.Way = form.Asking, tc.field, form.ThereIs
			}
			c.say(tc.text)
			c.at(tc.field)
			if got := c.labels(); !slices.Equal(got[:len(tc.offers)], tc.offers) || len(c.d.Answers) > len(tc.before) {
				t.Fatalf("%q, %+v", got, c.d)
			}
			c.do(form.Choice{Value: tc.offers[0]})
			c.value(tc.field, tc.value)
			if len(c.d.Readings) > 0 {
				t.Errorf("%q are offered still", c.d.Readings)
			}
		})
	}
}

func TestTodayYesterdayAndNowAreButtons(t *testing.T) {
	c := asked(t, filed(), core.VerbReceiveLetter)
	c.say("OP-2231")
	c.do(form.Choice{Value: "ayer"})
	c.value(core.FieldReceivedDate, "2026-11-22")
	c.do(form.Choice{Value: "ahora"})
	c.value(core.FieldReceivedTime, "09:00")
	c.at(core.FieldLetterNumber)
}

func TestRenglonesThatNoControlHoldsAreKeptAndAFileMayReplaceThem(t *testing.T) {
	r := returned()
	r.Items = items(120)
	c := asked(t, r, core.VerbCorrect)
	shown := form.Filled(c.d, c.f, nil, now)
	for _, q := range shown.Questions {
		if held := q.Field == core.FieldItems; (q.Held != "") != held || held && !strings.Contains(q.Held, "120 renglones") {
			t.Errorf("%s: %q", q.Field, q.Held)
		}
	}
	note := func(v map[core.Field]string) { v[core.FieldNote] = "Se corrigió el monto." }
	d, effect := whole(c.d, c.f, shown, note)
	if effect.Do != form.Give || len(form.Command(d, c.f).Items) > 0 {
		t.Errorf("%+v %+v", effect, d.Answers)
	}
	act := form.Act{ID: "sl:2", Event: form.Whole{
		Values: map[core.Field]string{core.FieldNote: "Se corrigió el monto."}, Shown: form.ReadShown(form.Shown(shown)),
		Files: map[core.Field]form.Files{core.FieldItems: {Items: items(3)}},
	}}
	if d, _ = form.Step(c.d, c.f, act, now); len(form.Command(d, c.f).Items) != 3 {
		t.Errorf("%+v", d.Answers)
	}
}

func TestWhatASpreadsheetHasBesideIsSaidBeforeItIsKept(t *testing.T) {
	const note = "No uso la columna “Marca”."
	unpriced := items(1)
	unpriced[0].Price = value.Money{}
	sheet := form.Files{Items: unpriced, Note: note}
	c := asked(t, core.Record{Kind: core.KindRequest, ID: "r1", State: core.StateDraft, Fields: map[core.Field]string{}}, core.VerbAmend)
	c.do(form.Jump{Field: core.FieldItems})
	c.do(sheet)
	if c.last.Do != form.Ask || !strings.Contains(strings.Join(c.card().Text, "\n"), note) {
		t.Errorf("in a chat: %+v, %v", c.last, c.card().Text)
	}
	r := returned()
	r.State = core.StateDraft
	d, f := form.Draft{ID: "f1", Kind: r.Kind, Verb: core.VerbAmend, Record: r.ID}, questions(r, core.VerbAmend)
	drawn := form.Filled(d, f, nil, now)
	act := form.Act{ID: "sl:1", Event: form.Whole{Values: controls(drawn), Shown: form.ReadShown(form.Shown(drawn)), Files: map[core.Field]form.Files{core.FieldItems: sheet}}}
	d, effect := form.Step(d, f, act, now)
	if effect.Do != form.Refill || len(effect.Asked) != 1 || !strings.HasPrefix(effect.Asked[0], note) {
		t.Fatalf("on one screen: %+v", effect)
	}
	if _, effect = form.Step(d, f, act, now); effect.Do != form.Refill || len(effect.Asked) != 1 {
		t.Errorf("delivered again: %+v", effect)
	}
	act.ID = "sl:2"
	if d, effect = form.Step(d, f, act, now); effect.Do != form.Give || len(form.Command(d, f).Items) != 1 {
		t.Errorf("sent again: %+v", effect)
	}
}

func TestADraftThatIsSentBackAsItWasShownChangesNothing(t *testing.T) {
	r := returned()
	r.State = core.StateDraft
	c := asked(t, r, core.VerbAmend)
	d, effect := whole(c.d, c.f, form.Filled(c.d, c.f, nil, now), func(map[core.Field]string) {})
	if effect.Do != form.Close || d.Done != es.Say(es.NothingChanged) {
		t.Errorf("%+v %+v", effect, d)
	}
}

func TestAPersonIsFoundByNameWhereAListIsTooLong(t *testing.T) {
	c := substitution(t, 130)
	shown := form.Filled(c.d, c.f, nil, now)
	for text, problem := range map[string]string{"Elena": "Hay más de una coincidencia", "elena cruz": "", "Nadie": "No encontré"} {
		d, effect := whole(c.d, c.f, shown, func(v map[core.Field]string) { v[core.FieldSubstitute] = text })
		if got := effect.Problems[core.FieldSubstitute]; !strings.Contains(got, problem) || problem == "" && (got != "" || d.Answers[core.FieldSubstitute].Value != "p-elena") {
			t.Errorf("%s: %q, %+v", text, got, d.Answers)
		}
	}
}

// after is record r once the command of d was carried out on it.
func after(t failer, r core.Record, d form.Draft, f card.Form) core.Record {
	t.Helper()
	c := form.Command(d, f)
	who := core.Actor{Account: "a", Name: "Lucía", Roles: []core.Role{core.RoleRequester}, Agency: r.Agency}
	events, no := core.Decide(r, c, who, now)
	if no != nil {
		t.Fatalf("refused: %+v", no)
	}
	for _, e := range events {
		r = core.Apply(r, e)
	}
	return r
}

// same fails unless two records differ in the fields that may, at most.
func same(t *rapid.T, before, after core.Record, may ...core.Field) {
	for f, v := range before.Fields {
		if len(may) > 0 && f == may[0] {
			continue
		}
		if after.Fields[f] != v {
			t.Fatalf("%s was %q and is %q", f, v, after.Fields[f])
		}
	}
	if len(may) > 0 && may[0] == core.FieldItems {
		return
	}
	if diff := cmp.Diff(before.Items, after.Items); diff != "" {
		t.Fatalf("renglones:\n%s", diff)
	}
}

func TestAnyRecordThatIsSentBackUntouchedIsAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		f := questions(r, core.VerbCorrect)
		d := form.Draft{ID: "f", Kind: r.Kind, Verb: core.VerbCorrect, Record: r.ID}
		onSlack, effect := whole(d, f, form.Filled(d, f, nil, now), func(v map[core.Field]string) { v[core.FieldNote] = "Sin cambios en los datos." })
		if effect.Do != form.Give {
			t.Fatalf("%+v", effect)
		}
		same(t, r, after(t, r, onSlack, f))

		c := &chat{t: t, d: d, f: f}
		for _, q := range f.Questions {
			if !q.Needed {
				c.do(form.Jump{Field: q.Field})
				c.do(form.GoOn)
			}
		}
		c.do(form.GoOn)
		c.say("Sin cambios en los datos.")
		if c.do(form.Send); c.last.Do != form.Give {
			t.Fatalf("%+v", c.d)
		}
		same(t, r, after(t, r, c.d, f))
	})
}

func TestOfAnyRecordOnlyTheFieldThatIsChangedChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, other := records().Draw(t, "record"), records().Draw(t, "other")
		f := questions(r, core.VerbCorrect)
		d := form.Draft{ID: "f", Kind: r.Kind, Verb: core.VerbCorrect, Record: r.ID}
		mine, theirs := form.Filled(d, f, nil, now), form.Filled(d, questions(other, core.VerbCorrect), nil, now)
		i := rapid.IntRange(0, len(core.RequestForm)-1).Draw(t, "field")
		field := core.RequestForm[i]
		onSlack, effect := whole(d, f, mine, func(v map[core.Field]string) {
			v[core.FieldNote] = "Se corrigió un dato."
			for _, q := range theirs.Questions {
				if q.Field == field && q.Held == "" {
					v[field] = q.Value
				}
			}
		})
		if effect.Do == form.Refill && len(effect.Asked) > 0 { // it is meant
			onSlack, effect = whole(onSlack, f, form.Filled(onSlack, f, nil, now), func(v map[core.Field]string) { v[core.FieldProject] += " " })
		}
		if effect.Do != form.Give {
			t.Fatalf("%+v", effect)
		}
		same(t, r, after(t, r, onSlack, f), field)
	})
}

func TestWhatCouldNotBeTakenIsNotLeftOutWithoutAWord(t *testing.T) {
	record := filed()
	record.State = core.StateAssigned
	for name, c := range map[string]struct {
		writes, offered string
	}{
		"a day that is none":      {"12/15/2026", "15/12/2026"},
		"a day of another year":   {"5 de enero", "05/01/2027"},
		"no day at all":           {"cuando se pueda", ""},
		"the weekday of no day":   {"lunes 24 de noviembre de 2026", "24/11/2026"},
		"a number and words more": {"en 3 días hábiles", ""},
	} {
		t.Run(name, func(t *testing.T) {
			ch := asked(t, record, core.VerbObserve)
			ch.d.Stage, ch.d.At = form.Asking, core.FieldDueDate // the last question
			ch.say(c.writes)
			ch.at(core.FieldDueDate)
			if first := ch.card().Rows[0][0].Label; c.offered != "" && first != c.offered {
				t.Errorf("%q is offered, want %q", first, c.offered)
			}
			ch.do(form.GoOn)
			ch.at(core.FieldDueDate)
			if got := ch.card().Text[0]; got != es.LeftOut(false) {
				t.Errorf("%q is said", got)
			}
			ch.do(form.GoOn)
			if ch.d.Stage != form.Reviewing {
				t.Errorf("%+v", ch.d)
			}
			ch.value(core.FieldDueDate, "")
		})
	}
}
