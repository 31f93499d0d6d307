package redis

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
)

// foreign looks for keys under the name of this deployment that are none of ours, where the
// user of the address may list keys: SIDEM's own may not (see deploy/redis/users.acl).
func (i *inspection) foreign(ctx context.Context) error {
	ours := append(i.s.all(), i.s.named(holdKey)...)
	match := globs.Replace(i.s.prefix) + "*"
	found := map[string]bool{} // a scan may give a key twice
	for cursor := uint64(0); ; {
		var keys []string
		err := i.s.retry(ctx, func(ctx context.Context) (err error) {
			keys, cursor, err = i.s.db.Scan(ctx, cursor, match, page).Result()
			return err
		})
		if redis.HasErrorPrefix(err, "NOPERM") {
			return nil
		}
		if err != nil {
			return err
		}
		for _, key := range keys {
			name := strings.TrimPrefix(key, i.s.prefix)
			if !slices.Contains(ours, key) && !isMark(name) && !found[key] {
				found[key] = true
				i.found("the server has something that is none of ours: the key %s", core.Plain(name))
			}
		}
		if cursor == 0 {
			return nil
		}
	}
}

// lifetimes looks for keys of ours that the server would forget by itself: none may. A user
// who may not ask (PTTL) is not told.
func (i *inspection) lifetimes(ctx context.Context) error {
	for _, key := range i.s.all() {
		var left time.Duration
		err := i.s.retry(ctx, func(ctx context.Context) (err error) {
			left, err = i.s.db.PTTL(ctx, key).Result()
			return err
		})
		if redis.HasErrorPrefix(err, "NOPERM") {
			return nil
		}
		if err != nil {
			return err
		}
		if left > 0 {
			i.found("the server will forget the key %s by itself: PERSIST %s keeps it", core.Plain(strings.TrimPrefix(key, i.s.prefix)), core.Plain(key))
		}
	}
	return nil
}

// globs takes their meaning from the letters that have one in a pattern.
var globs = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// isMark reports whether a key remembers the verdict of an operation, as mark names them.
func isMark(name string) bool {
	op, ok := strings.CutPrefix(name, "op:")
	return ok && len(op) == opLen && !strings.ContainsFunc(op, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}
