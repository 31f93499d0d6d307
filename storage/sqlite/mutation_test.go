package sqlite_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/storage/sqlite"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// hand is somebody who can write the file.
type hand struct {
	t      *testing.T
	db     *sql.DB
	tables []*table
	dirty  *table
}

// table is one table, and its columns that a change is looked for in.
type table struct {
	name    string
	columns []string // those that follow from the trail
	rows    [][]any  // as they were
	all     []string // all columns
}

func newHand(t *testing.T, path string) *hand {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	// What it writes is to be seen, and need outlive nothing.
	if _, err := db.ExecContext(t.Context(), `PRAGMA synchronous = OFF`); err != nil {
		t.Fatal(err)
	}
	h := &hand{t: t, db: db}
	_, names := h.read(`(SELECT name FROM sqlite_master WHERE type = 'table')`)
	for _, row := range names {
		tb := &table{name: row[0].(string)}
		tb.all, tb.rows = h.read(tb.name)
		for _, c := range tb.all {
			if !slices.Contains(unjudged, tb.name+"."+c) {
				tb.columns = append(tb.columns, c)
			}
		}
		if !slices.Contains(unjudged, tb.name) {
			h.tables = append(h.tables, tb)
		}
	}
	return h
}

// unjudged is what does not follow from the trail: sessions, and the one place of the one tally.
var unjudged = []string{"sessions", "tally.one"}

func (h *hand) Kinds() (out []string) {
	for _, tb := range h.tables {
		for _, c := range tb.columns {
			out = append(out, tb.name+"."+c)
		}
	}
	return out
}

func (h *hand) read(name string) (columns []string, out [][]any) {
	rows, err := h.db.QueryContext(h.t.Context(), `SELECT * FROM `+name)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	if columns, err = rows.Columns(); err != nil {
		h.t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			h.t.Fatal(err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return columns, out
}

// Mutate removes a row, changes one column of it, or adds a copy with a changed column.
func (h *hand) Mutate(kind string, chance *rand.Rand) (string, bool) {
	name, of, _ := strings.Cut(kind, ".")
	tb := h.tables[slices.IndexFunc(h.tables, func(tb *table) bool { return tb.name == name })]
	if len(tb.rows) == 0 {
		return "", false
	}
	row := tb.rows[chance.IntN(len(tb.rows))]
	column := slices.Index(tb.all, of)
	other := tb.rows[chance.IntN(len(tb.rows))][column]
	changed := slices.Clone(row)
	changed[column] = value(chance, row[column], other)
	if changed[column] == row[column] {
		return "", false
	}
	if tb.name == "lists" && row[1] == int64(0) && changed[1] == int64(0) {
		return "", false // a list that is empty is no list
	}
	if tb.name == "items" && tb.all[column] == "body" && !storagetest.Judged(row[column].(string), changed[column].(string)) {
		return "", false
	}
	what, err := "", error(nil)
	switch chance.IntN(3) {
	case 0:
		if tb.name == "lists" && row[1] == int64(0) {
			return "", false
		}
		what, err = "a row of "+tb.name+" removed", h.write(tb, row, nil)
	case 1:
		what, err = "a row of "+tb.name+" changed", h.write(tb, row, changed)
	default:
		if tb.name == "tally" {
			return "", false // it has one row
		}
		if tb.name == "items" && of != "id" {
			changed[0] = nil // a new one
		}
		what, err = "a row of "+tb.name+" added", h.write(tb, nil, changed)
	}
	if err != nil { // the schema does not let it
		return "", false
	}
	h.dirty = tb
	return fmt.Sprintf("%s: %s: %v, was %v", what, tb.all[column], changed[column], row[column]), true
}

// value is another value of the same type.
func value(chance *rand.Rand, old, other any) any {
	if chance.IntN(3) == 0 {
		return other
	}
	switch v := old.(type) {
	case int64:
		return v + int64(chance.IntN(7)-3)
	case string:
		return storagetest.Altered(chance, v)
	}
	return old
}

// write replaces a row by another; nil is none.
func (h *hand) write(tb *table, old, row []any) error {
	tx, err := h.db.BeginTx(h.t.Context(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if old != nil {
		if _, err := tx.ExecContext(h.t.Context(), `DELETE FROM `+tb.name+` WHERE `+strings.Join(tb.all, " IS ? AND ")+` IS ?`, old...); err != nil {
			return err
		}
	}
	if row != nil {
		if _, err := tx.ExecContext(h.t.Context(), insert(tb), row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insert(tb *table) string {
	return `INSERT INTO ` + tb.name + ` VALUES (?` + strings.Repeat(", ?", len(tb.all)-1) + `)`
}

// Restore writes the table that was changed as it was.
func (h *hand) Restore() {
	tx, err := h.db.BeginTx(h.t.Context(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := tx.ExecContext(h.t.Context(), `DELETE FROM `+h.dirty.name); err != nil {
		h.t.Fatal(err)
	}
	for _, row := range h.dirty.rows {
		if _, err := tx.ExecContext(h.t.Context(), insert(h.dirty), row...); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		h.t.Fatal(err)
	}
}

// worked is a store with a day's work, opened to read beside who changes its file.
func worked(t *testing.T) (s *sqlite.Store, path string) {
	t.Helper()
	place := t.TempDir()
	path = filepath.Join(place, "sidem.db")
	full, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: func() time.Time { return morning }})
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Workday(t, full)
	storagetest.Evening(t, full)
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, path
}

func TestTheAuditFindsEveryChangeOfARow(t *testing.T) {
	storagetest.RunMutations(t, func(t *testing.T) (storagetest.Store, storagetest.Mutator) {
		s, path := worked(t)
		return s, newHand(t, path)
	})
}
