package filling

import (
	"context"
	"fmt"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Receive fetches files for what a form wants of them, and keeps or reads them. held is what it has already.
func (forms *Forms) Receive(ctx context.Context, use form.Use, held form.Answer, ups []session.Upload) form.Files {
	var out form.Files
	var err error
	switch use {
	case form.ForNothing:
		out.Problem = es.Say(es.NoFileNow)
	case form.ForPass:
		var found bool
		if out.Pass, found, err = forms.Photo(ctx); !found {
			out.Problem = es.NoPassInPhoto
		}
	case form.ForSheet:
		if len(ups) > 1 {
			out.Problem = es.Say(es.OneSheet)
			break
		}
		var table paper.Table
		table, out.Problem, err = forms.readSheet(ctx, held.Items, ups[0])
		out.Items, out.Note = table.Items, table.Note
	case form.ForUpload:
		out.Kept, out.Problem, err = forms.keepUploads(ctx, held.Files, ups)
	}
	if err != nil { // what was typed beside it must not be lost for that
		forms.Afterwards(ctx, "a file was not received", err)
		out = form.Files{Problem: es.FileNotFetched(ups[0].Name)}
	}
	return out
}

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// spreadsheet gives the spreadsheet of renglones to fill in, with those that there are.
func (forms *Forms) spreadsheet(ctx context.Context, tok card.Token) (session.Reply, error) {
	d, _, err := forms.openDraft(ctx)
	if err != nil {
		return session.Reply{}, err
	}
	if !d.Open() || d.ID != tok.Record {
		return session.Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	f, no, err := forms.questions(ctx, d)
	if err != nil || no != nil {
		return forms.unasked(ctx, d, no, err)
	}
	sheet, err := sheetOf(form.Items(d, f))
	if err != nil {
		return session.Reply{}, err
	}
	return session.Reply{Documents: []session.Document{sheet}}, nil
}

// Template is the spreadsheet of renglones to fill in.
func Template() (session.Document, error) { return sheetOf(nil) }

// sheetOf is the spreadsheet to fill in, with the renglones that there are.
func sheetOf(items []core.Item) (session.Document, error) {
	body, err := paper.TemplateWith(items)
	if err != nil {
		return session.Document{}, fmt.Errorf("draw the spreadsheet: %w", err)
	}
	return session.Made(es.SheetName, sheetType, body), nil
}
