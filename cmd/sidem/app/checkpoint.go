package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"sidem/core"
	"sidem/core/desk"
)

// Checkpoint is the head of the whole trail, to be kept where nobody who can
// change the store can change it: SHA-256 over the digest before and the hash of
// each event since, in order.
type Checkpoint struct {
	At     time.Time `json:"at"`
	Index  int       `json:"index"`
	Digest string    `json:"digest"`
}

func (c Checkpoint) String() string {
	return fmt.Sprintf("the checkpoint of %s (event %d)", c.At.UTC().Format(time.DateTime), c.Index)
}

// After is c, carried on over the event that follows it.
func (c Checkpoint) After(e core.Event) Checkpoint {
	sum := sha256.Sum256([]byte(c.Digest + "\n" + e.Hash))
	c.Index, c.Digest = e.Index, hex.EncodeToString(sum[:])
	return c
}

// CheckpointKey is where the last checkpoint is kept among the sessions of the store.
const CheckpointKey = "checkpoint"

// TakeCheckpoint carries the digest of the trail on to its end, logs it, and appends
// it to the file that the configuration names. A trail that has become shorter
// than it was is told in the log, and gets no new checkpoint.
func (a *App) TakeCheckpoint(ctx context.Context, now time.Time) error {
	var last Checkpoint
	kept, rev, err := a.Store.Get(ctx, CheckpointKey, now)
	if err == nil {
		err = json.Unmarshal(kept, &last)
	} else if errors.Is(err, desk.ErrNotFound) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("checkpoint before: %w", err)
	}
	next := last
	end := 0
	for e, err := range desk.Events(ctx, a.Store, max(0, last.Index-1)) {
		if err != nil {
			return err
		}
		if end = e.Index; e.Index > last.Index {
			next = next.After(e)
		}
	}
	if end < last.Index {
		a.log.Error("the trail is shorter than it was: events are gone", "checkpoint", last.Index, "end", end, "do", "sidem audit verify, and compare with a backup")
		return nil
	}
	next.At = now
	line, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	a.log.Info("checkpoint", "index", next.Index, "digest", next.Digest)
	if a.cfg.Checkpoints != "" {
		if err := appendLine(a.cfg.Checkpoints, line); err != nil {
			return err
		}
	}
	if _, err = a.Store.Put(ctx, CheckpointKey, line, rev, now, time.Time{}); err != nil && !errors.Is(err, desk.ErrConflict) {
		return fmt.Errorf("keep checkpoint: %w", err) // a conflict: another replica has just written the same
	}
	return nil
}

func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	return nil
}
