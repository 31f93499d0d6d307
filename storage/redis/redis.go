// Package redis keeps ledger, sessions and outbox in one Redis: the store of several machines.
//
// Every change is one Lua script, which judges everything before its first
// write, because scripts do not roll back. Each call has an operation id, so that
// a repeat, after an answer that was lost, gets the first verdict. All keys
// of a deployment share one hash tag. Times are kept in UTC, cut to milliseconds.
//
// With appendfsync always no acknowledged change is lost. With everysec the last
// are, by a power cut and by a kill of the server too: Redis answers before it
// writes while a sync is under way, for up to two seconds.
package redis

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier"
)

var (
	_ desk.Ledger     = (*Store)(nil)
	_ desk.Sessions   = (*Store)(nil)
	_ notifier.Outbox = (*Store)(nil)
)

// Options are how to open a Store; the zero value works.
type Options struct {
	// Patience is how long a call waits for a server that is away (restarting,
	// cut off, failing over) before it fails; by default 15 s. A caller whose
	// context ends earlier is answered earlier.
	Patience time.Duration
	// Log hears of a server that went away and came back; by default slog.Default().
	Log *slog.Logger
	// ReadOnly opens a store that is in an older format only where its rows can be read as they are.
	ReadOnly bool

	migrations []migration // nil: those of this program
	senders    int         // how many groups of commits are under way at once; 0 is the default
	group      int         // the most commits in one group; 0 is the default
}

const (
	// markTTL is how long the mark of an operation is kept: much longer than a
	// call is repeated (Patience, and the time-outs of the last attempt).
	markTTL = 2 * time.Minute
	// maxPatience keeps repeats well within markTTL.
	maxPatience = time.Minute
)

// Store is one deployment's keys on one Redis. Its methods are safe for
// concurrent use, in one process and in many.
type Store struct {
	db       *redis.Client
	log      *slog.Logger
	patience time.Duration
	prefix   string // of every key and of the channel: "{tag}:"
	channel  string
	watched  bool     // by Sentinels, who say which server is the master
	keys     []string // of the scripts on ledger and outbox
	refused  string   // the key of what was refused
	sessions []string // of those on sessions

	ctx      context.Context // ends with Close
	end      context.CancelFunc
	workers  sync.WaitGroup
	commits  *committer
	throttle throttle
	held     held
	wake     chan struct{}
	floor    atomic.Int64 // the highest index that a caller was told
	away     atomic.Bool  // the server did not answer the last call
	unseen   sync.Once    // the warning of check
	close    sync.Once
	err      error // of Close
}

// Open connects to the server that dsn names (see parse), and refuses one that
// may lose what it was given: see check. One that holds a part of an archive is
// refused with archive.ErrHalf, and one of a newer format with archive.FormatError; one of an
// older format is brought up to date (see migrate). Its errors tell no password.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	quiet()
	a, err := parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("redis: open: %w", err)
	}
	s := newStore(a, opts)
	err = s.retry(ctx, func(ctx context.Context) error { return s.db.Ping(ctx).Err() })
	if err == nil {
		err = s.whole(ctx)
	}
	if err == nil {
		err = s.migrate(ctx, opts.steps(), opts.ReadOnly)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("redis: open %s: %w", a.Addr, err), s.Close())
	}
	return s, nil
}

// quiet keeps the library from writing to the standard error by itself: each
// attempt of each connection would be a line there, and no JSON. Store.Log hears
// what an operator must know.
var quiet = sync.OnceFunc(logging.Disable)

func newStore(a address, opts Options) *Store {
	s := &Store{
		log: opts.Log, patience: opts.Patience, prefix: "{" + a.tag + "}:", wake: make(chan struct{}, 1),
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.patience == 0 {
		s.patience = 15 * time.Second
	}
	s.patience = min(s.patience, maxPatience)
	s.channel = s.prefix + "wake"
	s.keys = s.named("rows", "lists", "due", "leased", "dead")
	s.sessions = s.named("rows", "sessions", "ends")
	s.refused = s.named("refused")[0]
	s.watched = a.sentinel.master != ""
	a.OnConnect = s.check
	s.db = a.client()
	s.throttle = throttle{turn: make(chan struct{}, 1), seen: map[string]string{}}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.commits = newCommitter(s, opts.senders, opts.group)
	s.workers.Go(s.listen)
	return s
}

// named are keys of this deployment.
func (s *Store) named(names ...string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = s.prefix + n
	}
	return out
}

const opLen = 12

// newOp names one call for ever, in opLen letters of base 64.
func newOp() string {
	var b [opLen * 3 / 4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// mark is the key that remembers the verdict of an operation.
func (s *Store) mark(op string) string { return s.prefix + "op:" + op }

// Close ends the store: calls under way fail or are finished. A second Close
// does nothing and returns what the first did.
func (s *Store) Close() error {
	s.close.Do(func() {
		s.end()
		s.workers.Wait()
		if err := s.db.Close(); err != nil {
			s.err = fmt.Errorf("redis: close: %w", err)
		}
	})
	return s.err
}

// Wake receives after items were added or hastened, by any replica: a hint to look again.
func (s *Store) Wake() <-chan struct{} { return s.wake }

func (s *Store) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// listen passes on what other replicas say. Whenever the subscription is made
// anew it rouses once, since something may have been said meanwhile; while there
// is none, whoever waits still looks by itself from time to time.
func (s *Store) listen() {
	sub := s.db.Subscribe(s.ctx, s.channel)
	defer context.AfterFunc(s.ctx, func() { _ = sub.Close() })() // the connection ends, which is the point
	// It asks every few seconds whether the connection lives, and makes another one if not.
	for range sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(3 * time.Second)) {
		s.rouse()
	}
}

// pause returns after d, or when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// cut is t as the store keeps it. A zero time stays zero.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}
