package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core/desk"
)

const (
	// keysName is where the store has the secret keys of buttons, passwords and codes.
	keysName = "secret:key"
	// formerLife is how long what was sealed with a key is good after another came.
	formerLife = 24 * time.Hour
	// keyLead is how long after a rotation the new key seals: all replicas know it by then.
	keyLead = 4 * recheck
)

// sealingKey is one of the secret keys.
type sealingKey struct {
	Secret []byte `json:"secret"` // 32 bytes
	// From is the instant from which it seals; zero for the first of a store.
	From time.Time `json:"from,omitzero"`
}

// keys are those of a store, oldest first. A store that never rotated has its one key
// as 32 bytes, as every version wrote it; the others have a list.
type keys []sealingKey

func parseKeys(body []byte) (keys, error) {
	if len(body) == sha256.Size {
		return keys{{Secret: body}}, nil
	}
	var k keys
	err := json.Unmarshal(body, &k)
	if err == nil && (len(k) == 0 || slices.ContainsFunc(k, func(one sealingKey) bool { return len(one.Secret) != sha256.Size })) {
		err = errors.New("no keys of 32 bytes")
	}
	if err != nil {
		return nil, fmt.Errorf("the store's row %s, by which buttons, passwords and codes are sealed, is %w (%w): restore a backup, or have another key made with sidem keys rotate --at-once",
			keysName, desk.ErrDamaged, err)
	}
	return k, nil
}

// present is the place of the key that seals at an instant.
func (k keys) present(now time.Time) int {
	for i, one := range slices.Backward(k) {
		if !one.From.After(now) {
			return i
		}
	}
	return 0
}

// good are the secrets that are known at an instant, the one that seals first: also
// one that does not seal yet, by which another replica may, and those before it for a day.
func (k keys) good(now time.Time) [][]byte {
	at := k.present(now)
	out := [][]byte{k[at].Secret}
	for i, one := range k {
		if i != at && (i > at || now.Before(k[i+1].From.Add(formerLife))) {
			out = append(out, one.Secret)
		}
	}
	return out
}

// name tells the key that seals from others; "" for the first of a store.
func (k keys) name(now time.Time) string {
	at := k.present(now)
	if k[at].From.IsZero() {
		return ""
	}
	sum := sha256.Sum256(k[at].Secret)
	return hex.EncodeToString(sum[:4])
}

// rotated are the keys with a new one, which seals from an instant on; without those
// that are good no more. atOnce lets no former one be good.
func (k keys) rotated(secret []byte, now time.Time, atOnce bool) keys {
	if atOnce {
		return keys{{Secret: secret, From: now}}
	}
	at := k.present(now)
	var out keys
	for i, one := range k {
		if i >= at || now.Before(k[i+1].From.Add(formerLife)) {
			out = append(out, one)
		}
	}
	return append(out, sealingKey{Secret: secret, From: now.Add(keyLead)})
}

func newSecret() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key
}

// readKeys are the keys of a store, which gets its first if it has none.
func readKeys(ctx context.Context, s desk.Sessions, now time.Time) (k keys, rev int, body []byte, err error) {
	for {
		body, rev, err = s.Get(ctx, keysName, now)
		if err == nil {
			k, err = parseKeys(body)
			return k, rev, body, err
		}
		if !errors.Is(err, desk.ErrNotFound) {
			return nil, 0, nil, fmt.Errorf("read the keys: %w", err)
		}
		if _, err := s.Put(ctx, keysName, newSecret(), 0, now, time.Time{}); err != nil && !errors.Is(err, desk.ErrConflict) {
			return nil, 0, nil, fmt.Errorf("keep the key: %w", err)
		}
	}
}

// CheckKeys reads the keys of a store; desk.ErrDamaged. One that has none yet gets them when
// SIDEM starts.
func CheckKeys(ctx context.Context, s desk.Sessions, now time.Time) error {
	body, _, err := s.Get(ctx, keysName, now)
	if errors.Is(err, desk.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	_, err = parseKeys(body)
	return err
}

// Rotation is what a rotation of keys comes to: when the new key begins to seal, and
// until when what was sealed before is good.
type Rotation struct{ From, Until time.Time }

// RotateKeys gives a store another key by which buttons are sealed and passwords and
// codes are made. What was made before is good for a day; atOnce, not at all, and then
// keys that are damaged are replaced too.
func RotateKeys(ctx context.Context, s desk.Sessions, now time.Time, atOnce bool) (Rotation, error) {
	for {
		k, rev, _, err := readKeys(ctx, s, now)
		if err != nil && (!atOnce || !errors.Is(err, desk.ErrDamaged)) {
			return Rotation{}, err
		}
		next := k.rotated(newSecret(), now, atOnce)
		body, err := json.Marshal(next)
		if err != nil {
			return Rotation{}, fmt.Errorf("write the keys: %w", err)
		}
		_, err = s.Put(ctx, keysName, body, rev, now, time.Time{})
		if errors.Is(err, desk.ErrConflict) {
			continue
		}
		if err != nil {
			return Rotation{}, fmt.Errorf("keep the keys: %w", err)
		}
		out := Rotation{From: next[len(next)-1].From, Until: next[len(next)-1].From.Add(formerLife)}
		if atOnce {
			out.Until = out.From
		}
		return out, nil
	}
}
