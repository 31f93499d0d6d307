// Package view shows people what is there: lists and their pages, what a record holds, the home page, the board, who they are and what they can ask for.
//
// It decides nothing, and shows each person what they may see now.
package view

import (
	"context"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
)

// Views are what is shown to the person whose input is answered.
type Views struct {
	*session.Session
	Forms Unfinished
}

// Unfinished are the forms that the person left.
type Unfinished interface {
	// Unfinished is a line about each, and the buttons by which it goes on.
	Unfinished(ctx context.Context) (lines []string, rows [][]card.Action, err error)
}
