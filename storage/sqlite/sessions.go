package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

// maxValue bounds a session's value in bytes (desk.Sessions).
const maxValue = 256 << 10

// grace is how long an expired session is kept before it is forgotten for good:
// callers whose clocks differ a little must not lose each other's.
const grace = 24 * time.Hour

// liveSession is the value of a session that has not expired.
const liveSession = `SELECT value FROM sessions WHERE key = ? AND (expires IS NULL OR expires > ?)`

// Get is the value of key and its revision. A session has expired when now has reached its expires.
func (s *Store) Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error) {
	ok, err := s.read.find(ctx, `SELECT value, rev FROM sessions WHERE key = ? AND (expires IS NULL OR expires > ?)`,
		[]any{key, cut(now).UnixMilli()}, &value, &rev)
	if err == nil && !ok {
		err = desk.ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("sqlite: session %s: %w", key, err)
	}
	return value, rev, nil
}

// Put writes value if the key is at revision rev and returns the new revision,
// which is 1 for a key that was not there.
func (s *Store) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	value, err := kept(key, value)
	if err != nil {
		return 0, err
	}
	until := millis(expires)
	now = cut(now)
	err = s.write(ctx, func(t *tx) error {
		if err := t.forgetSessions(now); err != nil {
			return err
		}
		at := 0
		if _, err := t.find(`SELECT rev FROM sessions WHERE key = ? AND (expires IS NULL OR expires > ?)`,
			[]any{key, now.UnixMilli()}, &at); err != nil {
			return err
		}
		if at != rev {
			return desk.ErrConflict
		}
		_, err := t.exec(`REPLACE INTO sessions (key, value, rev, expires) VALUES (?, ?, ?, ?)`, key, value, rev+1, until)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: session %s: %w", key, err)
	}
	return rev + 1, nil
}

// kept is a value as it is kept: not too large, and never nil, which would be NULL.
func kept(key string, value []byte) ([]byte, error) {
	if len(value) > maxValue {
		return nil, fmt.Errorf("sqlite: session %s: %d bytes are more than the %d that a value may have", key, len(value), maxValue)
	}
	if value == nil {
		return []byte{}, nil
	}
	return value, nil
}

// forgetSessions deletes some of those that expired long ago; each Put takes a
// few along, so that they never pile up and nobody waits for all of them.
func (t *tx) forgetSessions(now time.Time) error {
	_, err := t.exec(`DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE expires <= ? LIMIT 16)`,
		now.Add(-grace).UnixMilli())
	return err
}

// Delete removes the key.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec(`DELETE FROM sessions WHERE key = ?`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: delete session %s: %w", key, err)
	}
	return nil
}

// Enter keeps a key that is not there, unless its mark is (desk.Sessions).
func (s *Store) Enter(ctx context.Context, e desk.Entry, now time.Time) (out desk.Entered, err error) {
	if e.Alone, err = kept(e.Key, e.Alone); err != nil {
		return out, err
	}
	if e.Behind, err = kept(e.Key, e.Behind); err != nil {
		return out, err
	}
	err = s.write(ctx, func(t *tx) error {
		out = desk.Entered{}
		if out.Marked, err = t.find(liveSession, []any{e.Mark, cut(now).UnixMilli()}, &out.Said); out.Marked || err != nil {
			return err
		}
		n := 0
		other, err := t.find(`SELECT 1 FROM sessions WHERE key >= ?1 AND (?2 = '' OR key < ?2) AND key <> ?3 LIMIT 1`, []any{e.Line, beyond(e.Line), e.Key}, &n)
		if err != nil {
			return err
		}
		value := e.Alone
		if out.Alone = !other; other {
			value = e.Behind
		}
		is, err := t.find(`INSERT INTO sessions (key, value, rev) VALUES (?, ?, 1) ON CONFLICT DO NOTHING RETURNING rev`, []any{e.Key, value}, &n)
		if err == nil && !is {
			err = desk.ErrConflict
		}
		return err
	})
	if err != nil {
		return desk.Entered{}, fmt.Errorf("sqlite: session %s: %w", e.Key, err)
	}
	return out, nil
}

// Leave keeps a mark, unless it is there, and removes the key that has it (desk.Sessions).
func (s *Store) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	value, err := kept(mark, value)
	if err != nil {
		return err
	}
	until := millis(expires)
	now = cut(now)
	err = s.write(ctx, func(t *tx) error {
		if err := t.forgetSessions(now); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO sessions (key, value, rev, expires) VALUES (?1, ?2, 1, ?3)
ON CONFLICT DO UPDATE SET value = ?2, rev = 1, expires = ?3 WHERE expires <= ?4`, mark, value, until, now.UnixMilli()); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM sessions WHERE key = ?`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlite: session %s leaves %s: %w", key, mark, err)
	}
	return nil
}

// Keys are the keys with a prefix that have not expired, in the order of their bytes.
func (s *Store) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) (out []string, err error) {
	err = s.read.rows(ctx, `SELECT key FROM sessions WHERE key >= ?1 AND key > ?2 AND (?3 = '' OR key < ?3)
AND (expires IS NULL OR expires > ?4) ORDER BY key LIMIT ?5`,
		[]any{max(prefix, after), after, beyond(prefix), cut(now).UnixMilli(), max(limit, 0)}, func(rows *sql.Rows) error {
			var key string
			err := rows.Scan(&key)
			out = append(out, key)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("sqlite: sessions %s: %w", prefix, err)
	}
	return out, nil
}

// Values are those of all keys with any of the prefixes that have not expired.
func (s *Store) Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error) {
	out := make(map[string][]byte)
	for _, prefix := range prefixes {
		err := s.read.rows(ctx, `SELECT key, value FROM sessions WHERE key >= ?1 AND (?2 = '' OR key < ?2) AND (expires IS NULL OR expires > ?3)`,
			[]any{prefix, beyond(prefix), cut(now).UnixMilli()}, func(rows *sql.Rows) error {
				var key string
				var value []byte
				err := rows.Scan(&key, &value)
				out[key] = value
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("sqlite: values of sessions %s: %w", prefix, err)
		}
	}
	return out, nil
}

// beyond is the least string that follows all those with a prefix; "" if there is none.
func beyond(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}
