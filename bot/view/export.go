package view

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/filetype"
	"sidem.gob.mx/sidem/core/value"
)

// What an export in a chat may hold. Telegram takes 50 MB of a bot; the whole of a large
// office is for the command line.
const (
	maxExport      = 5_000    // requests
	maxExportBytes = 45 << 20 // of the file
)

// AskExport asks of which dates an export is to be.
func (v *Views) AskExport() session.Reply {
	var row []card.Action
	for _, label := range []string{es.Today, es.ThisMonth, es.ThisYear} {
		row = append(row, v.Button(label, card.Token{Word: word.Export, Arg: label}))
	}
	return session.Reply{Card: &card.Card{Story: es.Story{Title: es.ExportTitle, Text: es.ExportText(v.Now)}, Rows: [][]card.Action{row}}}
}

// Export gives the requests that were filed between two dates, as far as the person may see
// them, as a workbook. It is on record that they looked at each.
func (v *Views) Export(ctx context.Context, dates string) (session.Reply, error) {
	p, ok := periodOf(dates, v.Now)
	if !ok {
		return session.Reply{Toast: es.ExportDates(dates)}, nil
	}
	records, whole, err := v.Desk.FiledIn(ctx, v.Actor, p, maxExport)
	if err == nil && whole {
		var old []core.Record
		old, whole, err = v.Desk.FiledInArchived(ctx, v.Actor, p, maxExport-len(records), records)
		records = append(records, old...)
		slices.SortFunc(records, core.Record.CompareNumbers)
	}
	switch {
	case err != nil:
		return session.Reply{}, err
	case !whole:
		return session.Reply{Toast: es.ExportTooMany(p, maxExport)}, nil
	case len(records) == 0:
		return session.Reply{Toast: es.ExportNone(p)}, nil
	}
	missing, rows := missingOf(records)
	body, err := v.workbook(ctx, records, missing, p)
	if errors.Is(err, errTooLarge) {
		return session.Reply{Toast: es.ExportTooMany(p, maxExport)}, nil
	}
	if err != nil {
		return session.Reply{}, fmt.Errorf("draw the export: %w", err)
	}
	for part := range slices.Chunk(records, PageSize) {
		if err := v.Desk.Looked(ctx, v.Account.ID, core.SawExport, part...); err != nil {
			return session.Reply{}, err
		}
	}
	return session.Reply{
		Toast:     es.ExportHere(len(records), rows, p),
		Documents: []session.Document{session.Made(es.ExportName(p), filetype.XLSX.MIME(), body)},
	}, nil
}

// missingOf tells of the archives that are not at hand, and of how many requests there is only a row.
func missingOf(records []core.Record) (facts []es.Fact, rows int) {
	of := map[string]int{}
	for _, r := range records {
		if _, row := r.Archived(); row {
			of[r.Fields[core.FieldArchived]]++
			rows++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(of)) {
		facts = append(facts, es.ArchiveMissing(core.ArchiveMonth(id), id, of[id]))
	}
	return facts, rows
}

// workbook has a sheet of requests, one of their renglones and one of their observations.
func (v *Views) workbook(ctx context.Context, records []core.Record, missing []es.Fact, p core.Period) ([]byte, error) {
	agencies, persons, err := v.Desk.Names(ctx, records)
	if err != nil {
		return nil, err
	}
	names := es.Names{
		AgencyOf: func(id string) string { return cmp.Or(agencies[id], id) },
		PersonOf: func(id string) string { return cmp.Or(persons[id], id) },
		Local:    v.Desk.Office.Local,
	}
	b, err := paper.NewWorkbook(es.AboutTab)
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.Close() }() // what it leaves is the temporary files'
	add := b.Requests(names)
	for _, r := range records {
		if err := add(r); err != nil {
			return nil, err
		}
	}
	var out bounded
	err = b.Finish(&out, es.AboutTab, func(counts []es.Fact, cut int) []es.Fact {
		return es.About(v.Now, p, slices.Concat(counts, missing), cut)
	})
	return out.Bytes(), err
}

// errTooLarge says that a file would be larger than a chat takes.
var errTooLarge = errors.New("the file is too large")

// bounded takes as much as a chat does.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxExportBytes {
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}

// between are the words that stand between two dates.
var between = []string{" al ", " hasta el ", " hasta ", " a ", " y ", " - ", " – ", " "}

// periodOf are the days that somebody asks for, by the words of a button, one date or two.
// The first of two may leave out the year that the second has.
func periodOf(text string, now time.Time) (core.Period, bool) {
	today := core.DateOf(now)
	switch s := value.Fold(text); strings.TrimPrefix(s, "este ") {
	case value.Fold(es.Today):
		return core.Period{From: today, To: today}, true
	case "mes":
		first := core.Day{Year: today.Year, Month: today.Month, Day: 1}
		next := core.DateOf(time.Date(today.Year, today.Month+1, 1, 0, 0, 0, 0, time.UTC))
		return core.Period{From: first, To: next.Next(-1)}, true
	case "ano":
		return core.Period{From: core.Day{Year: today.Year, Month: time.January, Day: 1}, To: core.Day{Year: today.Year, Month: time.December, Day: 31}}, true
	}
	text = value.Line(strings.ToLower(text))
	for _, lead := range []string{"desde el ", "desde ", "del ", "de "} {
		if rest, ok := strings.CutPrefix(text, lead); ok {
			text = rest
			break
		}
	}
	if d, err := value.ParseDate(text, value.Date(today)); err == nil {
		return core.Period{From: core.Day(d), To: core.Day(d)}, true
	}
	for _, word := range between {
		first, second, ok := strings.Cut(text, word)
		if !ok || word == " " && strings.Contains(second, " ") {
			continue
		}
		to, err := value.ParseDate(second, value.Date(today))
		if err != nil {
			continue
		}
		for _, year := range []string{"", fmt.Sprintf(" de %d", to.Year), fmt.Sprintf("/%d", to.Year)} {
			from, err := value.ParseDate(first+year, value.Date(today))
			if err != nil {
				continue
			}
			p := core.Period{From: core.Day(from), To: core.Day(to)}
			if p.To.Before(p.From) {
				p.From, p.To = p.To, p.From
			}
			return p, true
		}
	}
	return core.Period{}, false
}
