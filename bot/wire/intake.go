package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// State is what became of an input that a platform brings.
type State int

// The states of an input.
const (
	Fresh   State = iota // it was kept now
	Waiting              // it was kept before, and is not worked yet
	Done                 // it was worked before
)

// The errors of Offer. What it refuses must not be confirmed to the platform, but
// for ErrCrowded and ErrTooLarge, which would stay so.
var (
	// ErrUnkept says that the store does not take an input so far, and is asked again.
	ErrUnkept = errors.New("not kept so far")
	// ErrCrowded says that too much of one person waits.
	ErrCrowded = errors.New("too much of one person waits")
	// ErrFull says that too much waits in all.
	ErrFull = errors.New("too much waits")
	// ErrClosed says that nothing more is taken.
	ErrClosed = errors.New("closed")
)

const (
	maxLane  = 250    // inputs of one lane that wait
	maxAll   = 10_000 // inputs that wait in this process
	maxTries = 3      // processes that may end while an input is worked
	quick    = 16     // inputs without files that are handled at once
	heavy    = 8      // inputs with files
)

// Config is what an Intake is made of. P is what an adapter makes of an input.
type Config[P any] struct {
	Sessions Sessions
	// Space is the platform and the bot: inputs of another are none of these.
	Space string
	// Shared says that other processes use the same Sessions for the same bot.
	Shared bool
	Now    func() time.Time // the business clock, by which marks expire
	Log    *slog.Logger
	// Read makes of an input what Work takes, where another process received it;
	// false: nothing is to be done.
	Read func(Kept) (P, bool)
	// Work carries out one act. When its context has ended it was cut short, and is
	// worked once more later.
	Work func(ctx context.Context, act Act[P]) Outcome
	// Fleeting reports whether the platform brings p no more, once it was not confirmed.
	// Such an input is worked soon or never: nobody expects it to be done much later.
	// Nil: all come again.
	Fleeting func(p P) bool
	// Late tells a person that what they did is not known to be kept so far; it will be
	// worked. Lost tells that what they did, which was fleeting, is not kept and will
	// not be worked. One of them is called, once for an input, where a store does not take
	// it. Nil tells nobody.
	Late, Lost func(ctx context.Context, p P)
	// Open reports whether another part of the same act may follow p, and Joins
	// whether next is one. Nil: each input is an act of its own.
	Open  func(p P) bool
	Joins func(p, next P) bool
	// Follow follows inputs from process to process; nil: nobody does.
	Follow Follower
}

// Follower follows inputs from where they came to where they are worked.
type Follower interface {
	// Came begins with an input that a platform brought: trace is kept with it. kept is called
	// once it is, and never for one that was known before or could not be kept.
	Came(k Kept) (trace string, kept func())
	// Worked is the context in which an act is worked whose first input was kept with trace.
	Worked(ctx context.Context, trace string) context.Context
}

// alone follows nothing.
type alone struct{}

func (alone) Came(Kept) (string, func())                           { return "", func() {} }
func (alone) Worked(ctx context.Context, _ string) context.Context { return ctx }

// Act is one thing that a person did: one input, or several that the platform made of it.
type Act[P any] struct {
	Parts []P
	// Spoiled says that several processes ended while they worked it.
	Spoiled bool
}

// Outcome is what came of an act.
type Outcome struct {
	// Said is what is to be said if it is brought again.
	Said []byte
	// Undecided says that nothing came of it: brought again it is another act.
	Undecided bool
	// Brief says that it may be forgotten soon: a stranger's, of whom there may be any number.
	Brief bool
}

// Times of an Intake, which tests shorten.
type intakeTimes struct {
	window time.Duration // between the parts of one act
	tick   time.Duration // of the pulse, and of the look for what others left
	life   time.Duration // a pulse that stands still for so long is a dead process's
	look   time.Duration // before asking again whether another's input goes first
	again  time.Duration // before the store is asked again
	silent time.Duration // for which a person is left without a word while the store fails
	giveUp time.Duration // for which the store is asked to keep what is fleeting
}

var defaultTimes = intakeTimes{
	window: 700 * time.Millisecond, tick: 400 * time.Millisecond, life: 2 * time.Second,
	look: 100 * time.Millisecond, again: 500 * time.Millisecond, silent: 3 * time.Second, giveUp: 20 * time.Second,
}

// Intake keeps what people do and has it worked: each input once, in the order of
// its lane, lanes beside each other, whichever process received it and whichever
// ends meanwhile.
//
// An input is kept, then confirmed to its platform (that is for whoever calls
// Offer), then worked, then marked. What a process leaves behind that died is taken
// over by another within a few seconds, or by the next that starts. An input that
// was being worked then is worked once more; whoever works it tells a repeat by its id.
type Intake[P any] struct {
	cfg   Config[P]
	inbox *inbox
	times intakeTimes
	quick chan struct{}
	heavy chan struct{}

	taking  context.Context // ends when nothing more is begun
	stop    context.CancelFunc
	work    context.Context // ends when what is being worked must end
	cut     context.CancelFunc
	wg      sync.WaitGroup // lanes
	tending sync.WaitGroup
	asking  sync.WaitGroup // of the store, for what it did not take
	suspect sync.Mutex     // held while something is worked that processes have died of

	mu     sync.Mutex
	closed bool
	here   map[string]*entry[P] // by key: what this process holds
	lanes  map[string]*lane[P]
	lost   map[string]time.Time // by key: what was told to be lost, and when; a write of it may still come about

	// Of the goroutine that tends.
	pulse   int // its revision
	watched map[string]watch
	failing bool
}

// entry is an input that this process holds. It stands in its lane from the moment at
// which it came, so that nothing overtakes it while it is being kept.
type entry[P any] struct {
	Kept
	key  string // of its row
	what P
	came time.Time // to this process
	// ready is when it was known here to be kept. Only then is the platform asked for
	// what follows, so only from then on is what follows waited for.
	ready time.Time
	batch *batch // that it came in; nil: by itself
	rev   int
	kept  bool          // guarded by the intake
	mine  bool          // it was kept as begun, where no other of its lane waited; guarded by the intake
	late  bool          // the store did not take it at first; guarded by the intake
	told  chan struct{} // closed when it is known whether it was kept
	// follow is called when it is kept; nil: another process has begun to follow it.
	follow func()
}

// batch are inputs that the platform brought together: it is asked for what follows any
// of them only when all are kept.
type batch struct{ kept bool } // guarded by the intake

// lane is a person's inputs that are not begun, in their order.
type lane[P any] struct {
	name  string
	queue []*entry[P]
	woken chan struct{} // receives when the queue has changed
}

// watch is another process's input, and how long its keeper has not been seen to move.
type watch struct {
	keeper string
	beats  int
	since  time.Time
}

// NewIntake makes an Intake; Start has it work.
func NewIntake[P any](cfg Config[P]) *Intake[P] {
	if cfg.Open == nil {
		cfg.Open = func(P) bool { return false }
	}
	if cfg.Fleeting == nil {
		cfg.Fleeting = func(P) bool { return false }
	}
	if cfg.Follow == nil {
		cfg.Follow = alone{}
	}
	work, cut := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	taking, stop := context.WithCancel(work)              //nolint:gosec // Close calls it
	return &Intake[P]{
		cfg: cfg, inbox: &inbox{sessions: cfg.Sessions, space: cfg.Space, keeper: rand.Text(), now: cfg.Now},
		times: defaultTimes, quick: make(chan struct{}, quick), heavy: make(chan struct{}, heavy),
		taking: taking, stop: stop, work: work, cut: cut,
		here: map[string]*entry[P]{}, lanes: map[string]*lane[P]{}, lost: map[string]time.Time{}, watched: map[string]watch{},
	}
}

// Start looks for what was left behind, and goes on looking until Close. It returns
// when it has looked once, or when ctx ends.
func (q *Intake[P]) Start(ctx context.Context) {
	for q.look(ctx) != nil {
		if Sleep(ctx, q.times.again) != nil {
			break
		}
	}
	q.tending.Go(q.tend)
}

// Close begins nothing more, lets what is being worked go on for the grace time and
// then ends its context, and leaves the rest to other processes.
func (q *Intake[P]) Close(grace time.Duration) {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.stop()
	finished := make(chan struct{})
	go func() {
		q.asking.Wait()
		q.wg.Wait()
		close(finished)
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-finished:
	case <-timer.C:
		q.cut()
		<-finished
	}
	q.cut()
	q.tending.Wait()
}

// claim is this process's entry of k; mine: it was made now, stands in its lane, and
// is to be confirmed or dropped.
func (q *Intake[P]) claim(k Kept, what P, in *batch) (e *entry[P], mine bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := q.inbox.key(k)
	switch e := q.here[key]; {
	case e == nil:
	case e.late && !e.kept:
		return nil, false, ErrUnkept
	default:
		return e, false, nil
	}
	switch l := q.lanes[k.Lane]; {
	case q.closed:
		return nil, false, ErrClosed
	case l != nil && len(l.queue) >= maxLane:
		return nil, false, ErrCrowded
	case len(q.here) >= maxAll:
		return nil, false, ErrFull
	}
	e = &entry[P]{Kept: k, key: key, what: what, batch: in, came: time.Now(), told: make(chan struct{})}
	e.Trace, e.follow = q.cfg.Follow.Came(k)
	q.here[key] = e
	delete(q.lost, key) // it is meant anew
	q.insert(e)
	return e, true, nil
}

// insert puts e into its lane. The intake is locked.
func (q *Intake[P]) insert(e *entry[P]) {
	l := q.lanes[e.Lane]
	if l == nil {
		l = &lane[P]{name: e.Lane, woken: make(chan struct{}, 1)}
		q.lanes[e.Lane] = l
		q.wg.Go(func() { q.serve(l) })
	}
	at, _ := slices.BinarySearchFunc(l.queue, e, before)
	l.queue = slices.Insert(l.queue, at, e)
	l.wake()
}

func (l *lane[P]) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// holds reports whether e is still this process's.
func (q *Intake[P]) holds(e *entry[P]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.here[e.key] == e
}

// confirm says that e is kept, at a revision of its row, and may be worked; begun: its row
// says that it is.
func (q *Intake[P]) confirm(e *entry[P], rev int, begun bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.rev, e.kept, e.ready = rev, true, time.Now()
	if begun {
		e.Act, e.mine = e.ID, true
	}
	close(e.told)
	if e.follow != nil {
		e.follow()
	}
	if l := q.lanes[e.Lane]; l != nil {
		l.wake()
	}
}

// close has what follows the entries of a batch be waited for from now on.
func (q *Intake[P]) close(b *batch, list []*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.kept = true
	for _, e := range list {
		e.ready = time.Now()
		if l := q.lanes[e.Lane]; l != nil {
			l.wake()
		}
	}
}

// drop takes entries that are not begun off their lanes: they are known, or could
// not be kept, or are another's.
func (q *Intake[P]) drop(list ...*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range list {
		delete(q.here, e.key)
		if !e.kept {
			close(e.told)
		}
		if l := q.lanes[e.Lane]; l != nil {
			l.queue = slices.DeleteFunc(l.queue, func(o *entry[P]) bool { return o == e })
			l.wake()
		}
	}
}

// release lets go of entries that were begun.
func (q *Intake[P]) release(list ...*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range list {
		delete(q.here, e.key)
	}
}

// giveBack puts entries that are not begun after all back into their lane.
func (q *Intake[P]) giveBack(list ...*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range list {
		q.insert(e)
	}
}

// Said is what was said when the input with an id was worked; false: it was not yet.
func (q *Intake[P]) Said(ctx context.Context, id string) ([]byte, bool, error) {
	return q.inbox.said(ctx, id)
}

func before[P any](a, b *entry[P]) int { return a.compare(b.Kept) }

// Handle runs do when there is a place for it: so many are done at once, and those
// that come with files have places of their own. What waits for a platform holds none.
func (q *Intake[P]) Handle(files bool, do func()) {
	places := q.quick
	if files {
		places = q.heavy
	}
	places <- struct{}{}
	defer func() { <-places }()
	do()
}

// note logs once that the store fails, and once that it works again.
func (q *Intake[P]) note(ctx context.Context, err error) {
	q.mu.Lock()
	same := q.failing == (err != nil)
	q.failing = err != nil
	q.mu.Unlock()
	switch {
	case same:
	case err != nil:
		q.cfg.Log.WarnContext(ctx, "what people do cannot be kept; it goes on trying", "space", q.cfg.Space, "err", err)
	default:
		q.cfg.Log.InfoContext(ctx, "what people do is kept again", "space", q.cfg.Space)
	}
}
