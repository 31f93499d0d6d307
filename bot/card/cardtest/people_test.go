package cardtest_test

import (
	"fmt"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/core"
)

func TestAmongMorePersonsThanACardOffersOneIsChosenInAForm(t *testing.T) {
	cards := 0
	for _, c := range cardtest.Scenes() {
		if c.Card().Select == nil {
			continue
		}
		cards++
		before := primary(c.Card())
		for n, chooses := range map[int]bool{2: true, 50: true, 51: false, 130: false} {
			field := core.FieldExecutive
			if c.Scene.Record.State == core.StateReceived {
				field = core.FieldHead
			}
			c.Scene.Choices = map[core.Field][]core.Person{}
			for i := range n {
				c.Scene.Choices[field] = append(c.Scene.Choices[field], core.Person{Account: fmt.Sprint("p", i), Name: fmt.Sprint("Persona ", i)})
			}
			got := c.Card()
			if (got.Select != nil && len(got.Select.Options) == n) != chooses {
				t.Errorf("of %d persons one is chosen on the card: %t", n, !chooses)
			}
			if chooses != (primary(got).Label == before.Label) || !chooses && !primary(got).Opens {
				t.Errorf("of %d persons: %+v", n, primary(got))
			}
		}
	}
	if cards == 0 {
		t.Error("no card has a choice among persons")
	}
}

// primary is the primary button of a card; the zero Action for none.
func primary(c card.Card) card.Action {
	for _, a := range actions(c) {
		if a.Style == card.Primary {
			return a
		}
	}
	return card.Action{}
}
