package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// Personal is everything that the store holds of one person. who is the account's id or
// user name. It works beside a running SIDEM.
func Personal(ctx context.Context, cfg *office.Config, log *slog.Logger, who string) (out desk.Dossier, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, account, err := deskAbout(ctx, cfg, log, s, who)
	if err != nil {
		return out, err
	}
	archives, err := openArchives(ctx, cfg, log, s, true)
	if err != nil {
		return out, err
	}
	out, err = d.Dossier(ctx, s, account, archives.Events(ctx))
	out.At = d.Office.Local(now)
	return out, err
}

// Erase takes out of the store what it holds of a person. Archived requests that name them come
// back for it. A SQLite file must not be open in a running SIDEM; on Redis it works beside one.
func Erase(ctx context.Context, cfg *office.Config, log *slog.Logger, who string) (out desk.Erasing, err error) {
	s, err := openAlone(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, account, err := deskAbout(ctx, cfg, log, s, who)
	if err != nil {
		return out, err
	}
	if _, err := withdraw(ctx, cfg, log, s, account, d.Clock()); err != nil {
		return out, err
	}
	out, err = d.Erase(ctx, s, account)
	if no, ok := errors.AsType[*core.Refusal](err); ok && no.Reason == core.LastAdmin {
		return out, fmt.Errorf("%w: nobody else could register, correct and suspend accounts. Nothing was erased: give another account the role of administration first, and have its person link a chat", err)
	}
	return out, err
}

// deskAbout is a desk on a store, without any other piece of SIDEM, and the account of who.
func deskAbout(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store, who string) (*desk.Desk, string, error) {
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return nil, "", err
	}
	institution, err := office.Load(ctx, cfg.Office, s, c.Now())
	if err != nil {
		return nil, "", err
	}
	account, err := accountOf(ctx, s, who)
	return &desk.Desk{Ledger: s, Sessions: s, Office: institution, Now: c.Now}, account, err
}

// accountOf is the id of an account by its id or its user name.
func accountOf(ctx context.Context, s desk.Ledger, who string) (string, error) {
	r, err := s.Find(ctx, core.UniqueUser(who))
	if errors.Is(err, desk.ErrNotFound) {
		r, err = s.Record(ctx, who)
	}
	if errors.Is(err, desk.ErrNotFound) || err == nil && r.Kind != core.KindAccount {
		return "", fmt.Errorf("there is no account with the user name or the id %q", who)
	}
	return r.ID, err
}
