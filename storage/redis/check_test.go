package redis_test

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

func TestAServerThatMayLoseRecordsIsRefusedWithTheRepair(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	for name, tt := range map[string]struct {
		opts   redistest.Options
		repair string
	}{
		"no append-only file": {redistest.Options{Config: []string{"appendonly no"}}, "appendonly yes"},
		"eviction":            {redistest.Options{Config: []string{"maxmemory-policy allkeys-lru"}}, "maxmemory-policy noeviction"},
		"a replica":           {redistest.Options{Config: []string{"replicaof 127.0.0.1 1"}}, "REPLICAOF NO ONE"},
		"no right to INFO": {redistest.Options{ACL: func(acl string) string {
			return strings.Replace(acl, " +info", "", 1)
		}}, "+info"},
		// It drops at its restart what it acknowledged: see check.
		"a default user without rights": {redistest.Options{ACL: func(acl string) string {
			return strings.Replace(acl, "off resetpass ~* &* +@all", "off resetpass", 1)
		}}, "user default off resetpass ~* &* +@all"},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t, tt.opts)
			_, err := redis.Open(t.Context(), server.DSN("sidem"), redis.Options{})
			if !errors.Is(err, redis.ErrUnfit) || !strings.Contains(err.Error(), tt.repair) {
				t.Errorf("Open = %v, want ErrUnfit and %q", err, tt.repair)
			}
		})
	}
}

func TestAServerThatRestartsUnfitIsRefusedFromThenOn(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"})))
	must(t, server.Admin.ConfigSet(t.Context(), "appendonly", "no").Err())
	must(t, server.Admin.Do(t.Context(), "CLIENT", "KILL", "USER", "sidem").Err())
	if err := s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r2"})); !errors.Is(err, redis.ErrUnfit) {
		t.Errorf("Commit = %v, want ErrUnfit", err)
	}
}

func TestTheUserOfTheShippedFileDoesItsWorkAndNothingElse(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"}, mail("k"))))
	if got, err := s.Claim(t.Context(), morning, 1, lease); err != nil || len(got) != 1 {
		t.Errorf("Claim = %v, %v", got, err)
	}
	must(t, server.Admin.Set(t.Context(), "foreign", "v", 0).Err())

	o, err := goredis.ParseURL(strings.SplitN(server.DSN("sidem"), "?", 2)[0])
	must(t, err)
	o.DisableIdentity = true
	user := goredis.NewClient(o)
	defer func() { _ = user.Close() }()
	must(t, user.Ping(t.Context()).Err())
	for _, command := range []string{
		"FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET *", "CONFIG SET appendonly no", "SHUTDOWN NOSAVE", "DEBUG SLEEP 0", "SAVE",
		"REPLICAOF NO ONE", "ACL LIST", "ACL SETUSER sidem +@all", "SCRIPT FLUSH", "FUNCTION FLUSH", "MODULE LIST", "MIGRATE h 1 k 0 1", "SWAPDB 0 1",
		"CLIENT KILL TYPE normal", "MONITOR", "SCAN 0", "RANDOMKEY", "DEL {sidem}:rows", "RENAME {sidem}:rows {sidem}:x", "EXPIRE {sidem}:rows 1",
		"GET foreign", "SET foreign x", "HGET {sidem2}:rows f", "PUBLISH elsewhere x", "SUBSCRIBE elsewhere", "EVAL redis.call('flushall') 0",
	} {
		words := strings.Fields(command)
		if strings.HasPrefix(command, "EVAL") {
			words = []string{"EVAL", "return redis.call('flushall')", "0"}
		}
		args := make([]any, len(words))
		for i, w := range words {
			args[i] = w
		}
		err := user.Do(t.Context(), args...).Err()
		if err == nil || !strings.Contains(err.Error(), "NOPERM") && !strings.Contains(err.Error(), "can't run this command") {
			t.Errorf("%s = %v, want a refusal", command, err)
		}
	}
	nobody := goredis.NewClient(&goredis.Options{Addr: server.Addr(), DisableIdentity: true})
	defer func() { _ = nobody.Close() }()
	if err := nobody.Get(t.Context(), "foreign").Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without a password: %v, want NOAUTH", err)
	}
	sound(t, s, 1)
}

func TestOverTLSOnlyAServerThatTheCertificatesVouchForIsTrusted(t *testing.T) {
	server := redistest.Start(t, redistest.Options{TLS: true})
	s := open(t, server.DSN("sidem"), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"}, mail("k"))))
	woken(t, s)
	stranger, _, _ := strings.Cut(server.DSN("sidem"), "&ca=")
	if _, err := redis.Open(t.Context(), stranger, redis.Options{Patience: time.Second}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate: %v", err)
	}
	plain := strings.Replace(server.DSN("sidem"), "rediss://", "redis://", 1)
	if _, err := redis.Open(t.Context(), plain, redis.Options{Patience: time.Second}); err == nil {
		t.Error("certificates without TLS were taken")
	}
}

func TestNoErrorTellsAPassword(t *testing.T) {
	const canary = "c/n@ry:42"
	dsn := func(scheme, host, rest string) string {
		return (&url.URL{Scheme: scheme, User: url.UserPassword("sidem", canary), Host: host}).String() + rest
	}
	quiet := slog.New(slog.DiscardHandler)
	for _, address := range []string{
		"redis://sidem:" + canary + "@" + shared(t).Addr(), // not escaped
		"redis://sidem:" + canary + "%zz@127.0.0.1:1/0",
		dsn("redis", shared(t).Addr(), "/0"), // wrong
		dsn("redis", "127.0.0.1:1", "/0"),    // nobody there
		dsn("redis", shared(t).Addr(), "/zero"),
		dsn("redis", shared(t).Addr(), "/0?colour=red"),
		dsn("redis", shared(t).Addr(), "/0?ca=/none"),
		dsn("rediss", shared(t).Addr(), "/0?ca=/none"),
		dsn("rediss", shared(t).Addr(), "/0?dial_timeout=100ms&read_timeout=100ms"), // it speaks no TLS
		dsn("redis", shared(t).Addr(), "/0?tag={x}"),
		dsn("http", shared(t).Addr(), ""),
	} {
		s, err := redis.Open(t.Context(), address, redis.Options{Patience: 100 * time.Millisecond, Log: quiet})
		if err == nil {
			_ = s.Close()
			t.Errorf("it was opened: %s", address)
			continue
		}
		for _, secret := range []string{canary, url.QueryEscape(canary), "n@ry", "n%40ry"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the password is told: %v", err)
			}
		}
	}
}
