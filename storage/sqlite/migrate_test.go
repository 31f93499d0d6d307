package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
)

var began = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func made(t *testing.T, path string, log *slog.Logger) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Now: func() time.Time { return began }, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lived fills a store with a little of everything that it keeps.
func lived(t *testing.T, s *Store) {
	t.Helper()
	for n := range 5 {
		e := core.Event{
			Kind: core.KindRequest, Record: fmt.Sprintf("r%d", n), Verb: "touch", To: core.StateDraft, By: "lucia", At: began,
			Once: fmt.Sprintf("tg:%d", n), Number: fmt.Sprintf("%06d/2026", n+1), Agency: "IE",
		}
		events := core.Seal(core.Record{}, []core.Event{e})
		r := core.Apply(core.Record{}, events[0])
		item := outbox.Item{Key: "mail:" + r.ID, Merge: outbox.Once, Lane: outbox.Normal, Due: began, Channel: "email", What: "mail"}
		if err := s.Commit(t.Context(), desk.Commit{Record: r, Events: events, Items: []outbox.Item{item}, Once: e.Once, Now: began}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Put(t.Context(), "card:"+r.ID, []byte("here"), 0, began, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reserve(t.Context(), "number:2026", r.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// aged is the file at path as the schema of a version keeps it: what it holds in the tables
// and columns that there were then.
func aged(t *testing.T, path string, n int) (old string) {
	t.Helper()
	todo, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	old = filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", old)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	db.SetMaxOpenConns(1)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for i := range n {
		if err := step(t.Context(), db, i+1, todo[i]); err != nil {
			t.Fatal(err)
		}
	}
	exec("ATTACH ? AS now", path)
	for _, table := range names(t, db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
		columns := strings.Join(names(t, db, "SELECT name FROM pragma_table_info('"+table+"', 'main')"), ", ")
		exec("DELETE FROM main." + table)
		exec("INSERT INTO main." + table + " (" + columns + ") SELECT " + columns + " FROM now." + table)
	}
	return old
}

func names(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func report(t *testing.T, s *Store) archive.Report {
	t.Helper()
	if faults, err := s.Inspect(t.Context()); err != nil || len(faults) > 0 {
		t.Fatalf("%q, %v", faults, err)
	}
	r, err := archive.Inspect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAFileOfEveryEarlierVersionIsBroughtUpToDateWithAllThatItHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	s := made(t, path, nil)
	lived(t, s)
	want := report(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	todo, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= len(todo); n++ {
		old := aged(t, path, n)
		if _, err := Open(t.Context(), old, Options{ReadOnly: true}); n < len(todo) {
			if told, ok := errors.AsType[*archive.FormatError](err); !ok || told.Has != n {
				t.Errorf("a file of version %d, to read: %v", n, err)
			}
		}
		// One that is killed in the middle has taken a step whole, or not at all.
		for at := n; at < len(todo); at++ {
			ctx, kill := context.WithCancel(t.Context())
			kill()
			if _, err := Open(ctx, old, Options{Now: func() time.Time { return began }}); err == nil {
				t.Fatal("it is opened by who is gone")
			}
		}
		var logged bytes.Buffer
		s := made(t, old, slog.New(slog.NewTextHandler(&logged, nil)))
		if d := want.Differences(report(t, s)); len(d) > 0 {
			t.Errorf("of a file of version %d: %v", n, d)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if told := strings.Count(logged.String(), "brought to a newer format"); told != len(todo)-n {
			t.Errorf("of version %d it is told %d times: %s", n, told, logged.String())
		}
	}
}

// torn is a step that ends in the middle: after as many of its statements it fails.
func torn(text string, after int) string {
	statements := strings.SplitAfter(text, ";\n")
	return strings.Join(statements[:after], "") + "\nSELECT * FROM that_is_not_there;"
}

// statements are how many a step has.
func statements(text string) int { return strings.Count(text, ";\n") }

func TestAMigrationThatIsCutOffAfterAnyStatementLosesNothingAndIsEndedByTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	s := made(t, path, nil)
	lived(t, s)
	want := report(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	todo, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(todo); n++ {
		for after := range statements(todo[n]) + 1 {
			old := aged(t, path, n)
			db, err := sql.Open("sqlite", old)
			if err != nil {
				t.Fatal(err)
			}
			if err := step(t.Context(), db, n+1, torn(todo[n], after)); err == nil {
				t.Fatal("it is whole")
			}
			at, err := version(t.Context(), db)
			if err = errors.Join(err, db.Close()); err != nil || at != n {
				t.Errorf("cut off after %d statements it is of version %d, %v; want %d", after, at, err, n)
			}
			s := made(t, old, nil)
			if d := want.Differences(report(t, s)); len(d) > 0 {
				t.Errorf("of version %d, cut off after %d statements: %v", n, after, d)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAFileOfANewerVersionIsRefusedInOneLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	if err := made(t, path, nil).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, reading := range []bool{false, true} {
		_, err = Open(t.Context(), path, Options{Now: func() time.Time { return began }, ReadOnly: reading})
		if told, ok := errors.AsType[*archive.FormatError](err); !ok || told.Has != 99 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	}
}
