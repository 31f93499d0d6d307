// Package export writes what a store holds for those who read it elsewhere: as lines of JSON, or as a workbook.
//
// It is given a snapshot that can be read as often as need be, and holds little of it: the
// ids of the requests of a period, and for a workbook their numbers and the names of the directory.
package export

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
)

// Format is how an export is written.
type Format string

// The formats.
const (
	JSONL Format = "jsonl" // one object a line, for programs; docs/export.md has their keys
	XLSX  Format = "xlsx"  // a workbook, for people
	OCEL  Format = "ocel"  // an event log of the requests, for process mining
)

// Snapshot gives all that a store held at one instant, each time it is called.
type Snapshot func(each func(archive.Line) error) error

// Options say what is written, and how.
type Options struct {
	Format Format
	// Period are the requests that were filed in it; the zero one leaves nothing out. Where
	// there is one, what belongs to another request stays out, and so do drafts and what is
	// of no request; the directory (agencies, programmes, accounts) is always there.
	Period core.Period
	Office core.Office
	At     time.Time // of the snapshot
	// Missing are the archives whose file was not at hand: of their requests the snapshot has
	// the record that stays in the store (core.Record.Archived), and no events.
	Missing []Missing
	// Progress hears how many lines of the snapshot were read; nil: nobody does.
	Progress func(lines int)
}

// Missing is an archive whose file was not at hand.
type Missing struct {
	Archive  string `json:"archive"`
	Month    string `json:"month"`
	Requests int    `json:"requests"`
	SHA256   string `json:"sha256"` // of the file
	Damaged  bool   `json:"damaged,omitempty"`
}

// MissingOf is that of an archive; absent is whether its file is not there at all.
func MissingOf(r core.Record, absent bool) Missing {
	file, _ := r.Sealed()
	n, _ := strconv.Atoi(r.Fields[core.FieldCount]) // SIDEM wrote it
	return Missing{Archive: r.ID, Month: r.Fields[core.FieldMonth], Requests: n, SHA256: file.Hash, Damaged: !absent}
}

// Count is how much of each kind was written.
type Count struct{ Records, Events, Items, Cards, Accounts int }

func (n Count) String() string {
	return fmt.Sprintf("%d records, %d events, %d items, %d cards, %d accounts", n.Records, n.Events, n.Items, n.Cards, n.Accounts)
}

// writer takes the lines of a snapshot, in its order, without what is left out.
type writer interface {
	record(r core.Record) error
	event(e core.Event) error
	item(it outbox.Item) error
	card(c Card) error
	account(r core.Record) error
	close() error
}

// step is how many lines are read between two calls of Progress.
const step = 20_000

// Write writes the snapshot to w. Secrets stay out: the seals' key, one-time passwords,
// linking codes and whatever else is kept for the moment are in sessions, of which the
// places of cards alone are written; pickup codes are taken out of records and events.
func Write(ctx context.Context, w io.Writer, s Snapshot, o Options) (Count, error) {
	of, names, err := looked(s, o)
	if err != nil {
		return Count{}, err
	}
	var out writer
	switch o.Format {
	case JSONL:
		out, err = newLines(w, o)
	case XLSX:
		var b *book
		if b, err = newBook(w, o, names); err == nil {
			defer func() { _ = b.free() }() // what it leaves is the temporary files'
			out = b
		}
	case OCEL:
		var log *ocel
		if log, err = newOCEL(w, o); err == nil {
			defer func() { _ = log.free() }() // what it leaves is the temporary files'
			out = log
		}
	default:
		err = fmt.Errorf("export: no format %q", o.Format)
	}
	if err != nil {
		return Count{}, err
	}
	var n Count
	read := 0
	err = s(func(l archive.Line) error {
		if read++; read%step == 0 && o.Progress != nil {
			o.Progress(read)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return n.write(out, of, l)
	})
	if err == nil {
		err = out.close()
	}
	if err != nil {
		return n, fmt.Errorf("export: %w", err)
	}
	return n, nil
}

// write gives a line to out, if the selection has it.
func (n *Count) write(out writer, of selection, l archive.Line) error {
	switch {
	case l.Event != nil && of.has(l.Event.Kind, l.Event.Record):
		n.Events++
		return out.event(l.Event.WithoutSecrets())
	case l.Record != nil && l.Record.Kind == core.KindAccount:
		n.Accounts++
		return out.account(l.Record.WithoutSecrets())
	case l.Record != nil && of.has(l.Record.Kind, l.Record.ID):
		n.Records++
		return out.record(l.Record.WithoutSecrets())
	case l.Item != nil && (of.all() || of.hasRequest(l.Item.Record)):
		n.Items++
		return out.item(*l.Item)
	case l.Session != nil && strings.HasPrefix(l.Session.Key, screen.CardPrefix):
		cards, err := cardsOf(*l.Session)
		if err != nil {
			return err
		}
		for _, c := range cards {
			if !of.all() && !of.hasRequest(c.Record) {
				continue
			}
			n.Cards++
			if err := out.card(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// selection are the requests of a period; the nil one has everything.
type selection map[string]bool

func (s selection) all() bool { return s == nil }

// hasRequest reports whether a record is one of the requests.
func (s selection) hasRequest(id string) bool { return s == nil || s[id] }

func (s selection) has(k core.Kind, id string) bool { return k != core.KindRequest || s.hasRequest(id) }

// names tell what ids stand for in a workbook.
type names struct{ agencies, persons, numbers map[string]string }

// looked reads the snapshot for what must be known of it before anything is written.
func looked(s Snapshot, o Options) (of selection, n names, err error) {
	if (o.Period != core.Period{}) {
		of = selection{}
	}
	n = names{map[string]string{}, map[string]string{}, map[string]string{}}
	if of == nil && o.Format != XLSX {
		return of, n, nil
	}
	err = s(func(l archive.Line) error {
		if l.Record == nil {
			return nil
		}
		r := *l.Record
		if day, ok := r.FiledOn(o.Office.Calendar.Zone()); ok && of != nil && o.Period.Has(day) {
			of[r.ID] = true
		}
		if o.Format == XLSX {
			n.learn(r, of)
		}
		return nil
	})
	if err != nil {
		return nil, n, fmt.Errorf("export: %w", err)
	}
	return of, n, nil
}

func (n names) learn(r core.Record, of selection) {
	switch r.Kind {
	case core.KindAgency:
		n.agencies[r.Agency] = r.Fields[core.FieldName]
	case core.KindAccount:
		n.persons[r.ID] = r.Fields[core.FieldName]
	case core.KindRequest:
		if r.Number != "" && of.hasRequest(r.ID) {
			n.numbers[r.ID] = r.Number
		}
	case core.KindProgram, core.KindArchive:
	}
}
