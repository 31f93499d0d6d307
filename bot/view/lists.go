package view

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// PageSize is how many records a page of a list shows.
const PageSize = 10

// ListName is that of a list, under which its places are kept.
type ListName string

// The lists.
const (
	Duties       ListName = "duties"
	Mine         ListName = "mine"
	Found        ListName = "search"   // arg: what is looked for
	InStage      ListName = "stage"    // arg: a core.Stage
	Accounts     ListName = "accounts" // arg: a state, or argNoChat
	Programs     ListName = "programs" // arg: a state
	Agencies     ListName = "agencies"
	ChooseAgency ListName = "deliver" // whose programme is delivered
	Awaited      ListName = "awaited"
	Bases        ListName = "bases" // for a new request; arg: what is looked for among them, "" for all
)

// list is what a list says, whichever of its pages is shown.
type list struct {
	title string
	text  []string // above the records
	// more says how one is found where there are more of them than a page shows.
	more string
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
func (v *Views) list(ctx context.Context, name ListName, arg string) (list, error) {
	switch name {
	case Duties:
		return v.dutiesList(ctx)
	case Mine:
		return v.mineList(ctx)
	case Awaited:
		return list{
			title: es.Say(es.HomeAwaited), union: v.Desk.Awaited(v.Actor), line: v.aged,
			empty: es.Story{Title: es.Say(es.NothingInList), Text: []string{es.Say(es.NothingHint)}},
		}, nil
	case Found:
		return v.searchList(ctx, arg)
	case Bases:
		return v.baseList(ctx, arg)
	case InStage:
		return v.stageList(core.Stage(arg))
	case Accounts, Programs, Agencies, ChooseAgency:
		if v.Actor.Is(core.RoleAdmin) {
			return v.adminList(ctx, name, arg)
		}
	}
	return list{}, errNoList
}

// errNoList says that a list is none of the person's.
var errNoList = errors.New("no such list")

func (v *Views) dutiesList(ctx context.Context) (list, error) {
	n, err := v.Desk.CountOwed(ctx, v.Actor)
	if err != nil {
		return list{}, err
	}
	l := list{
		title: es.DutiesTitle(n), union: v.Desk.OwedBy(v.Actor),
		empty: v.noDuties(),
		line: func(r core.Record) string {
			d, _ := v.Desk.DutyOf(v.Actor, r)
			return es.DutyLine(r, d, v.Desk.Age(d.Since))
		},
	}
	if len(v.Roles()) > 1 { // a record may stand on the lists of several roles
		l.title = es.Say(es.HomeDuties)
	}
	if !word.May(word.Mine, v.Roles()) { // what they left unfinished is found here
		if err := v.addUnfinished(ctx, &l); err != nil {
			return list{}, err
		}
	}
	return l, nil
}

// onlyReads reports whether nothing is ever the person's turn: they look, and no more.
func (v *Views) onlyReads() bool {
	return !slices.ContainsFunc(v.Roles(), func(r core.Role) bool { return r != core.RoleAuditor })
}

// noDuties says that nothing is the person's turn.
func (v *Views) noDuties() es.Story {
	hint := es.NoDutiesHint
	if v.onlyReads() {
		hint = es.NoDutiesReader
	}
	return es.Story{Title: es.Say(es.NoDuties), Text: []string{es.Say(hint)}}
}

// mineList is what the person filed or has in hand, and the form that they left.
func (v *Views) mineList(ctx context.Context) (list, error) {
	mine, err := v.Desk.Mine(ctx, v.Actor)
	if err != nil {
		return list{}, err
	}
	l := list{
		title: es.Say(es.ButtonMine), union: mine, line: v.aged,
		empty: es.Story{Title: es.Say(es.NoMine), Text: []string{es.Say(es.NoCasesHint)}},
	}
	if v.Actor.Is(core.RoleRequester) {
		l.empty.Text = []string{es.Say(es.NoMineHint)}
		bases := v.Button(es.Say(es.ButtonBases), card.Token{Word: WordList, Arg: string(Bases)})
		l.foot = [][]card.Action{{v.Opens(word.File, "", es.Button(core.VerbDraft), card.Plain), bases}}
	}
	if err := v.addUnfinished(ctx, &l); err != nil {
		return list{}, err
	}
	return l, nil
}

// addUnfinished adds the form that is open, and those that were set aside.
func (v *Views) addUnfinished(ctx context.Context, l *list) error {
	lines, rows, err := v.Forms.Unfinished(ctx)
	if err != nil {
		return err
	}
	l.text, l.head = append(l.text, lines...), append(l.head, rows...)
	if len(l.text) > 0 {
		l.empty = es.Story{Title: l.empty.Title, Text: l.text}
	}
	return nil
}

func (v *Views) aged(r core.Record) string { return es.AgedLine(r, v.Desk.Age(r.Since)) }

// paging is where the pages of a list that is open begin, kept in the store.
type paging struct {
	Name   ListName     `json:"name"`
	Arg    string       `json:"arg,omitempty"`
	Places []desk.Place `json:"places"`
}

// pagingLife is how long the buttons of a list turn its pages.
const pagingLife = 24 * time.Hour

// WordPage turns to the page Version of the list Record.
const WordPage = "page"

func (v *Views) pagingKey(handle string) string {
	return "list:" + v.In.Platform + ":" + v.In.Who + ":" + handle
}

// List answers with the first page of a list.
func (v *Views) List(ctx context.Context, name ListName, arg string) (session.Reply, error) {
	h := fnv.New64a()
	_, _ = io.WriteString(h, v.In.Once+"\x00"+string(name))
	handle := strconv.FormatUint(h.Sum64(), 36)
	return v.page(ctx, handle, 0, paging{Name: name, Arg: arg, Places: []desk.Place{{}}}, 0)
}

// WordBases lists those of the list Record that may be the base of a new request.
const WordBases = "bases"

// Bases answers with those of a search that may be the base of a new request.
func (v *Views) Bases(ctx context.Context, tok card.Token) (session.Reply, error) {
	p, _, err := v.paging(ctx, tok.Record)
	if errors.Is(err, desk.ErrNotFound) {
		return session.Reply{Toast: es.Say(es.ListClosed)}, nil
	}
	if err != nil {
		return session.Reply{}, err
	}
	return v.List(ctx, Bases, p.Arg)
}

// baseList are the requests that a new one may be begun with the answers of: of those that
// a text finds, or all.
func (v *Views) baseList(ctx context.Context, text string) (list, error) {
	l := list{
		title: es.Say(es.BasesTitle), text: []string{es.Say(es.BasesText)}, union: v.Desk.FiledBefore(v.Actor), line: v.aged,
		empty: es.Story{Title: es.Say(es.NoBases), Text: []string{es.Say(es.NoBasesHint)}},
		pick:  func(r core.Record) card.Action { return v.Opens(word.File, r.ID, es.Named(r), card.Plain) },
	}
	if text != "" {
		found, err := v.Desk.Search(ctx, v.Actor, text)
		if err != nil {
			return list{}, err
		}
		l.union = found.Union
		keep := found.Keep
		l.union.Keep = func(r core.Record) bool { return v.isBase(r) && (keep == nil || keep(r)) }
	}
	return l, nil
}

func (v *Views) isBase(r core.Record) bool { return session.IsBase(r, v.Actor, v.Now) }

// TurnPage draws another page of a list in place of the one that was pressed.
func (v *Views) TurnPage(ctx context.Context, tok card.Token) (session.Reply, error) {
	p, rev, err := v.paging(ctx, tok.Record)
	if errors.Is(err, desk.ErrNotFound) {
		return session.Reply{Toast: es.Say(es.ListClosed)}, nil
	}
	if err != nil {
		return session.Reply{}, err
	}
	page := tok.Version
	if page < 0 || page >= len(p.Places) {
		page = 0
	}
	reply, err := v.page(ctx, tok.Record, rev, p, page)
	return session.RedrawnTap(v.In, reply), err
}

// paging is what is kept of a list; desk.ErrNotFound.
func (v *Views) paging(ctx context.Context, handle string) (p paging, rev int, err error) {
	body, rev, err := v.Sessions.Get(ctx, v.pagingKey(handle), v.Now)
	if err == nil {
		err = json.Unmarshal(body, &p)
	}
	if err != nil {
		return paging{}, 0, fmt.Errorf("load the list: %w", err)
	}
	return p, rev, nil
}

// page is page n of a list; that another one follows is kept before it is offered.
func (v *Views) page(ctx context.Context, handle string, rev int, p paging, n int) (session.Reply, error) {
	l, err := v.list(ctx, p.Name, p.Arg)
	if errors.Is(err, errNoList) {
		return session.Reply{Toast: es.Say(es.ListClosed)}, nil
	}
	if err != nil {
		return session.Reply{}, err
	}
	part, err := v.Desk.Read(ctx, l.union, p.Places[n], PageSize)
	if err != nil {
		return session.Reply{}, err
	}
	bases := p.Name == Found && word.May(word.File, v.Roles()) && slices.ContainsFunc(part.Records, v.isBase)
	if bases { // what was looked for is too long for a button
		l.foot = append(l.foot, []card.Action{v.Button(es.Say(es.ButtonBases), card.Token{Word: WordBases, Record: handle})})
	}
	if part.More {
		p.Places = append(p.Places[:n+1:n+1], part.Next)
	}
	if part.More || bases && rev == 0 {
		if err := v.savePaging(ctx, handle, rev, p); err != nil {
			return session.Reply{}, err
		}
	}
	if err := v.Desk.Looked(ctx, v.Account.ID, core.SawList, part.Records...); err != nil {
		return session.Reply{}, err
	}
	if p.Name == Duties {
		l.foot = append(l.foot, v.severalRows(part.Records)...)
	}
	c := v.drawList(l, part, n)
	c.Rows = append(c.Rows, v.pageButtons(handle, n, part.More)...)
	c.Rows = append(c.Rows, l.foot...)
	return session.Reply{Card: &c, Shows: shows(handle, p, n, part)}, nil
}

// Several begins the arg by which a list opens the form of an act on several of its requests.
const Several = "varias "

// severalRows are the buttons of the acts that can be done to more than one of records.
func (v *Views) severalRows(records []core.Record) (rows [][]card.Action) {
	for _, verb := range core.ForMany {
		n := 0
		for _, r := range records {
			if v.Actor.OffersMany(verb, r, v.Now) {
				n++
			}
		}
		if n > 1 {
			rows = append(rows, []card.Action{v.Opens(word.Duties, Several+string(verb), es.ManyTitle(verb), card.Plain)})
		}
	}
	return rows
}

// shows is a page of a list as it is known on the screen.
func shows(handle string, p paging, n int, part desk.Part) screen.View {
	arg := string(p.Name) + argSep + p.Arg
	same := arg
	if p.Name == Bases { // one question, wherever it was asked from
		same = string(Bases)
	}
	out := screen.View{Same: WordPage + ":" + same, Word: WordPage, Record: handle, Arg: arg, Page: n}
	for _, r := range part.Records {
		out.Of = append(out.Of, r.ID)
	}
	return out
}

// argSep stands between the name of a list and its arg.
const argSep = "/"

// Again is a page of a list as it is now, where it can still be turned.
func (v *Views) Again(ctx context.Context, s screen.View) (session.Reply, error) {
	name, arg, _ := strings.Cut(s.Arg, argSep)
	p, rev, err := v.paging(ctx, s.Record)
	if errors.Is(err, desk.ErrNotFound) { // it has one page, or its time is over: what is first is shown
		p, rev, err = paging{Name: ListName(name), Arg: arg, Places: []desk.Place{{}}}, 0, nil
	}
	if err != nil {
		return session.Reply{}, err
	}
	return v.page(ctx, s.Record, rev, p, min(s.Page, len(p.Places)-1))
}

func (v *Views) savePaging(ctx context.Context, handle string, rev int, p paging) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	_, err = v.Sessions.Put(ctx, v.pagingKey(handle), body, rev, v.Now, v.Now.Add(pagingLife))
	if err != nil && !errors.Is(err, desk.ErrConflict) { // a press at the same time kept the same
		return fmt.Errorf("keep the list: %w", err)
	}
	return nil
}

// pageButtons are those to the pages before and after.
func (v *Views) pageButtons(handle string, n int, more bool) [][]card.Action {
	to := func(page int, label es.Phrase) card.Action {
		return v.Button(es.Say(label), card.Token{Word: WordPage, Record: handle, Version: page})
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
func (v *Views) drawList(l list, part desk.Part, n int) card.Card {
	if len(part.Records) == 0 && n == 0 {
		return card.Card{Story: l.empty, Rows: l.head}
	}
	c := card.Card{Story: es.Story{Title: l.title, Text: l.text}, Rows: l.head}
	if n > 0 || part.More {
		c.Title = es.Pages(l.title, n*PageSize+1, n*PageSize+max(1, len(part.Records)))
		if l.more != "" {
			c.Text = append(slices.Clone(c.Text), l.more)
		}
	}
	for _, r := range part.Records {
		c.Text = append(c.Text, l.line(r))
		pick := v.openButton(r)
		if l.pick != nil {
			pick = l.pick(r)
		}
		c.Rows = append(c.Rows, []card.Action{pick})
	}
	return c
}

// openButton is the button that shows the card of a record.
func (v *Views) openButton(r core.Record) card.Action {
	return v.Button(es.Named(r), card.Token{Word: card.WordOpen, Record: r.ID})
}
