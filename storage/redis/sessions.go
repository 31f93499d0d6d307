package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/archive"
)

// maxValue bounds a session's value in bytes (desk.Sessions).
const maxValue = 256 << 10

// grace is how long an expired session is kept before it is forgotten for good:
// callers whose clocks differ a little must not lose each other's.
const grace = 24 * time.Hour

// hget is one row; ErrNotFound.
func (s *Store) hget(ctx context.Context, field string) (row string, err error) {
	err = s.retry(ctx, func(ctx context.Context) (err error) {
		row, err = s.db.HGet(ctx, s.keys[0], field).Result()
		return err
	})
	if errors.Is(err, redis.Nil) {
		err = desk.ErrNotFound
	}
	return row, err
}

// Get is the value of key and its revision. A session has expired when now has reached its expires.
func (s *Store) Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error) {
	row, err := s.hget(ctx, "s:"+key)
	if err == nil {
		value, rev, err = session(row, cut(now))
	}
	if err != nil {
		return nil, 0, wrap(err, "session %s", key)
	}
	return value, rev, nil
}

// session reads the row of a session that has not expired.
func session(row string, now time.Time) (value []byte, rev int, err error) {
	one, err := sessionRow(row)
	if err != nil {
		return nil, 0, err
	}
	if !one.Expires.IsZero() && !one.Expires.After(now) {
		return nil, 0, desk.ErrNotFound
	}
	return one.Value, one.Rev, nil
}

// sessionRow reads a row: "<revision> <expires>\n" value.
func sessionRow(row string) (one archive.Session, err error) {
	head, body, ok := strings.Cut(row, "\n")
	rev, till, both := strings.Cut(head, " ")
	if !ok || !both {
		return one, errors.New("its row is none of ours")
	}
	one.Value = []byte(body)
	if one.Rev, err = strconv.Atoi(rev); err != nil {
		return one, err
	}
	ms, err := strconv.ParseInt(till, 10, 64)
	if ms != 0 {
		one.Expires = time.UnixMilli(ms).UTC()
	}
	return one, err
}

// Put writes value if the key is at revision rev and returns the new revision,
// which is 1 for a key that was not there.
func (s *Store) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if len(value) > maxValue {
		return 0, fmt.Errorf("redis: session %s: %d bytes are more than the %d that a value may have", key, len(value), maxValue)
	}
	now = cut(now)
	ok, err := s.session(ctx, "put", key, value, rev, now.UnixMilli(), ends(expires), now.Add(-grace).UnixMilli())
	if err == nil && !ok {
		err = desk.ErrConflict
	}
	if err != nil {
		return 0, wrap(err, "session %s", key)
	}
	return rev + 1, nil
}

// Delete removes the key.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.session(ctx, "delete", key)
	return wrap(err, "delete session %s", key)
}

// Enter keeps a key that is not there, unless its mark is (desk.Sessions).
func (s *Store) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	if n := max(len(e.Alone), len(e.Behind)); n > maxValue {
		return desk.Entered{}, fmt.Errorf("redis: session %s: %d bytes are more than the %d that a value may have", e.Key, n, maxValue)
	}
	low, high := bounds(e.Line)
	out, err := s.texts(ctx, enterScript, s.signed(), seconds(markTTL), e.Key, e.Mark, low, high, cut(now).UnixMilli(), e.Alone, e.Behind)
	switch {
	case err != nil:
	case out[0] == "marked" && len(out) == 2:
		var said []byte
		if said, _, err = session(out[1], time.Time{}); err == nil {
			return desk.Entered{Marked: true, Said: said}, nil
		}
	case out[0] == "alone" || out[0] == "behind":
		return desk.Entered{Alone: out[0] == "alone"}, nil
	case out[0] == "there":
		err = desk.ErrConflict
	default:
		err = errReply
	}
	return desk.Entered{}, wrap(err, "session %s", e.Key)
}

// Leave keeps a mark, unless it is there, and removes the key that has it (desk.Sessions).
func (s *Store) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	if len(value) > maxValue {
		return fmt.Errorf("redis: session %s: %d bytes are more than the %d that a value may have", mark, len(value), maxValue)
	}
	now = cut(now)
	_, err := s.run(ctx, leaveScript, s.sessions, key, mark, value, now.UnixMilli(), ends(expires), now.Add(-grace).UnixMilli())
	return wrap(err, "session %s leaves %s", key, mark)
}

// ends is when a session expires, in milliseconds; 0 is never.
func ends(expires time.Time) int64 {
	if expires.IsZero() {
		return 0
	}
	return max(cut(expires).UnixMilli(), 1)
}

// bounds are those of the keys with a prefix, as ZRANGE takes them.
func bounds(prefix string) (low, high string) {
	if end := beyond(prefix); end != "" {
		return "[" + prefix, "(" + end
	}
	return "[" + prefix, "+"
}

// signed are the keys of a script that remembers the operation that it is of.
func (s *Store) signed() []string { return append(slices.Clone(s.sessions), s.mark(newOp())) }

func (s *Store) session(ctx context.Context, args ...any) (bool, error) {
	out, err := s.texts(ctx, sessionScript, s.signed(), append([]any{seconds(markTTL)}, args...)...)
	return err == nil && out[0] == "1", err
}

// Keys are the keys with a prefix that have not expired, in the order of their bytes.
func (s *Store) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error) {
	low, high := bounds(prefix)
	if after >= prefix && after != "" {
		low = "(" + after
	}
	out, err := s.texts(ctx, sessionsScript, s.sessions, cut(now).UnixMilli(), max(limit, 0), low, high)
	return out, wrap(err, "sessions %s", prefix)
}

// Values are those of all keys with any of the prefixes that have not expired.
func (s *Store) Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error) {
	var ranges []any
	for _, prefix := range prefixes {
		low, high := bounds(prefix)
		ranges = append(ranges, low, high)
	}
	rows, err := s.texts(ctx, valuesScript, s.sessions, ranges...)
	if err != nil {
		return nil, wrap(err, "values of sessions")
	}
	out := make(map[string][]byte, len(rows)/2)
	for i := 0; i+1 < len(rows); i += 2 {
		value, _, err := session(rows[i+1], cut(now))
		if errors.Is(err, desk.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, wrap(err, "session %s", rows[i])
		}
		out[rows[i]] = value
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
