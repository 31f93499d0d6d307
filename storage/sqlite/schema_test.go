package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestWhatIsAddedToTheFileOrTakenFromItIsFound(t *testing.T) {
	for want, plant := range map[string]string{
		"the file has something that is none of ours: the trigger quiet":    `CREATE TRIGGER quiet AFTER INSERT ON items BEGIN DELETE FROM items WHERE id = new.id; END`,
		"the file has something that is none of ours: the table copies":     `CREATE TABLE copies (body TEXT)`,
		"the file has something that is none of ours: the view all_of_it":   `CREATE VIEW all_of_it AS SELECT * FROM records`,
		"the file has something that is none of ours: the index by_body":    `CREATE INDEX by_body ON records (body)`,
		"the file has no index items_key any more":                          `DROP INDEX items_key`,
		"the table sessions of the file is made otherwise":                  `ALTER TABLE sessions ADD COLUMN whose TEXT`,
		"the file has no index sessions_expires any more":                   `DROP INDEX sessions_expires`,
		"the file has something that is none of ours: the trigger on_lists": `CREATE TRIGGER on_lists AFTER UPDATE ON lists BEGIN SELECT 1; END`,
	} {
		path := filepath.Join(t.TempDir(), "sidem.db")
		s, err := Open(t.Context(), path, Options{Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }})
		if err != nil {
			t.Fatal(err)
		}
		if faults, err := s.Inspect(t.Context()); err != nil || len(faults) > 0 {
			t.Fatalf("as it was made: %q, %v", faults, err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), plant); err != nil {
			t.Fatal(plant, err)
		}
		if faults, err := s.Inspect(t.Context()); err != nil || !slices.Contains(faults, want) {
			t.Errorf("%s: %q, %v", plant, faults, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
