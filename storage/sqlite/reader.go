package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// reader is the connections that read. Each query sees all that was committed before it.
type reader struct {
	db    *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt // by text
}

func newReader(path string) (*reader, error) {
	db, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return &reader{db: db, stmts: map[string]*sql.Stmt{}}, nil
}

// stmt is the prepared statement of a text.
func (r *reader) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	s, ok := r.stmts[query]
	r.mu.Unlock()
	if ok {
		return s, nil
	}
	// Preparing waits for a connection, so it is done without the mutex; two
	// may prepare the same text, and one is thrown away.
	s, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, ok := r.stmts[query]; ok {
		return first, s.Close()
	}
	r.stmts[query] = s
	return s, nil
}

// find scans the first row of a query; it reports false if there is none.
func (r *reader) find(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls scan for each row of a query.
func (r *reader) rows(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return err
	}
	return each(ctx, s, args, scan)
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, r.db.Close())...)
}
