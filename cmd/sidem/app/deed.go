package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// Deed is something that an operator's command has a running SIDEM do, since that has the
// store open alone: what it asks for (Q), and what came of it (A). The admin listener serves
// it, and whoever asks must be somebody who can read the store.
type Deed[Q, A any] struct {
	path string
	do   func(a *App, ctx context.Context, ask Q) (A, error)
	// renews says that SIDEM starts anew with what was changed.
	renews bool
}

// The deeds.
var (
	DoReplay = Deed[Replay, int]{path: "/outbox/replay", do: func(a *App, ctx context.Context, ask Replay) (int, error) {
		return ask.On(ctx, a.Store, a.Clock.Now())
	}}
	DoCalendar = Deed[office.CalendarFile, int]{path: "/calendar", renews: true, do: func(a *App, ctx context.Context, ask office.CalendarFile) (int, error) {
		if _, err := ask.Years(); err != nil {
			return 0, err
		}
		return len(ask.Calendar), office.ImportCalendar(ctx, a.Store, ask, a.Clock.Now())
	}}
	DoRotate = Deed[Rotate, Rotation]{path: "/keys", renews: true, do: func(a *App, ctx context.Context, ask Rotate) (Rotation, error) {
		return RotateKeys(ctx, a.Store, a.Clock.Now(), ask.AtOnce)
	}}
	DoReindex = Deed[Reindex, desk.Reindexing]{path: "/reindex", do: func(a *App, ctx context.Context, ask Reindex) (desk.Reindexing, error) {
		return a.Desk.Reindex(ctx, ask.Anew)
	}}
	DoImport = Deed[Import, Imported]{path: "/import", do: (*App).importFile}
)

// Rotate is how keys are to be rotated.
type Rotate struct {
	AtOnce bool `json:"at_once,omitempty"`
}

// Reindex is which part of a reindex is asked for.
type Reindex struct {
	Anew bool `json:"anew,omitempty"`
}

// Import is a file of agencies and people to be loaded, or to be rehearsed only.
type Import struct {
	File   roster.File `json:"file"`
	DryRun bool        `json:"dry_run,omitempty"`
}

// Imported is what came of it. What was done before a fault of the store is told too.
type Imported struct {
	Rows  []roster.Row `json:"rows"`
	Fault string       `json:"fault,omitempty"`
}

// importing is what imports know of each other: they take turns, so that none judges what
// another is in the middle of.
type importing struct {
	turn chan struct{}
	// until ends with the SIDEM that runs: an import goes on when whoever asked has gone.
	until context.Context
	// untold are the rows with passwords that nobody was told, since whoever asked had gone.
	untold []roster.Row // of whoever has the turn
}

func (a *App) importFile(asker context.Context, ask Import) (out Imported, err error) {
	select {
	case a.importing.turn <- struct{}{}:
		defer func() { <-a.importing.turn }()
	case <-asker.Done():
		return out, asker.Err()
	}
	ctx, cancel := context.WithTimeout(a.importing.until, deedTime)
	defer cancel()
	if out, err = ask.On(ctx, a); err != nil || ask.DryRun {
		return out, err
	}
	out.Rows = a.withUntold(ctx, out.Rows)
	a.importing.untold = nil
	if asker.Err() != nil {
		a.importing.untold = slices.DeleteFunc(slices.Clone(out.Rows), func(r roster.Row) bool { return r.Password == "" })
		a.log.Warn("an import was done, and whoever asked for it has gone", "rows", len(out.Rows), "do", "repeat it: it tells what each new person needs")
	}
	return out, nil
}

// withUntold are the rows of an import, and what nobody was told of those before it, where it
// is good still.
func (a *App) withUntold(ctx context.Context, rows []roster.Row) []roster.Row {
	for _, old := range a.importing.untold {
		key := core.UniqueUser(old.User)
		if r, err := a.Store.Find(ctx, key); err != nil || r.State != core.StateGranted || a.Keeper.Password(r) != old.Password {
			continue
		}
		old.Did, old.Changed, old.Renews = roster.Kept, nil, false
		if i := slices.IndexFunc(rows, func(row roster.Row) bool { return row.User != "" && core.UniqueUser(row.User) == key }); i < 0 {
			rows = append(rows, old)
		} else if rows[i].Password == "" {
			rows[i] = old
		}
	}
	return rows
}

// On carries it out; the error is what is wrong with the file, and then nothing was changed.
func (i Import) On(ctx context.Context, a *App) (out Imported, err error) {
	if i.DryRun {
		out.Rows, err = i.File.Rehearse(ctx, a.Hand())
		return out, err
	}
	out.Rows, err = i.File.Load(ctx, a.Hand())
	if err != nil && len(out.Rows) > 0 {
		out.Fault, err = err.Error(), nil
	}
	return out, err
}

// Hand is with what files of people are loaded here.
func (a *App) Hand() roster.Hand {
	return roster.Hand{Desk: a.Desk, Keeper: a.Keeper, Link: a.DeepLink}
}

// served is a deed as the admin listener serves it.
type served struct {
	path    string
	handler http.Handler
}

func (a *App) deeds() []served {
	return []served{serve(a, DoReplay), serve(a, DoCalendar), serve(a, DoRotate), serve(a, DoReindex), serve(a, DoImport)}
}

// maxAsked bounds what is asked for, in bytes: the people of a state's government fit.
const maxAsked = 8 << 20

// serve has what is asked for done. It takes JSON only, so that no page in a browser can ask,
// and from those only who prove that they can read the store: the listener is reached by
// every user of the machine. What cannot be done as it was asked is 422.
func serve[Q, A any](a *App, d Deed[Q, A]) served {
	return served{d.path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAsked))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if !a.ring.proves(a.Clock.Now(), d.path, body, r.Header.Get(proofHeader)) {
			http.Error(w, "this is done for those who can read the store: run the command as the user of SIDEM", http.StatusForbidden)
			return
		}
		var ask Q
		if err := json.Unmarshal(body, &ask); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		done, err := d.do(a, r.Context(), ask)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		answer(w, done)
		if d.renews {
			select {
			case a.look <- struct{}{}:
			default:
			}
		}
	})}
}

// proofHeader brings the proof that whoever asks can read the store: a MAC of the deed and
// of what is asked, by the key with which buttons are sealed.
const proofHeader = "Sidem-Proof"

func proof(secret []byte, path string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "sidem admin %s %d\n", path, len(body)) // a hash takes everything
	_, _ = mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (k keys) proves(now time.Time, path string, body []byte, given string) bool {
	for _, secret := range k.good(now) {
		if hmac.Equal([]byte(given), []byte(proof(secret, path, body))) {
			return true
		}
	}
	return false
}

// deedTime is how long a deed may take.
const deedTime = 5 * time.Minute

// Ask has the SIDEM at the admin address do it. store is its store, to be read. An error that
// is a Refused says that it will not, as it was asked.
func (d Deed[Q, A]) Ask(ctx context.Context, address string, store desk.Sessions, now time.Time, ask Q) (done A, err error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return done, err
	}
	ring, err := storedKeys(ctx, store, now)
	if err != nil {
		return done, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+d.path, bytes.NewReader(body))
	if err != nil {
		return done, office.Misconfigured(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(proofHeader, proof(ring.good(now)[0], d.path, body))
	res, err := (&http.Client{Timeout: deedTime}).Do(req)
	if err != nil {
		return done, fmt.Errorf("another SIDEM holds the store, and does not answer at its admin listener: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
		return done, json.NewDecoder(res.Body).Decode(&done)
	case http.StatusUnprocessableEntity:
		return done, &Refused{said(res.Body)}
	default:
		return done, fmt.Errorf("admin listener: %s: %s", res.Status, said(res.Body))
	}
}

// Refused is what a running SIDEM says that does not do what it is asked.
type Refused struct{ Why string }

func (e *Refused) Error() string { return e.Why }

func said(body io.Reader) string {
	text, _ := io.ReadAll(io.LimitReader(body, 1<<20)) // the status tells as well
	return string(bytes.TrimSpace(text))
}

// storedKeys are those that a store has, which is only read.
func storedKeys(ctx context.Context, s desk.Sessions, now time.Time) (keys, error) {
	body, _, err := s.Get(ctx, keysName, now)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, errors.New("the store has no keys yet: start sidem serve first")
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	return parseKeys(body)
}
