package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"sidem.gob.mx/sidem/storage/archive"
)

// The schema, as steps: 0001_….sql brings user_version 0 to 1, and so on. A
// step that was released is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// steps are the texts of the migrations in order.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	out := make([]string, len(names))
	for i, name := range names {
		b, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[i] = string(b)
	}
	return out, nil
}

// migrate takes the steps that db has not taken yet, each in a transaction.
func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	todo, err := steps()
	if err != nil {
		return err
	}
	at, err := version(ctx, db)
	if err != nil {
		return err
	}
	if at > len(todo) {
		return &archive.FormatError{Has: at, Knows: len(todo)}
	}
	for n := at; n < len(todo); n++ {
		if err := step(ctx, db, n+1, todo[n]); err != nil {
			return fmt.Errorf("schema step %d: %w", n+1, err)
		}
		if at > 0 && log != nil { // a file that is made is told of by nobody
			log.Info("sqlite: the store is brought to a newer format", "to", n+1)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, n int, text string) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, text); err != nil {
		return errors.Join(err, t.Rollback())
	}
	// A pragma takes no parameters; n is a number of ours.
	if _, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", n)); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

func version(ctx context.Context, db *sql.DB) (at int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&at)
	return at, err
}

// requireCurrent checks that a file that may not be changed exists and has the schema of this program.
func requireCurrent(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	at, err := version(ctx, db)
	if err != nil {
		return err
	}
	todo, err := steps()
	if err != nil {
		return err
	}
	if at != len(todo) {
		return &archive.FormatError{Has: at, Knows: len(todo)}
	}
	return nil
}
