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
	// Unkept tells a person that what they did could not be kept so far, for a store
	// that does not take it; it is called once for an input. Nil tells nobody.
	Unkept func(ctx context.Context, p P)
	// Open reports whether another part of the same act may follow p, and Joins
	// whether next is one. Nil: each input is an act of its own.
	Open  func(p P) bool
	Joins func(p, next P) bool
}

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
}

// Times of an Intake, which tests shorten.
type intakeTimes struct {
	window time.Duration // between the parts of one act
	tick   time.Duration // of the pulse, and of the look for what others left
	life   time.Duration // a pulse that stands still for so long is a dead process's
	look   time.Duration // before asking again whether another's input goes first
	again  time.Duration // before the store is asked again
	silent time.Duration // for which a person is left without a word while the store fails
}

var defaultTimes = intakeTimes{
	window: 700 * time.Millisecond, tick: 400 * time.Millisecond, life: 2 * time.Second,
	look: 100 * time.Millisecond, again: 500 * time.Millisecond, silent: 3 * time.Second,
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

	stop    chan struct{}   // closed: nothing more is begun
	work    context.Context // ends when what is being worked must end
	cut     context.CancelFunc
	wg      sync.WaitGroup // lanes
	tending sync.WaitGroup
	suspect sync.Mutex // held while something is worked that processes have died of

	mu     sync.Mutex
	closed bool
	here   map[string]*entry[P] // by key: what this process holds
	lanes  map[string]*lane[P]

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
	rev  int
	kept bool          // guarded by the intake
	told chan struct{} // closed when it is known whether it was kept
}

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
	work, cut := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	return &Intake[P]{
		cfg: cfg, inbox: &inbox{sessions: cfg.Sessions, space: cfg.Space, keeper: rand.Text(), now: cfg.Now},
		times: defaultTimes, quick: make(chan struct{}, quick), heavy: make(chan struct{}, heavy),
		stop: make(chan struct{}), work: work, cut: cut,
		here: map[string]*entry[P]{}, lanes: map[string]*lane[P]{}, watched: map[string]watch{},
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
	close(q.stop)
	finished := make(chan struct{})
	go func() {
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

// Receipt says what became of an input that was offered.
type Receipt[P any] struct {
	State State
	// Here is what this process holds of an input that is Waiting; nil: another has it.
	Here *P
	// Said is what was said when it was worked.
	Said []byte
}

// Offer keeps an input, unless it is known, and has it worked. When it returns
// without an error the input may be confirmed to the platform.
func (q *Intake[P]) Offer(ctx context.Context, k Kept, what P) (Receipt[P], error) {
	return q.Line(k, what)(ctx)
}

// Line has an input stand in its lane at once, so that what comes after it stays
// behind it. What it returns is to be called: it is Offer's rest.
func (q *Intake[P]) Line(k Kept, what P) func(context.Context) (Receipt[P], error) {
	e, mine, err := q.claim(k, what)
	return func(ctx context.Context) (Receipt[P], error) {
		for ; err == nil && !mine; e, mine, err = q.claim(k, what) {
			select {
			case <-e.told: // it is being kept for another delivery, or was
			case <-ctx.Done():
				return Receipt[P]{}, ctx.Err()
			}
			if q.holds(e) {
				return Receipt[P]{State: Waiting, Here: &e.what}, nil
			}
		}
		if err != nil {
			return Receipt[P]{}, err
		}
		return q.keep(ctx, e)
	}
}

// OfferAll keeps a batch, and has worked what of it is not known. It insists where
// the store fails or too much waits; false: ctx ended first, and nothing of it may be
// confirmed. What cannot be kept is logged and passed over.
func (q *Intake[P]) OfferAll(ctx context.Context, batch []Kept, what []P) bool {
	todo := make([]*entry[P], 0, len(batch))
	for i, k := range batch {
		for {
			e, mine, err := q.claim(k, what[i])
			if mine {
				todo = append(todo, e)
			}
			if errors.Is(err, ErrCrowded) {
				q.passOver(ctx, k, err)
				err = nil
			}
			if err == nil {
				break
			}
			if Sleep(ctx, q.times.again) != nil || errors.Is(err, ErrClosed) {
				q.drop(todo...)
				return false
			}
		}
	}
	return q.keepAll(ctx, todo)
}

// keepAll keeps entries, and tells who acted where the store takes them late, or not at all.
func (q *Intake[P]) keepAll(ctx context.Context, todo []*entry[P]) bool {
	var telling sync.WaitGroup
	told, kept := false, make(chan struct{})
	telling.Go(func() {
		late := time.NewTimer(q.times.silent)
		defer late.Stop()
		select {
		case <-kept:
		case <-late.C:
			told = true
			q.apologize(ctx, q.unkept(todo)...)
		}
	})
	left := q.keepOn(ctx, todo)
	close(kept)
	telling.Wait()
	if len(left) > 0 && !told {
		q.apologize(ctx, left...)
	}
	q.drop(left...)
	return len(left) == 0
}

// keepOn keeps entries, by calls that a store commits together. It returns those that
// the store had not taken when ctx ended; what it is taking then it may take to its end.
func (q *Intake[P]) keepOn(ctx context.Context, todo []*entry[P]) []*entry[P] {
	begun, cut := outlasting(ctx, q.times.silent)
	defer cut()
	for {
		errs := make([]error, len(todo))
		var all sync.WaitGroup
		for i, e := range todo {
			all.Go(func() { errs[i] = q.tryKeep(begun, e) })
		}
		all.Wait()
		var failed []*entry[P]
		var failure error
		for i, e := range todo {
			switch {
			case errs[i] == nil:
			case errors.Is(errs[i], ErrTooLarge):
				q.passOver(ctx, e.Kept, errs[i])
				q.drop(e)
			default:
				failed, failure = append(failed, e), errs[i]
			}
		}
		if len(failed) == 0 {
			return nil
		}
		q.note(ctx, failure)
		if todo = failed; Sleep(ctx, q.times.again) != nil {
			return todo
		}
	}
}

// outlasting is a context that ends so long after ctx.
func outlasting(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	out, cut := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = Sleep(out, by)
		cut()
	})
	return out, func() { stop(); cut() }
}

// unkept are those of entries that nobody knows to be kept, or known, or too large.
func (q *Intake[P]) unkept(list []*entry[P]) (out []*entry[P]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range list {
		if !e.kept && q.here[e.key] == e {
			out = append(out, e)
		}
	}
	return out
}

// apologize tells those whose inputs are not kept so far.
func (q *Intake[P]) apologize(ctx context.Context, list ...*entry[P]) {
	if q.cfg.Unkept == nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // whose end may be why
	var all sync.WaitGroup
	for _, e := range list {
		all.Go(func() { q.cfg.Unkept(ctx, e.what) })
	}
	all.Wait()
}

func (q *Intake[P]) passOver(ctx context.Context, k Kept, err error) {
	q.cfg.Log.WarnContext(ctx, "an input is passed over", "space", q.cfg.Space, "id", k.ID, "err", err)
}

// tryKeep writes e down; what is known is dropped, what fails stays as it is.
func (q *Intake[P]) tryKeep(ctx context.Context, e *entry[P]) error {
	state, _, rev, err := q.inbox.keep(ctx, e.Kept)
	switch {
	case err != nil:
		return err
	case state == Fresh:
		q.confirm(e, rev)
	default:
		q.drop(e)
	}
	return nil
}

// keep writes e down, or drops it.
func (q *Intake[P]) keep(ctx context.Context, e *entry[P]) (Receipt[P], error) {
	state, said, rev, err := q.inbox.keep(ctx, e.Kept)
	if err == nil && state == Fresh {
		q.confirm(e, rev)
	} else {
		q.drop(e)
	}
	return Receipt[P]{State: state, Said: said}, err
}

// claim is this process's entry of k; mine: it was made now, stands in its lane, and
// is to be confirmed or dropped.
func (q *Intake[P]) claim(k Kept, what P) (e *entry[P], mine bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := q.inbox.key(k)
	if e := q.here[key]; e != nil {
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
	e = &entry[P]{Kept: k, key: key, what: what, came: time.Now(), told: make(chan struct{})}
	q.here[key] = e
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

// confirm says that e is kept, at a revision of its row, and may be worked.
func (q *Intake[P]) confirm(e *entry[P], rev int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e.rev, e.kept = rev, true
	close(e.told)
	if l := q.lanes[e.Lane]; l != nil {
		l.wake()
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
