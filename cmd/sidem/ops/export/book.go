package export

import (
	"cmp"
	"io"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// book writes a workbook, a sheet for each kind.
type book struct {
	to    io.Writer
	o     Options
	names es.Names
	book  *paper.Workbook

	requests           func(core.Record) error
	events             func(es.EventRow) error
	notices            func(es.NoticeRow) error
	cards              func(es.CardRow) error
	accounts, programs func(es.RecordRow) error
}

func newBook(w io.Writer, o Options, n names) (*book, error) {
	wb, err := paper.NewWorkbook(es.AboutTab)
	if err != nil {
		return nil, err
	}
	look := es.Names{
		AgencyOf: func(id string) string { return cmp.Or(n.agencies[id], id) },
		PersonOf: func(id string) string { return cmp.Or(n.persons[id], id) },
		NumberOf: func(id string) string { return n.numbers[id] },
		Local:    o.Office.Local,
	}
	return &book{
		to: w, o: o, names: look, book: wb, requests: wb.Requests(look), events: paper.Fill(wb, es.TrailTable), notices: paper.Fill(wb, es.NoticeTable),
		cards: paper.Fill(wb, es.CardTable), accounts: paper.Fill(wb, es.AccountTable), programs: paper.Fill(wb, es.ProgramTable),
	}, nil
}

// free removes the temporary files.
func (b *book) free() error { return b.book.Close() }

func (b *book) record(r core.Record) error {
	if r.Kind == core.KindRequest {
		return b.requests(r)
	}
	return b.programs(es.RecordRow{Record: r, Names: b.names})
}

func (b *book) account(r core.Record) error {
	return b.accounts(es.RecordRow{Record: r, Names: b.names})
}

func (b *book) event(e core.Event) error { return b.events(es.EventRow{Event: e, Names: b.names}) }

func (b *book) item(it outbox.Item) error {
	p := it.Payload()
	row := es.NoticeRow{
		ID: it.ID, Record: it.Record, Account: it.Account, Channel: it.Channel, What: it.What, State: string(it.State), Tries: len(it.Attempts),
		Receipt: receipt(it), Names: b.names,
	}
	if detail := cmp.Or(p.Mail, p.Note, p.Tick); detail != "" {
		row.What += ": " + detail
	}
	if n := len(it.Attempts); n > 0 {
		row.Last, row.Note = it.Attempts[n-1].At, it.Attempts[n-1].Note
	}
	return b.notices(row)
}

func (b *book) card(c Card) error {
	return b.cards(es.CardRow{
		Record: c.Record, Account: c.Account, Channel: c.Channel, Chat: c.Chat, Message: c.Message, Live: c.Live, Buttons: c.Buttons, Names: b.names,
	})
}

func (b *book) close() error {
	return b.book.Finish(b.to, es.AboutTab, func(counts []es.Fact, cut int) []es.Fact {
		for _, m := range b.o.Missing {
			counts = append(counts, es.ArchiveMissing(m.Month, m.Archive, m.Requests))
		}
		return es.About(b.o.Office.Local(b.o.At), b.o.Period, counts, cut)
	})
}
