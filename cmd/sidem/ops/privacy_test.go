package ops_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// ofLucia is what nothing may say of Lucía once she is erased.
var ofLucia = []string{"Lucía Herrera", "lucia.herrera", "722 555 0100", "7225550100", "88001001"}

// busy is a store in which Lucía was linked, filed a request and was written about.
func busy(t *testing.T, store office.Secret) (cfg office.Config, kept string) {
	t.Helper()
	cfg, kept = trailedIn(t, store, func() {})
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	do := func(actor core.Actor, id string, c core.Command) core.Record {
		t.Helper()
		out, err := a.Desk.Do(t.Context(), actor, id, c)
		if err != nil || out.Refusal != nil {
			t.Fatal(c.Verb, err, out.Refusal)
		}
		return out.Record
	}
	who := func(user string) (core.Record, core.Actor) {
		t.Helper()
		r, err := a.Desk.Ledger.Find(t.Context(), core.UniqueUser(user))
		if err != nil {
			t.Fatal(err)
		}
		actor, err := a.Desk.Actor(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return r, actor
	}
	r, _ := who("lucia.herrera")
	do(core.SystemActor, r.ID, core.Command{Verb: core.VerbLink, Where: "telegram", Fields: map[core.Field]string{core.FieldPlatform: "telegram", core.FieldChat: "88001001"}})
	_, lucia := who("lucia.herrera")
	_, raul := who("raul.ortega")
	fields := map[core.Field]string{
		core.FieldSubject: "Veinte computadoras de escritorio", core.FieldProcurement: "purchase", core.FieldCategory: "equipment", core.FieldJustification: "Las actuales tienen más de ocho años de uso.",
		core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales", core.FieldAmount: "503440.00", core.FieldMultiYear: core.No, core.FieldProject: "Renovación de equipo 2026",
	}
	items := []core.Item{{Description: "Computadora"}}
	if parsed, no := core.ParseItems("Computadora de escritorio; 20; pieza; 21700"); no == nil {
		items = parsed
	}
	c := core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Where: "telegram", Fields: fields, Items: items, Once: "tg:1"}
	request := do(lucia, "", c)
	do(lucia, request.ID, core.Command{Verb: core.VerbFile, Where: "telegram", Once: "tg:2"})
	do(raul, request.ID, core.Command{Verb: core.VerbComment, Where: "slack", Fields: map[core.Field]string{core.FieldNote: "Lo revisé con Lucía Herrera Campos, 7225550100. También: HERRERA CAMPOS, Lucía; lucia_herrera-campos; +52 1 (722) 555-01-00; ７２２ ５５５ ０１００; LUCIA.HERRERA@EJEMPLO.GOB.MX."}})
	c.Once, c.Record = "tg:3", ""
	draft := do(lucia, "", c)
	do(lucia, draft.ID, core.Command{Verb: core.VerbDiscard, Where: "telegram", Once: "tg:4"})
	_, err = a.Store.Put(t.Context(), "draft:telegram:88001001", []byte(`{"name":"Lucía Herrera Campos"}`), 0, world.Monday, time.Time{})
	if err == nil {
		_, err = a.Store.Add(t.Context(), world.Monday, outbox.Item{Key: "tick:x:1", Merge: outbox.Once, What: "tick", Data: map[string]string{"tick": "x", "lost": "A Lucía Herrera Campos no se entregó."}})
	}
	if err := errors.Join(err, a.TakeCheckpoint(t.Context(), world.Monday.AddDate(0, 0, 1)), a.Close()); err != nil {
		t.Fatal(err)
	}
	return cfg, kept
}

// said is all that a store gives to who reads it whole.
func said(t *testing.T, cfg office.Config) string {
	t.Helper()
	s, err := storage.Open(t.Context(), cfg.Store.Reveal(), storage.Options{Now: func() time.Time { return world.Monday }, Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	enc := json.NewEncoder(&all)
	enc.SetEscapeHTML(false)
	err = s.Dump(t.Context(), func(l archive.Line) error {
		if l.Session != nil {
			all.WriteString(l.Session.Key + " ")
			all.Write(l.Session.Value)
		}
		return enc.Encode(l)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// tables are all rows of an SQLite file as they lie there, whatever holds them.
func tables(t *testing.T, path string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range texts(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		for _, row := range texts(t, db, `SELECT * FROM "`+table+`"`) {
			out = append(out, table+" "+row)
		}
	}
	return out
}

func texts(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	all, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = all.Close() }()
	columns, err := all.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for all.Next() {
		row, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := all.Scan(into...); err != nil {
			t.Fatal(err)
		}
		text := make([]string, len(row))
		for i := range row {
			text[i] = string(row[i])
		}
		out = append(out, strings.Join(text, " "))
	}
	if err := all.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// plain is a text by its letters and digits alone, as the eye takes them.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, value.Skeleton(s))
}

// unsaid wants nothing of Lucía in any row, however it is written.
func unsaid(t *testing.T, rows []string) {
	t.Helper()
	if all := strings.Join(rows, "\n"); !strings.Contains(all, "Veinte computadoras de escritorio") || !strings.Contains(all, "raul.ortega") {
		t.Errorf("not everything was read: %d rows", len(rows))
	}
	for _, row := range rows {
		flat := plain(row)
		for _, text := range []string{"luciaherreracampos", "herreracamposlucia", "camposluciaherrera", "luciaherreraejemplogobmx", "7225550100", "88001001", "nameaccountherrer", "nameaccountlucia", "nameaccountcampo"} {
			if i := strings.Index(flat, text); i >= 0 {
				t.Errorf("%q is in …%s…", text, flat[max(0, i-150):min(len(flat), i+80)])
			}
		}
	}
}

func TestAnErasedPersonIsInNoRowAndTheTrailHolds(t *testing.T) {
	type opened struct {
		secret office.Secret
		rows   func() []string
	}
	for name, open := range map[string]func(*testing.T) opened{
		"sqlite": func(t *testing.T) opened {
			path := filepath.Join(t.TempDir(), "sidem.db")
			return opened{office.Secret("sqlite:" + path), func() []string { return tables(t, path) }}
		},
		"redis": func(t *testing.T) opened {
			srv := redistest.Start(t, redistest.Options{})
			return opened{office.Secret(srv.DSN("sidem")), func() []string {
				rows, err := srv.Rows(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return rows
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			rows := store.rows
			cfg, kept := busy(t, store.secret)
			before := said(t, cfg)
			for _, text := range ofLucia {
				if !strings.Contains(before, text) {
					t.Fatalf("before, nothing says %q", text)
				}
			}
			e, err := ops.Erase(t.Context(), &cfg, world.Quiet(), "lucia.herrera")
			if err != nil {
				t.Fatal(err)
			}
			if e.Events == 0 || e.Records < 3 || e.Items == 0 || e.Sessions == 0 {
				t.Errorf("%+v", e)
			}
			unsaid(t, rows())
			after := said(t, cfg)
			for _, text := range ofLucia {
				if i := strings.Index(after, text); i >= 0 {
					t.Errorf("it still says %q: …%s…", text, after[max(0, i-200):min(len(after), i+100)])
				}
			}
			for _, stays := range []string{e.Alias, "Veinte computadoras de escritorio", "Lo revisé con " + e.Alias, "Raúl Ortega"} {
				if !strings.Contains(after, stays) {
					t.Errorf("%q is gone", stays)
				}
			}
			v, faults := audited(t, cfg, kept)
			if faults != "" || v.Erased != e.Events || len(v.Kept) < 2 {
				t.Errorf("%d of %d events blacked out, %d checkpoints: %s", v.Erased, e.Events, len(v.Kept), faults)
			}
			if path, ok := strings.CutPrefix(cfg.Store.Reveal(), "sqlite:"); ok {
				for _, file := range []string{path, path + "-wal"} {
					body, err := os.ReadFile(file)
					if err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatal(err)
					}
					for _, text := range ofLucia {
						if bytes.Contains(body, []byte(text)) {
							t.Errorf("%s still holds %q", filepath.Base(file), text)
						}
					}
				}
			}
			// Once more, by the id: there is nothing left to do.
			again, err := ops.Erase(t.Context(), &cfg, world.Quiet(), e.Account)
			if err != nil || again.Events != 0 || again.Alias != e.Alias {
				t.Errorf("again: %+v, %v", again, err)
			}
			if _, err := ops.Erase(t.Context(), &cfg, world.Quiet(), "lucia.herrera"); err == nil {
				t.Error("the user name is still known")
			}
		})
	}
}

func TestAPersonGetsEverythingThatIsKeptOfThem(t *testing.T) {
	cfg, _ := busy(t, office.Secret("sqlite:"+filepath.Join(t.TempDir(), "sidem.db")))
	d, err := ops.Personal(t.Context(), &cfg, world.Quiet(), "lucia.herrera")
	if err != nil {
		t.Fatal(err)
	}
	if d.Person.Fields[core.FieldName] != "Lucía Herrera Campos" || len(d.History) < 3 || len(d.Acts) != 4 || len(d.Mentions) != 1 || len(d.Requests) != 2 || len(d.Sessions) != 1 {
		t.Errorf("%d events of the account, %d acts, %d mentions, %d requests, sessions %v", len(d.History), len(d.Acts), len(d.Mentions), len(d.Requests), d.Sessions)
	}
	if len(d.Uploads) > 0 {
		t.Errorf("nothing was uploaded: %+v", d.Uploads)
	}
	for _, it := range d.Notices {
		if it.Account != d.Account {
			t.Errorf("a notice of somebody else: %s", it.Key)
		}
	}
	if _, err := ops.Personal(t.Context(), &cfg, world.Quiet(), "nobody"); err == nil {
		t.Error("nobody has a dossier")
	}
}

func TestFilesThatAPersonAttachedToNothingYetAreInTheirExport(t *testing.T) {
	w := issued(t, "")
	hash := func(digit string) string { return strings.Repeat(digit, 64) }
	file := func(name, digit string) string {
		return `{"name":"` + name + `","mime":"application/pdf","size":7,"hash":"` + hash(digit) + `"}`
	}
	account, err := w.App().Desk.Ledger.Find(t.Context(), core.UniqueUser("lucia.herrera"))
	if err != nil {
		t.Fatal(err)
	}
	for key, body := range map[string]string{
		"form:" + account.ID:           `{"id":"f1","answers":{"files":{"files":[` + file("uno.pdf", "1") + `,` + file("dos.pdf", "2") + `]}}}`,
		"kept:" + account.ID + ":f2":   `{"id":"f2","ready":[{"files":{"files":[` + file("uno.pdf", "1") + `]}}]}`,
		"files:" + account.ID + ":abc": `{"files":[` + file("tres.pdf", "3") + `],"caption":"ahí va"}`,
		"files:other:abc":              `{"files":[` + file("ajeno.pdf", "4") + `]}`,
		"place:" + account.ID:          `no JSON at all`,
	} {
		if _, err := w.App().Store.Put(t.Context(), key, []byte(body), 0, w.App().Desk.Now(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := ops.Personal(t.Context(), &w.Config, world.Quiet(), "lucia.herrera")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range d.Uploads {
		got = append(got, f.Name+" "+f.Hash[:1])
	}
	if slices.Sort(got); !slices.Equal(got, []string{"dos.pdf 2", "tres.pdf 3", "uno.pdf 1"}) {
		t.Errorf("%q", got)
	}
}

func TestWhatHandsAnOpinionOverIsInNobodysExport(t *testing.T) {
	w := issued(t, "")
	r, err := w.App().Desk.ByNumber(t.Context(), core.SystemActor, "1")
	if err != nil || r.Fields[core.FieldPickupCode] == "" || r.Fields[core.FieldPickupKey] == "" {
		t.Fatal(r.Fields, err)
	}
	for _, user := range []string{"lucia.herrera", "elena.cruz", "mariana.rios", "tomas.aguilar", "sofia.lara"} {
		dossier, err := ops.Personal(t.Context(), &w.Config, world.Quiet(), user)
		if err != nil {
			t.Fatal(user, err)
		}
		text, err := json.Marshal(dossier)
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range map[string]string{
			"the pickup code": `"` + r.Fields[core.FieldPickupCode] + `"`, "the key of the others": r.Fields[core.FieldPickupKey], "a salt": `"salt"`,
		} {
			if strings.Contains(string(text), secret) {
				t.Errorf("that of %s has %s", user, what)
			}
		}
		if user == "mariana.rios" && !slices.ContainsFunc(dossier.Acts, func(e core.Event) bool { return e.Verb == core.VerbIssue && e.Fields[core.FieldOpinionNumber] != "" }) {
			t.Errorf("that of who issued says nothing of the opinion: %+v", dossier.Acts)
		}
	}
}

func TestADraftThatNobodyTookUpKeepsNothingOfWhatWasInIt(t *testing.T) {
	cfg, kept := busy(t, office.Secret("sqlite:"+filepath.Join(t.TempDir(), "sidem.db")))
	now := world.Monday.AddDate(0, 2, 0)
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(now), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	n, err := a.Desk.Purge(t.Context())
	if err := errors.Join(err, a.Close()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	s, err := storage.Open(t.Context(), cfg.Store.Reveal(), storage.Options{Now: func() time.Time { return now }, Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.List(t.Context(), desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateCancelled)}})
	if err != nil || len(page.Records) != 1 {
		t.Fatal(page, err)
	}
	trail, err := s.Trail(t.Context(), page.Records[0].ID, 0, 0)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal([]any{page.Records[0], trail})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(ofLucia, "Veinte computadoras", "Renovación") {
		if strings.Contains(string(body), text) {
			t.Errorf("it still says %q: %s", text, body)
		}
	}
	if v, faults := audited(t, cfg, kept); faults != "" || v.Erased != 2 {
		t.Errorf("%d events blacked out: %s", v.Erased, faults)
	}
}

func TestTheLastWhoAdministersIsNotErased(t *testing.T) {
	cfg, _ := trailedIn(t, office.Secret("sqlite:"+filepath.Join(t.TempDir(), "sidem.db")), func() {})
	before := said(t, cfg)
	_, err := ops.Erase(t.Context(), &cfg, world.Quiet(), "sofia.lara")
	if no, ok := errors.AsType[*core.Refusal](err); !ok || no.Reason != core.LastAdmin || !strings.Contains(err.Error(), "give another account the role of administration first") {
		t.Fatalf("it is answered with: %v", err)
	}
	if after := said(t, cfg); !strings.Contains(after, "sofia.lara") || strings.Count(after, "Sofía Lara") < strings.Count(before, "Sofía Lara") {
		t.Error("something of hers is gone")
	}
	people, err := roster.Parse([]byte(`accounts: [{user: eva.sol, name: Eva Sol Mora, post: Administradora, roles: [admin], email: eva.sol@ejemplo.gob.mx, phone: "722 555 0177", letter: DGTD/1/2026}]`))
	if err != nil {
		t.Fatal(err)
	}
	treatOn(t, cfg, world.Monday, func(a *app.App) error {
		_, err := people.Load(t.Context(), a.Hand())
		return err
	})
	if _, err := ops.Erase(t.Context(), &cfg, world.Quiet(), "sofia.lara"); err != nil {
		t.Errorf("beside another: %v", err)
	}
}
