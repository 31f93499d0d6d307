package storage_test

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/files"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

var (
	decadeYears    = flag.Int("decade-years", 2, "how many years TestADecade lives through")
	decadeRequests = flag.Int("decade-requests", 12, "how many requests a year it files")
	decadeReport   = flag.String("decade-report", "", "the page that it writes")
)

// decade is an office over years: each month so many requests are filed, those of the month
// before are closed, what is owed is sent, and the nights let go of what is over and archive
// what was closed half a year ago.
type decade struct {
	testing.TB
	store storage.Store
	files *files.Store
	desk  *desk.Desk
	now   time.Time
	open  []string
	n     int // of the press
	asked int // for how many things this year
	month int

	size  func() int64 // bytes that the store takes
	base  int64        // of them, those of an office without requests
	start func() error // opens another store beside it

	director core.Actor
	old      string // the number of a request that was archived, if any was
}

// measure is what was measured at the end of a year.
type measure struct {
	year, open, archived, events, shown int
	bytes                               int64
	took                                map[string]time.Duration
}

// The bars: what people wait for takes at most so many times as long in the last year as in
// the first; what is open takes at most so many times the bytes, besides so many bytes for
// each request that was archived.
const (
	barTime     = 1.2
	barOpen     = 1.5
	barArchived = 400
	judged      = 100 // archived requests at the least, before each of them is said to take so much
)

// what is measured, in the order of the page; somebody waits for it, or it is done by night.
var decadeTimes = []struct {
	name string
	wait bool
}{
	{"/pendientes", true},
	{"/buscar by words", true},
	{"/buscar by an old number", true},
	{"/tablero", true},
	{"the morning: whom it is for", true},
	{"the morning: a head's list", true},
	{"a head's change", true},
	{"sweep", true},
	{"start", true},
	{"audit", false},
}

// newDecade is an office without requests, in a store of which size tells the bytes.
func newDecade(t testing.TB, address string, size func() int64) *decade {
	kept, err := files.Open(t.Context(), t.TempDir(), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &decade{TB: t, files: kept, size: size, now: time.Date(2026, 1, 5, 16, 0, 0, 0, time.UTC)}
	opts := storage.Options{Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler)}
	s, err := storage.Open(t.Context(), address, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d.store = s
	d.start = func() error { // beside the store that is open
		again := opts
		again.ReadOnly = true
		other, err := storage.Open(t.Context(), address, again)
		if err != nil {
			return err
		}
		return other.Close()
	}
	d.desk = &desk.Desk{
		Ledger: s, Sessions: s, Now: func() time.Time { return d.now }, NewCode: func() string { return "483920" },
		Office: core.Office{Calendar: core.NewCalendar(time.UTC, core.FederalHolidays(2026), 2026), Targets: core.DefaultTargets, GateWarns: true},
	}
	root := core.Actor{Account: "root", Name: "Carga inicial", Roles: []core.Role{core.RoleAdmin, core.RoleSystem}}
	d.do(root, "", core.Command{Kind: core.KindAgency, Verb: core.VerbRegister, Fields: map[core.Field]string{core.FieldAgency: "IE", core.FieldName: "Instituto de Ejemplo"}})
	for id, profile := range map[string]string{"sofia": "admin", "lucia": "requester", "raul": "secretary", "tomas": "registry", "hector": "head", "mariana": "executive", "olga": "director"} {
		f := map[core.Field]string{
			core.FieldName: strings.ToUpper(id[:1]) + id[1:] + " Ramos", core.FieldPost: "Titular", core.FieldEmail: id + "@ejemplo.gob.mx", core.FieldPhone: "722 555 0100",
			core.FieldProfile: profile, core.FieldLetterNumber: "IE/DG/0088/2026", core.FieldLetterDate: "2025-12-19",
		}
		if profile == "requester" || profile == "secretary" {
			f[core.FieldAgency] = "IE"
		}
		d.do(root, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: id, Fields: f})
		d.do(root, id, core.Command{Verb: core.VerbGrant})
		d.do(root, id, core.Command{Verb: core.VerbLink, Fields: map[core.Field]string{core.FieldPlatform: "telegram", core.FieldChat: strconv.Itoa(66600 + len(id)*7 + int(id[0]))}})
	}
	return d
}

// do has somebody press a button.
func (d *decade) do(a core.Actor, id string, c core.Command) core.Record {
	d.Helper()
	d.n++
	d.now = d.now.Add(time.Second)
	c.Where, c.Once = "telegram", fmt.Sprintf("tg:%d", d.n)
	out, err := d.desk.Do(d.Context(), a, id, c)
	if err != nil || out.Refusal != nil {
		d.Fatalf("%s %s on %q at %s: %v %v", a.Account, c.Verb, id, d.now, err, out.Refusal)
	}
	return out.Record
}

func (d *decade) actor(account string) core.Actor {
	d.Helper()
	r, err := d.store.Record(d.Context(), account)
	if err != nil {
		d.Fatal(err)
	}
	a, err := d.desk.Actor(d.Context(), r)
	if err != nil {
		d.Fatal(err)
	}
	return a
}

// things are what is asked for: a subject has some words of many, as they do.
var things = []string{"computadoras", "licencias de antivirus", "servidores", "enlaces de fibra", "impresoras", "cableado estructurado", "mesa de ayuda", "respaldo en la nube"}

// filed takes a request as far as the desk of whoever decides on it.
func (d *decade) filed(n int) string {
	today := core.DateOf(d.now).String()
	id := d.do(d.actor("lucia"), "", core.Command{
		Kind: core.KindRequest, Verb: core.VerbDraft, Fields: map[core.Field]string{
			core.FieldSubject: fmt.Sprintf("Adquisición de %s para el área %d", things[n%len(things)], n%40), core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
			core.FieldJustification: "El equipo actual tiene más de ocho años y no recibe actualizaciones de seguridad.", core.FieldBudgetLine: "5151", core.FieldFunding: "Recursos estatales",
			core.FieldAmount: "370000.00", core.FieldMultiYear: core.No, core.FieldProject: "P-03 Renovación de equipo",
		},
		Items: []core.Item{{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500)}},
	}).ID
	d.do(d.actor("lucia"), id, core.Command{Verb: core.VerbFile})
	d.do(d.actor("raul"), id, core.Command{Verb: core.VerbRelease})
	d.do(d.actor("tomas"), id, core.Command{Verb: core.VerbReceiveLetter, Fields: map[core.Field]string{
		core.FieldFolio: fmt.Sprintf("OP-%d", d.n), core.FieldReceivedDate: today, core.FieldReceivedTime: "00:05", core.FieldLetterNumber: "IE/ST/0412/2026",
	}})
	d.do(d.actor("tomas"), id, core.Command{Verb: core.VerbRefer, Fields: map[core.Field]string{core.FieldHead: "hector"}})
	d.do(d.actor("hector"), id, core.Command{Verb: core.VerbAssign, Fields: map[core.Field]string{core.FieldExecutive: "mariana"}})
	d.do(d.actor("mariana"), id, core.Command{Verb: core.VerbComment, Fields: map[core.Field]string{core.FieldNote: "Se revisa esta semana."}})
	return id
}

// settled sends all that is owed by now.
func (d *decade) settled() {
	for {
		items, err := d.store.Claim(d.Context(), d.now, 500, time.Minute)
		if err != nil {
			d.Fatal(err)
		}
		if len(items) == 0 {
			return
		}
		var all []outbox.Result
		for _, it := range items {
			r := outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
			if it.What == desk.WhatRemind { // whose duty is done by then
				r.Outcome = outbox.WasMoot
			}
			all = append(all, r)
			if it.What == desk.WhatCard {
				d.shown(it.Key)
			}
		}
		if _, err := d.store.Settle(d.Context(), d.now, all); err != nil {
			d.Fatal(err)
		}
	}
}

// shown keeps where a card is, as a channel does.
func (d *decade) shown(key string) {
	_, rev, err := d.store.Get(d.Context(), key, d.now)
	if err == nil || errors.Is(err, desk.ErrNotFound) {
		_, err = d.store.Put(d.Context(), key, []byte(decadePlace), rev, d.now, time.Time{})
	}
	if err != nil {
		d.Fatal(err)
	}
}

// decadePlace is a place of a card, as long as they are.
const decadePlace = `{"chat":"66631","message":"12345","hash":"b3f1c2d4e5a69788","version":7,"buttons":3,"seal":"a1b2c3d4"}`

// passes lives through one month.
func (d *decade) passes(requests int) {
	before := d.open
	d.open = nil
	if d.month%12 == 0 { // each year asks for the same, so that a search finds as much of it in the store
		d.asked = 0
	}
	for range requests {
		d.asked++
		d.open = append(d.open, d.filed(d.asked))
	}
	for _, id := range before {
		d.do(d.actor("hector"), id, core.Command{Verb: core.VerbCancel, Fields: map[core.Field]string{core.FieldReason: "La dependencia la retiró: ya no se requiere."}})
	}
	d.settled()
	d.month++
	d.now = time.Date(2026, time.Month(1+d.month), 5, 16, 0, 0, 0, time.UTC)
	log := slog.New(slog.DiscardHandler)
	r := maintenance.Retention{Items: d.store, History: d.store, Trail: d.store, Records: d.store, Sessions: d.store, Places: []string{screen.CardPrefix}, Log: log}
	if err := r.Run(d.Context(), d.now); err != nil {
		d.Fatal(err)
	}
	a := d.archiving()
	a.Log = log
	if err := a.Run(d.Context(), d.now); err != nil {
		d.Fatal(err)
	}
}

func (d *decade) archiving() *maintenance.Archiving {
	return &maintenance.Archiving{Days: core.ShortestRetention.ArchiveDays, Ledger: d.store, Sessions: d.store, Vault: d.store, Sealed: archive.Sealed{Files: d.files}}
}

// rounds is how often each is done at the most, and at the least however long it takes.
func rounds() (most, least int) {
	if *decadeReport == "" {
		return 3, 3
	}
	return 201, 15
}

// maxTurns is how long one thing is measured for, where it has been done often enough.
const maxTurns = 4 * time.Second

// byTurns is how long each of two takes, done in turn: what else the machine does, and what the
// process tidies up, meets both alike. It is the time that one in ten ends within, since on a
// machine that others use too the median is theirs. The first of each reads what later ones
// know, and is not counted.
func byTurns(t testing.TB, one, other func() error) (a, b time.Duration) {
	t.Helper()
	most, least := rounds()
	took := [2][]time.Duration{}
	all := testbed.Start()
	for round := range most + 1 {
		if round > least && all.Elapsed() > maxTurns {
			break
		}
		for turn := range 2 {
			which := (round + turn) % 2
			watch := testbed.Start()
			if err := []func() error{one, other}[which](); err != nil {
				t.Fatal(err)
			}
			if round > 0 {
				took[which] = append(took[which], watch.Elapsed())
			}
		}
	}
	undisturbed := func(of []time.Duration) time.Duration {
		slices.Sort(of)
		return of[len(of)/10]
	}
	return undisturbed(took[0]), undisturbed(took[1])
}

// counted is the office as it is, of which nothing is timed yet.
func (d *decade) counted(year int) measure {
	m := measure{year: year, open: len(d.open), took: map[string]time.Duration{}}
	lines := desk.Shelf{Sessions: d.store, Now: d.now}
	d.old = "000001/2026"
	var archived []string
	for page, err := range lines.Lines(d.Context()) {
		if err != nil {
			d.Fatal(err)
		}
		for _, l := range page {
			archived = append(archived, l.Number)
		}
	}
	if m.archived = len(archived); m.archived > 0 {
		d.old = archived[m.archived/2]
	}
	audit, err := d.desk.Audit(d.Context())
	if err != nil || len(audit.Faults) > 0 {
		d.Fatalf("the audit in year %d: %q, %v", year, audit.Faults[:min(3, len(audit.Faults))], err)
	}
	m.events = audit.Events
	found, err := d.found(screenful)
	if err != nil {
		d.Fatal(err)
	}
	m.shown = len(found)
	return m
}

// screenful is how many requests a list shows at once.
const screenful = 10

// found are the first requests that a search by words shows.
func (d *decade) found(limit int) ([]core.Record, error) {
	found, err := d.desk.Search(d.Context(), d.director, "licencias antivirus")
	if err != nil {
		return nil, err
	}
	part, err := d.desk.Read(d.Context(), found.Union, desk.Place{}, limit)
	return part.Records, err
}

// works is what is timed, by its name. A search shows so many.
func (d *decade) works(shown int) map[string]func() error {
	ctx, executive := d.Context(), d.actor("mariana")
	return map[string]func() error{
		"/pendientes":                 func() error { _, err := d.desk.Owed(ctx, executive, 10); return err },
		"/buscar by words":            func() error { _, err := d.found(shown); return err },
		"/buscar by an old number":    func() error { _, err := d.desk.ByNumber(ctx, d.director, d.old); return err },
		"/tablero":                    func() error { _, err := d.desk.Board(ctx, d.director); return err },
		"the morning: whom it is for": func() error { _, err := d.desk.Digests(ctx, core.DateOf(d.now)); return err },
		"the morning: a head's list":  func() error { _, err := d.desk.Digest(ctx, "hector"); return err },
		"a head's change":             func() error { _, _, err := d.desk.Recast(ctx, outbox.Item{Record: "hector"}); return err },
		"sweep":                       func() error { _, err := d.sweeper().Pass(ctx); return err },
		"start":                       d.start,
		"audit":                       func() error { _, err := d.desk.Audit(ctx); return err },
	}
}

// compared measures an office at the end of its first year and one at the end of its last.
func compared(young, old *decade, years int) (first, last measure) {
	young.director, old.director = young.actor("olga"), old.actor("olga")
	first, last = young.counted(1), old.counted(years)
	last.shown = min(last.shown, first.shown) // the same answer, as long
	one, other := young.works(last.shown), old.works(last.shown)
	for _, what := range decadeTimes {
		first.took[what.name], last.took[what.name] = byTurns(old, one[what.name], other[what.name])
	}
	first.bytes, last.bytes = young.size()-young.base, old.size()-old.base
	return first, last
}

// sweeper looks at the cards of what is open without a pause.
func (d *decade) sweeper() *chat.Sweeper {
	return &chat.Sweeper{
		Places: d.store, Records: d.store, Outbox: d.store, Now: func() time.Time { return d.now },
		Log: slog.New(slog.DiscardHandler), Pause: time.Nanosecond,
	}
}

// lives through some years.
func (d *decade) lives(years, requests int) {
	for range 12 * years {
		d.passes(requests / 12)
	}
}

// TestADecade lives through some years on both stores: all that was ever filed is found by
// its number, the trail and the archives hold, and one that is archived comes back. Another
// office of which the first year is the only one is what it is compared with. With a report
// it writes what it measured (make decade).
func TestADecade(t *testing.T) {
	var page strings.Builder
	most, least := rounds()
	fmt.Fprintf(&page, decadeHead, *decadeYears, *decadeRequests, most, least)
	for _, kind := range []string{"SQLite", "Redis"} {
		t.Run(kind, func(t *testing.T) {
			open := onSQLite
			if kind == "Redis" {
				testbed.Need(t, testbed.Redis)
				open = onRedis
			}
			young, old := open(t), open(t)
			young.lives(1, *decadeRequests)
			old.lives(*decadeYears, *decadeRequests)
			first, last := compared(young, old, *decadeYears)
			old.allFound(*decadeYears, *decadeRequests/12*12)
			old.comesBack()
			section, missed := table(kind, first, last)
			page.WriteString(section)
			t.Log("\n" + section)
			for _, bar := range missed {
				t.Error(bar)
			}
		})
	}
	if *decadeReport != "" {
		if err := os.WriteFile(*decadeReport, []byte(page.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// onSQLite is an office in a file of its own.
func onSQLite(t *testing.T) *decade {
	path := filepath.Join(t.TempDir(), "sidem.db")
	var d *decade
	d = newDecade(t, "sqlite:"+path, func() int64 {
		if err := d.store.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	})
	d.base = d.size()
	return d
}

// onRedis is an office on a server of its own.
func onRedis(t *testing.T) *decade {
	server := redistest.Start(t, redistest.Options{})
	d := newDecade(t, server.DSN("sidem"), func() int64 { return memory(t, server) })
	d.base = d.size()
	return d
}

// allFound wants each number that was ever given to find its request.
func (d *decade) allFound(years, requests int) {
	archived := 0
	for year := range years {
		for n := 1; n <= requests; n++ {
			r, err := d.desk.ByNumber(d.Context(), core.SystemActor, fmt.Sprintf("%d/%d", n, 2026+year))
			if err != nil {
				d.Fatalf("%d/%d: %v", n, 2026+year, err)
			}
			if _, is := r.Archived(); is {
				archived++
			}
		}
	}
	if archived == 0 {
		d.Error("nothing was archived")
	}
	faults, _, err := d.archiving().Check(d.Context(), d.now)
	if err != nil || len(faults) > 0 {
		d.Errorf("the archives: %v, %v", faults, err)
	}
}

// comesBack brings the first request of all back.
func (d *decade) comesBack() {
	_, err := d.store.Find(d.Context(), core.UniqueNumber("000001/2026"))
	if !errors.Is(err, desk.ErrNotFound) {
		d.Fatalf("the first request is there still: %v", err)
	}
	r, err := d.archiving().Bring(d.Context(), "000001/2026", d.now)
	if err != nil {
		d.Fatal(err)
	}
	trail, err := d.store.Trail(d.Context(), r.ID, 0, 0)
	if err != nil || len(trail) != r.Seq || core.Verify(trail) != 0 {
		d.Errorf("its trail has %d events of %d, %v", len(trail), r.Seq, err)
	}
	audit, err := d.desk.Audit(d.Context())
	if err != nil || len(audit.Faults) > 0 {
		d.Errorf("the audit: %v, %v", audit.Faults, err)
	}
}

// memory is what Redis says that its keys take, each with all that is in it. The marks of calls
// are not among them: each is kept for two minutes, and here years of them would be there.
func memory(t *testing.T, server *redistest.Server) (all int64) {
	t.Helper()
	each := server.Admin.Scan(t.Context(), 0, "*", 1000).Iterator()
	for each.Next(t.Context()) {
		if strings.Contains(each.Val(), "op:") {
			continue
		}
		n, err := server.Admin.MemoryUsage(t.Context(), each.Val(), 0).Result()
		if err != nil {
			t.Fatal(err)
		}
		all += n
	}
	if err := each.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

const decadeHead = `# What a request costs over the years

Generated by ` + "`make decade YEARS=%d REQUESTS=%d`" + `; do not edit. The target fails where a bar is missed. An office lives through
%[1]d years of virtual time with %[2]d requests a year: each is drafted, filed, released, received, referred, assigned and commented on
through the desk, and closed in the month after. What is owed is sent, and each month the rule of retention lets go of what is over,
and what was closed 180 days ago in an earlier year leaves for an archive. It is compared with another office that is at the end of
its first year. Both are measured on 5 January, when as many requests are open, and as many closed ones have not left. Times are
those that one in ten of %[3]d runs ends within, or of as many as end in four seconds and at least %[4]d, which are done in the young office and in
the old one by turns, so that what else the machine does meets both alike: read the ratio, not the figure. A search by words shows the newest of what it finds,
as many in both years: each year asks for the same things in the same order. Bytes are those of the file after it was compacted, or of the keys as Redis counts them
(MEMORY USAGE), less those of an office without requests. An audit reads all that stays, by night: it may take longer each year.

`

// table is a section of the page, and what is missed in it. Times are judged in a report only:
// those of a few runs among other tests say little.
func table(kind string, first, last measure) (section string, missed []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n| | Year 1 | Year %d | Ratio | Bar |\n|---|---|---|---|---|\n", kind, last.year)
	row := func(cells ...any) { fmt.Fprintf(&b, "| %v | %v | %v | %v | %v |\n", cells...) }
	judge := func(name string, got, bar float64) {
		if got > bar {
			missed = append(missed, fmt.Sprintf("%s, %s: %.2f, and the bar is %.2f", kind, name, got, bar))
		}
	}
	row("requests open", first.open, last.open, "", "")
	row("requests archived", first.archived, last.archived, "", "")
	row("requests that a search by words shows", first.shown, last.shown, "", "")
	row("events in the store", first.events, last.events, "", "")
	row("bytes in all", first.bytes, last.bytes, fmt.Sprintf("%.2f", float64(last.bytes)/float64(first.bytes)), "")
	open := func(m measure) float64 { return float64(m.bytes-int64(barArchived*m.archived)) / float64(m.open) }
	ratio := open(last) / (float64(first.bytes) / float64(first.open))
	row(fmt.Sprintf("bytes per open request, in year %d less %d per archived one", last.year, barArchived), first.bytes/int64(first.open), int64(open(last)), fmt.Sprintf("%.2f", ratio), barOpen)
	judge("bytes per open request", ratio, barOpen)
	if n := last.archived - first.archived; n >= judged {
		each := (last.bytes - first.bytes) / int64(n)
		row("bytes per request archived since", "", each, "", barArchived)
		judge("bytes per archived request", float64(each), barArchived)
	}
	for _, what := range decadeTimes {
		x, y := first.took[what.name], last.took[what.name]
		ratio, bar := float64(y)/float64(max(x, 1)), ""
		if what.wait {
			bar = fmt.Sprint(barTime)
			if *decadeReport != "" {
				judge(what.name, ratio, barTime)
			}
		}
		row(what.name, x.Round(time.Microsecond), y.Round(time.Microsecond), fmt.Sprintf("%.2f", ratio), bar)
	}
	return b.String() + "\n", missed
}
