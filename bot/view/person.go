package view

import (
	"context"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Welcome says who the person is and what comes next.
func (v *Views) Welcome(ctx context.Context, title string) (card.Card, error) {
	agency, err := v.Desk.AgencyName(ctx, v.Account.Agency)
	if err != nil {
		return card.Card{}, err
	}
	if agency == "" {
		agency = v.Desk.Office.Area
	}
	var roles []string
	for _, r := range v.Account.Roles {
		roles = append(roles, es.Role(r))
	}
	row := []card.Action{v.Word(word.Duties, es.Say(es.ButtonDuties), card.Plain)}
	if v.Actor.Is(core.RoleRequester) {
		row = []card.Action{
			v.Opens(word.File, "", es.Button(core.VerbDraft), card.Primary),
			v.Word(word.Mine, es.Say(es.ButtonMine), card.Plain),
		}
	}
	if v.onlyReads() {
		row = []card.Action{v.Word(word.Board, es.Say(es.BoardTitle), card.Plain), v.Word(word.Help, es.Say(es.ButtonHelp), card.Plain)}
	}
	row = append(row, v.Word(word.Unlink, es.Button(core.VerbUnlink), card.Plain))
	return card.Card{
		Story: es.Story{
			Title: title, Head: v.Account.Fields[core.FieldName] + " · " + es.List(roles), Subject: agency,
			Text: []string{es.SendingHours(v.Desk.Office.Sending)},
		},
		Rows: [][]card.Action{row},
	}, nil
}

// Help tells what the person can ask for.
func (v *Views) Help() session.Reply {
	c := card.Card{Story: es.Story{Title: es.Say(es.HelpTitle), Text: []string{es.Say(es.HelpOthers)}}}
	for _, w := range word.Menu(v.Roles()) {
		c.Facts = append(c.Facts, es.Fact{Label: "/" + w.Name, Value: w.Description})
	}
	if v.Actor.Is(core.RoleAuditor) {
		c.Text = append(c.Text, es.Say(es.HelpAuditor))
	}
	return session.Reply{Card: &c}
}
