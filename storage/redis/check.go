package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The errors of a Store, beyond those of the interfaces.
var (
	// ErrUnfit says that the server may lose what it is given: it is refused until it is set up otherwise.
	ErrUnfit = errors.New("this Redis is not fit to keep records")
	// ErrFull says that the server takes no more.
	ErrFull = errors.New("the Redis server has no memory left: raise maxmemory, or give the machine more; nothing was changed")
	// ErrLost says that the server has forgotten what it had acknowledged, as a
	// failover to a replica that lagged may do.
	ErrLost = errors.New("the Redis server has lost events that it had acknowledged")
	// ErrClosed says that the store is closed.
	ErrClosed = errors.New("the store is closed")
)

// unfitError is ErrUnfit with the reason and the repair. It does not unwrap: go-redis
// unwraps what OnConnect returns, and would lose both.
type unfitError struct{ why string }

func (e *unfitError) Error() string        { return ErrUnfit.Error() + ": " + e.why }
func (e *unfitError) Is(target error) bool { return target == ErrUnfit }

func unfit(format string, args ...any) error { return &unfitError{fmt.Sprintf(format, args...)} }

// check looks at the server behind every new connection, so that one that
// restarted otherwise, or was put in its place by a failover, is refused too.
// INFO and ACL DRYRUN tell all: no user needs CONFIG.
func (s *Store) check(ctx context.Context, cn *redis.Conn) error {
	text, err := cn.Info(ctx).Result()
	if redis.HasErrorPrefix(err, "NOPERM") {
		return unfit("its user may not ask INFO: allow it, +info (see deploy/redis/users.acl)")
	}
	if err != nil {
		return err
	}
	if strings.Contains(text, "redis_mode:sentinel") { // the client asks it for the master
		if s.watched {
			return nil
		}
		return unfit("it is a Sentinel: name the master that it watches, sentinel=NAME in SIDEM_STORE")
	}
	if err := judge(text); err != nil {
		return err
	}
	// At its start Redis repeats the transactions of the append-only file as the
	// user "default", and drops those that this user may not do: without a word to anybody.
	verdict, err := cn.ACLDryRun(ctx, "default", "hset", s.keys[0], "f", "v").Result()
	switch {
	case redis.HasErrorPrefix(err, "NOPERM"), redis.HasErrorPrefix(err, "unknown"):
		s.unseen.Do(func() {
			s.log.Warn("redis: may not ask ACL DRYRUN, so that nobody knows whether a restart would lose records: the user default, though off, needs ~* &* +@all (see deploy/redis/users.acl)")
		})
		return nil
	case err != nil:
		return err
	case verdict != "OK":
		return unfit("at its next restart it would drop every record, since it reads its append-only file as the user default, who may not write: give that user all rights and no way in, \"user default off resetpass ~* &* +@all\" (see deploy/redis/users.acl)")
	}
	return nil
}

// judge says what is wrong with a server by its INFO, with the repair.
func judge(text string) error {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[k] = v
		}
	}
	if info["loading"] == "1" {
		return errLoading
	}
	major, _, _ := strings.Cut(info["redis_version"], ".")
	if n, err := strconv.Atoi(major); err != nil || n < 7 {
		return unfit("it is version %s: use 7.0 or later", info["redis_version"])
	}
	if info["role"] != "master" {
		return unfit("its role is %s: name the master in SIDEM_STORE, or promote this one (REPLICAOF NO ONE)", info["role"])
	}
	if info["aof_enabled"] != "1" {
		return unfit("it keeps no append-only file, and would lose what was acknowledged: set \"appendonly yes\" in redis.conf (on a running server: CONFIG SET appendonly yes, then CONFIG REWRITE)")
	}
	if s := info["aof_last_write_status"]; s != "ok" {
		return unfit("its last write to the append-only file ended %q: look at the space and the health of its disk", s)
	}
	if p := info["maxmemory_policy"]; p != "noeviction" {
		return unfit("it may evict records when memory is short (maxmemory-policy %s): set \"maxmemory-policy noeviction\"", p)
	}
	return nil
}

// errLoading is what a server says that still reads its file.
var errLoading = errors.New("LOADING the server is reading its append-only file")
