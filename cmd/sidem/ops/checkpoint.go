package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
)

// readCheckpoints reads a file of checkpoints that were signed by a key ("" where
// there was none yet).
func readCheckpoints(path, key string) ([]checkpoint.Checkpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoints: %w", err)
	}
	out, err := checkpoint.Read(f, key)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("checkpoints %s: %w", path, err)
	}
	return out, nil
}

// publicKey is the one of this deployment; "" while it has none.
func publicKey(ctx context.Context, cfg *office.Config, s desk.Sessions, now time.Time) (string, error) {
	k, err := app.CheckpointKey(ctx, *cfg, s, now)
	if errors.Is(err, desk.ErrNotFound) {
		return "", nil
	}
	return k.Verifier, err
}

// PublicKey is the key by which others verify the checkpoints of this deployment.
func PublicKey(ctx context.Context, cfg *office.Config, log *slog.Logger) (key string, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if key, err = publicKey(ctx, cfg, s, now); err == nil && key == "" {
		err = errNoCheckpoint
	}
	return key, err
}

var errNoCheckpoint = errors.New("there is no signed checkpoint yet: one is taken each night while SIDEM runs")

// LastCheckpoint is the last signed one, for a witness to keep or to sign.
func LastCheckpoint(ctx context.Context, cfg *office.Config, log *slog.Logger) (c checkpoint.Checkpoint, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return lastCheckpoint(ctx, s, now)
}

func lastCheckpoint(ctx context.Context, s desk.Sessions, now time.Time) (c checkpoint.Checkpoint, err error) {
	head, err := app.LastCheckpoint(ctx, s, now)
	if errors.Is(err, desk.ErrNotFound) || err == nil && head.Note == "" {
		return c, errNoCheckpoint
	}
	if err != nil {
		return c, err
	}
	c, err = checkpoint.Open(head.Note, "")
	c.At = head.At
	return c, err
}

// Prove makes the proof that the event with an index is in the trail of a checkpoint:
// of the last, or of a signed note that somebody else kept or signed.
func Prove(ctx context.Context, cfg *office.Config, log *slog.Logger, event int, kept string) (p checkpoint.Proof, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	c, err := lastCheckpoint(ctx, s, now)
	if kept != "" {
		c, err = checkpoint.Open(kept, "")
	}
	if err != nil {
		return p, err
	}
	parts, err := desk.Shelf{Sessions: s, Now: now}.Parts(ctx)
	if err != nil {
		return checkpoint.Proof{}, err
	}
	return checkpoint.Prove(desk.Events(ctx, s, 0), parts, event, c)
}
