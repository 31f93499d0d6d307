package wire

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

// Sessions keep the inputs (core/desk.Sessions, with its errors). A batch is kept by
// concurrent calls, which a store commits together.
type Sessions interface {
	Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error)
	Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error)
	Delete(ctx context.Context, key string) error
	Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error)
	Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error
	Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error)
}

// Kept is one input as it is kept until it is worked.
type Kept struct {
	ID    string    // names the act among those of its bot, the same for every delivery of it
	Once  string    // names it among those of all bots (bot.Input.Once); "": a version that had no such names kept it
	Lane  string    // whose order it keeps; without ":"
	Order int64     // in its lane what is lower goes first, and then what has the lower ID
	Kind  string    // how Body is read, in the platform's terms
	Body  []byte    // as the platform brought it
	At    time.Time // when it came
	// Tries counts the processes that ended while they may have worked it.
	Tries int
	// Act is the first input of the act as a part of which it was begun; "": it was not.
	Act string
	// Trace is what whoever works it follows it by (Follower).
	Trace string
}

// compare tells which of two inputs of a lane goes first.
func (k Kept) compare(o Kept) int {
	return cmp.Or(cmp.Compare(k.Order, o.Order), cmp.Compare(k.ID, o.ID))
}

// ErrTooLarge says that an input has more bytes than are kept.
var ErrTooLarge = errors.New("an input is larger than what is kept")

const (
	seenLife  = 72 * time.Hour   // longer than Telegram (24 h) and Slack (hours) bring an update again, shorter than the week after which Telegram numbers anew
	briefLife = 10 * time.Minute // a mark that strangers can leave: longer than what was cut short takes to be worked again
	pulseLife = 24 * time.Hour
	maxRow    = 256 << 10 // bytes of a value (core/desk.Sessions)
	maxBody   = 4 << 20   // bytes of a body that is read back
	packFrom  = 2 << 10   // bytes of a body that is worth packing
	page      = 200       // keys asked for at once
	maxScan   = 5000      // keys looked at in one go
)

// inbox is the store of one bot's inputs, as one process uses it.
//
//	in:<space>:<lane>:<id>   an input that waits: a head in JSON, a line break, its body
//	seen:<space>:<id>        one that was worked, and what was said
//	alive:<space>:<keeper>   moves while a process holds inputs; "left" when it ended in peace
//
// An input that waits has no end: it is deleted when its mark is there.
type inbox struct {
	sessions Sessions
	space    string // the platform and the bot
	keeper   string // this process
	now      func() time.Time
}

// head is the first line of a row.
type head struct {
	Keeper string    `json:"keeper"`
	Once   string    `json:"once,omitempty"`
	Order  int64     `json:"order"`
	Kind   string    `json:"kind,omitempty"`
	At     time.Time `json:"at"`
	Tries  int       `json:"tries,omitempty"`
	Act    string    `json:"act,omitempty"`
	Trace  string    `json:"trace,omitempty"`
	Packed bool      `json:"packed,omitempty"`
}

// timeless is the instant at which values that never expire are read and kept.
var timeless time.Time

func (b *inbox) key(k Kept) string { return b.lane(k.Lane) + k.ID }

func (b *inbox) lane(lane string) string { return "in:" + b.space + ":" + lane + ":" }

// place is where key says that its input is.
func (b *inbox) place(key string) (lane, id string) {
	lane, id, _ = strings.Cut(strings.TrimPrefix(key, "in:"+b.space+":"), ":")
	return lane, id
}

// put writes k at revision rev of its row.
func (b *inbox) put(ctx context.Context, k Kept, rev int) (int, error) {
	row, err := b.row(k, packed(k.Body))
	if err != nil {
		return 0, err
	}
	return b.sessions.Put(ctx, b.key(k), row, rev, timeless, time.Time{})
}

// body is what is kept of an input's.
type body struct {
	bytes []byte
	small bool // they are packed
}

func packed(bytes []byte) body {
	if len(bytes) >= packFrom {
		return body{pack(bytes), true}
	}
	return body{bytes, false}
}

// row is what is kept of k.
func (b *inbox) row(k Kept, body body) ([]byte, error) {
	row, err := json.Marshal(head{
		Keeper: b.keeper, Once: k.Once, Order: k.Order, Kind: k.Kind, At: k.At, Tries: k.Tries, Act: k.Act, Trace: k.Trace, Packed: body.small,
	})
	if err != nil {
		return nil, err
	}
	row = append(append(row, '\n'), body.bytes...)
	if len(row) > maxRow {
		return nil, ErrTooLarge
	}
	return row, nil
}

func pack(body []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestSpeed) // the level is a valid one
	_, _ = w.Write(body)                           // into memory
	_ = w.Close()
	return out.Bytes()
}

// held is an input as it is in the store.
type held struct {
	Kept
	keeper string
	rev    int
}

// get reads the row at key; desk.ErrNotFound.
func (b *inbox) get(ctx context.Context, key string) (held, error) {
	row, rev, err := b.sessions.Get(ctx, key, timeless)
	if err != nil {
		return held{}, err
	}
	first, body, _ := bytes.Cut(row, []byte("\n"))
	var h head
	if err := json.Unmarshal(first, &h); err != nil {
		return held{}, fmt.Errorf("the row %s: %w", key, err)
	}
	if h.Packed {
		if body, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body)), maxBody)); err != nil {
			return held{}, fmt.Errorf("the row %s: %w", key, err)
		}
	}
	lane, id := b.place(key)
	return held{
		Kept:   Kept{ID: id, Once: h.Once, Lane: lane, Order: h.Order, Kind: h.Kind, Body: body, At: h.At, Tries: h.Tries, Act: h.Act, Trace: h.Trace},
		keeper: h.Keeper, rev: rev,
	}, nil
}

// verdict is what became of an input that was to be kept.
type verdict struct {
	State State  // Fresh where it was not known
	Said  []byte // what was said where it is Done
	Begun bool   // it was kept as an act that is begun
}

// keep writes k down, unless it is known. Where begins says so, and no other input of its
// lane waits, it is written as one that is begun: nobody has to be asked any more.
func (b *inbox) keep(ctx context.Context, k Kept, begins bool) (v verdict, err error) {
	body := packed(k.Body)
	e := desk.Entry{Key: b.key(k), Line: b.lane(k.Lane), Mark: b.seen(k.ID)}
	if e.Behind, err = b.row(k, body); err != nil {
		return v, err
	}
	if e.Alone = e.Behind; begins {
		k.Act = k.ID
		if e.Alone, err = b.row(k, body); err != nil {
			return v, err
		}
	}
	entered, err := b.sessions.Enter(ctx, e, b.now())
	switch {
	case errors.Is(err, desk.ErrConflict):
		return verdict{State: Waiting}, nil
	case err != nil:
		return v, err
	case entered.Marked:
		return verdict{State: Done, Said: entered.Said}, nil
	}
	return verdict{State: Fresh, Begun: begins && entered.Alone}, nil
}

// said is what was said when an input was worked.
func (b *inbox) said(ctx context.Context, id string) (said []byte, done bool, err error) {
	said, _, err = b.sessions.Get(ctx, b.seen(id), b.now())
	if errors.Is(err, desk.ErrNotFound) {
		return nil, false, nil
	}
	return said, err == nil, err
}

func (b *inbox) seen(id string) string { return "seen:" + b.space + ":" + id }

// finish marks k as worked, unless nothing came of it, and lets go of what was kept of it.
func (b *inbox) finish(ctx context.Context, k Kept, o Outcome) error {
	if o.Undecided {
		return b.sessions.Delete(ctx, b.key(k))
	}
	now, life := b.now(), seenLife
	if o.Brief {
		life = briefLife
	}
	return b.sessions.Leave(ctx, b.key(k), b.seen(k.ID), o.Said, now, now.Add(life))
}

// waiting are the keys of all inputs that wait, or of a lane's.
func (b *inbox) waiting(ctx context.Context, prefix string) (keys []string, err error) {
	for after := ""; len(keys) < maxScan; after = keys[len(keys)-1] {
		part, err := b.sessions.Keys(ctx, prefix, after, page, timeless)
		if err != nil {
			return nil, err
		}
		keys = append(keys, part...)
		if len(part) < page {
			break
		}
	}
	return keys, nil
}

func (b *inbox) pulse(keeper string) string { return "alive:" + b.space + ":" + keeper }

// left is what the pulse of a process says that ended in peace.
const left = "left"

// beat moves the pulse of this process. No clock is compared with another's: whoever
// watches sees it move, or not.
func (b *inbox) beat(ctx context.Context, rev int, says string) (int, error) {
	now := b.now()
	next, err := b.sessions.Put(ctx, b.pulse(b.keeper), []byte(says), rev, now, now.Add(pulseLife))
	if errors.Is(err, desk.ErrConflict) { // a beat whose answer was lost
		if _, rev, err = b.sessions.Get(ctx, b.pulse(b.keeper), now); err == nil || errors.Is(err, desk.ErrNotFound) {
			next, err = b.sessions.Put(ctx, b.pulse(b.keeper), []byte(says), rev, now, now.Add(pulseLife))
		}
	}
	return next, err
}

// beats are how often a process's pulse has moved, and whether it left; 0 where it never did.
func (b *inbox) beats(ctx context.Context, keeper string) (rev int, gone bool, err error) {
	says, rev, err := b.sessions.Get(ctx, b.pulse(keeper), b.now())
	if errors.Is(err, desk.ErrNotFound) {
		return 0, false, nil
	}
	return rev, string(says) == left, err
}

// Busy reports whether inputs wait in a store to be worked, of whatever platform.
func Busy(ctx context.Context, s Sessions) (bool, error) {
	keys, err := s.Keys(ctx, "in:", "", 1, timeless)
	return len(keys) > 0, err
}
