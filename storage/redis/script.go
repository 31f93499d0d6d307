package redis

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed lua/common.lua
	luaCommon string
	//go:embed lua/plan.lua
	luaPlan string
	//go:embed lua/commit.lua
	luaCommit string
	//go:embed lua/outbox.lua
	luaOutbox string
	//go:embed lua/claim.lua
	luaClaim string
	//go:embed lua/purge.lua
	luaPurge string
	//go:embed lua/forget.lua
	luaForget string
	//go:embed lua/take.lua
	luaTake string
	//go:embed lua/return.lua
	luaReturn string
	//go:embed lua/items.lua
	luaItems string
	//go:embed lua/backlog.lua
	luaBacklog string
	//go:embed lua/filed.lua
	luaFiled string
	//go:embed lua/find.lua
	luaFind string
	//go:embed lua/gather.lua
	luaGather string
	//go:embed lua/instant.lua
	luaInstant string
	//go:embed lua/list.lua
	luaList string
	//go:embed lua/reserve.lua
	luaReserve string
	//go:embed lua/session.lua
	luaSession string
	//go:embed lua/enter.lua
	luaEnter string
	//go:embed lua/leave.lua
	luaLeave string
	//go:embed lua/expired.lua
	luaExpired string
	//go:embed lua/sessions.lua
	luaSessions string
	//go:embed lua/values.lua
	luaValues string
	//go:embed lua/throttle.lua
	luaThrottle string
	//go:embed lua/load.lua
	luaLoad string
	//go:embed lua/migrate.lua
	luaMigrate string
)

// With a shebang the server judges before it begins: a script that may write is
// refused whole when memory is short, when the file cannot be written, and on a replica.
var (
	commitScript   = writing(luaCommon, luaPlan, luaCommit)
	outboxScript   = writing(luaCommon, luaPlan, luaOutbox)
	claimScript    = writing(luaCommon, luaClaim)
	reserveScript  = writing(luaCommon, luaReserve)
	sessionScript  = writing(luaCommon, luaExpired, luaSession)
	enterScript    = writing(luaCommon, luaEnter)
	leaveScript    = writing(luaCommon, luaExpired, luaLeave)
	throttleScript = writing(luaCommon, luaThrottle)
	loadScript     = writing(luaCommon, luaLoad)
	migrateScript  = writing(luaCommon, luaMigrate)
	purgeScript    = writing(luaCommon, luaPurge)
	forgetScript   = writing(luaCommon, luaForget)
	takeScript     = writing(luaCommon, luaTake)
	returnScript   = writing(luaCommon, luaReturn)
	itemsScript    = reading(luaCommon, luaItems)
	backlogScript  = reading(luaCommon, luaBacklog)
	filedScript    = reading(luaCommon, luaFiled)
	findScript     = reading(luaCommon, luaFind)
	gatherScript   = reading(luaCommon, luaGather)
	instantScript  = reading(luaCommon, luaInstant)
	listScript     = reading(luaCommon, luaList)
	sessionsScript = reading(luaCommon, luaSessions)
	valuesScript   = reading(luaCommon, luaValues)
)

func writing(parts ...string) *redis.Script {
	return redis.NewScript("#!lua\n" + strings.Join(parts, "\n"))
}

func reading(parts ...string) *redis.Script {
	return redis.NewScript("#!lua flags=no-writes\n" + strings.Join(parts, "\n"))
}

// run runs a script: by its digest, and by its text where the server does not
// know it (yet, or any more). While the server is away it is repeated, with the
// same arguments: that is what operation ids are for.
func (s *Store) run(ctx context.Context, sc *redis.Script, keys []string, args ...any) (out []any, err error) {
	err = s.retry(ctx, func(ctx context.Context) error {
		v, err := sc.Run(ctx, s.db, keys, args...).Result()
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case []any:
			out = v
		default:
			out = []any{v}
		}
		return nil
	})
	return out, err
}

// retry repeats do while the server is away, until Patience or ctx ends.
func (s *Store) retry(ctx context.Context, do func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.patience, errAway)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		err := do(ctx)
		if s.ctx.Err() != nil && err != nil {
			return ErrClosed
		}
		if err == nil || !passes(err) {
			s.answered()
			return explain(err)
		}
		s.unanswered(err)
		pause(ctx, wait)
		if ctx.Err() != nil {
			if s.ctx.Err() != nil {
				return ErrClosed
			}
			if cause := context.Cause(ctx); !errors.Is(cause, errAway) {
				return errors.Join(cause, err)
			}
			return fmt.Errorf("%w for %s: %w", errAway, s.patience, err)
		}
	}
}

var errAway = errors.New("the Redis server does not answer")

// unanswered and answered tell the operator once that the server is away, and once that it is back.
func (s *Store) unanswered(err error) {
	if s.away.CompareAndSwap(false, true) {
		s.log.Warn("redis: the server does not answer; trying again", "err", err)
	}
}

func (s *Store) answered() {
	if s.away.Load() && s.away.CompareAndSwap(true, false) {
		s.log.Info("redis: the server answers again")
	}
}

// passes reports whether err may be gone at the next try. What ends with the
// caller's own context does not.
func passes(err error) bool {
	if errors.Is(err, ErrUnfit) {
		return false
	}
	for _, prefix := range []string{"LOADING", "READONLY", "MASTERDOWN", "TRYAGAIN", "NOREPLICAS", "CLUSTERDOWN", "BUSY ", "max number of clients"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	var network net.Error
	return errors.Is(err, errLoading) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.As(err, &network)
}

// explain says in words what a server's refusal means.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case redis.HasErrorPrefix(err, "OOM"):
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case redis.HasErrorPrefix(err, "MISCONF"):
		return fmt.Errorf("%w: it cannot write its append-only file: look at the space and the health of its disk (%w)", ErrUnfit, err)
	case redis.HasErrorPrefix(err, "NOPERM"):
		return fmt.Errorf("its user may not do that: see deploy/redis/users.acl (%w)", err)
	case redis.HasErrorPrefix(err, "WRONGTYPE"):
		return fmt.Errorf("a key of this deployment holds something else: is the tag used by another program? (%w)", err)
	default:
		return err
	}
}
