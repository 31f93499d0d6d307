package redis

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"

	"sidem.gob.mx/sidem/core/desk"
)

const (
	// defaultSenders is how many groups of commits are under way at once: while
	// the server works on one, the next is made ready.
	defaultSenders = 4
	// defaultGroup bounds a group, so that no script holds the server up for long.
	defaultGroup = 32
)

// committer sends commits that wait at the same time in one call of the script;
// each is judged for itself and gets its own verdict.
type committer struct {
	s     *Store
	group int
	queue chan *commitCall
}

type commitCall struct {
	ctx     context.Context
	args    []any
	begun   atomic.Bool
	done    chan struct{}
	verdict []string // once done
	err     error
}

func newCommitter(s *Store, senders, group int) *committer {
	if senders == 0 {
		senders = defaultSenders
	}
	if group == 0 {
		group = defaultGroup
	}
	c := &committer{s: s, group: group, queue: make(chan *commitCall)}
	for range senders {
		s.workers.Go(c.serve)
	}
	return c
}

// do sends one commit and returns its verdict: one word at least. A caller whose
// context ends while the commit is under way does not learn what came of it.
func (c *committer) do(ctx context.Context, args []any) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	call := &commitCall{ctx: ctx, args: args, done: make(chan struct{})}
	select {
	case c.queue <- call:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.s.ctx.Done():
		return nil, ErrClosed
	}
	select {
	case <-call.done:
	case <-ctx.Done():
		if call.begun.CompareAndSwap(false, true) {
			return nil, ctx.Err()
		}
		select {
		case <-call.done: // at the same moment
		default:
			return nil, fmt.Errorf("%w: %w", desk.ErrUncertain, ctx.Err())
		}
	}
	if call.err == nil && len(call.verdict) == 0 {
		return nil, errReply
	}
	return call.verdict, call.err
}

func (c *committer) serve() {
	for {
		select {
		case <-c.s.ctx.Done():
			return
		case first := <-c.queue:
			c.send(c.gather(first))
		}
	}
}

// gather is first and those who wait behind it.
func (c *committer) gather(first *commitCall) []*commitCall {
	var calls []*commitCall
	for call := first; call != nil; call = c.next(len(calls)) {
		if call.begun.CompareAndSwap(false, true) {
			calls = append(calls, call)
		}
	}
	return calls
}

func (c *committer) next(n int) *commitCall {
	if n >= c.group {
		return nil
	}
	for range 2 {
		select {
		case call := <-c.queue:
			return call
		default:
			// Those who were answered last may be about to ask again: let them.
			runtime.Gosched()
		}
	}
	return nil
}

// send has calls carried out together. An error that is one call's fault must
// not hurt the others: then each is sent by itself, and those that were carried
// out already are known by their operation.
func (c *committer) send(calls []*commitCall) {
	if len(calls) == 0 {
		return
	}
	err := c.together(calls)
	switch {
	case err == nil:
	case len(calls) > 1 && !errors.Is(err, errAway) && !errors.Is(err, ErrClosed):
		for _, call := range calls {
			c.send([]*commitCall{call})
		}
		return
	default:
		if errors.Is(err, errAway) {
			err = fmt.Errorf("%w: %w", desk.ErrUncertain, err)
		}
		for _, call := range calls {
			call.err = err
		}
	}
	for _, call := range calls {
		close(call.done)
	}
}

func (c *committer) together(calls []*commitCall) error {
	n := 3
	for _, call := range calls {
		n += len(call.args)
	}
	args := append(make([]any, 0, n), c.s.channel, c.s.floor.Load(), len(calls))
	for _, call := range calls {
		args = append(args, call.args...)
	}
	out, err := c.s.run(c.s.ctx, commitScript, append(slices.Clone(c.s.keys), c.s.refused), args...)
	if err != nil {
		return err
	}
	if len(out) < 2 {
		return errReply
	}
	text, _ := out[1].(string)
	last, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return errReply
	}
	if out[0] == "lost" {
		return fmt.Errorf("%w: it ends at event %d and had acknowledged %d; compare with a backup before you restart SIDEM", ErrLost, last, c.s.floor.Load())
	}
	if out[0] != "ok" || len(out) != 2+len(calls) {
		return errReply
	}
	c.s.told(last)
	for i, call := range calls {
		verdict, ok := out[2+i].([]any)
		if !ok {
			return errReply
		}
		if call.verdict, err = texts(verdict); err != nil {
			return err
		}
		if len(call.verdict) == 2 && call.verdict[0] == "done" && call.verdict[1] == "1" {
			c.s.rouse()
		}
	}
	return nil
}

// told remembers the highest index that this process has heard of.
func (s *Store) told(index int64) {
	for {
		at := s.floor.Load()
		if index <= at || s.floor.CompareAndSwap(at, index) {
			return
		}
	}
}
