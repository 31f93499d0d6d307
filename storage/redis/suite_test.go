package redis_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/notifiertest"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// common is the server of all tests that do not break it; nil where there is no
// redis-server. Everything runs as the user of the ACL file that is shipped.
var common *redistest.Server

// shared is that server. Without one the test is skipped.
func shared(t testing.TB) *redistest.Server {
	t.Helper()
	testbed.Need(t, testbed.Redis)
	return common
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if _, err := testbed.Redis.Path(); err != nil {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "redistest")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		common, err = redistest.Launch(dir, redistest.Options{Fsync: "no", ACL: anyTag})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer common.Close()
	return m.Run()
}

// anyTag lets the user at every tag that begins with sidem, so that each test has its own,
// and makes another user, auditor, who may list keys too.
func anyTag(acl string) string {
	return strings.ReplaceAll(acl, "{sidem}", "{sidem*}") + "\nuser auditor on >looks ~{sidem*}:* &{sidem*}:* +@all\n"
}

var tags atomic.Int64

// newTag is the tag of an empty store.
func newTag() string { return fmt.Sprintf("sidem-%d", tags.Add(1)) }

func open(t testing.TB, dsn string, opts redis.Options) *redis.Store {
	t.Helper()
	s, err := redis.Open(t.Context(), dsn, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestRedisPassesTheSuite(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	storagetest.Run(t, func(t *testing.T) storagetest.Store { return open(t, shared(t).DSN(newTag()), redis.Options{}) })
	places := map[string]string{}
	storagetest.RunDurable(t, func(t *testing.T, place string) storagetest.Durable {
		if places[place] == "" {
			places[place] = newTag()
		}
		return open(t, shared(t).DSN(places[place]), redis.Options{})
	})
}

func TestRedisPassesTheSuiteOfThrottles(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	notifiertest.Throttle(t, func(t *testing.T) notifier.Throttle { return open(t, shared(t).DSN(newTag()), redis.Options{}) })
}

// replicas is a throttle that is a different one at each call.
type replicas struct {
	turn   atomic.Int64
	stores []*redis.Store
}

func (r *replicas) next() *redis.Store { return r.stores[r.turn.Add(1)%int64(len(r.stores))] }

func (r *replicas) Admit(ctx context.Context, now time.Time, rates ...outbox.Rate) (time.Time, error) {
	return r.next().Admit(ctx, now, rates...)
}

func (r *replicas) Shut(ctx context.Context, scope string, until time.Time) error {
	return r.next().Shut(ctx, scope, until)
}

func TestReplicasShareTheirThrottles(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	notifiertest.Throttle(t, func(t *testing.T) notifier.Throttle {
		dsn := shared(t).DSN(newTag())
		return &replicas{stores: []*redis.Store{open(t, dsn, redis.Options{}), open(t, dsn, redis.Options{}), open(t, dsn, redis.Options{})}}
	})
}
