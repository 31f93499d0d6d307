package world

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/forecast"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/storage/files"
)

// given is one command that brings a request on, by the person who would give it.
type given struct {
	by      string
	command core.Command
}

// onTheDay stands for the date on which a command is given.
const onTheDay = "on the day"

// road is the way of a request, command by command, and the words by which a
// story takes a part of it for granted.
var road = []struct {
	words string
	given given
}{
	{"borrador", given{"lucía", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: sampleRequest, Items: sampleItems}}},
	{"solicitud por liberar", given{"lucía", core.Command{Verb: core.VerbFile}}},
	{"solicitud liberada", given{"raúl", core.Command{Verb: core.VerbRelease}}},
	{"", given{"raúl", core.Command{Verb: core.VerbSendLetter, Fields: map[core.Field]string{core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldLetterDate: onTheDay}}}},
	{"solicitud recibida", given{"tomás", core.Command{Verb: core.VerbReceiveLetter, Fields: map[core.Field]string{
		core.FieldFolio: "OP-2231", core.FieldReceivedDate: onTheDay, core.FieldReceivedTime: "00:00", core.FieldLetterNumber: "IE/ST/0412/2026",
	}}}},
	{"solicitud turnada", given{"tomás", core.Command{Verb: core.VerbRefer}}},
	{"solicitud en dictaminación", given{"héctor", core.Command{Verb: core.VerbAssign}}}, // to Mariana
	{"dictamen emitido", given{"mariana", core.Command{Verb: core.VerbIssue, Fields: map[core.Field]string{
		core.FieldOpinionNumber: "DT-0093/2026", core.FieldOutcome: core.Favorable,
	}, Files: []core.Attachment{{Name: "dictamen.pdf"}}}}},
	{"dictamen por recoger", given{"mariana", core.Command{Verb: core.VerbLogCall, Fields: map[core.Field]string{core.FieldCallResult: core.CallAnswered}}}},
	{"dictamen entregado", given{"mariana", core.Command{Verb: core.VerbHandOver, Fields: map[core.Field]string{
		core.FieldReceivedBy: "Lucía Herrera Campos", core.FieldIdentified: "Credencial para votar",
	}}}},
}

// What an operator has done: what was closed left for the archive, as it does by night where
// the office says so, and "000001/2026, de vuelta del archivo" (sidem archive restore).
const (
	toArchive   = "lo concluido, en el archivo"
	fromArchive = ", de vuelta del archivo"
)

// absence is a substitution that a story takes for granted: "suplencia de raúl por elena del 2026-11-26 al 2026-11-30".
var absence = regexp.MustCompile(`^suplencia de (\pL+) por (\pL+) del (\S+) al (\S+)$`)

var sampleRequest = map[core.Field]string{
	core.FieldSubject: "Adquisición de 20 computadoras de escritorio", core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
	core.FieldJustification: "El equipo actual tiene más de ocho años y ya no recibe actualizaciones.",
	core.FieldBudgetLine:    "5151", core.FieldFunding: "Recursos estatales", core.FieldAmount: "503440.00",
	core.FieldMultiYear: core.No, core.FieldProject: "P-03 Renovación de equipo",
}

var sampleItems = []core.Item{{Description: "Computadora de escritorio", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500)}}

// past is how long requests took before the story, so that it can be said how long one
// takes: "historia de 40 dictámenes".
var past = regexp.MustCompile(`^historia de (\d+) dictámenes$`)

// Given brings a request to where a story begins: by the hand of the SIDEM in this
// process, or on the store of one that runs elsewhere, while it does not.
func (w *World) Given(ctx context.Context, what string) error {
	if a := w.App(); a != nil {
		return w.given(ctx, a, what)
	}
	if err := w.Service.Stop(); err != nil {
		return err
	}
	if err := w.Visit(ctx, func(a *app.App) error { return w.given(ctx, a, what) }); err != nil {
		return err
	}
	return w.Service.Start(ctx)
}

func (w *World) given(ctx context.Context, a *app.App, what string) error {
	if m := absence.FindStringSubmatch(what); m != nil {
		return w.substitute(ctx, a, m[1], m[2], m[3], m[4])
	}
	if m := past.FindStringSubmatch(what); m != nil {
		return w.remember(ctx, a, m[1])
	}
	if number, back := strings.CutSuffix(what, fromArchive); back || what == toArchive {
		return w.archive(ctx, a, number)
	}
	id := ""
	for _, part := range road {
		out, err := w.give(ctx, a, id, part.given)
		if err != nil {
			return err
		}
		id = out.ID
		if part.words == what {
			return nil
		}
	}
	return fmt.Errorf("hay %q: unknown", what)
}

// remember keeps that so many requests took from four to twelve days until the opinion, over
// the month before.
func (w *World) remember(ctx context.Context, a *app.App, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return fmt.Errorf("historia de %q: %w", count, err)
	}
	now := a.Clock.Now()
	f, rev, err := desk.ReadForecast(ctx, a.Store, now)
	if err != nil {
		return err
	}
	at := func(stage, next core.Stage, days float64) {
		f.Observe(forecast.Pass{Node: forecast.Node{Stage: stage}, Next: next, Days: days, At: now.AddDate(0, -1, 0)})
	}
	for i := range n {
		issue := 3.6 + 4*float64(i)/float64(n)
		switch i % 12 { // some are far from the others, so that it is no matter of minutes which days hold eight in ten
		case 0:
			issue = 1.5
		case 11:
			issue = 10
		}
		at(core.StageRelease, core.StageLetter, 0.5)
		at(core.StageLetter, core.StageReceipt, 0.5)
		at(core.StageReceipt, core.StageRefer, 0.5)
		at(core.StageRefer, core.StageAssign, 0.5)
		at(core.StageAssign, core.StageIssue, 0.5)
		at(core.StageIssue, forecast.Issued, issue)
	}
	if _, err := desk.KeepForecast(ctx, a.Store, f, rev, now); err != nil {
		return err
	}
	return a.Desk.RefreshUsual(ctx)
}

// archive has what was closed leave for the archive, as if a year and a half had passed (what
// else passes in it is no part of the story), or the request of a number come back.
func (w *World) archive(ctx context.Context, a *app.App, number string) error {
	kept, err := files.Open(ctx, w.Config.Files, w.Config.FilesOptions(Quiet()))
	if err != nil {
		return err
	}
	archiving := app.Archiving(a.Store, kept, core.ShortestRetention, Quiet())
	now := a.Desk.Clock()
	if number != toArchive {
		_, err := archiving.Bring(ctx, number, now)
		return err
	}
	if err := archiving.Run(ctx, now.AddDate(1, 6, 0)); err != nil {
		return err
	}
	all, err := archiving.All(ctx)
	if err == nil && len(all) == 0 {
		err = errors.New("nothing left for the archive: was it closed in January?")
	}
	return err
}

// substitute has administration name a substitute, who accepts.
func (w *World) substitute(ctx context.Context, a *app.App, principal, deputy, from, to string) error {
	var ids []string
	for _, who := range []string{principal, deputy} {
		account, err := a.Desk.Ledger.Find(ctx, core.UniqueUser(w.People[who].Account.User))
		if err != nil {
			return fmt.Errorf("%s: %w", who, err)
		}
		ids = append(ids, account.ID)
	}
	_, err := w.give(ctx, a, ids[0], given{"sofía", core.Command{Verb: core.VerbSubstitute, Fields: map[core.Field]string{
		core.FieldSubstitute: ids[1], core.FieldFromDate: from, core.FieldToDate: to,
	}}})
	if err != nil {
		return err
	}
	_, err = w.give(ctx, a, ids[0], given{deputy, core.Command{Verb: core.VerbStandIn}})
	return err
}

func (w *World) give(ctx context.Context, a *app.App, id string, g given) (core.Record, error) {
	account, err := a.Desk.Ledger.Find(ctx, core.UniqueUser(w.People[g.by].Account.User))
	if err != nil {
		return core.Record{}, fmt.Errorf("%s: %w", g.by, err)
	}
	actor, err := a.Desk.Actor(ctx, account)
	if err != nil {
		return core.Record{}, err
	}
	c := g.command
	c.Where, c.Fields = "cli", maps.Clone(c.Fields)
	for name, v := range c.Fields {
		if v == onTheDay {
			c.Fields[name] = core.DateOf(w.Time.Now().In(Mexico())).String()
		}
	}
	if c.Verb == core.VerbAssign {
		mariana, err := a.Desk.Ledger.Find(ctx, core.UniqueUser("mariana.rios"))
		if err != nil {
			return core.Record{}, fmt.Errorf("mariana: %w", err)
		}
		c.Fields = map[core.Field]string{core.FieldExecutive: mariana.ID}
	}
	if c.Files, err = w.upload(ctx, c.Files); err != nil {
		return core.Record{}, err
	}
	out, err := a.Desk.Do(ctx, actor, id, c)
	if err != nil {
		return core.Record{}, err
	}
	if out.Refusal != nil {
		return core.Record{}, out.Refusal
	}
	return out.Record, nil
}

// upload keeps documents with the names of files where SIDEM keeps what people send.
func (w *World) upload(ctx context.Context, names []core.Attachment) (kept []core.Attachment, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	store, err := files.Open(ctx, w.Config.Files, w.Config.FilesOptions(Quiet()))
	if err != nil {
		return nil, err
	}
	for _, f := range names {
		a, err := store.Put(ctx, f.Name, strings.NewReader("%PDF-1.4\n% "+f.Name+"\n%%EOF\n"))
		if err != nil {
			return nil, fmt.Errorf("upload %s: %w", f.Name, err)
		}
		kept = append(kept, a)
	}
	return kept, nil
}

// File has Lucía draft a request and file it, by the hand of a: two cards and a mail are owed.
func (w *World) File(ctx context.Context, a *app.App) (r core.Record, err error) {
	for _, part := range road[:2] {
		if r, err = w.give(ctx, a, r.ID, part.given); err != nil {
			return core.Record{}, err
		}
	}
	return r, nil
}
