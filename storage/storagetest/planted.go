package storagetest

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
)

// plantItems writes what a store holds to others, each without an item that was owed or with
// another in its place, as by somebody who counts them anew, and has the audit find it.
func plantItems(t *testing.T, from Archived, open func(t *testing.T) Archived) {
	t.Helper()
	Workday(t, from)
	var lines []archive.Line
	must(t, from.Dump(t.Context(), func(l archive.Line) error { lines = append(lines, l); return nil }))
	audit := func(change func(outbox.Item) *outbox.Item) (faults string, changed outbox.Item) {
		t.Helper()
		var all []archive.Line
		for _, l := range lines {
			if l.Item != nil && changed.ID == "" {
				it := change(*l.Item)
				if it == nil || !cmp.Equal(*it, *l.Item) {
					changed = *l.Item
				}
				if it == nil {
					continue
				}
				l.Item = it
			}
			all = append(all, l)
		}
		s := open(t)
		must(t, loadWith(t.Context(), s, all, nil))
		a, err := (&desk.Desk{Ledger: s, Sessions: s, Now: func() time.Time { return noon.Add(3 * time.Hour) }}).Audit(t.Context())
		must(t, err)
		return strings.Join(a.Faults, "\n"), changed
	}
	if faults, _ := audit(func(it outbox.Item) *outbox.Item { return &it }); faults != "" {
		t.Fatalf("before anything is changed: %s", faults)
	}
	gone := 0
	for _, l := range lines {
		// What stood before the first that is left may have been purged.
		if l.Item == nil || strings.HasPrefix(l.Item.Key, "remind:") && gone == 0 {
			continue
		}
		gone++
		faults, it := audit(func(it outbox.Item) *outbox.Item {
			if it.ID == l.Item.ID {
				return nil
			}
			return &it
		})
		if faults == "" {
			t.Errorf("%s is gone, %s, and nobody sees it", it.ID, it.Key)
		}
	}
	if gone < 20 {
		t.Errorf("only %d items were there", gone)
	}
	for name, c := range map[string]struct {
		what   string
		change func(*outbox.Item)
	}{
		"another has the card": {desk.WhatCard, func(it *outbox.Item) {
			it.Key, it.Account = strings.Replace(it.Key, ":"+it.Account+":", ":sofia:", 1), "sofia"
		}},
		"another gets the mail": {desk.WhatMail, func(it *outbox.Item) {
			it.Key, it.Account = strings.Replace(it.Key, ":"+it.Account+":", ":hector:", 1), "hector"
		}},
		"the mail says something else": {desk.WhatMail, func(it *outbox.Item) {
			it.Key, it.Data = strings.Replace(it.Key, ":filed", ":cancelled", 1), outbox.Payload{Mail: string(core.MailCancelled)}.Data()
		}},
		"the mail goes to a chat":    {desk.WhatMail, func(it *outbox.Item) { it.Channel = "telegram" }},
		"the card goes elsewhere":    {desk.WhatCard, func(it *outbox.Item) { it.Channel = "slack" }},
		"the mail would join others": {desk.WhatMail, func(it *outbox.Item) { it.Merge = outbox.Append }},
		"the mail is never due":      {desk.WhatMail, func(it *outbox.Item) { it.Due = noon.AddDate(3000, 0, 0) }},
		"the card has expired":       {desk.WhatCard, func(it *outbox.Item) { it.Expires = noon }},
		"the mail was never sent":    {desk.WhatMail, func(it *outbox.Item) { it.State = outbox.Sent }},
		"the mail was not sent in its claim": {desk.WhatMail, func(it *outbox.Item) {
			it.State, it.Attempts = outbox.Sent, []outbox.Attempt{{At: noon, Epoch: it.Epoch + 1, Outcome: outbox.WasSent}}
		}},
		"the mail was given up, and is sent": {desk.WhatMail, func(it *outbox.Item) {
			it.State, it.Attempts = outbox.Sent, []outbox.Attempt{{At: noon, Epoch: it.Epoch, Outcome: outbox.Buried}}
		}},
		"the mail names an address": {desk.WhatMail, func(it *outbox.Item) {
			it.Data = maps.Clone(it.Data)
			it.Data["to"] = "otra@ejemplo.gob.mx"
		}},
		"the mail is a note":            {desk.WhatMail, func(it *outbox.Item) { it.What = desk.WhatNote }},
		"the mail is of another record": {desk.WhatMail, func(it *outbox.Item) { it.Record = "lucia" }},
	} {
		faults, it := audit(func(it outbox.Item) *outbox.Item {
			if it.What == c.what && strings.HasPrefix(it.Record, "r0") && it.Account == "lucia" {
				c.change(&it)
			}
			return &it
		})
		if faults == "" || it.ID == "" {
			t.Errorf("%s, in place of %q, and the audit finds %q", name, it.Key, faults)
		}
	}
}
