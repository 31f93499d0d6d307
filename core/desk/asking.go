package desk

import (
	"errors"
	"runtime"
	"sync"

	"sidem.gob.mx/sidem/core"
)

// asking has those who ask for scenes of one record at a time answered together: the
// cards of one change are drawn at once, and what they share is read once. Whoever asks
// while nobody does reads for itself; whoever asks meanwhile waits, and all who wait
// are read for by the first of them. So every answer was read after it was asked
// for, and nothing that was read is kept. The zero value works.
type asking struct {
	mu      sync.Mutex
	waiting map[string][]*ask // by record, while somebody reads it
}

// ask is one account's question for the scene of a record, and the answer.
type ask struct {
	account string
	scene   core.Scene
	sees    bool
	err     error
	// turn receives those for whom this one is to read, itself among them; it is closed
	// when another has read for it.
	turn chan []*ask
}

// errUnread is the answer that nobody gave: whoever was to read did not come back.
var errUnread = errors.New("the scene was not read")

// scene is the answer that read gives to an account's question.
func (q *asking) scene(record, account string, read func([]*ask)) (core.Scene, error) {
	mine := &ask{account: account, err: errUnread, turn: make(chan []*ask, 1)}
	together := []*ask{mine}
	if q.joins(record, mine) {
		if together = <-mine.turn; together == nil {
			return mine.scene, mine.err
		}
	} else {
		runtime.Gosched() // those who were sent off with it get to ask, and nobody waits for them
		together = append(together, q.came(record)...)
	}
	defer q.pass(record, together, mine)
	read(together)
	return mine.scene, mine.err
}

// joins has one wait for the next reading, if there is one under way.
func (q *asking) joins(record string, one *ask) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	others, busy := q.waiting[record]
	if busy {
		q.waiting[record] = append(others, one)
		return true
	}
	if q.waiting == nil {
		q.waiting = map[string][]*ask{}
	}
	q.waiting[record] = nil
	return false
}

// came are those who have come to wait so far.
func (q *asking) came(record string) []*ask {
	q.mu.Lock()
	defer q.mu.Unlock()
	came := q.waiting[record]
	q.waiting[record] = nil
	return came
}

// pass tells those for whom mine has read, and has the first of those who came meanwhile
// read for them.
func (q *asking) pass(record string, together []*ask, mine *ask) {
	for _, a := range together {
		if a != mine {
			close(a.turn)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	next := q.waiting[record]
	if len(next) == 0 {
		delete(q.waiting, record)
		return
	}
	q.waiting[record] = nil
	next[0].turn <- next
}
