package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/storage"
)

// Import brings the store to what a file of agencies and people says, by the hand of the
// SIDEM that has it open if there is one; dryRun tells what would be done. Where anything
// is wrong nothing is changed, and the error tells all of it. Rows are what was done, also
// before a fault of the store.
func Import(ctx context.Context, cfg *office.Config, log *slog.Logger, path string, dryRun bool) ([]roster.Row, error) {
	f, err := roster.Read(path)
	if err := errors.Join(app.Check(cfg, false), err); err != nil {
		return nil, office.Misconfigured(err)
	}
	what := app.Import{File: f, DryRun: dryRun}
	done, err := carryOut(ctx, cfg, log, what)
	switch {
	case err != nil:
		return nil, err
	case done.Fault != "":
		return done.Rows, errors.New(done.Fault)
	}
	return done.Rows, nil
}

func carryOut(ctx context.Context, cfg *office.Config, log *slog.Logger, what app.Import) (done app.Imported, err error) {
	a, err := app.Open(ctx, *cfg, app.Options{Log: log})
	if errors.Is(err, storage.ErrLocked) {
		done, err = ask(ctx, cfg, log, app.DoImport, what, err)
		if refused, ok := errors.AsType[*app.Refused](err); ok {
			return done, unchanged(refused)
		}
		if err != nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
			err = fmt.Errorf("the running SIDEM goes on with what it has begun: repeat it, and it tells what each new person needs: %w", err)
		}
		return done, err
	}
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	switch err := a.Confirm(ctx); {
	case err == nil:
	case isConfig(err):
		return done, err
	default:
		log.Warn("persons write /start and their code to the bot", "err", err)
	}
	if done, err = what.On(ctx, a); err != nil {
		return done, unchanged(err)
	}
	return done, nil
}

// unchanged is what is wrong with a file.
func unchanged(err error) error { return fmt.Errorf("%w\nnothing was changed", err) }

func isConfig(err error) bool { _, ok := errors.AsType[*office.ConfigError](err); return ok }
