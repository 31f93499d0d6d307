package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestEveryPageOfADetailIsDrawnWhole(t *testing.T) {
	s := core.Scene{Record: core.Record{Kind: core.KindRequest, State: core.StateFiled, Number: "000147/2026", Fields: map[core.Field]string{}}}
	for _, f := range core.RequestForm {
		s.Record.Fields[f] = strings.Repeat("palabra ", core.Specs[f].Max/8)
	}
	for i := range 80 {
		s.Record.Items = append(s.Record.Items, core.Item{Description: fmt.Sprintf("Cable %03d", i+1), Unit: "pieza", Features: strings.Repeat("🖥", 60)})
	}
	_, last := es.Detail(s, 0)
	for n := range last + 1 {
		story, _ := es.Detail(s, n)
		drawn, err := json.Marshal(render(card.Card{Story: story}).Blocks)
		if err != nil || strings.Contains(string(drawn), wire.Ellipsis) {
			t.Errorf("page %d is cut (%v):\n%s", n, err, drawn)
		}
	}
}
