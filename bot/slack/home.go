package slack

import (
	"context"
	"fmt"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
)

// Limits of the Home (docs.slack.dev, "views.publish"): a view may be 250 kB; ours
// is what a person reads.
const (
	maxHomeBlocks = 100
	maxHome       = 100_000 // characters of JSON
)

// home is what a reply shows on the Home: its cards, or what else it says, such as
// who may come in.
func home(reply bot.Reply) []card.Card {
	switch {
	case len(reply.Home) > 0:
		return reply.Home
	case reply.Card != nil:
		return []card.Card{*reply.Card}
	default:
		return []card.Card{wire.Sentence(reply.Toast)}
	}
}

// tab draws cards from top to bottom, parted by lines, as many as fit; what does
// not is said in the last line.
func tab(cards []card.Card) (v api.HomeTabViewRequest, dropped []string) {
	v = api.HomeTabViewRequest{Type: api.VTHomeTab}
	for i, c := range cards {
		m := part(c, fmt.Sprintf("%d-", i+1))
		dropped = append(dropped, m.Dropped...)
		next := m.Blocks
		if i > 0 {
			next = append([]api.Block{&api.DividerBlock{Type: api.MBTDivider}}, next...)
		}
		if len(v.Blocks.BlockSet)+len(next) >= maxHomeBlocks || size(v.Blocks.BlockSet)+size(next) > maxHome {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(wordMore))
			break
		}
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, next...)
	}
	return v, dropped
}

func (s *Slack) publish(ctx context.Context, in incoming, cards []card.Card) error {
	v, dropped := tab(cards)
	if len(dropped) > 0 {
		s.log.ErrorContext(ctx, "slack: buttons left out of the Home", "labels", dropped)
	}
	return s.sleep.Answer(ctx, func() error {
		return classify(attempt{Call: editing}, s.client.publish(ctx, in.Input.Who, v))
	})
}

// refresh draws the Home anew after something was done there.
func (s *Slack) refresh(ctx context.Context, h bot.Handler, j *job, reply bot.Reply) {
	if !j.Home || reply.Form != nil || len(reply.Errors) > 0 {
		return
	}
	if len(reply.Home) == 0 {
		in := bot.Input{Platform: name, Who: j.Input.Who, Name: j.Input.Name, Private: true, Home: true, Once: j.Input.Once + ":home", At: j.Input.At}
		reply = s.ask(ctx, h, in)
	}
	if len(reply.Home) > 0 {
		s.report(ctx, j.incoming, "home", s.publish(ctx, j.incoming, reply.Home))
	}
}
