package ops

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// Ask is what an examination of the trail covers beside the trail itself.
type Ask struct {
	// Attachments also reads each attachment that the trail names, and compares it.
	Attachments bool
	// Told hears how many of them were compared; nil is nobody.
	Told func(done, of int)
	// Archives also reads the files of the archives, which must be at hand.
	Archives bool
	// Checkpoints is a file of them that was kept elsewhere; "" is the one of the configuration.
	Checkpoints string
	// Key is the public key by which they are signed; "" is the one of this deployment.
	Key string
}

// Verdict is what an examination of the trail found.
type Verdict struct {
	core.Audit
	Kept        []checkpoint.Checkpoint // those that the trail was compared with, in order
	Unseen      int                     // those of them that were taken in the middle of what was archived: without it nobody can compare them
	Attachments Attachments
	// Unasked says why it is not known whether its attachments are as they were; nil where it is.
	Unasked error
}

// Verify checks every chain, the index, that each record is the fold of its trail, that
// the trail is the one of the checkpoints and, if asked, that its attachments are there as they
// were attached.
// It works beside a running SIDEM. What is wrong is in the Verdict; an error says that
// it could not be known.
func Verify(ctx context.Context, cfg *office.Config, log *slog.Logger, ask Ask) (a Verdict, err error) {
	ledger, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	file := cmp.Or(ask.Checkpoints, cfg.Checkpoints)
	if file != "" {
		key := ask.Key
		if key == "" {
			if key, err = publicKey(ctx, cfg, ledger, now); err != nil {
				return a, err
			}
		}
		a.Kept, err = readCheckpoints(file, key)
		if err != nil && !errors.Is(err, checkpoint.ErrSignature) {
			return a, office.Misconfigured(err)
		}
	}
	unsigned := err
	if a.Audit, err = (&desk.Desk{Ledger: ledger, Sessions: ledger, Now: func() time.Time { return now }}).Audit(ctx); err != nil {
		return a, err
	}
	if unsigned != nil {
		a.Faults = append(a.Faults, unsigned.Error()+"; whose are they?")
	} else {
		parts, err := desk.Shelf{Sessions: ledger, Now: now}.Parts(ctx)
		if err != nil {
			return a, err
		}
		if ask.Archives {
			if parts, err = a.readArchives(ctx, cfg, log, ledger, parts, now); err != nil {
				return a, err
			}
		}
		faults, unseen, err := checkpoint.Compare(desk.Events(ctx, ledger, 0), parts, a.Kept)
		if err != nil {
			return a, err
		}
		a.Unseen = unseen
		a.Faults = append(a.Faults, faults...)
	}
	if ask.Attachments {
		var kept library
		if kept, a.Unasked = openLibrary(ctx, cfg, log, true); a.Unasked == nil {
			a.Attachments, a.Unasked = kept.examine(ctx, ledger, ask.Told)
		}
	}
	return a, nil
}

// readArchives reads the files of the archives, and returns the parts of the trail with each of
// their events by itself. Without the files the trail is judged by the parts alone.
func (a *Verdict) readArchives(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store, parts []checkpoint.Pruned, now time.Time) ([]checkpoint.Pruned, error) {
	if len(parts) == 0 {
		return parts, nil
	}
	archives, err := openArchives(ctx, cfg, log, s, true)
	if err != nil {
		return parts, err
	}
	faults, leaves, err := archives.Check(ctx, now)
	a.Faults = append(a.Faults, faults...)
	if err != nil || len(faults) > 0 {
		return parts, err
	}
	return leaves, nil
}
