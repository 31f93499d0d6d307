package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"time"

	"sidem/bot/card"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// listLimit is how many records a page of a list shows.
const listLimit = 10

// The lists, by the names under which their places are kept.
const (
	listDuties   = "duties"
	listMine     = "mine"
	listSearch   = "search"   // arg: what is looked for
	listStage    = "stage"    // arg: a core.Stage
	listAccounts = "accounts" // arg: a state, or argNoChat
	listPrograms = "programs" // arg: a state
	listAgencies = "agencies"
	listDeliver  = "deliver" // agencies, to choose whose programme is delivered
	listAwaited  = "awaited"
)

// list is what a list says, whichever of its pages is shown.
type list struct {
	title string
	text  []string // above the records
	// empty stands in place of the title and the text when there is nothing.
	empty es.Story
	union desk.Union
	line  func(core.Record) string
	// pick is what the button of a record brings; by default its card.
	pick func(core.Record) card.Action
	// head and foot are buttons above and below the records.
	head, foot [][]card.Action
}

// list is the list of a name, made anew for each page from present state.
func (t *conversation) list(ctx context.Context, name, arg string) (list, error) {
	switch name {
	case listDuties:
		return t.dutiesList(ctx)
	case listMine:
		return t.mineList(ctx)
	case listAwaited:
		return list{
			title: es.Say(es.HomeAwaited), union: t.Desk.Awaited(t.Actor), line: t.aged,
			empty: es.Story{Title: es.Say(es.NothingInList), Text: []string{es.Say(es.NothingHint)}},
		}, nil
	case listSearch:
		return t.searchList(ctx, arg)
	case listStage:
		return t.stageList(core.Stage(arg))
	case listAccounts, listPrograms, listAgencies, listDeliver:
		if t.Actor.Is(core.RoleAdmin) {
			return t.adminList(name, arg), nil
		}
	}
	return list{}, errNoList
}

// errNoList says that a list is none of the person's.
var errNoList = errors.New("no such list")

func (t *conversation) dutiesList(ctx context.Context) (list, error) {
	n, err := t.Desk.CountOwed(ctx, t.Actor)
	if err != nil {
		return list{}, err
	}
	l := list{
		title: es.DutiesTitle(n), union: t.Desk.OwedBy(t.Actor),
		empty: t.noDuties(),
		line: func(r core.Record) string {
			d, _ := t.Desk.DutyOf(t.Actor, r)
			return es.DutyLine(r, d, t.Desk.Age(d.Since))
		},
	}
	if len(t.Roles()) > 1 { // a record may stand on the lists of several roles
		l.title = es.Say(es.HomeDuties)
	}
	if !t.HasMine() { // what they left unfinished is found here
		if err := t.addUnfinished(ctx, &l); err != nil {
			return list{}, err
		}
	}
	return l, nil
}

// onlyReads reports whether nothing is ever the person's turn: they look, and no more.
func (t *conversation) onlyReads() bool {
	return !slices.ContainsFunc(t.Roles(), func(r core.Role) bool { return r != core.RoleAuditor })
}

// noDuties says that nothing is the person's turn.
func (t *conversation) noDuties() es.Story {
	hint := es.NoDutiesHint
	if t.onlyReads() {
		hint = es.NoDutiesReader
	}
	return es.Story{Title: es.Say(es.NoDuties), Text: []string{es.Say(hint)}}
}

// HasMine reports whether the person has a list of their own requests.
func (t *conversation) HasMine() bool {
	mine, ok := find("/mis")
	return ok && mine.may(t.Roles())
}

// mineList is what the person filed or has in hand, and the form that they left.
func (t *conversation) mineList(ctx context.Context) (list, error) {
	l := list{
		title: es.Say(es.ButtonMine), union: t.Desk.MineOf(t.Actor), line: t.aged,
		empty: es.Story{Title: es.Say(es.NoMine), Text: []string{es.Say(es.NoCasesHint)}},
	}
	if t.Actor.Is(core.RoleRequester) {
		l.empty.Text = []string{es.Say(es.NoMineHint)}
		l.foot = [][]card.Action{{t.Opens("/nueva", "", es.Button(core.VerbDraft), card.Plain)}}
	}
	if err := t.addUnfinished(ctx, &l); err != nil {
		return list{}, err
	}
	return l, nil
}

// addUnfinished adds the form that is open, and those that were set aside.
func (t *conversation) addUnfinished(ctx context.Context, l *list) error {
	lines, rows, err := t.forms.Unfinished(ctx)
	if err != nil {
		return err
	}
	l.text, l.head = append(l.text, lines...), append(l.head, rows...)
	if len(l.text) > 0 {
		l.empty = es.Story{Title: l.empty.Title, Text: l.text}
	}
	return nil
}

func (t *conversation) aged(r core.Record) string { return es.AgedLine(r, t.Desk.Age(r.Since)) }

// paging is where the pages of a list that is open begin, kept in the store.
type paging struct {
	Name   string       `json:"name"`
	Arg    string       `json:"arg,omitempty"`
	Places []desk.Place `json:"places"`
}

// pagingLife is how long the buttons of a list turn its pages.
const pagingLife = 24 * time.Hour

// wordPage turns to the page Version of the list Record.
const wordPage = "page"

func (t *conversation) pagingKey(handle string) string {
	return "list:" + t.In.Platform + ":" + t.In.Who + ":" + handle
}

// openList answers with the first page of a list.
func (t *conversation) openList(ctx context.Context, name, arg string) (Reply, error) {
	h := fnv.New64a()
	_, _ = io.WriteString(h, t.In.Once+"\x00"+name)
	handle := strconv.FormatUint(h.Sum64(), 36)
	return t.page(ctx, handle, 0, paging{Name: name, Arg: arg, Places: []desk.Place{{}}}, 0)
}

// turnPage draws another page of a list in place of the one that was pressed.
func (t *conversation) turnPage(ctx context.Context, tok card.Token) (Reply, error) {
	body, rev, err := t.Sessions.Get(ctx, t.pagingKey(tok.Record), t.Now)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.Say(es.ListClosed)}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("load the list: %w", err)
	}
	var p paging
	if err := json.Unmarshal(body, &p); err != nil {
		return Reply{}, fmt.Errorf("read the list: %w", err)
	}
	page := tok.Version
	if page < 0 || page >= len(p.Places) {
		page = 0
	}
	reply, err := t.page(ctx, tok.Record, rev, p, page)
	return session.RedrawnTap(t.In, reply), err
}

// page is page n of a list; that another one follows is kept before it is offered.
func (t *conversation) page(ctx context.Context, handle string, rev int, p paging, n int) (Reply, error) {
	l, err := t.list(ctx, p.Name, p.Arg)
	if errors.Is(err, errNoList) {
		return Reply{Toast: es.Say(es.ListClosed)}, nil
	}
	if err != nil {
		return Reply{}, err
	}
	part, err := t.Desk.Read(ctx, l.union, p.Places[n], listLimit)
	if err != nil {
		return Reply{}, err
	}
	if part.More {
		if err := t.keepPage(ctx, handle, rev, p, n, part.Next); err != nil {
			return Reply{}, err
		}
	}
	c := t.drawList(l, part, n)
	c.Rows = append(c.Rows, t.turns(handle, n, part.More)...)
	c.Rows = append(c.Rows, l.foot...)
	return Reply{Card: &c}, nil
}

func (t *conversation) keepPage(ctx context.Context, handle string, rev int, p paging, n int, next desk.Place) error {
	p.Places = append(p.Places[:n+1:n+1], next)
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	_, err = t.Sessions.Put(ctx, t.pagingKey(handle), body, rev, t.Now, t.Now.Add(pagingLife))
	if err != nil && !errors.Is(err, desk.ErrConflict) { // a press at the same time kept the same
		return fmt.Errorf("keep the list: %w", err)
	}
	return nil
}

// turns are the buttons to the pages before and after.
func (t *conversation) turns(handle string, n int, more bool) [][]card.Action {
	to := func(page int, label es.Phrase) card.Action {
		return card.Action{Label: es.Say(label), Token: t.Seal.Seal(t.Account.ID, card.Token{Word: wordPage, Record: handle, Version: page})}
	}
	var row []card.Action
	if n > 0 {
		row = append(row, to(n-1, es.ButtonNewer))
	}
	if more {
		row = append(row, to(n+1, es.ButtonOlder))
	}
	if row == nil {
		return nil
	}
	return [][]card.Action{row}
}

// drawList is a message with one line and one button for each record.
func (t *conversation) drawList(l list, part desk.Part, n int) card.Card {
	if len(part.Records) == 0 && n == 0 {
		return card.Card{Story: l.empty, Rows: l.head}
	}
	c := card.Card{Story: es.Story{Title: l.title, Text: l.text}, Rows: l.head}
	if n > 0 || part.More {
		c.Title = es.Pages(l.title, n*listLimit+1, n*listLimit+max(1, len(part.Records)))
	}
	for _, r := range part.Records {
		c.Text = append(c.Text, l.line(r))
		pick := t.opened(r)
		if l.pick != nil {
			pick = l.pick(r)
		}
		c.Rows = append(c.Rows, []card.Action{pick})
	}
	return c
}

// opened is the button that shows the card of a record.
func (t *conversation) opened(r core.Record) card.Action {
	return card.Action{Label: es.Named(r), Token: t.Seal.Seal(t.Account.ID, card.Token{Word: wordOpen, Record: r.ID})}
}
