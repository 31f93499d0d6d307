package outbox

import "context"

// Mark names an attempt, so that a platform can keep it with the message that came of it
// and find that message again.
type Mark struct {
	Item  string
	Epoch int
	// Doubtful are the epochs of earlier attempts that may have delivered a message which
	// nobody knows of.
	Doubtful []int
}

// MarkOf is the mark of the attempt for which it was claimed.
func MarkOf(it Item) Mark {
	m := Mark{Item: it.ID, Epoch: it.Epoch}
	for _, a := range it.Attempts {
		switch {
		case a.Outcome == WasSent: // where it is was kept
			m.Doubtful = nil
		case a.MayHaveArrived():
			m.Doubtful = append(m.Doubtful, a.Epoch)
		}
	}
	return m
}

type markKey struct{}

// WithMark has whoever posts under ctx know of which attempt it is.
func WithMark(ctx context.Context, m Mark) context.Context {
	return context.WithValue(ctx, markKey{}, m)
}

// MarkIn is the mark of the attempt of which ctx is; false for what is of none.
func MarkIn(ctx context.Context) (Mark, bool) {
	m, ok := ctx.Value(markKey{}).(Mark)
	return m, ok
}
