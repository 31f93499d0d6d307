package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

var errQuiet = errors.New("quiet hours: no new message now")

// mustWait is how long a card must wait that would be a new message now; 0 for
// one that is redrawn in place, which makes no sound.
func (s *sheet) mustWait(scene core.Scene, next Place) time.Duration {
	if s.cfg.Wait == nil || s.place.kept() && next.Turn == s.place.Turn && next.Anew == s.place.Anew {
		return 0
	}
	return s.cfg.Wait(scene, s.item)
}

// hush draws the card in place, so that no button of a state that was left can
// be pressed, and puts the new message off.
func (s *sheet) hush(next Place, drawn card.Card, wait time.Duration) deed {
	if !s.place.kept() || next.Hash == s.place.Hash && !s.force {
		return silent("", outbox.Later(errQuiet, wait))
	}
	return calling(func(ctx context.Context) (string, error) {
		err := s.cfg.Poster.Edit(ctx, s.place.Ref, drawn)
		if err != nil && !outbox.IsGone(err) {
			return "", fmt.Errorf("redraw %s: %w", s.key, err)
		}
		next.Turn, next.Anew = s.place.Turn, s.place.Anew // they are told by the new message
		s.place, s.dirty = next, true
		if err := s.save(ctx); err != nil {
			return "", err
		}
		return "", outbox.Later(errQuiet, wait)
	})
}

// again is for a card that is not on the screen any more: it is posted anew, by
// the rules of any new message.
func (s *sheet) again(ctx context.Context, scene core.Scene, next Place, drawn card.Card) (string, error) {
	s.place.Ref, next.Ref = card.Ref{}, card.Ref{}
	wait := s.mustWait(scene, next)
	if wait <= 0 {
		return s.post(ctx, next, drawn)
	}
	if err := s.save(ctx); err != nil { // that there is none
		return "", err
	}
	return "", outbox.Later(errQuiet, wait)
}
