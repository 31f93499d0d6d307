// Package redistest starts real Redis servers on loopback for tests: with an append-only file, SIDEM's own ACL file, and faults on demand.
package redistest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/testbed"
)

// Options are how a server runs; the zero value is one that SIDEM accepts.
type Options struct {
	// Fsync is appendfsync: always, everysec (the default here, as in Redis) or no.
	Fsync string
	// Config are further lines of redis.conf; they come last, and win.
	Config []string
	// TLS makes the server speak TLS only, with a certificate of its own (Server.CA).
	TLS bool
	// ACL changes the text of the ACL file that SIDEM ships, before the server reads it.
	ACL func(string) string
}

// Server is one redis-server process. It may be killed and started again.
type Server struct {
	// Admin may do everything, so that a test can look and break.
	Admin *redis.Client
	// CA is the file of the certificate that vouches for a server with TLS.
	CA string

	dir, addr string
	password  string // of the user sidem
	secret    string // of the user admin
	tls       bool
	cmd       *exec.Cmd
	log       journal
}

// journal is what the process said; it may be read while the process writes.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// patience is how long a server may take to start, or to end.
const patience = 20 * time.Second

// Start starts a server that ends with the test. Without a redis-server in the
// PATH the test is skipped, or fails where it is required.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	testbed.Need(t, testbed.Redis)
	s, err := Launch(t.TempDir(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Launch starts a server in a folder, for tests that share one; Close ends it.
func Launch(dir string, opts Options) (_ *Server, err error) {
	s := &Server{dir: dir, password: word(), secret: word(), tls: opts.TLS}
	if s.addr, err = testbed.FreeAddr(); err != nil {
		return nil, err
	}
	if err := s.configure(opts); err != nil {
		return nil, err
	}
	o, err := redis.ParseURL(s.url("admin", s.secret))
	if err != nil {
		return nil, err
	}
	if s.tls {
		if o.TLSConfig.RootCAs, err = pool(s.CA); err != nil {
			return nil, err
		}
	}
	o.DisableIdentity, o.MaxRetries = true, -1
	s.Admin = redis.NewClient(o)
	return s, s.Up()
}

// word is a password that needs escaping in a URL: whoever forgets it fails here.
func word() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return "p/" + hex.EncodeToString(b[:]) + "@w"
}

// shippedACL is the ACL file of the repository: above this file, or, where a build with
// -trimpath does not know that, above the folder that a test runs in.
func shippedACL() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	if !filepath.IsAbs(here) {
		var err error
		if here, err = os.Getwd(); err != nil {
			return "", err
		}
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		b, err := os.ReadFile(filepath.Join(dir, "deploy/redis/users.acl"))
		if err == nil {
			return string(b), nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("redistest: no deploy/redis/users.acl above %s", here)
		}
	}
}

func (s *Server) configure(opts Options) error {
	acl, err := shippedACL()
	if err != nil {
		return err
	}
	acl = strings.Replace(acl, ">CHANGE-THIS-PASSWORD", ">"+s.password, 1)
	if opts.ACL != nil {
		acl = opts.ACL(acl)
	}
	acl += "\nuser admin on >" + s.secret + " ~* &* +@all\n"
	fsync := opts.Fsync
	if fsync == "" {
		fsync = "everysec"
	}
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	inDir := func(name string) string { return strconv.Quote(filepath.Join(s.dir, name)) }
	conf := []string{
		"bind 127.0.0.1", "dir " + inDir("."), "aclfile " + inDir("users.acl"), "save \"\"",
		"appendonly yes", "appendfsync " + fsync, "maxmemory-policy noeviction", "enable-debug-command yes",
		"auto-aof-rewrite-percentage 0",
	}
	if opts.TLS {
		if s.CA, err = certify(s.dir); err != nil {
			return err
		}
		conf = append(conf, "port 0", "tls-port "+port, "tls-auth-clients no",
			"tls-cert-file "+inDir("cert.pem"), "tls-key-file "+inDir("key.pem"))
	} else {
		conf = append(conf, "port "+port)
	}
	conf = append(conf, opts.Config...)
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "users.acl"), []byte(acl), 0o600),
		os.WriteFile(filepath.Join(s.dir, "redis.conf"), []byte(strings.Join(conf, "\n")+"\n"), 0o600),
	)
}

func (s *Server) url(user, password string) string {
	u := url.URL{Scheme: "redis", User: url.UserPassword(user, password), Host: s.addr, Path: "/0"}
	if s.tls {
		u.Scheme = "rediss"
	}
	return u.String()
}

// Addr is the server's host and port, the same after a restart.
func (s *Server) Addr() string { return s.addr }

// Password is that of the user sidem.
func (s *Server) Password() string { return s.password }

// DSN is the address for SIDEM_STORE, as the user sidem, with the hash tag tag.
func (s *Server) DSN(tag string) string {
	dsn := s.url("sidem", s.password) + "?tag=" + url.QueryEscape(tag)
	if s.CA != "" {
		dsn += "&ca=" + url.QueryEscape(s.CA)
	}
	return dsn
}

// Via is DSN through another address: that of a Proxy.
func (s *Server) Via(addr, tag string) string {
	return strings.Replace(s.DSN(tag), s.addr, addr, 1)
}

// Up starts the process and waits until it answers.
func (s *Server) Up() error {
	s.cmd = exec.Command("redis-server", filepath.Join(s.dir, "redis.conf")) //nolint:noctx,gosec // ended by Close, or by Kill; the folder is ours
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	s.cmd.SysProcAttr = mortal()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("redistest: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := s.Admin.Ping(ctx).Err()
		if err == nil {
			return s.read()
		}
		if ctx.Err() != nil {
			s.Kill()
			return fmt.Errorf("redistest: redis-server does not answer: %w\n%s", err, s.log.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// read is an error if the server could not take in its append-only file.
func (s *Server) read() error {
	if log := s.log.String(); strings.Contains(log, "== CRITICAL ==") {
		return fmt.Errorf("redistest: the append-only file was not read:\n%.2000s", log)
	}
	return nil
}

// Kill ends the process by kill -9.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended by itself
	_ = s.cmd.Wait()         // "signal: killed"
	s.cmd = nil
}

// Close ends the process; a second call does nothing.
func (s *Server) Close() {
	s.Kill()
	_ = s.Admin.Close()
}

// Calls are how often each command ran since the server started, those of scripts included.
func (s *Server) Calls(ctx context.Context) (map[string]int, error) {
	text, err := s.Admin.Info(ctx, "commandstats").Result()
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		n, _, _ := strings.Cut(rest, ",")
		if count, err := strconv.Atoi(n); ok && err == nil {
			out[name] = count
		}
	}
	return out, nil
}
