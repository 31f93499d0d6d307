package view

import (
	"context"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// Board shows counts and ages by stage, what is stalled by the name of its
// stall, who has how much in hand, and the days of both sides.
func (v *Views) Board(ctx context.Context) (session.Reply, error) {
	b, err := v.Desk.Board(ctx, v.Actor)
	if err != nil {
		return session.Reply{}, err
	}
	var named []core.Record
	for _, s := range b.Stages {
		if (s.Stalled > 0 || s.Unusual) && s.Age > 0 {
			named = append(named, s.Oldest)
		}
	}
	if err := v.Desk.Looked(ctx, v.Account.ID, core.SawList, named...); err != nil {
		return session.Reply{}, err
	}
	c := v.drawBoard(b)
	return session.Reply{Card: &c}, nil
}

func (v *Views) drawBoard(b desk.Board) card.Card {
	c := card.Card{Story: es.Story{Title: es.Say(es.BoardTitle), Head: es.Moment(v.Now)}}
	var row []card.Action
	var unusual []string
	for _, s := range b.Stages {
		if s.Count == 0 {
			continue
		}
		c.Facts = append(c.Facts, es.Fact{Label: es.Stage(s.Stage), Value: es.StageFact(s.Count, s.Late, s.Age)})
		row = append(row, v.Button(es.StateCount(es.Stage(s.Stage), s.Count), card.Token{Word: word.Board, Arg: string(s.Stage)}))
		named := s.Unusual && s.Age > 0
		if named {
			unusual = append(unusual, es.UnusualLine(s.Stage, s.Oldest.Number, s.Age))
		}
		if s.Stalled > 0 && s.Age > 0 && (!named || s.Stalled > 1) {
			c.Text = append(c.Text, es.StalledLine(s.Stage, s.Stalled, s.Oldest.Number, s.Age))
		}
	}
	c.Text = append(unusual, c.Text...) // who waits longer than the like of it is named first
	switch {
	case len(c.Facts) == 0:
		c.Text = []string{es.Say(es.BoardEmpty)}
	case len(c.Text) == 0:
		c.Text = []string{es.Say(es.NoStalled)}
	default:
		c.Text = slices.Insert(c.Text, 0, es.Say(es.StalledTitle))
	}
	if b.Cost.Stage != "" {
		c.Facts = append(c.Facts, es.CostFact(b.Cost))
	}
	if b.Sample > 0 {
		c.Facts = append(c.Facts, es.Sides(b.Sample, b.Office, b.Agency))
	}
	if len(b.Loads) > 0 {
		var loads []string
		for _, p := range b.Loads {
			loads = append(loads, es.Load(p))
		}
		c.Facts = append(c.Facts, es.Fact{Label: es.Say(es.LoadsTitle), Value: es.List(loads)})
	}
	for pair := range slices.Chunk(row, 2) {
		c.Rows = append(c.Rows, pair)
	}
	return c
}
