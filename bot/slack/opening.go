package slack

import (
	"context"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
)

// Words of views.open about its trigger, and of views.update about its view (docs.slack.dev).
var (
	lateTriggers = []string{"expired_trigger_id", "trigger_expired", "invalid_trigger_id", "invalid_trigger"}
	usedTriggers = []string{"exchanged_trigger_id", "trigger_exchanged", "duplicate_external_id"}
	closedViews  = []string{"not_found", "view_not_found"}
)

// opening is a modal on its way to the screen: opened when the press came, since
// its trigger lives three seconds, and filled in when the bot has answered.
type opening struct {
	id       string // of the view; "" until it is open, and where it was opened by an earlier delivery
	external string // names the view too: the same for every delivery of the press
	err      error
	done     chan struct{} // closed when the rest holds
}

// newOpening is for a press that opens a form; nil for anything else.
func newOpening(in incoming) *opening {
	if !in.Opens || in.Trigger == "" {
		return nil
	}
	return &opening{external: in.Input.Once, done: make(chan struct{})}
}

// show opens the modal, empty.
func (s *Slack) show(ctx context.Context, in incoming, o *opening) {
	defer close(o.done)
	v := sheet(in.Label, wordLoading, wordBack)
	v.ExternalID = o.external
	o.id, o.err = s.client.modal(ctx, in.Trigger, v)
	if refused(o.err, usedTriggers...) { // by an earlier delivery: it is filled in by its other name
		o.err = nil
	}
}

// wait reports whether the modal is open.
func (o *opening) wait(ctx context.Context) bool {
	if o == nil {
		return false
	}
	select {
	case <-o.done:
		return o.err == nil
	case <-ctx.Done():
		return false
	}
}

// fill replaces what the modal shows. False: it is not there any more.
func (s *Slack) fill(ctx context.Context, o *opening, v api.ModalViewRequest) (bool, error) {
	v.ExternalID = o.external
	err := s.sleep.Answer(ctx, func() error {
		return classify(attempt{Call: editing}, s.client.refill(ctx, o.id, o.external, v))
	})
	if refused(err, closedViews...) {
		return false, nil
	}
	return err == nil, err
}

// openForm shows f: in the modal that was opened for it, or in one that is opened
// now. Slack allows one for each trigger, within three seconds of the press: tried
// once, and told where it came too late. A modal that was closed meanwhile was
// closed by the person.
func (s *Slack) openForm(ctx context.Context, in incoming, o *opening, f card.Form) {
	v := modal(f, in.Home)
	var err error
	if o.wait(ctx) {
		var open bool
		open, err = s.fill(ctx, o, v)
		if !open && err == nil && o.id == "" { // the earlier delivery's did not open after all
			s.report(ctx, in, "hint", s.toast(ctx, in, wordTooLate))
		}
	} else {
		_, err = s.client.modal(ctx, in.Trigger, v)
	}
	switch {
	case err == nil, refused(err, usedTriggers...): // opened: now, or by an earlier delivery of the same press
	case refused(err, lateTriggers...):
		s.report(ctx, in, "hint", s.toast(ctx, in, wordTooLate))
	default:
		code := wire.Support(in.Input.Once)
		s.log.ErrorContext(ctx, "slack: a form was not opened", "code", code, "once", in.Input.Once, "err", err)
		s.report(ctx, in, "hint", s.toast(ctx, in, wordNoForm+code+"."))
	}
}

// instead says words in the modal that was opened for a form which does not come,
// and reports whether they are there to read.
func (s *Slack) instead(ctx context.Context, in incoming, o *opening, words string) bool {
	if !o.wait(ctx) {
		return false
	}
	there, err := s.fill(ctx, o, sheet(in.Label, first(words, wordElsewhere), wordClose))
	s.report(ctx, in, "modal", err)
	return there
}
