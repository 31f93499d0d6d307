// Package session is one input being answered: who it is, what they may do, and what every part of the conversation answers with.
//
// It is below all of them, so that none needs another to answer.
package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// Asker is the outbox as the bot needs it: to have a card drawn that no decision owes.
type Asker interface {
	Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error)
}

// Files keeps attachments. Put fails with an error that Explain knows, or
// anything else when nothing was kept.
type Files interface {
	// Check judges what can be told before a file is fetched: its name, and its
	// size in bytes (negative: unknown).
	Check(name string, size int64) error
	Put(ctx context.Context, name string, r io.Reader) (core.Attachment, error)
	// Get opens the content with a hash.
	Get(ctx context.Context, hash string) (io.ReadCloser, error)
	// Whole reports whether the content with a hash is there as it was put; an error says
	// that it is not known.
	Whole(ctx context.Context, hash string) (bool, error)
}

// Services are what answering needs of others.
type Services struct {
	Desk     *desk.Desk
	Sessions desk.Sessions
	Outbox   Asker
	Seal     card.Sealer
	Files    Files
	// Explain turns an error of Files into words, or "" when it is not the person's to mend.
	Explain func(error) string
	// Modal tells the platforms that draw forms whole.
	Modal map[string]bool
	// Late tells whether a channel ("telegram", "email") had been found down by an
	// instant; nil is never.
	Late func(channel string, by time.Time) bool
	Log  *slog.Logger
}

// Session is one input being answered.
type Session struct {
	Services
	In      Input
	Account core.Record // the zero Record for a stranger
	Actor   core.Actor
	// Case is what was read when the input came: of the person, and of the record that a
	// button is about. It holds until something is decided.
	Case desk.Case
	Now  time.Time
}

// Person is whoever wrote, linked or not: "telegram:7".
func (s *Session) Person() string { return s.In.Platform + ":" + s.In.Who }

// Trouble answers an input that failed with err: it is logged, under a code that the
// person can give to support.
func (s *Session) Trouble(err error) Reply {
	h := fnv.New32a()
	_, _ = io.WriteString(h, s.In.Once)
	code := strings.ToUpper(fmt.Sprintf("%04x", h.Sum32()&0xffff))
	s.Log.Error("input failed", "code", code, "platform", s.In.Platform, "once", s.In.Once, "err", err)
	if errors.Is(err, desk.ErrUncertain) {
		return Reply{Toast: es.Uncertain(code), Alert: true}
	}
	return Reply{Toast: es.Internal(code), Alert: true}
}

// Scene is what the person may know of a record; ErrNotFound becomes a refusal.
func (s *Session) Scene(ctx context.Context, record string) (core.Scene, *core.Refusal, error) {
	scene, err := s.Desk.Scene(ctx, record, s.Account.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Scene{}, &core.Refusal{Reason: core.NotFound}, nil
	}
	return scene, nil, err
}

// Decide gives the command and answers what came of it. The core refuses a record that
// the person may not see any more as well: what they pressed is in its trail.
func (s *Session) Decide(ctx context.Context, record string, c core.Command) (Reply, error) {
	out, err := s.do(ctx, record, c)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", c.Verb, err)
	}
	if out.Refusal != nil {
		return s.Refusal(ctx, record, out.Refusal), nil
	}
	// The draft of a request is on nobody's list yet: its card is asked for.
	if form.IsDraft(c.Verb) || c.Verb == core.VerbDiscard {
		s.Afterwards(ctx, "the card of a draft is not asked for", s.Draw(ctx, out.Record.ID, DrawInPlace))
	}
	if c.Verb == core.VerbStandIn { // what the principal owes today is theirs too now
		s.Afterwards(ctx, "the cards of a principal are not asked for", s.drawInherited(ctx))
	}
	return Reply{Toast: s.Saved(ctx, c.Verb, 1, out)}, nil
}

// do decides upon what was read when the input came, where that is the record.
func (s *Session) do(ctx context.Context, record string, c core.Command) (desk.Outcome, error) {
	if record == "" || s.Case.Record.ID != record {
		return s.Desk.Do(ctx, s.Actor, record, c)
	}
	opened := s.Case
	opened.Actor = s.Actor
	return s.Desk.Decide(ctx, opened, c)
}

// drawInherited has the cards drawn that wait for those for whom the person stands in.
func (s *Session) drawInherited(ctx context.Context) error {
	heir, err := s.Desk.Actor(ctx, s.Account)
	if err != nil {
		return err
	}
	heir.Roles = nil
	records, err := s.Desk.Owed(ctx, heir, inherited)
	if err != nil {
		return err
	}
	for _, r := range records {
		// The substitution itself has it drawn too (desk.Recast), maybe sooner: one message.
		if err := s.Draw(ctx, r.ID, DrawNow, DrawHere); err != nil {
			return err
		}
	}
	return nil
}

// Refusal is refused where the refusal has been decided: trouble is logged.
func (s *Session) Refusal(ctx context.Context, record string, no *core.Refusal) Reply {
	reply, err := s.Refused(ctx, record, no)
	if err != nil {
		s.Afterwards(ctx, "a refusal is not told in full", err)
		return Reply{Toast: es.Refuse(no, "", s.Now), Alert: true}
	}
	return reply
}

// Refused answers a refusal, and has the present card drawn over the one that was pressed.
func (s *Session) Refused(ctx context.Context, record string, no *core.Refusal) (Reply, error) {
	agency, err := s.Desk.AgencyName(ctx, no.Agency)
	if err != nil {
		return Reply{}, err
	}
	if no.Reason == core.NoProgram {
		return s.MissingProgram(ctx)
	}
	if no.Reason == core.NotFound && record != "" {
		r, err := s.Desk.OnShelf(ctx, s.Actor, record)
		if err == nil {
			return s.Archived(ctx, r)
		}
		if !errors.Is(err, desk.ErrNotFound) {
			return Reply{}, err
		}
	}
	if record != "" && s.In.Tap != "" && no.Reason != core.NotFound && no.Verb != core.VerbPrefer { // which no card shows
		how := DrawInPlace
		if no.Reason == core.Stale { // what was pressed may be a copy that nobody keeps up to date
			how = DrawAnew
		}
		if err := s.Draw(ctx, record, how); err != nil {
			return Reply{}, err
		}
	}
	return Reply{Toast: es.Refuse(s.told(ctx, no), agency, s.Now), Alert: true}, nil
}

// told is a refusal with the name of the account that stands where another was asked for.
func (s *Session) told(ctx context.Context, no *core.Refusal) *core.Refusal {
	if no.Stands == "" || core.Specs[no.Other].Type != core.TypePerson {
		return no
	}
	named := *no
	r, err := s.Desk.Ledger.Record(ctx, no.Stands)
	s.Afterwards(ctx, "a refusal does not say a name", err)
	named.StandsName = r.Fields[core.FieldName]
	return &named
}

// WordsOf are the words of a refusal where they are a line among others.
func (s *Session) WordsOf(ctx context.Context, no *core.Refusal) string {
	agency, err := s.Desk.AgencyName(ctx, no.Agency)
	s.Afterwards(ctx, "a refusal does not name an agency", err)
	return es.Refuse(s.told(ctx, no), agency, s.Now)
}

// Archived answers with what is known here of a request that was archived. Nothing can be
// done with it; a new one may be begun with its answers.
func (s *Session) Archived(ctx context.Context, r core.Record) (Reply, error) {
	agency, err := s.Desk.AgencyName(ctx, r.Agency)
	if err == nil {
		err = s.Desk.Looked(ctx, s.Account.ID, core.SawCard, r)
	}
	if err != nil {
		return Reply{}, err
	}
	c := card.Card{Story: es.ArchivedStory(r, agency, s.Actor, s.Now.Location())}
	if IsBase(r, s.Actor, s.Now) && word.May(word.File, s.Roles()) {
		c.Rows = [][]card.Action{{s.Opens(word.File, r.ID, es.Say(es.ButtonBase), card.Plain)}}
	}
	return Reply{Card: &c}, nil
}

// BaseAway answers who wants the answers of a request whose archive is not at hand.
func (s *Session) BaseAway(ctx context.Context, r core.Record) (Reply, error) {
	reply, err := s.Archived(ctx, r)
	if err == nil {
		reply.Card.Rows = nil
		reply.Card.Text = append([]string{es.Say(es.BaseAway)}, reply.Card.Text...)
	}
	return reply, err
}

// IsBase reports whether a new request of an actor's may be begun with the answers of r: it
// was filed, by their own agency. Those of an archived one are read from its archive.
func IsBase(r core.Record, a core.Actor, now time.Time) bool {
	return r.Kind == core.KindRequest && r.Number != "" && r.Agency != "" && r.Agency == a.Agency && a.Is(core.RoleRequester) && a.Sees(r, now)
}

// A Way is how a card is asked for: what its item says of it. once names the input.
type Way func(p *outbox.Payload, once string)

// DrawAnew has it as a new message.
func DrawAnew(p *outbox.Payload, once string) { p.Anew = once }

// DrawInPlace has it over the one that is there.
func DrawInPlace(p *outbox.Payload, _ string) { p.Force = true }

// DrawNow has it by the rules, and at any hour.
func DrawNow(p *outbox.Payload, _ string) { p.Own = true }

// DrawHere has it in this chat, though another comes first.
func DrawHere(p *outbox.Payload, once string) { p.Instead = once }

// Draw has the notifier draw the card of a record for the person, now.
func (s *Session) Draw(ctx context.Context, record string, ways ...Way) error {
	if err := s.Desk.Watch(ctx, record, s.Account.ID); err != nil {
		return err
	}
	var p outbox.Payload
	for _, asked := range ways {
		asked(&p, s.In.Once)
	}
	if p.Anew != "" { // asked for, not an answer to an act
		if err := s.asked(ctx, record); err != nil {
			return err
		}
	}
	item := desk.CardItem(record, s.Account.ID, s.In.Platform, s.Now, p)
	if _, err := s.Outbox.Add(ctx, s.Now, item); err != nil {
		return fmt.Errorf("ask for the card of %s: %w", record, err)
	}
	return nil
}

// asked puts on record that the person asked for a request.
func (s *Session) asked(ctx context.Context, record string) error {
	r, err := s.Desk.Ledger.Record(ctx, record)
	if errors.Is(err, desk.ErrNotFound) || err == nil && !s.Actor.Sees(r, s.Now) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", record, err)
	}
	return s.Desk.Looked(ctx, s.Account.ID, core.SawCard, r)
}

// Word is a button that does what the command would.
func (s *Session) Word(command, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Token: s.Seal.Seal(s.Account.ID, card.Token{Word: command})}
}

// Opens is a button that opens the form of a command.
func (s *Session) Opens(command, arg, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Opens: true, Token: s.Seal.Seal(s.Account.ID, card.Token{Word: command, Arg: arg})}
}

// Button is a button of the person's.
func (s *Session) Button(label string, tok card.Token) card.Action {
	return card.Action{Label: label, Token: s.Seal.Seal(s.Account.ID, tok)}
}

// Sealed is the text of a token that only this person can bring back.
func (s *Session) Sealed(tok card.Token) string { return s.Seal.Seal(s.Account.ID, tok) }

// Roles are those in which the person may use words: their own, and those of the
// persons for whom they stand in today.
func (s *Session) Roles() []core.Role { return s.Actor.RolesOn(s.Now) }

// Self is the person as the holder of their own account: nobody else's leave is asked.
func (s *Session) Self() core.Actor {
	a := s.Actor
	a.Roles = append(slices.Clone(a.Roles), core.RoleSystem)
	return a
}

// Afterwards logs what failed when the decision had been taken: it is told all the same.
func (s *Session) Afterwards(ctx context.Context, what string, err error) {
	if err != nil {
		s.Log.WarnContext(ctx, what, "platform", s.In.Platform, "once", s.In.Once, "err", err)
	}
}

// Saved is the answer to a decision of so many acts that was committed: what was done and what
// is next, or that a notice of it is held up, since the channel by which it leaves now was
// known to be down when the press came.
func (s *Session) Saved(ctx context.Context, v core.Verb, acts int, out desk.Outcome) string {
	name := func(account string) string {
		if account == "" {
			return ""
		}
		r, err := s.Desk.Ledger.Record(ctx, account)
		s.Afterwards(ctx, "an answer does not say a name", err)
		return r.Fields[core.FieldName]
	}
	if late := s.late(out.Items, name); len(late) > 0 {
		return es.Delayed(late)
	}
	return es.SavedIn(v, acts, out.Record, name)
}

// late are the names of those whom a notice among items cannot reach now.
func (s *Session) late(items []outbox.Item, name func(account string) string) (names []string) {
	if s.Late == nil {
		return nil
	}
	now := s.Desk.Clock() // the items were made after s.Now
	for _, it := range items {
		if it.Account == s.Account.ID || it.Due.After(now) || !s.Late(it.Channel, s.Now) {
			continue
		}
		if who := name(it.Account); who != "" && !slices.Contains(names, who) {
			names = append(names, who)
		}
	}
	return names
}

// MissingProgram is the card of step 1, for whoever cannot file yet: what is missing of
// the programme of the year, and the way to it.
func (s *Session) MissingProgram(ctx context.Context) (Reply, error) {
	_, program, err := s.Desk.Gate(ctx, s.Account.Agency, s.Now)
	if err != nil {
		return Reply{}, err
	}
	agency, err := s.Desk.AgencyName(ctx, s.Account.Agency)
	if err != nil {
		return Reply{}, err
	}
	row := []card.Action{s.Button(es.Say(es.ButtonProgram), card.Token{Word: card.WordOpen, Record: program.ID})}
	if program.State == core.None {
		deliver := s.Opens("/programa", "", es.Say(es.ButtonDeliver), card.Primary)
		row = []card.Action{deliver, s.Button(es.Say(es.ButtonHow), card.Token{Word: WordHow})}
	}
	return Reply{Card: &card.Card{Story: es.MissingProgram(core.Season(s.Now), agency, program.State), Rows: [][]card.Action{row}}}, nil
}

// WordHow tells how the programme of step 1 is delivered; it is of no record.
const WordHow = "how"

// Made is a document of SIDEM's own.
func Made(name, mime string, body []byte) Document {
	return Document{Name: name, MIME: mime, Size: int64(len(body)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body)), nil
	}}
}

// RedrawnTap replaces the message that was pressed, if one was.
func RedrawnTap(in Input, r Reply) Reply {
	r.Redraw = in.Tap != "" && r.Card != nil
	return r
}

// inherited is how many cards of a principal are drawn at once.
const inherited = 10
