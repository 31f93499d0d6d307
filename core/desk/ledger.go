package desk

import (
	"context"
	"errors"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// The errors of a Ledger and of Sessions.
var (
	// ErrNotFound says that there is no such record, or key.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the record, or one that guards the decision, has moved
	// on: load them and decide again.
	ErrConflict = errors.New("conflict: the record has changed")
	// ErrTaken says that a unique key of the record belongs to another.
	ErrTaken = errors.New("taken: a unique key belongs to another record")
	// ErrSeen says that Once was committed before; SeenError carries the first verdict.
	ErrSeen = errors.New("seen: this press was committed before")
	// ErrUncertain says that a commit was sent to a store that did not answer any
	// more: it was taken, or it was not. The same press tells.
	ErrUncertain = errors.New("uncertain: nobody knows whether it was committed")
)

// SeenError is ErrSeen with the event that the first commit wrote.
type SeenError struct{ First core.Event }

func (e *SeenError) Error() string { return ErrSeen.Error() }

// Is makes errors.Is(err, ErrSeen) hold.
func (e *SeenError) Is(target error) bool { return target == ErrSeen }

// Commit is one decision, whole: what the record becomes, why, and what is
// owed for it. A store takes all of it or nothing.
type Commit struct {
	// Expect is the Seq that the record had when it was decided upon; 0 creates.
	Expect int
	// Guards are other records that the decision rests upon: the account of who gave
	// the command, the substitution it was given by, the persons it names.
	Guards []Expectation
	// Record is what it becomes: Events are already folded into it, so that its
	// Seq and Head are those of the last one. Its Index is written with it.
	Record core.Record
	// Events go to the trail, sealed (core.Seal). The store gives each its Index.
	Events []core.Event
	// Blacked are events of the record that the store has, with their Index, as they are
	// from now on: Erased of an event of this commit vouches for each. Hashes and places
	// stay.
	Blacked []core.Event
	// Items go to the outbox in the same transaction, each by its Merge.
	Items []outbox.Item
	// Once identifies the press (tg:<bot>:<update>, sl:<app>:<action>, cli:<uuid>, form:<id>,
	// item:<id>); "" is never compared.
	Once string
	// Now is the business time of the decision, from which items may be due.
	Now time.Time
}

// Refiles reports whether a commit only writes a record anew that the store has, and files it
// again: as its trail, which stays as it is, folds today.
func (c Commit) Refiles() bool {
	return c.Expect > 0 && c.Record.ID != "" && c.Record.Seq == c.Expect && len(c.Events)+len(c.Blacked)+len(c.Items)+len(c.Guards) == 0 && c.Once == ""
}

// Expectation is that a record still has a Seq: nothing of it has moved since.
type Expectation struct {
	Record string
	Seq    int
}

// Query asks for the records that stand in all the lists of Terms.
type Query struct {
	Terms []string // one at least
	// After is the cursor of the page before ("" for the first); Limit ≤ 200, 0 means 50.
	After string
	Limit int
	// Newest turns the order (oldest Rank first, then id) around.
	Newest bool
}

// Page is a part of a list. Next is the cursor of the part that follows; "" at the end.
type Page struct {
	Records []core.Record
	Next    string
}

// Wanted are records to be read in one step.
type Wanted struct {
	IDs     []string
	Uniques []string // unique keys, for the records that hold them
	Terms   []string // lists, each of one term
}

// Gathered is what there is of Wanted, all as of one moment. What is not there is in no
// map; a list that nobody stands in may be missing too.
type Gathered struct {
	Records map[string]core.Record // by id
	Holders map[string]core.Record // by unique key
	// Lists are the first 200 of each term, oldest Rank first. Where Next is not "",
	// List goes on from there.
	Lists map[string]Page
}

// Ledger keeps records, their trails and the outbox. Its methods are safe for
// concurrent use.
type Ledger interface {
	// Gather reads many records in one step.
	Gather(ctx context.Context, w Wanted) (Gathered, error)
	// Record is the record with the id; ErrNotFound.
	Record(ctx context.Context, id string) (core.Record, error)
	// Find is the record that holds a unique key; ErrNotFound.
	Find(ctx context.Context, unique string) (core.Record, error)
	// List is one page of a query.
	List(ctx context.Context, q Query) (Page, error)
	// Count is the number of records in the list of one term.
	Count(ctx context.Context, term string) (int, error)
	// Trail are the events of a record with Seq > after, at most limit (0: all).
	Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error)
	// Applied are the last events of a record that were applied, in order, at most limit
	// (0: all). It costs what it gives, however many presses were refused.
	Applied(ctx context.Context, record string, limit int) ([]core.Event, error)
	// Refused are the last refused presses on a record, in order, at most limit: those of
	// an account ("" for anybody's), back to the first that was before since.
	Refused(ctx context.Context, record, by string, since time.Time, limit int) ([]core.Event, error)
	// Log are the events of all records with Index > after, at most limit, in order.
	Log(ctx context.Context, after, limit int) ([]core.Event, error)
	// Reserve gives record the next value of a series (1, 2, …), or the one that
	// it was given before: a repeat burns nothing.
	Reserve(ctx context.Context, series, record string) (int, error)
	// Commit takes c durably, or fails with ErrConflict, ErrTaken, or a
	// *SeenError (ErrSeen) that carries the first event of the first commit. With
	// ErrUncertain it may have been taken; any other error means that it was not.
	// ErrSeen is judged first, then ErrConflict, then ErrTaken.
	Commit(ctx context.Context, c Commit) error
}

// Sessions keep small values by key beside the ledger: conversations, the
// places of cards, keys. Values are at most 256 KiB.
type Sessions interface {
	// Get is the value of key and its revision (from 1); ErrNotFound, also for one that has expired by now.
	Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error)
	// Put writes value if the key is at revision rev (0: not there, or expired by
	// now) and returns the new revision; ErrConflict. Zero expires keeps for ever.
	Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error)
	// Delete removes the key; it is no error if there is none.
	Delete(ctx context.Context, key string) error
	// Enter keeps a key that is not there, unless its mark is, in one step; ErrConflict
	// where the key is there. What it keeps never expires.
	Enter(ctx context.Context, e Entry, now time.Time) (Entered, error)
	// Leave keeps a mark, unless it is there, and removes the key that has it, in one step.
	// A repeat changes nothing.
	Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error
	// Keys are the keys (not expired by now) with a prefix, in order, after the
	// key `after`, at most limit.
	Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error)
	// Values are those of all keys (not expired by now) with any of the prefixes, by key.
	// Whoever asks knows that they are small and few.
	Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error)
}

// Entry is a key that enters a line, to be worked.
type Entry struct {
	Key string
	// Line is what the keys of its line begin with.
	Line string
	// Mark is a key that is there once it was worked; it is judged first.
	Mark string
	// Alone is its value where no other key of the line is there, and Behind where one is.
	Alone, Behind []byte
}

// Entered is what became of an Entry.
type Entered struct {
	// Marked says that it was worked before, and nothing was kept; Said is the mark's value.
	Marked bool
	Said   []byte
	// Alone says that no other key of its line was there.
	Alone bool
}
