package bot_test

import (
	"fmt"
	"slices"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// empty reports whether an answer shows whoever pressed nothing at all.
func empty(r bot.Reply) bool {
	return text(r) == "" && r.Form == nil && len(r.Documents) == 0
}

func TestEveryPressIsAnsweredWhateverItsButtonBrings(t *testing.T) {
	w := newWorld(t)
	own := w.filed("lucía", "Adquisición de impresoras láser")
	other := w.filed("diego", "Adquisición de escáneres de mesa")
	words := []string{
		"", "nada", "page", view.WordList, view.WordBases, session.WordHow, card.WordShow, card.WordOpen, card.WordLater, card.WordAsk, card.WordAsk + "nada",
		card.WordMenu, card.WordDetail, card.WordFiles, card.WordFile, card.WordTrail, card.WordChanges, card.WordLetter, card.WordDraft, card.WordPass, card.WordLooked,
		form.WordOption, form.WordJump, form.WordSheet, form.WordResume, form.WordNth, form.WordQuestion, form.Prefix, form.Prefix + "nada", "/nada", "/seguir", "/mis", "/vincular", "purpose", "private",
	}
	for _, p := range []form.Press{form.Back, form.GoOn, form.Correct, form.Save, form.Discard, form.Send, form.Stay, form.Aside, form.Swap, form.Mine, form.Join, form.Clear, form.Another, form.Remove} {
		words = append(words, form.WordOf(p))
	}
	for _, lc := range core.Lifecycles {
		for _, row := range lc.Rows {
			if !slices.Contains(words, string(row.Verb)) {
				words = append(words, string(row.Verb), card.WordAsk+string(row.Verb))
			}
		}
	}
	raúl := w.people["raúl"].ID
	w.settle()
	for _, record := range []string{"", "nada", own.ID, other.ID, raúl} {
		for i, word := range words {
			token := w.seal.Seal(raúl, card.Token{Word: word, Record: record, Version: 99, Arg: "999"})
			reply := w.in("raúl", bot.Input{Tap: token, Private: true, Message: fmt.Sprint(i)})
			drawn := func(it outbox.Item) bool {
				return it.What == desk.WhatCard && it.Account == raúl && it.Record == record
			}
			if empty(reply) && (record != own.ID && record != raúl || !slices.ContainsFunc(w.owed(), drawn)) {
				t.Errorf("a press on %q of %q is answered with nothing", word, record)
			}
		}
	}
	for name, token := range map[string]string{
		"a button that is none": "x", "a forged one": "~send.x.0..AAAAAAAAAAA", "somebody else's": w.seal.Seal(w.people["lucía"].ID, card.Token{Word: card.WordOpen, Record: own.ID}),
	} {
		if reply := w.in("raúl", bot.Input{Tap: token, Private: true, Message: "m"}); empty(reply) || !reply.Alert {
			t.Errorf("%s is answered with %+v", name, reply)
		}
	}
}
