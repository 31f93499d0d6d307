package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
)

// checkpointName is where the last checkpoint is kept among the sessions of the
// store, and checkpointKeyName the key that signs them.
const (
	checkpointName    = "checkpoint"
	checkpointKeyName = "secret:checkpoint"
)

// Head is the last checkpoint as the store keeps it: with the tree, which the next
// carries on.
type Head struct {
	At    time.Time       `json:"at"`
	Index int             `json:"index"`
	Tree  checkpoint.Tree `json:"tree"`
	Note  string          `json:"note,omitempty"` // "" of one that an earlier version took

	rev int
}

// LastCheckpoint reads it; desk.ErrNotFound.
func LastCheckpoint(ctx context.Context, s desk.Sessions, now time.Time) (Head, error) {
	var h Head
	kept, rev, err := s.Get(ctx, checkpointName, now)
	if err == nil {
		err = json.Unmarshal(kept, &h)
	}
	if err != nil {
		return Head{}, fmt.Errorf("checkpoint before: %w", err)
	}
	if !h.Tree.Sound() || h.Tree.Size != 0 && h.Tree.Size != h.Index {
		h.Tree = checkpoint.Tree{} // it is made anew
	}
	h.rev = rev
	return h, nil
}

// CheckpointKey is the key that signs checkpoints: the one of the configuration, or
// else one that was made at the first start and is kept in the store. ErrNotFound
// says that there is none yet.
func CheckpointKey(ctx context.Context, cfg office.Config, s desk.Sessions, now time.Time) (checkpoint.Key, error) {
	if cfg.CheckpointKey != "" {
		k, err := checkpoint.ParseKey(strings.TrimSpace(cfg.CheckpointKey.Reveal()))
		if err != nil {
			return k, office.Misconfigured(office.Fault{Setting: "SIDEM_CHECKPOINT_KEY", Why: err})
		}
		return k, nil
	}
	kept, _, err := s.Get(ctx, checkpointKeyName, now)
	if err != nil {
		return checkpoint.Key{}, fmt.Errorf("the key of checkpoints: %w", err)
	}
	return checkpoint.ParseKey(string(kept))
}

// checkpointKey is CheckpointKey, made where there is none.
func (a *App) checkpointKey(ctx context.Context, now time.Time) (checkpoint.Key, error) {
	k, err := CheckpointKey(ctx, a.cfg, a.Store, now)
	if !errors.Is(err, desk.ErrNotFound) {
		return k, err
	}
	if k, err = checkpoint.NewKey(rand.Reader, origin(a.cfg)); err != nil {
		return k, err
	}
	if _, err := a.Store.Put(ctx, checkpointKeyName, []byte(k.Signer), 0, now, time.Time{}); err != nil && !errors.Is(err, desk.ErrConflict) {
		return k, fmt.Errorf("keep the key of checkpoints: %w", err)
	}
	return CheckpointKey(ctx, a.cfg, a.Store, now)
}

// origin names the trail of this deployment, as no other is named.
func origin(cfg office.Config) string {
	host := "sidem.invalid"
	if u, err := url.Parse(cfg.PublicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	var own [6]byte
	_, _ = rand.Read(own[:]) // never fails (crypto/rand)
	return host + "/trail/" + hex.EncodeToString(own[:])
}

// TakeCheckpoint carries the tree of the trail on to its end, signs and logs its head,
// and appends it to the file that the configuration names. A trail that has become
// shorter than it was is told in the log, and gets no new checkpoint.
func (a *App) TakeCheckpoint(ctx context.Context, now time.Time) error {
	last, err := LastCheckpoint(ctx, a.Store, now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return err
	}
	tree, end := last.Tree, 0
	parts, err := desk.Shelf{Sessions: a.Store, Now: now}.Parts(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(parts, func(p checkpoint.Pruned) bool { return p.From() <= tree.Size && tree.Size < p.To() }) {
		tree = checkpoint.Tree{} // what follows was archived together with what came before
	}
	// One event more than is needed tells whether the trail still reaches as far.
	for step, err := range checkpoint.StepsFrom(desk.Events(ctx, a.Store, max(0, tree.Size-1)), parts, max(0, tree.Size-1)) {
		switch {
		case err != nil:
			return err
		case step.To() <= tree.Size:
		case step.Part != nil:
			tree = tree.Jump(*step.Part)
		default:
			tree = tree.Add(step.Event)
		}
		end = step.To()
	}
	if end < last.Index || end < tree.Size {
		a.log.Error("the trail is shorter than it was: events are gone", "checkpoint", last.Index, "end", end, "do", "sidem audit verify, and compare with a backup")
		return nil
	}
	key, err := a.checkpointKey(ctx, now)
	if err != nil {
		return err
	}
	c, err := key.Sign(tree, now)
	if err != nil {
		return err
	}
	a.log.Info("checkpoint", "index", c.Index, "root", c.Root)
	if a.cfg.Checkpoints != "" {
		if err := appendTo(a.cfg.Checkpoints, c.Append()); err != nil {
			return err
		}
	}
	return a.keepHead(ctx, Head{At: now, Index: c.Index, Tree: tree, Note: c.Note, rev: last.rev}, now)
}

func (a *App) keepHead(ctx context.Context, h Head, now time.Time) error {
	body, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if _, err = a.Store.Put(ctx, checkpointName, body, h.rev, now, time.Time{}); err != nil && !errors.Is(err, desk.ErrConflict) {
		return fmt.Errorf("keep checkpoint: %w", err) // a conflict: another replica has just written the same
	}
	return nil
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	return nil
}
