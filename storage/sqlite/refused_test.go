package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/sqlite"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// A file that was written before what was refused had an index gets one when it is opened.
func TestAFileOfBeforeIsReadByWhatWasAppliedToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	store := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: func() time.Time { return morning }})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := store()
	storagetest.Workday(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, undo := range []string{`DROP INDEX events_applied`, `DROP INDEX events_refused`, `DROP INDEX events_refused_by`, `PRAGMA user_version = 2`} {
		if _, err := db.ExecContext(t.Context(), undo); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s = store()
	defer func() { _ = s.Close() }()
	log, err := s.Log(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	applied, refused := 0, 0
	for _, id := range records(log) {
		events, err := s.Applied(t.Context(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		applied += len(events)
		if events, err = s.Refused(t.Context(), id, "", time.Time{}, 1000); err != nil {
			t.Fatal(err)
		}
		refused += len(events)
	}
	if applied+refused != len(log) || refused == 0 {
		t.Errorf("of %d events %d were applied and %d refused", len(log), applied, refused)
	}
	if a, err := (&desk.Desk{Ledger: s}).Audit(t.Context()); err != nil || len(a.Faults) > 0 {
		t.Errorf("%v, %v", a.Faults, err)
	}
}

func records(log []core.Event) (out []string) {
	seen := map[string]bool{}
	for _, e := range log {
		if !seen[e.Record] {
			out = append(out, e.Record)
		}
		seen[e.Record] = true
	}
	return out
}

func TestWhatWasAppliedAndWhatWasRefusedAreFoundByTheirIndices(t *testing.T) {
	_, path := worked(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range sqlite.TrailQueries {
		var (
			id, parent, none int
			plan             string
		)
		args := make([]any, strings.Count(q.Query, "?"))
		for i := range args {
			args[i] = 1
		}
		if err := db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+q.Query, args...).Scan(&id, &parent, &none, &plan); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(plan, "SEARCH events USING INDEX "+q.Index+" ") {
			t.Errorf("%s: %s", q.Query, plan)
		}
	}
}
