package app_test

import (
	"slices"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// The menu of a substitute has what the principal may do, from the first day until
// after the last, though the substitute writes nothing meanwhile.
func TestTheMenuOfASubstituteFollowsTheDates(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	r := bottest.Runner{World: w, Patience: world.Patience}
	play := func(lines ...bottest.Line) {
		t.Helper()
		if err := r.Part(t.Context(), lines); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	play(
		bottest.Line{Kind: bottest.Linked, Arg: "elena@telegram"},
		bottest.Line{Kind: bottest.Given, Arg: "suplencia de raúl por elena del 2026-11-30 al 2026-12-01"},
	)
	elena := w.People["elena"]
	for _, step := range []struct {
		clock string
		has   bool
	}{{"2026-11-27 12:00", false}, {"2026-11-30 00:01", true}, {"2026-12-01 23:30", true}, {"2026-12-02 00:01", false}} {
		play(bottest.Line{Kind: bottest.Clock, Arg: step.clock}, bottest.Line{Kind: bottest.Never, Who: []string{"elena"}, On: "telegram", Arg: "nada"})
		menu := w.Telegram.Person(elena.TelegramID, "", "").Menu()
		if has := slices.ContainsFunc(menu, func(c telegramtest.Command) bool { return c.Command == "suplencia" }); has != step.has {
			t.Errorf("at %s the menu is %v", step.clock, menu)
		}
	}
}
