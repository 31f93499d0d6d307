// Package chat keeps one card per person and request up to date on a chat platform: posted when it becomes their turn, redrawn in place otherwise.
package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// Poster is a chat platform, as far as cards go. Errors are those of
// core/outbox: Permanent, RetryAfter, Uncertain, Unanswered, Config, and Gone of Edit
// and Remove.
type Poster interface {
	// Post sends c to person (an id of the platform) as a new message, as an answer
	// to the message under where that is not the zero Ref.
	Post(ctx context.Context, person string, c card.Card, under card.Ref) (card.Ref, error)
	// Edit redraws the message at ref; an equal one is no error.
	Edit(ctx context.Context, ref card.Ref, c card.Card) error
	// Remove takes the message at ref off the screen; Gone when it is not there.
	Remove(ctx context.Context, ref card.Ref) error
}

// Scenes says what there is to draw.
type Scenes interface {
	// Scene is record as account may see it now; desk.ErrNotFound when it may not.
	Scene(ctx context.Context, record, account string) (core.Scene, error)
}

// Sessions keep the places of cards.
type Sessions interface {
	// Get is the value of key and its revision; desk.ErrNotFound.
	Get(ctx context.Context, key string, now time.Time) (value []byte, rev int, err error)
	// Put writes value if the key is at revision rev (0: not there) and returns
	// the new revision; desk.ErrConflict. Zero expires keeps for ever.
	Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error)
}

// Config is what a Channel works with; every part is needed that does not say what nil is.
type Config struct {
	Platform string // its name in links and items: "telegram", "slack"
	Poster   Poster
	Scenes   Scenes
	Sessions Sessions
	// Draw is the card of a scene. It is a function of the scene alone: equal
	// scenes give equal cards, buttons included.
	Draw func(core.Scene) card.Card
	// Note is what a note's item says under the card (desk.WhatNote), and whether it
	// is still needed.
	Note func(core.Scene, outbox.Item) (card.Card, bool)
	// Wait is how long a new message for an item must wait (quiet hours); nil is not at all.
	Wait func(core.Scene, outbox.Item) time.Duration
	// Morning is the message of an item that tells of no record (a digest, a board),
	// and whether there is anything to tell; nil knows none.
	Morning func(ctx context.Context, it outbox.Item) (account core.Record, c card.Card, needed bool, err error)
	// View is what another message shows an account now, and whether it shows anything
	// still: if not, the Card is what is left of it. The zero Card is what it shows
	// already. nil leaves all as they are.
	View func(ctx context.Context, account string, m screen.Message) (card.Card, bool, error)
	// Unfollow hears that nothing on the account's screen is about a record; nil is nobody.
	Unfollow func(ctx context.Context, record, account string) error
	// Past is what is left of a note that cannot be removed any more; nil leaves it.
	Past func() card.Card
	// Below is what is left of a card that was posted anew and cannot be removed any more;
	// nil leaves it.
	Below func() card.Card
	// Gone is what is left of the card of a record of a kind that its holder may no longer
	// see; the kind is "" where there is no such record.
	Gone func(core.Kind) card.Card
	// Seal names the key with which buttons are sealed now; nil is always the same.
	Seal func() string
	Now  func() time.Time
}

func (c Config) seal() string {
	if c.Seal == nil {
		return ""
	}
	return c.Seal()
}

// Channel draws cards on one platform. It is a notifier.Sender, safe for
// concurrent use by items of different keys (a claim holds a key).
type Channel struct{ cfg Config }

// New makes a Channel.
func New(cfg Config) *Channel { return &Channel{cfg} }

var _ notifier.Preparer = (*Channel)(nil)

// errMoved says that somebody else wrote the place meanwhile (a claim that
// outlived its lease): look again.
var errMoved = errors.New("the card's place was written by another")

// looks is how often Send looks again before it leaves that to the hub.
const looks = 3

// Send draws the card of it.Record for it.Account as it is now, or says a note
// under it. The receipt is "<chat>/<message>". Besides the Poster's errors: notifier.ErrMoot when there is
// nothing to draw or a newer state is drawn already; Uncertain when a message was
// posted but its place could not be kept; Permanent for an item of another kind.
func (c *Channel) Send(ctx context.Context, it outbox.Item) (string, error) {
	return notifier.SendNow(ctx, c, it)
}

// Prepare finds out what Send has to say to the platform; what can be settled without
// a word to it is settled.
func (c *Channel) Prepare(ctx context.Context, it outbox.Item) (notifier.Parcel, error) {
	var d deed
	var err error
	switch it.What {
	case desk.WhatNote:
		d, err = c.note(ctx, it)
	case desk.WhatDigest, desk.WhatWeekly:
		d, err = c.morning(ctx, it)
	case desk.WhatScreen:
		d, err = c.screen(ctx, it)
	case desk.WhatCard:
		d, err = c.card(ctx, it)
	default:
		err = outbox.Permanent(fmt.Errorf("%s: cannot draw %q", c.cfg.Platform, it.What))
	}
	if err != nil {
		return notifier.Parcel{}, err
	}
	if !d.calls {
		receipt, err := d.do(ctx)
		return notifier.Parcel{Receipt: receipt}, err
	}
	return notifier.Parcel{Send: func(ctx context.Context) (string, error) {
		return d.do(outbox.WithMark(ctx, outbox.MarkOf(it)))
	}}, nil
}

// deed is what is to be done for an item, as of the instant at which it was found out.
type deed struct {
	calls bool // the platform is called
	do    func(ctx context.Context) (receipt string, err error)
}

// silent is a deed of which the platform hears nothing.
func silent(receipt string, err error) deed {
	return deed{do: func(context.Context) (string, error) { return receipt, err }}
}

// calling is a deed that calls the platform.
func calling(do func(ctx context.Context) (receipt string, err error)) deed {
	return deed{calls: true, do: do}
}

// card is what is to be done for a card.
func (c *Channel) card(ctx context.Context, it outbox.Item) (deed, error) {
	var lost *sheet
	for range looks {
		s, err := c.open(ctx, it, lost)
		if err != nil {
			return deed{}, err
		}
		d, err := s.find(ctx)
		if err != nil {
			return deed{}, err
		}
		if d.calls {
			return calling(func(ctx context.Context) (string, error) { return s.carry(ctx, d) }), nil
		}
		receipt, err := d.do(ctx)
		if !errors.Is(err, errMoved) {
			return silent(receipt, err), nil
		}
		lost = s
	}
	return deed{}, fmt.Errorf("%s: %w", lost.key, errMoved)
}

// carry does what was found out. Where somebody else wrote the place meanwhile, it
// looks again.
func (s *sheet) carry(ctx context.Context, d deed) (string, error) {
	for n := 1; ; n++ {
		receipt, err := d.do(ctx)
		if !errors.Is(err, errMoved) {
			return receipt, err
		}
		if n == looks {
			break
		}
		if s, err = s.open(ctx, s.item, s); err != nil {
			return "", err
		}
		if d, err = s.find(ctx); err != nil {
			return "", err
		}
	}
	err := fmt.Errorf("%s: %w", s.key, errMoved)
	if len(s.posted) > 0 {
		err = outbox.Uncertain(err)
	}
	return "", err
}

// sheet is one drawing of one card: what was kept, what is to be shown.
type sheet struct {
	*Channel
	item  outbox.Item
	kind  core.Kind      // the record's
	wish  outbox.Payload // the item's
	key   string
	place Place
	rev   int
	dirty bool // place differs from what is kept
	force bool
	// posted are the messages that this Send has posted, in all its looks.
	posted []card.Ref
}

// open reads the kept place. After a look that lost its race, the messages
// that it posted are old ones, and what is on the screen is not known.
func (c *Channel) open(ctx context.Context, it outbox.Item, lost *sheet) (*sheet, error) {
	s := &sheet{Channel: c, item: it, key: Key(it.Record, it.Account, c.cfg.Platform), wish: it.Payload()}
	s.force = s.wish.Force
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	if lost != nil {
		s.force, s.posted = true, lost.posted
		for _, ref := range lost.posted {
			if ref != s.place.Ref { // its place was kept after all, and the answer lost
				s.retire(ref, false)
			}
		}
	}
	return s, nil
}

// find finds out what is to be done for the card.
func (s *sheet) find(ctx context.Context) (deed, error) {
	scene, err := s.cfg.Scenes.Scene(ctx, s.item.Record, s.item.Account)
	s.kind = scene.Record.Kind
	if errors.Is(err, desk.ErrNotFound) {
		return s.withdrawal(), nil
	}
	if err != nil {
		return deed{}, fmt.Errorf("scene of %s: %w", s.key, err)
	}
	link, ok := scene.Viewer.LinkOn(s.cfg.Platform)
	if !ok {
		return s.withdrawal(), nil
	}
	if s.place.kept() && s.place.Person != link.ID {
		// The account was linked to another chat: the card moves there.
		s.retire(s.place.Ref, true)
		s.place.Ref, s.dirty = card.Ref{}, true
	}
	drawn := s.cfg.Draw(scene)
	show := s.show(scene, link.ID, drawn)
	do := func(ctx context.Context) (string, error) {
		receipt, err := show.do(ctx)
		if outbox.IsPermanent(err) && s.place.kept() {
			s.place.Lost = scene.Record.Version
			_ = s.save(ctx) // else a sweep asks once more
		}
		if err != nil && !errors.Is(err, notifier.ErrMoot) {
			return "", err
		}
		if err := s.tidy(ctx); err != nil {
			return "", err
		}
		return receipt, err
	}
	return deed{calls: show.calls || len(s.place.Old) > 0 && !show.waits, do: do}, nil
}

// showing is how a card comes to the screen.
type showing struct {
	deed
	waits bool // for its hour: nothing else is done until then
}

// show brings the card to the screen by the rules: a new message when it became
// the viewer's turn or somebody asked for one; else the old one redrawn, if it
// would look different.
func (s *sheet) show(scene core.Scene, person string, drawn card.Card) showing {
	next := s.place
	next.Person, next.Version, next.Hash, next.Buttons, next.Lost = person, scene.Record.Version, hash(drawn), buttons(drawn), 0
	next.Seal = s.cfg.seal()
	duty, mine := scene.Mine()
	if mine {
		next.Turn = turn(duty)
	}
	asked := s.wish.Anew
	if asked != "" {
		next.Anew = asked
	}
	wait := s.mustWait(scene, next)
	switch {
	case s.place.Version > scene.Record.Version:
		return showing{deed: silent("", fmt.Errorf("version %d is drawn, this is %d: %w", s.place.Version, scene.Record.Version, notifier.ErrMoot))}
	case !s.place.kept() && asked == "" && s.wish.Instead == "" && scene.Viewer.FirstChat() != s.cfg.Platform:
		return showing{deed: silent("", fmt.Errorf("another chat comes first: %w", notifier.ErrMoot))}
	case !s.place.kept() && asked == "" && isPast(scene.Record, s.cfg.Now()):
		return showing{deed: silent("", fmt.Errorf("closed long ago, and its place is let go: %w", notifier.ErrMoot))}
	case !s.place.kept() && asked == "" && !mine && scene.Record.Kind == core.KindAccount && scene.Record.Acts[core.VerbLink].Version == scene.Record.Version:
		return showing{deed: silent("", fmt.Errorf("somebody linked a chat, which is nobody else's message: %w", notifier.ErrMoot))}
	case wait > 0:
		return showing{s.hush(next, drawn, wait), true}
	case !s.place.kept(), next.Turn != s.place.Turn, next.Anew != s.place.Anew:
		return showing{deed: calling(func(ctx context.Context) (string, error) { return s.post(ctx, next, drawn) })}
	case next.Hash == s.place.Hash && !s.force:
		s.dirty = s.dirty || next.Version != s.place.Version || next.Seal != s.place.Seal // it shows this version already
		s.place = next
		return showing{deed: silent(receipt(s.place.Ref), nil)}
	}
	return showing{deed: calling(func(ctx context.Context) (string, error) { return s.redraw(ctx, scene, next, drawn) })}
}

// redraw draws the card in place.
func (s *sheet) redraw(ctx context.Context, scene core.Scene, next Place, drawn card.Card) (string, error) {
	err := s.cfg.Poster.Edit(ctx, s.place.Ref, drawn)
	if outbox.IsGone(err) {
		return s.again(ctx, scene, next, drawn)
	}
	if err != nil {
		return "", fmt.Errorf("redraw %s: %w", s.key, err)
	}
	s.place, s.dirty = next, true
	return receipt(s.place.Ref), s.save(ctx)
}

// isPast reports whether a request was closed so long ago that the places of its cards
// may be known no more: nobody is told of it by a new message that they did not ask for.
func isPast(r core.Record, now time.Time) bool {
	return r.Kind == core.KindRequest && r.State != core.None && !r.Open() && now.Sub(r.Since) >= core.ShortestRetention.Places()
}

// post sends the card as a new message. The one before is kept as old until
// it is off the screen.
func (s *sheet) post(ctx context.Context, next Place, drawn card.Card) (string, error) {
	ref, err := s.bring(ctx, next.Person, drawn)
	if err != nil {
		return "", fmt.Errorf("post %s: %w", s.key, err)
	}
	if s.place.kept() && s.place.Ref != ref {
		s.retire(s.place.Ref, false)
	}
	// It may be an old one: an earlier look had it, or an earlier attempt, and lost its race.
	next.Old = slices.DeleteFunc(slices.Clone(s.place.Old), func(o Old) bool { return o.Ref == ref })
	next.Ref = ref
	s.place, s.dirty, s.posted = next, true, append(s.posted, ref)
	if err := s.save(ctx); err != nil {
		if errors.Is(err, errMoved) {
			return "", err
		}
		return "", outbox.Uncertain(err) // the next attempt may post a second one
	}
	return receipt(ref), nil
}

// bring has a new message show the card: the one that an earlier look has posted, if its
// place was written by another before it was kept.
func (s *sheet) bring(ctx context.Context, person string, drawn card.Card) (card.Ref, error) {
	if len(s.posted) == 0 {
		return s.cfg.Poster.Post(ctx, person, drawn, card.Ref{})
	}
	ref := s.posted[len(s.posted)-1]
	err := s.cfg.Poster.Edit(ctx, ref, drawn)
	switch {
	case outbox.IsGone(err):
		return s.cfg.Poster.Post(ctx, person, drawn, card.Ref{})
	case err != nil:
		return card.Ref{}, outbox.Uncertain(err) // it is there
	}
	return ref, nil
}

// withdrawal takes the content and the buttons off a card whose holder may no
// longer see it, or has left the chat.
func (s *sheet) withdrawal() deed {
	gone := s.cfg.Gone(s.kind)
	shown := s.place.kept() && (s.place.Hash != hash(gone) || s.force)
	return deed{calls: shown || len(s.place.Old) > 0, do: func(ctx context.Context) (string, error) {
		done := ""
		if shown {
			var err error
			if done, err = s.withdraw(ctx, gone); err != nil {
				return "", err
			}
		}
		for i := range s.place.Old {
			s.place.Old[i].Gone = true
		}
		if err := s.tidy(ctx); err != nil {
			return "", err
		}
		if done == "" {
			return "", fmt.Errorf("not theirs to see: %w", notifier.ErrMoot)
		}
		return done, nil
	}}
}

// withdraw leaves of the card what gone shows; "" when it is not on the screen any more.
func (s *sheet) withdraw(ctx context.Context, gone card.Card) (done string, err error) {
	err = s.cfg.Poster.Edit(ctx, s.place.Ref, gone)
	switch {
	case outbox.IsGone(err):
		s.place.Ref = card.Ref{}
	case err != nil:
		return "", fmt.Errorf("withdraw %s: %w", s.key, err)
	default:
		done = receipt(s.place.Ref)
	}
	// Should it be theirs again, they are told by a new message.
	s.place.Hash, s.place.Buttons, s.place.Turn, s.dirty = hash(gone), buttons(gone), "", true
	return done, nil
}

// tidy takes old messages off the screen, so that no two cards of one record stand there,
// and keeps what came of it. Those that cannot be reached now stay in the place, and the
// error has the hub try again.
func (s *sheet) tidy(ctx context.Context) error {
	var left []Old
	var trouble error
	for _, old := range s.place.Old {
		var err error
		if old.Gone {
			err = s.cfg.Poster.Edit(ctx, old.Ref, s.cfg.Gone(s.kind))
		} else {
			err = s.remove(ctx, old.Ref, s.cfg.Below)
		}
		if err == nil || outbox.IsGone(err) || outbox.IsPermanent(err) {
			s.dirty = true // done, or out of reach for ever
			continue
		}
		left = append(left, old)
		trouble = errors.Join(trouble, fmt.Errorf("take %s off: %w", receipt(old.Ref), err))
	}
	s.place.Old = left
	if s.dirty {
		if err := s.save(ctx); err != nil {
			return err
		}
	}
	return trouble
}
