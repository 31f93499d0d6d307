package bottest

import (
	"context"
)

// Shown is one thing that a person sees: a message, a short answer to a press, a mail.
type Shown struct {
	ID      string // the same while it is edited
	Text    string
	Buttons []string
	Mine    bool // the person wrote it
	// Passing things (toasts, hints only for this person) need not be expected.
	Passing bool
}

// Client is one person's chat or mailbox.
type Client interface {
	// Say writes a message; of a mailbox it fails.
	Say(text string) error
	// Press presses the newest button with the label that can be seen, as often as told.
	Press(label string, times int) error
	// Fill answers a question of the form that is open, by its label.
	Fill(label, value string) error
	// Submit sends the form that is open.
	Submit() error
	// Attach sends a file, or puts it into the question with the label of the open form.
	Attach(label, name string, data []byte) error
	// Again delivers the person's last act once more, as a platform may do.
	Again() error
	// Screen is all that can be seen now, oldest first.
	Screen() []Shown
}

// World runs SIDEM and its people.
type World interface {
	// Begin starts the story, with what is there before it; without are the
	// persons that have no account yet, and "programa" for an agency without one.
	Begin(ctx context.Context, without []string) error
	// Client is a person's chat or mailbox, by the names of the scenario.
	Client(person, on string) (Client, error)
	// Link links a person's chat to their account, as the person would.
	Link(ctx context.Context, person, on string) error
	// Given brings about what the story takes for granted: "solicitud por liberar".
	Given(ctx context.Context, what string) error
	// Clock moves business time: "+2 días hábiles", "+3 h", "09:00", an instant.
	Clock(to string) error
	// Halt ends SIDEM; Restart starts it again, and ends it first if it runs.
	Halt() error
	Restart(ctx context.Context) error
	// Changed is closed at the next change that anybody could see.
	Changed() <-chan struct{}
	// Idle reports whether nothing is under way.
	Idle(ctx context.Context) (bool, error)
	// Stale are the buttons that can be seen anywhere and are of a state that was left.
	Stale(ctx context.Context) ([]string, error)
}

// Troubled is a World in which something can be made to go wrong.
type Troubled interface {
	// Trouble begins what is named, or ends all of it: "ninguna".
	Trouble(ctx context.Context, what string) error
}
