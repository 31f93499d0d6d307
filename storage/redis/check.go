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

// check looks at the server behind every new connection, so that one that
// restarted otherwise, or was put in its place by a failover, is refused too.
// INFO alone tells all, so that no user needs CONFIG.
func check(ctx context.Context, cn *redis.Conn) error {
	text, err := cn.Info(ctx).Result()
	if err != nil {
		if strings.HasPrefix(err.Error(), "NOPERM") {
			return fmt.Errorf("%w: its user may not ask INFO: allow it, +info (see deploy/redis/users.acl)", ErrUnfit)
		}
		return err
	}
	return judge(text)
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
		return fmt.Errorf("%w: it is version %s, 7.0 or later is needed", ErrUnfit, info["redis_version"])
	}
	if info["role"] != "master" {
		return fmt.Errorf("%w: its role is %s: name the master in SIDEM_STORE, or promote this one (REPLICAOF NO ONE)", ErrUnfit, info["role"])
	}
	if info["aof_enabled"] != "1" {
		return fmt.Errorf("%w: it keeps no append-only file, and would lose what was acknowledged: set \"appendonly yes\" in redis.conf (on a running server: CONFIG SET appendonly yes, then CONFIG REWRITE)", ErrUnfit)
	}
	if s := info["aof_last_write_status"]; s != "ok" {
		return fmt.Errorf("%w: its last write to the append-only file ended %q: look at the space and the health of its disk", ErrUnfit, s)
	}
	if p := info["maxmemory_policy"]; p != "noeviction" {
		return fmt.Errorf("%w: it may evict records when memory is short (maxmemory-policy %s): set \"maxmemory-policy noeviction\"", ErrUnfit, p)
	}
	return nil
}

// errLoading is what a server says that still reads its file.
var errLoading = errors.New("LOADING the server is reading its append-only file")
