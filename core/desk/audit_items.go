package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// auditItems checks that what the outbox holds was owed for something that is in the
// trail, of which a has heard up to the event last; and that what the trail owes for
// certain is in the outbox, as long as nothing leaves it.
func (d *Desk) auditItems(ctx context.Context, a *core.Audit, books Books, last int) error {
	const page = 1000
	var odd []outbox.Item
	owed := a.Owed() // for what comes later the outbox may have been read already
	seen, before := map[string]bool{}, outbox.Item{}
	var since time.Time // before was not created earlier
	for after := ""; ; {
		items, err := books.Items(ctx, "", after, page)
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		for _, it := range items {
			after = it.ID
			if unowed(a, it) != "" {
				odd = append(odd, it)
			}
			if len(owed) > 0 {
				seen[it.Key] = true
			}
			if n := between(before.ID, it.ID); n > 0 && a.Young(since) {
				a.Faults = append(a.Faults, fmt.Sprintf("%d items of the outbox are gone between %s and %s: nothing leaves it so soon", n, before.ID, it.ID))
			}
			if at := a.Instant(it.Record, versionOf(it)); at.After(since) {
				since = at
			}
			before = it
		}
		if len(items) < page {
			break
		}
	}
	for _, o := range owed {
		paid := func(d core.Delivery) bool { return seen[itemOf(d, o.Record, 0).Key] }
		if !slices.ContainsFunc(o.Any, paid) {
			a.Faults = append(a.Faults, fmt.Sprintf("event %d owes %s %s, and the outbox does not know it", o.Index, o.Any[0], core.Plain(o.Any[0].Account)))
		}
	}
	if len(odd) == 0 {
		return nil
	}
	// Some may be owed for what was added since.
	if _, err := d.hear(ctx, a, last); err != nil {
		return err
	}
	for _, it := range odd {
		if why := unowed(a, it); why != "" {
			a.Faults = append(a.Faults, fmt.Sprintf("item %s of the outbox: %s", it.ID, why))
		}
	}
	return nil
}

// unowed says why nothing in the trail owes an item, as far as that can be judged;
// "" if something may.
func unowed(a *core.Audit, it outbox.Item) string {
	if it.Account != "" {
		if r, ok := a.Fold(it.Account); !ok || r.Kind != core.KindAccount {
			return "its account has no trail"
		}
	}
	record, ok := a.Fold(it.Record)
	if !ok && a.HasLeft(it.Record) { // what was owed then is in its archive
		return ""
	}
	if it.Record != "" && !ok {
		return "its record has no trail"
	}
	if why := unlikely(a, it); why != "" {
		return why
	}
	if it.Merge != merges(it) {
		return "it would meet others of its key otherwise than those of its kind"
	}
	fits := false
	switch it.What {
	case WhatMail:
		if it.Channel != "email" {
			return "it is a mail, and goes elsewhere"
		}
		if it.Payload().Mail == string(core.MailAlert) {
			fits = strings.HasPrefix(it.Key, "alert:") && strings.HasSuffix(it.Key, ":"+it.Account) && it.Record == it.Account
			break
		}
		return unowedNotice(a, record, it, "mail:", it.Account+":"+it.Payload().Mail)
	case WhatNote:
		return unowedNotice(a, record, it, "note:", it.Account+":"+it.Channel+":"+it.Payload().Note)
	case WhatCard:
		fits = it.Key == CardItem(it.Record, it.Account, it.Channel, it.Due, outbox.Payload{}).Key
	case WhatScreen:
		fits = it.Key == ScreenItem(it.Record, it.Account, it.Channel, it.Due).Key
	case WhatRemind:
		fits = strings.HasPrefix(it.Key, "remind:"+it.Record+":") && it.Account == ""
	case WhatRecast:
		fits = strings.HasPrefix(it.Key, "recast:"+it.Record+":") && it.Account == ""
	case WhatDigest, WhatWeekly:
		fits = strings.HasPrefix(it.Key, it.What+":"+it.Account+":") && it.Account != ""
	case whatTick:
		fits = strings.HasPrefix(it.Key, "tick:"+it.Payload().Tick+":") && it.Account == "" && it.Record == ""
	default:
		return "it is of a kind that is none of ours"
	}
	if !fits {
		return "it is not what its key says"
	}
	return ""
}

// unlikely says what of an item no SIDEM would have written, whatever it is owed for; "" for
// nothing.
func unlikely(a *core.Audit, it outbox.Item) string {
	switch {
	case !it.IsSettled():
		return "nothing that was done led to its state"
	case it.HasForeign():
		return "it holds what no item does"
	case it.What != WhatMail && it.What != WhatNote && it.What != WhatCard && it.What != WhatScreen:
		return ""
	case it.State == outbox.Live && !it.Leased && a.Far(it.Due):
		return "it is due only long after it was owed"
	case !it.Expires.IsZero():
		return "it would expire, and what it tells does not"
	}
	return ""
}

// merges is what becomes of an item whose key is live already, by its kind.
func merges(it outbox.Item) outbox.Merge {
	switch {
	case it.What == WhatCard, it.What == WhatScreen:
		return outbox.Latest
	case it.What == WhatMail && it.Payload().Mail == string(core.MailAlert):
		return outbox.Append
	default:
		return outbox.Once
	}
}

// versionOf is that of its record of which a mail or a note tells; 0 for the others.
func versionOf(it outbox.Item) int {
	if it.What != WhatMail && it.What != WhatNote {
		return 0
	}
	_, rest, _ := strings.Cut(it.Key, ":"+it.Record+":")
	at, _, _ := strings.Cut(rest, ":")
	version, err := strconv.Atoi(at)
	if err != nil {
		return 0 // as unowed has told
	}
	return version
}

// between is how many ids there are between two that follow each other.
func between(first, second string) int {
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	if errA != nil || errB != nil {
		return 0
	}
	return b - a - 1
}

// whatTick is the notifier's: work at an hour of the day.
const whatTick = "tick"

// unowedNotice judges a mail or a note: its key, which is that of NoteItem and
// mailItem, and the verb that led to the version in it.
func unowedNotice(a *core.Audit, record core.Record, it outbox.Item, kind, names string) string {
	rest, ok := strings.CutPrefix(it.Key, kind+it.Record+":")
	at, rest, both := strings.Cut(rest, ":")
	version, err := strconv.Atoi(at)
	suffix, same := strings.CutPrefix(rest, names)
	if !ok || !both || err != nil || !same || suffix != "" && suffix[0] != ':' {
		return "it is not what its key says"
	}
	if version < 1 || version > record.Version {
		return fmt.Sprintf("its record never had the version %d", version)
	}
	mail, note := core.Mail(it.Payload().Mail), core.Note(it.Payload().Note)
	if mail == core.MailTurn && len(it.Payload().Tried) > 0 {
		return "" // what another channel did not deliver
	}
	if suffix == ":over" { // a reminder that is taken off the screen
		if !slices.Contains(record.Told, it.Account) {
			return "its account was told nothing of its record"
		}
		return ""
	}
	verbs := a.Verbs(it.Record, version)
	for _, n := range core.Notices {
		if n.Kind != record.Kind || !slices.Contains(verbs, n.Verb) {
			continue
		}
		self := n.To == core.Self || n.To == core.Former
		if self && it.Account != it.Record || !self && !a.Told(it.Record, version, it.Account) {
			continue
		}
		if mail != core.MailNone && n.Mail == mail || note != core.NoteNone && n.Note == note {
			return ""
		}
	}
	return fmt.Sprintf("nothing that led to version %d of its record owes it", version)
}
