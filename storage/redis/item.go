package redis

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// laneWidth is how many milliseconds a lane of the due index spans: to the year
// 2248. The index orders by lane*laneWidth+due, which a float64 keeps exactly for
// lanes of no more than maxLane either way.
const (
	laneWidth = 1 << 43
	maxLane   = 511
)

// score is an item's place in the due index.
func score(it outbox.Item) string {
	due := min(max(it.Due.UnixMilli(), 0), laneWidth-1)
	return strconv.FormatInt(int64(it.Lane)*laneWidth+due, 10)
}

// newItems makes items new (outbox.Fresh), of lanes that the due index can hold.
func newItems(items []outbox.Item, now time.Time) ([]outbox.Item, error) {
	out := make([]outbox.Item, len(items))
	for i, it := range items {
		if it.Lane > maxLane || it.Lane < -maxLane {
			return nil, fmt.Errorf("item %q: lane %d is beyond %d", it.Key, it.Lane, maxLane)
		}
		var err error
		if out[i], err = outbox.Fresh(it, now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// itemID names the n-th item: padded, so that ids are in the order of creation.
func itemID(n int64) string { return fmt.Sprintf("%012d", n) }

// place is the n of an item id; "" is 0, before all of them.
func place(id string) (int64, error) {
	if id == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("item id %q is none of ours", id)
	}
	return n, nil
}

// storedItem is an item with the revision and the size of its row, by which a
// script knows whether it is still as it was seen.
type storedItem struct {
	outbox.Item
	rev, size int
}

// encodeItem is the row of an item at a revision (lua/common.lua).
func encodeItem(it outbox.Item, rev int) string {
	expires := int64(0)
	if !it.Expires.IsZero() {
		expires = it.Expires.UnixMilli()
	}
	it.ID = ""
	body, err := json.Marshal(it)
	if err != nil { // an item holds plain values only
		panic(fmt.Sprintf("redis: an item that cannot be encoded: %v", err))
	}
	return fmt.Sprintf("%d %d %s", rev, expires, body)
}

// decodeItem reads a row: the item as it was last written, and the claims since.
func decodeItem(id, row string) (storedItem, error) {
	it, err := decodeClaimed(id, row)
	it.Late = 0
	return it, err
}

// decodeClaimed is decodeItem for whoever has made the last of the claims.
func decodeClaimed(id, row string) (it storedItem, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("item %s: %w", id, err)
		}
	}()
	text, claims, _ := strings.Cut(row, "\n")
	rev, rest, _ := strings.Cut(text, " ")
	_, body, ok := strings.Cut(rest, " ")
	if !ok {
		return it, desk.ErrDamaged
	}
	if it.rev, err = strconv.Atoi(rev); err != nil {
		return it, fmt.Errorf("%w: %w", desk.ErrDamaged, err)
	}
	if err := decode(body, &it.Item); err != nil {
		return it, err
	}
	it.ID, it.size = id, len(row)
	for claim := range strings.SplitSeq(claims, "\n") {
		if claim == "" {
			continue
		}
		at, lease, _ := strings.Cut(claim, " ")
		now, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return it, err
		}
		ms, err := strconv.ParseInt(lease, 10, 64)
		if err != nil {
			return it, err
		}
		it.Item = outbox.Claimed(it.Item, time.UnixMilli(now).UTC(), time.Duration(ms)*time.Millisecond)
	}
	return it, nil
}
