package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// maxRounds bounds how often a plan is made anew. Each round means that
// somebody else got through.
const maxRounds = 1000

var (
	errReply  = errors.New("the script's answer is none of ours")
	errRounds = fmt.Errorf("no peace after %d rounds", maxRounds)
)

// carry makes a plan on what is seen, and has it carried out, until what was
// seen still holds. It returns how many items are new or changed, and what the
// plan that was carried out had accepted.
func (s *Store) carry(ctx context.Context, now time.Time, v *view, decide func(*plan) (accepted int)) (changed, accepted int, err error) {
	op := newOp()
	keys := append(slices.Clone(s.keys), s.mark(op))
	for range maxRounds {
		p := newPlan(v)
		accepted = decide(p)
		if p.empty() {
			return 0, accepted, nil
		}
		out, err := s.texts(ctx, outboxScript, keys, append([]any{s.channel, seconds(markTTL), accepted}, p.args(now)...)...)
		if err != nil {
			return 0, 0, err
		}
		switch {
		case len(out) == 4 && out[0] == "done":
			if out[3] == "1" {
				s.rouse()
			}
			changed, err1 := strconv.Atoi(out[1])
			accepted, err2 := strconv.Atoi(out[2])
			return changed, accepted, errors.Join(err1, err2)
		case len(out) > 1 && out[0] == "stale":
			if err := v.learn(out[1:]); err != nil {
				return 0, 0, err
			}
		default:
			return 0, 0, errReply
		}
	}
	return 0, 0, errRounds
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// texts is run, for a script that answers with texts.
func (s *Store) texts(ctx context.Context, sc *redis.Script, keys []string, args ...any) ([]string, error) {
	out, err := s.run(ctx, sc, keys, args...)
	if err != nil {
		return nil, err
	}
	return texts(out)
}

func texts(values []any) ([]string, error) {
	out := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			out[i] = v
		case int64:
			out[i] = strconv.FormatInt(v, 10)
		default:
			return nil, errReply
		}
	}
	return out, nil
}

// Add adds items outside any decision, each by its Merge.
func (s *Store) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	todo, err := newItems(items, cut(now))
	if err != nil || len(todo) == 0 {
		return 0, wrap(err, "add items")
	}
	changed, _, err := s.carry(ctx, now, newView(), func(p *plan) int {
		p.add(todo)
		return 0
	})
	return changed, wrap(err, "add items")
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("redis: "+format+": %w", append(args, err)...)
}

// maxExpired is how many expired items one step of a claim takes along.
const maxExpired = 500

// Claim takes at most n items due by now until now+lease, which is a
// millisecond at least.
func (s *Store) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) (out []outbox.Item, err error) {
	if n <= 0 {
		return nil, nil
	}
	if lease < time.Millisecond {
		return nil, fmt.Errorf("redis: claim: a lease of %s ends before it begins", lease)
	}
	now = cut(now)
	for len(out) < n {
		taken, expired, err := s.claim(ctx, now, n-len(out), lease)
		if err != nil {
			// What was taken so far is left to its lease.
			return nil, wrap(err, "claim")
		}
		out = append(out, taken...)
		if len(expired) == 0 {
			break
		}
		if _, err := s.Settle(ctx, now, expired); err != nil {
			return nil, wrap(err, "claim")
		}
		if len(expired) < maxExpired {
			break
		}
	}
	return out, nil
}

// claim is one step: what is good, and the results by which the expired end.
func (s *Store) claim(ctx context.Context, now time.Time, n int, lease time.Duration) (good []outbox.Item, expired []outbox.Result, err error) {
	keys := append(slices.Clone(s.keys), s.mark(newOp()))
	rows, err := s.texts(ctx, claimScript, keys, seconds(markTTL), now.UnixMilli(), n, lease.Milliseconds(),
		int(outbox.Press), outbox.LeaseOf(outbox.Item{Lane: outbox.Press}, lease).Milliseconds(), maxExpired)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(rows); i += 2 {
		it, err := decodeClaimed(rows[i], rows[i+1])
		if err != nil {
			return nil, nil, err
		}
		if !it.Expires.IsZero() && now.After(it.Expires) {
			expired = append(expired, outbox.Result{
				ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasMoot, Note: "expired",
			})
			continue
		}
		s.held.keep(it)
		good = append(good, it.Item)
	}
	return good, expired, nil
}

// Settle ends claims in one step and puts what follows from those that are accepted.
func (s *Store) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	now = cut(now)
	then := make([][]outbox.Item, len(results))
	for i, r := range results {
		var err error
		if then[i], err = newItems(r.Then, now); err != nil {
			return 0, wrap(err, "settle %s", r.ID)
		}
	}
	if len(results) == 0 {
		return 0, nil
	}
	v := newView()
	var unknown []string
	for _, r := range results {
		if it, ok := s.held.take(r); ok {
			v.has(it)
		} else {
			unknown = append(unknown, r.ID)
		}
	}
	if err := s.look(ctx, v, unknown); err != nil {
		return 0, wrap(err, "settle")
	}
	_, accepted, err := s.carry(ctx, now, v, func(p *plan) (accepted int) {
		for i, r := range results {
			r.At = cut(r.At)
			if p.settle(r, now, then[i]) {
				accepted++
			}
		}
		return accepted
	})
	return accepted, wrap(err, "settle")
}

// look sees items by id.
func (s *Store) look(ctx context.Context, v *view, ids []string) error {
	fields := make([]string, len(ids))
	for i, id := range ids {
		fields[i] = "i:" + id
	}
	return s.fetch(ctx, fields, func(i int, row string) error { return v.saw(ids[i], row) })
}

// Replay makes dead items live again: all, or those with the ids. One whose key
// is live anew stays dead, since a key has one live item; of several dead ones
// with one key the newest is replayed.
func (s *Store) Replay(ctx context.Context, now time.Time, ids ...string) (int, error) {
	n, err := s.replay(ctx, cut(now), ids)
	return n, wrap(err, "replay")
}

func (s *Store) replay(ctx context.Context, now time.Time, ids []string) (int, error) {
	ids = slices.Clone(ids)
	if len(ids) == 0 {
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			ids, err = s.db.ZRange(ctx, s.prefix+"dead", 0, -1).Result()
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	v := newView()
	if err := s.look(ctx, v, ids); err != nil {
		return 0, err
	}
	_, n, err := s.carry(ctx, now, v, func(p *plan) (n int) {
		for _, id := range ids {
			if p.replay(id, now) {
				n++
			}
		}
		return n
	})
	return n, err
}

// Rewrite replaces the Data, the receipts and the notes of an item by what clean makes
// of it, unless somebody holds it.
func (s *Store) Rewrite(ctx context.Context, id string, clean func(outbox.Item) outbox.Item) (bool, error) {
	v := newView()
	if err := s.look(ctx, v, []string{id}); err != nil {
		return false, wrap(err, "rewrite item %s", id)
	}
	_, n, err := s.carry(ctx, time.Time{}, v, func(p *plan) int { // nothing is put
		one, ok := p.item(id)
		if !ok {
			return 0
		}
		after, ok := outbox.Rewritten(one.after, clean)
		if !ok {
			return 0
		}
		p.change(one, after)
		return 1
	})
	return n == 1, wrap(err, "rewrite item %s", id)
}

// Compact asks the server to write its append-only file anew, without what was
// replaced; that goes on behind. SIDEM's own user may not, by deploy/redis/users.acl.
func (s *Store) Compact(ctx context.Context) error {
	err := s.db.BgRewriteAOF(ctx).Err()
	switch {
	case err == nil, strings.Contains(err.Error(), "already in progress"):
		return nil
	case strings.HasPrefix(err.Error(), "NOPERM"):
		return fmt.Errorf("%w: BGREWRITEAOF, as a user of Redis who may", desk.ErrByHand)
	}
	return wrap(err, "compact")
}
