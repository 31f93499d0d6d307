package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/checkpoint"
)

// auditCmd checks the trail, and lets others check it.
type auditCmd struct {
	Verify     auditVerifyCmd     `cmd:"" help:"Check every record, index and item against the trail, and the trail against checkpoints."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Print the last checkpoint, for a witness to keep or to sign."`
	Key        auditKeyCmd        `cmd:"" help:"Print the public key by which others verify checkpoints."`
	Prove      auditProveCmd      `cmd:"" help:"Print the proof that an event is in the trail of a checkpoint: it holds the event, word for word."`
	Check      auditCheckCmd      `cmd:"" help:"Check such a proof, without any store."`
}

type auditVerifyCmd struct {
	Files      bool   `name:"attachments" negatable:"" default:"true" help:"Also read each attachment that the trail names, and compare it with its hash. That takes as long as to read all of SIDEM_FILES."`
	Archives   bool   `negatable:"" default:"true" help:"Also read the archives in SIDEM_FILES, event by event. Without them, what was archived is judged by what stays of it."`
	Checkpoint string `help:"File of checkpoints that was kept elsewhere: the trail must be the one that they were taken of. By default the one of --checkpoints." type:"existingfile"`
	Key        string `help:"Public key by which they are signed, kept elsewhere too. By default the one of this SIDEM."`
}

// maxFaults is how many faults are printed: one event that was changed has everything
// that follows from it differ.
const maxFaults = 200

// Run prints what is wrong with the trail, and fails if anything is. It works beside a running SIDEM.
func (c auditVerifyCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	a, err := ops.Verify(ctx, cfg, log, ops.Ask{Attachments: c.Files, Archives: c.Archives, Told: progress(log), Checkpoints: c.Checkpoint, Key: c.Key})
	if err != nil {
		return err
	}
	tellFaults(out, a.Faults)
	_, _ = fmt.Fprintf(out, "%d events of %d records, %d faults\n", a.Events, a.Records, len(a.Faults))
	if a.Erased > 0 {
		_, _ = fmt.Fprintf(out, "%d events were blacked out, on record: what they said cannot be compared any more.\n", a.Erased)
	}
	if c.Files && a.Unasked == nil {
		tellAttachments(out, a.Attachments, cfg.Files)
	}
	if len(a.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("audit: %d faults", len(a.Faults))}
	}
	if a.Unasked != nil {
		return fmt.Errorf("whether the attachments are as they were is not known: %w", a.Unasked)
	}
	if n := a.Attachments.Wrong(); n > 0 {
		return &ops.CheckError{Err: fmt.Errorf("audit: %d attachments are absent or changed", n)}
	}
	if a.Unseen > 0 {
		_, _ = fmt.Fprintf(out, "%d checkpoints were taken in the middle of what was archived: compare them with the archives at hand; the later ones vouch for the same events.\n", a.Unseen)
	}
	if len(a.Kept) == 0 {
		_, _ = fmt.Fprintln(out, "No checkpoint was given: whoever can write to the store could have rewritten the whole trail.")
	} else {
		_, _ = fmt.Fprintf(out, "It is the trail of %d checkpoints, up to %s.\n", len(a.Kept), a.Kept[len(a.Kept)-1])
	}
	return nil
}

// tellFaults prints the first of them.
func tellFaults(out io.Writer, faults []string) {
	for _, f := range faults[:min(len(faults), maxFaults)] {
		_, _ = fmt.Fprintln(out, f)
	}
	if more := len(faults) - maxFaults; more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
}

// saidEvery is how often it is said how far the attachments are.
const saidEvery = 10 * time.Second

// progress says in the log how many attachments were compared.
func progress(log *slog.Logger) func(done, of int) {
	last := time.Now()
	return func(done, of int) {
		if now := time.Now(); now.Sub(last) >= saidEvery {
			last = now
			log.Info("attachments are compared", "done", done, "of", of)
		}
	}
}

// tellAttachments prints which attachments are absent or changed, and what to do about it.
func tellAttachments(out io.Writer, a ops.Attachments, where string) {
	for _, f := range a.First {
		what := "is absent"
		if f.Changed {
			what = "is not what was attached"
		}
		_, _ = fmt.Fprintf(out, "%s: attachment %s %s\n", f.Record, f.Hash, what)
	}
	if more := a.Wrong() - len(a.First); more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
	if a.Absent > 0 {
		_, _ = fmt.Fprintf(out, "%d of %d attachments are not in %s: copy there the folder or the bucket that SIDEM_FILES named before, or a backup of it.\n", a.Absent, a.Asked, where)
	}
	if a.Changed > 0 {
		_, _ = fmt.Fprintf(out, "%d of %d attachments in %s are not what was attached: replace each by the file of that name in a backup.\n", a.Changed, a.Asked, where)
	}
	if a.Wrong() == 0 {
		_, _ = fmt.Fprintf(out, "All %d attachments are in %s.\n", a.Asked, where)
	}
}

type auditCheckpointCmd struct{}

// Run prints the last checkpoint.
func (auditCheckpointCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	c, err := ops.LastCheckpoint(ctx, cfg, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(out, c.Note)
	return err
}

type auditKeyCmd struct {
	New string `help:"Make another key, for SIDEM_CHECKPOINT_KEY, of a trail with this name for ever (sidem.example.gob.mx/trail), and print both halves." placeholder:"ORIGIN"`
}

// Run prints the public key, or a new pair.
func (c auditKeyCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	if c.New != "" {
		k, err := checkpoint.NewKey(rand.Reader, c.New)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "SIDEM_CHECKPOINT_KEY=%s\n%s\n", k.Signer, k.Verifier)
		return err
	}
	key, err := ops.PublicKey(ctx, cfg, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, key)
	return err
}

type auditProveCmd struct {
	Event      int    `arg:"" help:"The index of the event, as export tells it."`
	Checkpoint []byte `help:"File with one signed checkpoint that covers it; by default the last." type:"filecontent"`
}

// Run prints a proof.
func (c auditProveCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	p, err := ops.Prove(ctx, cfg, log, c.Event, string(c.Checkpoint))
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(out, p)
	return err
}

type auditCheckCmd struct {
	Proof []byte `arg:"" help:"File with the proof." type:"filecontent"`
	Key   string `help:"Public key of the trail, from whoever you trust with it." required:""`
}

// Run checks a proof.
func (c auditCheckCmd) Run(out io.Writer) error {
	p, err := checkpoint.Check(string(c.Proof), c.Key)
	if err != nil {
		return &ops.CheckError{Err: err}
	}
	_, err = fmt.Fprintf(out, "Event %d (%s of %s, %s) is in the trail of %d events whose head was signed by that key.\n",
		p.Event.Index, p.Event.Verb, p.Event.Record, p.Event.At.UTC().Format(time.DateTime), p.Checkpoint.Index)
	return err
}
