package core_test

import (
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
)

func issuedRequest(t *testing.T) core.Record {
	t.Helper()
	return told(t, "lucia", "draft", "lucia", "file", "raul", "release", "raul", "send_letter", "tomas", "receive_letter",
		"tomas", "refer", "hector", "assign", "mariana", "issue") // with the code 123456
}

// shown is a hand-over for which something was shown.
func shown(code, identification string) core.Command {
	c := core.Command{Verb: core.VerbHandOver, Fields: map[core.Field]string{core.FieldReceivedBy: "Lucía Herrera"}, Collectors: []core.Record{directory("lucia")}}
	if code != "" {
		c.Fields[core.FieldShown] = code
	}
	if identification != "" {
		c.Fields[core.FieldIdentified] = identification
	}
	return c
}

func TestWordsThatSayThatThereIsNoCodeAreNone(t *testing.T) {
	r := issuedRequest(t)
	for _, none := range []string{"no", "No trae", "no lo trae.", "ninguno", "No aplica", "N/A", "sin código", "se le olvidó"} {
		events, no := core.Decide(r, shown(none, "INE"), cast["tomas"], start.Add(time.Hour))
		if no != nil || len(events) == 0 || events[0].Fields[core.FieldIdentified] != "INE" || events[0].Fields[core.FieldShown] != "" {
			t.Errorf("%q beside an identification: %v, %+v", none, no, events)
		}
		if _, no := core.Decide(r, shown(none, ""), cast["tomas"], start.Add(time.Hour)); no == nil || no.Reason != core.Missing {
			t.Errorf("%q alone: %v", none, no)
		}
	}
	for _, code := range []string{"no 000000", "no trae 000000", "ninguno 1", "0", "tal vez"} {
		if _, no := core.Decide(r, shown(code, "INE"), cast["tomas"], start.Add(time.Hour)); no == nil || no.Reason != core.WrongCode {
			t.Errorf("%q: %v", code, no)
		}
	}
}

func TestWhatResemblesACodeMustBeTheRequests(t *testing.T) {
	r := issuedRequest(t)
	for _, wrong := range []string{
		"000000", "000-000", "000 000", "00000", "0.0.0.0.0.0", "0/0/0/0/0/0", "código 000000", "Código: 000 000", "codigo 12345", "clave 000000",
		"pin 1234", "el código es 000000", "pase 000000", "SIDEM:000001/2026:000000", "sidem:000001/2026:123456", "SIDEM:000009/2026:123456",
		"SIDEM", "código", "Código de entrega", "co\u0301digo", "ｃódigo", "соdigo", "el pase", "pase", "PASE impreso", "su código_de_entrega", "trae el QR", "la clave", "０００００００", "٠٠٠٠٠٠", "n 000000", "#000000", "000000 x", "1234567890123", "—",
		"SI DEM : 000001/2026 : 000000", "S.I.D.E.M 000001/2026 000000", "folio 000000", "folio 123-457", "uno dos tres cuatro cinco siete", "ciento veintitrés, cuatrocientos cincuenta y siete",
		"solicitud 000001/2026", "son 000000", "el número es 000000",
	} {
		for name, c := range map[string]core.Command{"as a code": shown(wrong, ""), "as an identification": shown("", wrong), "beside the right code": shown("123456", wrong)} {
			if _, no := core.Decide(r, c, cast["tomas"], start.Add(time.Hour)); no == nil || no.Reason != core.WrongCode && no.Reason != core.Invalid {
				t.Errorf("%q %s: %v", wrong, name, no)
			}
		}
	}
	for _, right := range []string{"123456", "123 456", "123-456", "código 123456", "Código: 123 456", core.Pass(r.Number, "123456")} {
		for name, c := range map[string]core.Command{"as a code": shown(right, ""), "as an identification": shown("", right), "as both": shown(right, right)} {
			events, no := core.Decide(r, c, cast["tomas"], start.Add(time.Hour))
			if no != nil {
				t.Errorf("%q %s: %v", right, name, no)
			} else if ident, there := events[0].Fields[core.FieldIdentified]; there {
				t.Errorf("%q %s is kept as the identification %q", right, name, ident)
			}
		}
	}
}

func TestAnIdentificationIsDescribedInWords(t *testing.T) {
	r := issuedRequest(t)
	for _, ident := range []string{
		"INE", "credencial para votar", "Pasaporte G12345678", "pasaporte 12345", "G12345678", "cédula profesional 1234567", "credencial institucional 004512", "licencia de conducir", "clave de elector HRCMLC80010115M200", "INE con clave de elector", "credencial con QR",
		"INE 1234567890123", "INE No. 4431", "credencial de la dependencia 4431", "pasaporte G12345678", "número de empleado 4431", "No. de empleado 4431", "tarjeta INAPAM 123456", "licencia no. 123456",
		"Cédula profesional", "cartilla militar D-1234567", "su hermano la conoce, fe de hechos",
	} {
		if _, no := core.Decide(r, shown("", ident), cast["tomas"], start.Add(time.Hour)); no != nil {
			t.Errorf("%q: %v", ident, no)
		}
	}
	for _, denial := range []string{"no trajo", "No trae INE", "ninguna", "sin identificación", "nada", "N/A", "se le olvidó la credencial", "dijo que no la trajo"} {
		if _, no := core.Decide(r, shown("", denial), cast["tomas"], start.Add(time.Hour)); no == nil || no.Reason != core.Missing {
			t.Errorf("%q: %v", denial, no)
		}
		if _, no := core.Decide(r, shown("123456", denial), cast["tomas"], start.Add(time.Hour)); no != nil {
			t.Errorf("%q beside the right code: %v", denial, no)
		}
	}
	for _, c := range []core.Command{shown("", ""), shown(" ", "")} {
		if _, no := core.Decide(r, c, cast["tomas"], start.Add(time.Hour)); no == nil || no.Reason != core.Missing {
			t.Errorf("nothing was shown: %v", no)
		}
	}
}

func TestTheCodeThatWasShownDoesNotReplaceTheRequests(t *testing.T) {
	r := after(t, issuedRequest(t), cast["tomas"], start.Add(time.Hour), shown("123 456", ""))
	if r.State != core.StateCollected || r.Fields[core.FieldPickupCode] != "123456" || r.Fields[core.FieldShown] != "" {
		t.Errorf("in %s with %q and %q", r.State, r.Fields[core.FieldPickupCode], r.Fields[core.FieldShown])
	}
}

func TestWrongCodesAreCountedForThePersonAndTheRequest(t *testing.T) {
	r, now := issuedRequest(t), start.Add(time.Hour)
	var trail []core.Event
	wrong := func(by string, at time.Time) {
		trail = append(trail, core.Event{Verb: core.VerbHandOver, By: by, At: at, Refusal: &core.Refusal{Reason: core.WrongCode}})
	}
	try := func(c core.Command) *core.Refusal {
		c.Wrong = core.CountWrongCodes(trail, "tomas", now)
		_, no := core.Decide(r, c, cast["tomas"], now)
		return no
	}
	for range core.WrongCodesOfOne {
		if no := try(shown("123456", "")); no != nil {
			t.Fatalf("after %d wrong codes: %v", len(trail), no)
		}
		wrong("tomas", now)
	}
	if no := try(shown("123456", "")); no == nil || no.Reason != core.WrongCode || no.Value != core.Tired {
		t.Errorf("after %d wrong codes of one person: %v", len(trail), no)
	}
	if no := try(shown("", "credencial para votar")); no != nil {
		t.Errorf("an identification: %v", no)
	}
	trail = nil
	for range core.WrongCodesOfAll {
		wrong("mariana", now)
	}
	if no := try(shown("123456", "")); no == nil || no.Value != core.Tired {
		t.Errorf("after %d wrong codes of others: %v", len(trail), no)
	}
	now = now.Add(core.WrongCodesIn)
	if no := try(shown("123456", "")); no != nil {
		t.Errorf("after an hour: %v", no)
	}
}

func TestWhatOneFieldHeldBeforeIsStillRead(t *testing.T) {
	r := issuedRequest(t)
	e := core.Event{
		Kind: r.Kind, Record: r.ID, Verb: core.VerbHandOver, From: core.StateIssued, To: core.StateCollected, By: "tomas", At: start,
		Fields: map[core.Field]string{core.FieldIdentified: "123456", core.FieldReceivedBy: "Lucía Herrera"},
	}
	if r = core.Apply(r, e); r.State != core.StateCollected || r.Fields[core.FieldIdentified] != "123456" {
		t.Errorf("in %s with %q", r.State, r.Fields[core.FieldIdentified])
	}
}

func TestEachHasACodeOfTheirOwnAndItIsGoodAsLongAsTheyCollect(t *testing.T) {
	r := issuedRequest(t)
	lucia, elena, sara := r.CodeOf("lucia"), r.CodeOf("elena"), r.CodeOf("sara")
	if lucia != "123456" || len(elena) != 6 || len(sara) != 6 || elena == lucia || sara == lucia || elena == sara {
		t.Fatalf("the codes are %s, %s and %s", lucia, elena, sara)
	}
	keyed := r
	keyed.Fields = map[core.Field]string{core.FieldPickupCode: "123456", core.FieldPickupKey: "grain"}
	if keyed.CodeOf("lucia") != lucia || keyed.CodeOf("elena") == elena {
		t.Errorf("of a record with a key: %s and %s", keyed.CodeOf("lucia"), keyed.CodeOf("elena"))
	}
	for _, tried := range []struct {
		code, collects string
		right          bool
	}{{lucia, "lucia", true}, {lucia, "elena", false}, {elena, "elena", true}, {elena, "lucia", false}, {sara, "elena", false}, {lucia, "", false}} {
		for name, given := range map[string]string{"the code": tried.code, "the pass": core.Pass(r.Number, tried.code)} {
			c := shown(given, "")
			c.Collectors = nil
			if tried.collects != "" {
				c.Collectors = []core.Record{directory(tried.collects)}
			}
			if _, no := core.Decide(r, c, cast["tomas"], start.Add(time.Hour)); (no == nil) != tried.right || no != nil && no.Reason != core.WrongCode {
				t.Errorf("%s %s while %q collects: %v", name, given, tried.collects, no)
			}
		}
	}
}

func TestWhoCollectsIsWhoAskedOrWhoHasTheirTurn(t *testing.T) {
	r, monday := issuedRequest(t), core.DateOf(start)
	elena := directory("elena")
	elena.Roles = []core.Role{core.RoleRequester}
	for name, tried := range map[string]struct {
		change func(lucia *core.Record)
		want   []string
	}{
		"as it was":        {func(*core.Record) {}, []string{"lucia"}},
		"suspended":        {func(p *core.Record) { p.State = core.StateSuspended }, []string{"elena"}},
		"moved":            {func(p *core.Record) { p.Agency = "SO" }, []string{"elena"}},
		"another's role":   {func(p *core.Record) { p.Roles = []core.Role{core.RoleSecretary} }, []string{"elena"}},
		"has a substitute": {func(p *core.Record) { lends(p, "elena") }, []string{"lucia", "elena"}},
	} {
		lucia := directory("lucia")
		tried.change(&lucia)
		k := &core.Known{}
		learn := func() {
			k.Learn(core.Learned{
				Records: map[string]core.Record{"lucia": lucia, "elena": elena},
				Lists:   map[string][]core.Record{core.TermRole(core.RoleRequester, "IE"): {elena}},
			})
		}
		var got []string
		for k.Collectors(r, monday); !k.Lacking().IsEmpty(); k.Collectors(r, monday) {
			learn()
		}
		for _, p := range k.Collectors(r, monday) {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, tried.want) {
			t.Errorf("%s: %v collect, want %v", name, got, tried.want)
		}
	}
}

// lends has an account's person named a substitute who has accepted.
func lends(p *core.Record, substitute string) {
	p.Fields = map[core.Field]string{core.FieldSubstitute: substitute, core.FieldFromDate: "2026-01-01", core.FieldToDate: "2026-12-31"}
	p.Acts = map[core.Verb]core.Act{core.VerbSubstitute: {Version: 1}, core.VerbStandIn: {Version: 2}}
}

func TestASceneNamesWhoHasTheTurnAndNoSubstituteWhoMayDoNothing(t *testing.T) {
	r := issuedRequest(t)
	scene := func(people ...core.Record) (s core.Scene) {
		k := &core.Known{}
		learned := core.Learned{Records: map[string]core.Record{}, Lists: map[string][]core.Record{}}
		for _, p := range people {
			learned.Records[p.ID] = p
			if p.Agency == r.Agency && p.InUse() && slices.Contains(p.Roles, core.RoleRequester) {
				term := core.TermRole(core.RoleRequester, r.Agency)
				learned.Lists[term] = append(learned.Lists[term], p)
			}
		}
		o := core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026)}
		for {
			s = core.SceneOf(r, core.Record{}, core.Actor{}, k, o, start)
			if k.Lacking().IsEmpty() {
				return s
			}
			k.Learn(learned)
		}
	}
	lucia, elena, mariana := directory("lucia"), directory("elena"), directory("mariana")
	elena.Roles, elena.Fields = []core.Role{core.RoleRequester}, map[core.Field]string{core.FieldName: "Elena"}
	if s := scene(lucia, elena); len(s.Heirs) > 0 {
		t.Errorf("while who asked is there: %+v", s.Heirs)
	}
	lucia.State = core.StateSuspended
	if s := scene(lucia, elena); len(s.Heirs) != 1 || s.Heirs[0].Account != "elena" {
		t.Errorf("once who asked is suspended: %+v", s.Heirs)
	}
	deputy := func(s core.Scene) string {
		if len(s.Turn) != 1 {
			t.Fatalf("it is the turn of %+v", s.Turn)
		}
		return s.Turn[0].Deputy
	}
	lends(&mariana, "elena")
	elena.Agency = mariana.Agency
	if got := deputy(scene(lucia, elena, mariana)); got != "Elena" {
		t.Errorf("a substitute of the same agency is %q", got)
	}
	moved, suspended := elena, elena
	moved.Agency, suspended.State = "SO", core.StateSuspended
	for name, who := range map[string]core.Record{"moved": moved, "suspended": suspended} {
		if got := deputy(scene(lucia, who, mariana)); got != "" {
			t.Errorf("who was %s is shown as the substitute %q", name, got)
		}
	}
}
