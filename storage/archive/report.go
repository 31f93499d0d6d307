package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
)

// Report is what an archive or a store was found to hold.
type Report struct {
	Events, Records, Items, Numbers, Sessions Part
	// Faults say, in words for an operator, what of the trail does not hold (core.Audit).
	Faults []string
}

// Part is how many there are of one kind, and a digest of all of them: parts
// with the same digest are the same.
type Part struct {
	Count  int
	Digest string
}

// Differences says, in words for an operator, what is not the same in the other.
func (r Report) Differences(o Report) []string {
	var out []string
	for _, p := range []struct {
		what string
		a, b Part
	}{
		{"events", r.Events, o.Events},
		{"records", r.Records, o.Records},
		{"items", r.Items, o.Items},
		{"numbers", r.Numbers, o.Numbers},
		{"sessions", r.Sessions, o.Sessions},
	} {
		switch {
		case p.a.Count != p.b.Count:
			out = append(out, fmt.Sprintf("%d %s here, %d there", p.a.Count, p.what, p.b.Count))
		case p.a.Digest != p.b.Digest:
			out = append(out, fmt.Sprintf("the %d %s are not the same", p.a.Count, p.what))
		}
	}
	return out
}

func (r Report) String() string {
	return fmt.Sprintf("%d events of %d records, %d items, %d numbers, %d sessions, %d faults",
		r.Events.Count, r.Records.Count, r.Items.Count, r.Numbers.Count, r.Sessions.Count, len(r.Faults))
}

// tally makes a Report of lines as they pass.
type tally struct {
	audit                                     core.Audit
	parts                                     []checkpoint.Pruned // of the trail, of which the events were archived
	events, records, items, numbers, sessions sum
}

// sum is a Part that grows.
type sum struct {
	count int
	hash  hash.Hash
}

func (s *sum) add(v any) error {
	if s.hash == nil {
		s.hash = sha256.New()
	}
	s.count++
	return json.NewEncoder(s.hash).Encode(v)
}

func (s *sum) part() Part {
	if s.hash == nil {
		return Part{}
	}
	return Part{Count: s.count, Digest: hex.EncodeToString(s.hash.Sum(nil))}
}

func (t *tally) add(l Line) error {
	switch {
	case l.Event != nil:
		t.audit.Event(*l.Event)
		return t.events.add(l.Event)
	case l.Record != nil:
		t.audit.Record(*l.Record)
		return t.records.add(l.Record)
	case l.Item != nil:
		return t.items.add(l.Item)
	case l.Number != nil:
		return t.numbers.add(l.Number)
	case l.Session != nil:
		if strings.HasPrefix(l.Session.Key, checkpoint.BlockPrefix) {
			parts, err := checkpoint.UnpackParts(l.Session.Value)
			if err != nil {
				return err
			}
			t.parts = append(t.parts, parts...) // keys are in order
		}
		return t.sessions.add(l.Session)
	}
	return errors.New("archive: a line of no known kind")
}

func (t *tally) report() Report {
	t.audit.Cover(func(from, to int) bool { return checkpoint.Covers(t.parts, from, to) })
	t.audit.Close()
	return Report{
		Events: t.events.part(), Records: t.records.part(), Items: t.items.part(),
		Numbers: t.numbers.part(), Sessions: t.sessions.part(), Faults: t.audit.Faults,
	}
}
