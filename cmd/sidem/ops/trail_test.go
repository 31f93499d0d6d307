package ops_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis/redistest"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// trailed is a store in a file with a trail of two days, of each of which a
// checkpoint was kept: the configuration, and the file of checkpoints.
func trailed(t *testing.T) (cfg office.Config, kept string) {
	t.Helper()
	return trailedIn(t, office.Secret("sqlite:"+filepath.Join(t.TempDir(), "sidem.db")), func() {})
}

// trailedIn makes the trail in a store; overnight comes between its days.
func trailedIn(t *testing.T, store office.Secret, overnight func()) (cfg office.Config, kept string) {
	t.Helper()
	dir := t.TempDir()
	kept = filepath.Join(dir, "checkpoints")
	cfg = office.Config{Store: store, Files: filepath.Join(dir, "files"), AdminAddr: "off", Checkpoints: kept}
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	people, err := roster.Parse(world.Roster)
	if err != nil {
		t.Fatal(err)
	}
	made, err := people.Load(t.Context(), a.Hand())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.TakeCheckpoint(t.Context(), world.Monday); err != nil {
		t.Fatal(err)
	}
	overnight()
	made = slices.DeleteFunc(made, func(r roster.Row) bool { return r.User == "" })
	for _, m := range made[:3] {
		account, err := a.Desk.Ledger.Find(t.Context(), core.UniqueUser(m.User))
		if err != nil {
			t.Fatal(err)
		}
		out, err := a.Desk.Do(t.Context(), roster.Importer, account.ID, core.Command{Verb: core.VerbRenew, Where: "cli"})
		if err != nil || out.Refusal != nil {
			t.Fatal(err, out.Refusal)
		}
	}
	if err := a.TakeCheckpoint(t.Context(), world.Monday.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return cfg, kept
}

// audited is what an examination of the trail finds wrong, a fault a line. kept is
// the file of checkpoints that it is compared with; "" is none.
func audited(t *testing.T, cfg office.Config, kept string) (v ops.Verdict, faults string) {
	t.Helper()
	cfg.Checkpoints = ""
	v, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Checkpoints: kept})
	if err != nil {
		t.Fatal(err)
	}
	return v, strings.Join(v.Faults, "\n")
}

// rewrite puts another trail into the store, with all that follows from it, by
// the hand of somebody who can write the file and knows how SIDEM keeps it: it makes
// the store anew, and an outbox that holds what persons were sent of themselves.
func rewrite(t *testing.T, cfg office.Config, change func([]core.Event) []core.Event) {
	t.Helper()
	ctx, path := t.Context(), strings.TrimPrefix(cfg.Store.Reveal(), "sqlite:")
	s, err := sqlite.Open(ctx, path, sqlite.Options{Now: testbed.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	var (
		events []core.Event
		rest   []archive.Line
	)
	err = s.Dump(ctx, func(l archive.Line) error {
		switch {
		case l.Event != nil:
			events = append(events, *l.Event)
		case l.Number != nil, l.Session != nil:
			rest = append(rest, l)
		}
		return nil
	})
	if err := errors.Join(err, s.Close(), os.Remove(path)); err != nil {
		t.Fatal(err)
	}
	var (
		lines []archive.Line
		owed  []outbox.Item
	)
	folded := map[string]core.Record{}
	for i, e := range change(events) {
		e.Index = i + 1
		lines = append(lines, archive.Line{Event: &e})
		folded[e.Record] = core.Apply(folded[e.Record], e)
		owed = append(owed, sentOf(folded[e.Record], e)...)
	}
	for _, r := range folded {
		lines = append(lines, archive.Line{Record: &r})
	}
	for i, it := range owed {
		it.ID = fmt.Sprintf("%012d", i+1)
		lines = append(lines, archive.Line{Item: &it})
	}
	lines = append(lines, rest...)
	s, err = sqlite.Open(ctx, path, sqlite.Options{Now: testbed.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Load(ctx, func() (archive.Line, error) {
		if len(lines) == 0 {
			return archive.Line{}, io.EOF
		}
		l := lines[0]
		lines = lines[1:]
		return l, nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// sentOf are the mails that an event of an account owed to its own person, as sent.
func sentOf(r core.Record, e core.Event) (out []outbox.Item) {
	for _, n := range core.Notices {
		if n.Kind != e.Kind || n.Verb != e.Verb || n.To != core.Self || n.Mail == core.MailNone {
			continue
		}
		out = append(out, outbox.Item{
			Key:   fmt.Sprintf("mail:%s:%d:%s:%s", r.ID, r.Version, r.ID, n.Mail),
			Merge: outbox.Once, State: outbox.Sent, Due: e.At, Account: r.ID, Channel: "email", Record: r.ID, What: desk.WhatMail,
			Data: outbox.Payload{Mail: string(n.Mail)}.Data(), Attempts: []outbox.Attempt{{At: e.At, Outcome: outbox.WasSent}},
		})
	}
	return out
}

// resealed chains the events of a record anew.
func resealed(events []core.Event, record string) []core.Event {
	var own []core.Event
	for _, e := range events {
		if e.Record == record {
			own = append(own, e)
		}
	}
	own = core.Seal(core.Record{}, own)
	for i, e := range events {
		if e.Record == record {
			events[i], own = own[0], own[1:]
		}
	}
	return events
}

func TestWhoeverRewritesTheTrailIsFoundOutByACheckpointThatWasKeptElsewhere(t *testing.T) {
	last := func(events []core.Event) core.Event { return events[len(events)-1] }
	for name, c := range map[string]struct {
		change func([]core.Event) []core.Event
		want   string // of the fault
	}{
		"another name": {func(events []core.Event) []core.Event {
			for i := range events {
				if events[i].Kind == core.KindAccount {
					events[i].ByName = "Nadie"
					return resealed(events, events[i].Record)
				}
			}
			return events
		}, "is not the one of the checkpoint of 2026-11-23"},
		"a deleted record": {func(events []core.Event) []core.Event {
			id := events[0].Record
			return slices.DeleteFunc(events, func(e core.Event) bool { return e.Record == id })
		}, "is not the one of the checkpoint of 2026-11-23"},
		"a deleted last event of a record": {func(events []core.Event) []core.Event {
			id := last(events).Record
			for i := len(events) - 2; ; i-- {
				if events[i].Record != id { // that of another than whose came last
					return slices.Delete(events, i, i+1)
				}
			}
		}, "events were removed, after the checkpoint of 2026-11-23"},
		"the last event of all": {func(events []core.Event) []core.Event {
			return events[:len(events)-1]
		}, "events were removed, after the checkpoint of 2026-11-23"},
		"a day cut off": {func(events []core.Event) []core.Event {
			return events[:len(events)-3]
		}, "events were removed, after the checkpoint of 2026-11-23"},
		"two that changed places": {func(events []core.Event) []core.Event {
			for i := range events {
				if events[i].Record != events[i+1].Record {
					events[i], events[i+1] = events[i+1], events[i]
					return events
				}
			}
			return events
		}, "reordered"},
		"one that was made up": {func(events []core.Event) []core.Event {
			more := last(events)
			more.Seq++
			return resealed(slices.Insert(events, len(events)-2, more), more.Record)
		}, "added"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, kept := trailed(t)
			if v, faults := audited(t, cfg, kept); faults != "" || len(v.Kept) != 2 {
				t.Fatalf("before anything is changed: %d checkpoints, %s", len(v.Kept), faults)
			}
			rewrite(t, cfg, c.change)
			if _, faults := audited(t, cfg, ""); faults != "" {
				t.Fatalf("the hand is too clumsy, it is seen without a checkpoint: %s", faults)
			}
			if _, faults := audited(t, cfg, kept); !strings.Contains(faults, c.want) {
				t.Errorf("want %q in %s", c.want, faults)
			}
		})
	}
}

// TestAFailoverThatLostTheEndOfTheTrailIsFoundOutByTheCheckpoint has a replica become
// the master that had not got the second day; nobody who runs remembers that there was one.
func TestAFailoverThatLostTheEndOfTheTrailIsFoundOutByTheCheckpoint(t *testing.T) {
	known := func(acl string) string {
		return strings.Replace(acl, "user sidem on ", "user sidem on >shared ", 1) + "\nuser ops on >ops ~* &* +@all\n"
	}
	master := redistest.Start(t, redistest.Options{ACL: known})
	line := redistest.NewProxy(t, master, 1) // of the replication
	host, port, _ := net.SplitHostPort(line.Addr())
	replica := redistest.Start(t, redistest.Options{ACL: known, Config: []string{
		"replicaof " + host + " " + port, "masteruser ops", "masterauth ops",
	}})
	on := func(s *redistest.Server) office.Secret {
		return office.Secret("redis://sidem:shared@" + s.Addr() + "/0")
	}
	cfg, kept := trailedIn(t, on(master), func() {
		if n, err := master.Admin.Wait(t.Context(), 1, time.Minute).Result(); n != 1 || err != nil {
			t.Fatalf("%d replicas have the first day: %v", n, err)
		}
		line.Cut()
	})
	if _, faults := audited(t, cfg, kept); faults != "" {
		t.Fatalf("before: %s", faults)
	}
	master.Kill()
	if err := replica.Admin.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	cfg.Store = on(replica)
	if _, faults := audited(t, cfg, ""); faults != "" {
		t.Errorf("what is there hangs together, but: %s", faults)
	}
	if _, faults := audited(t, cfg, kept); !strings.Contains(faults, "events were removed, after the checkpoint of 2026-11-23") {
		t.Errorf("it finds %q", faults)
	}
}

func TestAClumsyHandIsSeenWithoutACheckpoint(t *testing.T) {
	for name, query := range map[string]string{
		"another name":              `UPDATE events SET body = replace(body, 'Carga inicial', 'Nadie') WHERE idx = 2`,
		"a deleted event":           `DELETE FROM events WHERE idx = 2`,
		"a record without its acts": `UPDATE records SET body = json_remove(body, '$.acts') WHERE id = (SELECT record FROM events WHERE idx = 2)`,
		"a deleted record":          `DELETE FROM records WHERE id = (SELECT record FROM events WHERE idx = 2)`,
		"a stranger's chat that leads to administration": `INSERT INTO uniques (key, record)
SELECT 'chat:telegram:66600066', record FROM terms WHERE term = 'role:admin:'`,
		"a stranger among those who administer": `INSERT INTO terms (term, rank, record)
SELECT 'role:admin:', rank, record FROM terms WHERE term LIKE 'role:requester:%' LIMIT 1`,
		"a press that nobody made": `INSERT INTO onces (once, idx) VALUES ('tg:1:1', 2)`,
		"a welcome that nobody granted": `INSERT INTO items (key, state, lane, due, leased, body)
SELECT replace(key, ':welcome', ':linked'), state, lane, due, leased, replace(replace(body, ':welcome', ':linked'), '"welcome"', '"linked"')
FROM items WHERE key LIKE '%:welcome' LIMIT 1`,
		"a mail that is gone": `DELETE FROM items WHERE id = (SELECT max(id) FROM items WHERE key LIKE 'mail:%')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, _ := trailed(t)
			db, err := sql.Open("sqlite", strings.TrimPrefix(cfg.Store.Reveal(), "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			res, err := db.ExecContext(t.Context(), query)
			if err == nil {
				err = db.Close()
			}
			if n, _ := res.RowsAffected(); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			_, text := audited(t, cfg, "")
			if text == "" {
				t.Error("nothing is seen")
			}
			for _, private := range []string{"66600066", "@", "Lucía", "lucia", "722 555"} {
				if strings.Contains(text, private) {
					t.Errorf("it tells %q of somebody:\n%s", private, text)
				}
			}
		})
	}
}

func TestTheTrailIsVerifiedBesideARunningSIDEM(t *testing.T) {
	cfg, kept := trailed(t)
	cfg.AdminAddr = e2etest.FreePort(t)
	e2etest.Running(t, cfg)
	cfg.ClockFile = e2etest.Written(t, today().Format(time.RFC3339)) // who audits has the day of who runs
	if v, faults := audited(t, cfg, kept); faults != "" || v.Events == 0 {
		t.Errorf("%d events, %s", v.Events, faults)
	}
}

func TestATrailThatBecameShorterGetsNoCheckpoint(t *testing.T) {
	cfg, kept := trailed(t)
	rewrite(t, cfg, func(events []core.Event) []core.Event { return events[:len(events)-2] })
	before, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := e2etest.ClockAt(world.Monday.AddDate(0, 0, 2))
	a, err := app.Open(context.WithoutCancel(t.Context()), cfg, app.Options{Clock: c, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.TakeCheckpoint(t.Context(), c.Now()); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	after, err := os.ReadFile(kept)
	if err != nil || !bytes.Equal(before, after) || !strings.Contains(log.String(), "events are gone") {
		t.Errorf("%v; %d lines became %d; the log:\n%s", err, bytes.Count(before, []byte("\n")), bytes.Count(after, []byte("\n")), log.String())
	}
}

func TestAnOutsiderWitnessesTheTrailAndChecksAnEventWithoutTheStore(t *testing.T) {
	cfg, kept := trailed(t)
	key, errKey := ops.PublicKey(t.Context(), &cfg, world.Quiet())
	last, errLast := ops.LastCheckpoint(t.Context(), &cfg, world.Quiet())
	file, errFile := os.ReadFile(kept)
	if err := errors.Join(errKey, errLast, errFile); err != nil || !strings.Contains(string(file), last.Note) {
		t.Fatalf("%v: the last checkpoint is\n%s\nand the file holds\n%s", err, last.Note, file)
	}
	if c, err := checkpoint.Open(last.Note, key); err != nil || c.Index < 10 {
		t.Fatalf("%+v, %v", c, err)
	}
	p, err := ops.Prove(t.Context(), &cfg, world.Quiet(), 3, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := checkpoint.Check(p.String(), key); err != nil || got.Event.Index != 3 || got.Event.Hash != p.Event.Hash {
		t.Errorf("%+v, %v", got, err)
	}
	other, err := checkpoint.NewKey(rand.Reader, "sidem.example.org/trail")
	if err != nil {
		t.Fatal(err)
	}
	v, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Checkpoints: kept, Key: other.Verifier})
	if err != nil || len(v.Faults) != 1 || !strings.Contains(v.Faults[0], "not signed by that key") {
		t.Errorf("verified by another key: %v, %v", v.Faults, err)
	}
}

func TestAKeyThatIsKeptOutsideTheStoreSignsInItsPlace(t *testing.T) {
	own, err := checkpoint.NewKey(rand.Reader, "sidem.example.org/trail")
	if err != nil {
		t.Fatal(err)
	}
	cfg, kept := trailed(t)
	cfg.CheckpointKey = office.Secret(own.Signer + "\n") // as a file ends
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(kept), a.TakeCheckpoint(t.Context(), world.Monday), a.Close()); err != nil {
		t.Fatal(err)
	}
	v, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{Checkpoints: kept, Key: own.Verifier})
	if err != nil || len(v.Faults) > 0 || len(v.Kept) != 1 {
		t.Errorf("%v, %v", v.Faults, err)
	}
}

func TestACheckpointOfTheFormerFormatIsCarriedOnAndStaysVerifiable(t *testing.T) {
	cfg, kept := trailed(t)
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	var digest string
	at := 0
	for e, err := range desk.Events(t.Context(), a.Store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(digest + "\n" + e.Hash))
		if digest, at = hex.EncodeToString(sum[:]), e.Index; at == 12 {
			break
		}
	}
	// What the store and the file held, in the words of the version before.
	line := fmt.Sprintf(`{"at":"2026-11-22T10:00:00Z","index":%d,"digest":%q}`, at, digest)
	if err := a.Store.Delete(t.Context(), "checkpoint"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Store.Put(t.Context(), "checkpoint", []byte(line), 0, world.Monday, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.TakeCheckpoint(t.Context(), world.Monday); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if v, faults := audited(t, cfg, kept); faults != "" || len(v.Kept) != 2 {
		t.Errorf("%d checkpoints: %s", len(v.Kept), faults)
	}
	if err := os.WriteFile(kept, []byte(strings.Replace(line, digest[:8], "00000000", 1)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults := audited(t, cfg, kept); !strings.Contains(faults, "is not the one of the checkpoint of 2026-11-22") {
		t.Errorf("of another trail: %s", faults)
	}
}
