package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// Dossier is everything that a store holds of one person, to be handed to them. What an
// opinion is handed over by is left out: it is read by who collects, in their chat.
type Dossier struct {
	At      time.Time `json:"at"`
	Account string    `json:"account"`
	// Person is the account as it stands: name, post, addresses, chats, roles.
	Person core.Record `json:"person"`
	// History is the trail of the account.
	History []core.Event `json:"history"`
	// Acts are what the person did, or somebody in their name, on other records.
	Acts []core.Event `json:"acts"`
	// Mentions are what others did and wrote in which the person is named.
	Mentions []core.Event `json:"mentions"`
	// Requests are those that the person filed or was assigned.
	Requests []Joined `json:"requests"`
	// Attachments are the files that the person sent; their contents are in SIDEM_FILES
	// under the hash.
	Attachments []Sent `json:"attachments"`
	// Uploads are the files that the person sent and attached to nothing yet: those of
	// unfinished forms, and those of which nobody said what they are for.
	Uploads []core.Attachment `json:"uploads"`
	// Notices are the items of the outbox to the account, with what came of each.
	Notices []outbox.Item `json:"notices"`
	// Sessions are the keys of what is kept for the moment: drafts, places of cards.
	Sessions []string `json:"sessions"`
}

// Joined is a request in which a person takes part.
type Joined struct {
	Record  string     `json:"record"`
	Number  string     `json:"number,omitempty"`
	State   core.State `json:"state"`
	Subject string     `json:"subject,omitempty"`
}

// Sent is a file that somebody sent with an act.
type Sent struct {
	core.Attachment
	Record string    `json:"record"`
	At     time.Time `json:"at"`
}

// Dossier collects what the store holds of the person of an account, and what archived holds,
// the events of what was archived. The whole trail is read.
func (d *Desk) Dossier(ctx context.Context, store Eraser, account string, archived iter.Seq2[core.Event, error]) (Dossier, error) {
	r, err := d.Ledger.Record(ctx, account)
	if err == nil && r.Kind != core.KindAccount {
		err = ErrNotFound
	}
	if err != nil {
		return Dossier{}, fmt.Errorf("account %s: %w", account, err)
	}
	out := Dossier{At: d.now(), Account: account, Person: r}
	if out.History, err = d.Ledger.Trail(ctx, account, 0, 0); err != nil {
		return out, fmt.Errorf("trail of %s: %w", account, err)
	}
	person := core.SubjectOf(account, out.History)
	for i, e := range out.History {
		out.History[i] = e.WithoutSecrets()
	}
	known := map[int]bool{} // what came back is in the trail, and in its archive
	for _, events := range []iter.Seq2[core.Event, error]{Events(ctx, d.Ledger, 0), archived} {
		for e, err := range events {
			if err != nil {
				return out, err
			}
			if !known[e.Index] && out.add(e, person) {
				known[e.Index] = true
			}
		}
	}
	parts, err := d.all(ctx, core.TermParty(account))
	if err != nil {
		return out, err
	}
	shelved, _, err := Shelf{Sessions: d.Sessions, Now: out.At}.Standing(ctx, []string{core.TermParty(account)}, maxJoined)
	if err != nil {
		return out, err
	}
	for _, l := range shelved {
		parts = append(parts, l.Record())
	}
	parts = onceEach(parts)
	for _, p := range parts {
		out.Requests = append(out.Requests, Joined{p.ID, p.Number, p.State, p.Fields[core.FieldSubject]})
	}
	slices.SortFunc(out.Requests, func(a, b Joined) int { return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Record, b.Record)) })
	if out.Notices, err = itemsOf(ctx, store, account); err != nil {
		return out, err
	}
	if out.Sessions, err = d.sessionsOf(ctx, store, person, r.Links); err != nil {
		return out, err
	}
	out.Uploads, err = d.uploads(ctx, store, out.Sessions)
	return out, err
}

// uploads are the files that sessions hold, each content once.
func (d *Desk) uploads(ctx context.Context, store Eraser, keys []string) (out []core.Attachment, err error) {
	for _, key := range keys {
		body, _, err := store.Get(ctx, key, d.now())
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a session: %w", err)
		}
		for _, f := range attachmentsIn(body) {
			if !slices.ContainsFunc(out, func(o core.Attachment) bool { return o.Hash == f.Hash }) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// attachmentsIn are the files in what a session holds, whatever else does: each conversation
// keeps them in a shape of its own.
func attachmentsIn(body []byte) (out []core.Attachment) {
	var f core.Attachment
	if json.Unmarshal(body, &f) == nil && f.Name != "" && len(f.Hash) == hex.EncodedLen(sha256.Size) {
		return []core.Attachment{f}
	}
	var parts []json.RawMessage
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &parts) != nil && json.Unmarshal(body, &fields) == nil {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			parts = append(parts, fields[name])
		}
	}
	for _, part := range parts {
		out = append(out, attachmentsIn(part)...)
	}
	return out
}

// maxJoined bounds the archived requests of a person that a Dossier lists.
const maxJoined = 1 << 20

// onceEach are records, the first of each id.
func onceEach(records []core.Record) []core.Record {
	seen := map[string]bool{}
	return slices.DeleteFunc(records, func(r core.Record) bool {
		again := seen[r.ID]
		seen[r.ID] = true
		return again
	})
}

// add takes in an event that is of the person; it reports whether it is.
func (out *Dossier) add(e core.Event, person core.DataSubject) bool {
	_, named := person.Black(e)
	e = e.WithoutSecrets()
	switch {
	case e.Record == out.Account:
		return false
	case e.By == out.Account || e.For == out.Account:
		out.Acts = append(out.Acts, e)
		for _, f := range e.Files {
			out.Attachments = append(out.Attachments, Sent{f, e.Record, e.At})
		}
	case named:
		out.Mentions = append(out.Mentions, e)
	default:
		return false
	}
	return true
}

func itemsOf(ctx context.Context, store Eraser, account string) (out []outbox.Item, err error) {
	const page = 1000
	for after := ""; ; {
		items, err := store.Items(ctx, "", after, page)
		if err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		for _, it := range items {
			if after = it.ID; it.Account == account {
				out = append(out, it)
			}
		}
		if len(items) < page {
			return out, nil
		}
	}
}
