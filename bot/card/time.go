package card

import (
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Words of the bot's own that time needs.
const (
	WordOpen  = "open"  // post a record's card as a new message
	WordLater = "later" // put a reminder off to the date in Arg
)

// ReminderOf is NoteOf with what puts the reminder off: that decides nothing of
// the request, so its buttons may stand beside the card's.
func ReminderOf(s core.Scene, note core.Note, seal Sealer) (Card, bool) {
	c, ok := NoteOf(s, note)
	if !ok || note != core.NoteReminder {
		return c, ok
	}
	today := core.DateOf(s.Now)
	var row []Action
	for _, day := range core.SnoozeDays(today, s.Office.Calendar.Of(s.Viewer.Agency)) {
		row = append(row, Action{
			Label: es.SnoozeLabel(day, today),
			Token: seal.Seal(s.Viewer.ID, Token{Word: WordLater, Record: s.Record.ID, Arg: day.String()}),
		})
	}
	c.Rows = [][]Action{row}
	return c, true
}

// DigestOf is a digest with one button for each record.
func DigestOf(d core.Digest, seal Sealer) Card {
	return Card{Story: es.DigestStory(d), Rows: openers(d.Viewer.ID, seal, d.Entries, d.Stalled)}
}

// WeeklyOf is the week's board with one button for each record that the viewer owes, or that is stuck.
func WeeklyOf(w core.Weekly, seal Sealer) Card {
	return Card{Story: es.WeeklyStory(w), Rows: openers(w.Viewer.ID, seal, w.Entries, w.Stalled)}
}

// maxOpeners is how many buttons a digest has at most.
const maxOpeners = 10

// openers are buttons that post the card of each record, three in a row.
func openers(account string, seal Sealer, lists ...[]core.Entry) [][]Action {
	var out [][]Action
	n, seen := 0, map[string]bool{}
	for _, list := range lists {
		for _, e := range list {
			if n == maxOpeners || seen[e.Record.ID] {
				continue
			}
			if seen[e.Record.ID] = true; n%3 == 0 {
				out = append(out, nil)
			}
			out[len(out)-1] = append(out[len(out)-1], Action{
				Label: es.Short(e.Record), Token: seal.Seal(account, Token{Word: WordOpen, Record: e.Record.ID}),
			})
			n++
		}
	}
	return out
}
