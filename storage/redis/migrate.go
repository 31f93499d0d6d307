package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/storage/archive"
)

// The format of the rows is a number, in the row n:format. What was written before there was
// one is of format 1. The steps below lead from each format to the next; one that was released
// is never edited.
var migrations = []migration{
	{to: 2, what: "the store names its format"},
	{to: 3, what: "requests may be archived: the index of the events has gaps"},
}

// currentFormat is that of the rows that this program writes.
func currentFormat() int { return migrations[len(migrations)-1].to }

// firstFormat is that of a store that names none.
const firstFormat = 1

// migration brings a store to a format, by parts.
type migration struct {
	to   int
	what string // for the log
	// part is what is to be changed next, from a cursor on ("" is the beginning), and the
	// cursor after it ("" is the end). It may be asked again for a part that was changed: what
	// it says of it then must do no harm. nil: nothing is to be changed.
	part func(ctx context.Context, s *Store, cursor string) (change rowsChange, next string, err error)
}

// rowsChange are rows to write and to drop.
type rowsChange struct {
	set  map[string]string
	drop []string
}

const (
	formatField = "n:format"
	holdKey     = "migrating" // who migrates, while somebody does
	// holdFor is how long a process that migrates may be silent before another takes over.
	holdFor = 10 * time.Second
	// holdPoll is how often one that waits for it looks.
	holdPoll = 100 * time.Millisecond
)

// migrate brings the store to the format of this program: by one process, whichever holds
// the key; others wait for it. Each part is committed with its cursor, by who still holds the
// key alone, so that a process that ends in the middle loses nothing and the next one goes on.
func (s *Store) migrate(ctx context.Context, todo []migration, reading bool) error {
	known := todo[len(todo)-1].to
	me, told := newOp(), false
	for {
		state, err := s.formatNow(ctx)
		if err != nil {
			return err
		}
		step, ok := stepAfter(todo, state.format)
		switch {
		case state.format > known:
			return &archive.FormatError{Has: state.format, Knows: known}
		case !ok:
			return nil
		case state.empty: // made by this program
			if reading {
				return nil
			}
			if _, err := s.migrating(ctx, me, "make", []any{known}); err != nil {
				return err
			}
			continue
		case reading && needsWork(todo, state.format):
			return &archive.FormatError{Has: state.format, Knows: known}
		case reading:
			return nil
		}
		held, err := s.take(ctx, step, me)
		if err != nil {
			return err
		}
		if held {
			continue
		}
		if !told {
			s.log.Info("redis: another process brings the store to a newer format; waiting for it", "to", known)
			told = true
		}
		pause(ctx, holdPoll)
		if ctx.Err() != nil {
			return fmt.Errorf("wait for the format: %w", context.Cause(ctx))
		}
	}
}

// steps are the migrations that a store is opened with.
func (o Options) steps() []migration {
	if o.migrations == nil {
		return migrations
	}
	return o.migrations
}

func stepAfter(todo []migration, format int) (migration, bool) {
	for _, m := range todo {
		if m.to == format+1 {
			return m, true
		}
	}
	return migration{}, false
}

// needsWork reports whether the rows of a format have to be changed before they can be read.
func needsWork(todo []migration, format int) bool {
	for _, m := range todo {
		if m.to > format && m.part != nil {
			return true
		}
	}
	return false
}

// take takes one step to its end, where no other process holds the store; false: one does.
func (s *Store) take(ctx context.Context, m migration, me string) (held bool, err error) {
	state, err := s.migrating(ctx, me, "hold", []any{m.to - 1})
	if err != nil || !state.held {
		return false, err
	}
	s.log.Info("redis: bringing the store to a newer format", "to", m.to, "what", m.what, "cursor", state.cursor)
	for parts := 0; ; parts++ {
		var change rowsChange
		next := ""
		if m.part != nil {
			if change, next, err = m.part(ctx, s, state.cursor); err != nil {
				return false, fmt.Errorf("format %d: %w", m.to, err)
			}
		}
		args := []any{m.to - 1, state.cursor, next, len(change.set)}
		for field, row := range change.set {
			args = append(args, field, row)
		}
		args = append(args, len(change.drop))
		for _, field := range change.drop {
			args = append(args, field)
		}
		if state, err = s.migrating(ctx, me, "part", args); err != nil || !state.held {
			return false, err // another took over: it goes on from where this one was
		}
		if state.format == m.to {
			s.log.Info("redis: the store is brought to a newer format", "to", m.to, "parts", parts+1)
			return true, nil
		}
	}
}

// migrationState is how a migration stands.
type migrationState struct {
	format int
	cursor string
	empty  bool // the store holds nothing
	held   bool // by the caller
}

// formatNow is the format that the store has. It asks nothing that a server refuses whose
// memory is short: SIDEM starts on it, and says what is wrong.
func (s *Store) formatNow(ctx context.Context) (state migrationState, err error) {
	state.format = firstFormat
	named := false
	err = s.fetch(ctx, []string{formatField}, func(_ int, row string) (err error) {
		named = true
		state.format, err = strconv.Atoi(row)
		return err
	})
	if err != nil || named {
		return state, wrap(err, "the format of the store")
	}
	err = s.retry(ctx, func(ctx context.Context) error {
		rows, err := s.db.HLen(ctx, s.keys[0]).Result()
		state.empty = rows == 0
		return err
	})
	return state, err
}

func (s *Store) migrating(ctx context.Context, me, step string, args []any) (migrationState, error) {
	out, err := s.texts(ctx, migrateScript, s.named("rows", holdKey), append([]any{me, step, holdFor.Milliseconds()}, args...)...)
	if err != nil {
		return migrationState{}, err
	}
	format, err := strconv.Atoi(out[0])
	return migrationState{format: format, cursor: out[1], held: out[2] == "1"}, err
}
