package redis_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// known gives the servers of one deployment the same users: sidem, and ops, who replicates and watches.
func known(acl string) string {
	return strings.Replace(acl, "user sidem on ", "user sidem on >shared ", 1) + "\nuser ops on >ops ~* &* +@all\n"
}

// startSentinel starts a Sentinel that watches a master, and returns its address
// when it knows of a replica.
func startSentinel(t *testing.T, master *redistest.Server) string {
	t.Helper()
	addr, err := testbed.FreeAddr()
	must(t, err)
	_, port, _ := net.SplitHostPort(addr)
	host, masterPort, _ := net.SplitHostPort(master.Addr())
	dir := t.TempDir()
	conf := filepath.Join(dir, "sentinel.conf")
	must(t, os.WriteFile(conf, []byte(strings.Join([]string{
		"bind 127.0.0.1", "port " + port, "dir " + dir,
		"sentinel monitor oficina " + host + " " + masterPort + " 1",
		"sentinel auth-user oficina ops", "sentinel auth-pass oficina ops",
		"sentinel down-after-milliseconds oficina 1000", "sentinel failover-timeout oficina 10000", "",
	}, "\n")), 0o600))
	cmd := exec.CommandContext(t.Context(), "redis-server", conf, "--sentinel") //nolint:gosec // the file is ours
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context has ended it
	c := goredis.NewSentinelClient(&goredis.Options{Addr: addr, DisableIdentity: true})
	defer func() { _ = c.Close() }()
	testbed.Await(t, time.Minute, "a replica that the Sentinel knows", func() bool {
		replicas, err := c.Replicas(t.Context(), "oficina").Result()
		return err == nil && len(replicas) == 1 && replicas[0]["flags"] == "slave" && replicas[0]["master-link-status"] == "ok"
	})
	return addr
}

// replicated waits until a replica has all that the master has by now. WAIT speaks
// of what its own connection has written, so that connection writes last.
func replicated(t *testing.T, master *redistest.Server) {
	t.Helper()
	c := master.Admin.Conn()
	defer func() { _ = c.Close() }()
	must(t, c.Set(t.Context(), "replicated", "", 0).Err())
	if n, err := c.Wait(t.Context(), 1, time.Minute).Result(); n != 1 || err != nil {
		t.Fatalf("%d replicas have it: %v", n, err)
	}
}

func TestAFailoverBySentinelIsOutlasted(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t, redistest.Options{ACL: known})
	host, port, _ := net.SplitHostPort(master.Addr())
	replica := redistest.Start(t, redistest.Options{ACL: known, Config: []string{
		"replicaof " + host + " " + port, "masteruser ops", "masterauth ops",
	}})
	sentinel := startSentinel(t, master)
	alone := "redis://" + sentinel + "/0"
	if _, err := redis.Open(t.Context(), alone, redis.Options{Patience: time.Second}); !errors.Is(err, redis.ErrUnfit) || !strings.Contains(err.Error(), "sentinel=NAME") {
		t.Errorf("a Sentinel taken for a master: %v", err)
	}
	nobody := "127.0.0.1:1" // a Sentinel that is down
	dsn := (&url.URL{Scheme: "redis", User: url.UserPassword("sidem", "shared"), Host: nobody, Path: "/0"}).String() + "?sentinel=oficina&addr=" + sentinel
	s := open(t, dsn, redis.Options{Patience: time.Minute})
	for i := range 10 {
		must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i)}, mail(fmt.Sprint(i)))))
	}
	replicated(t, master)
	master.Kill()
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "after"})))
	sound(t, s, 11)
	if n, err := replica.Admin.HGet(t.Context(), "{sidem}:rows", "n:events").Int(); n != 11 || err != nil {
		t.Errorf("the new master has %d events, %v", n, err)
	}
	woken(t, s)
}

// TestAFailoverThatLosesWhatWasAcknowledgedIsDetected has Sentinel promote a
// replica that did not get the master's last commits.
func TestAFailoverThatLosesWhatWasAcknowledgedIsDetected(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t, redistest.Options{ACL: known})
	line := redistest.NewProxy(t, master, 6) // of the replication
	host, port, _ := net.SplitHostPort(line.Addr())
	replica := redistest.Start(t, redistest.Options{ACL: known, Config: []string{
		"replicaof " + host + " " + port, "masteruser ops", "masterauth ops",
	}})
	sentinel := startSentinel(t, master)
	dsn := (&url.URL{Scheme: "redis", User: url.UserPassword("sidem", "shared"), Host: sentinel, Path: "/0"}).String() + "?sentinel=oficina"
	s := open(t, dsn, redis.Options{Patience: time.Minute})
	commit := func(id string) error {
		return s.Commit(t.Context(), next(core.Record{}, core.Event{Record: id}))
	}
	for i := range 5 {
		must(t, commit(fmt.Sprint("kept", i)))
	}
	replicated(t, master)
	line.Cut()
	for i := range 3 {
		must(t, commit(fmt.Sprint("lost", i))) // acknowledged
	}
	master.Kill()
	err := commit("after")
	if !errors.Is(err, redis.ErrLost) {
		t.Errorf("after a failover that lost three commits: %v", err)
	}
	if n, err := replica.Admin.HGet(t.Context(), "{sidem}:rows", "n:events").Int(); n != 5 || err != nil {
		t.Errorf("the new master has %d events, %v; nothing was lost, or something was added", n, err)
	}
}

func TestSentinelsAreNamedTogether(t *testing.T) {
	for _, query := range []string{"?addr=127.0.0.1:26380", "?sentinel_user=x", "?sentinel_password=x"} {
		_, err := redis.Open(t.Context(), "redis://sidem:secret@127.0.0.1:1/0"+query, redis.Options{Patience: time.Second})
		if err == nil || !strings.Contains(err.Error(), "sentinel=MASTER") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", query, err)
		}
	}
}
