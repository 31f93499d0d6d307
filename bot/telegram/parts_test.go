package telegram

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

func TestATextThatTheAppHadToPartIsOneInputAndWhole(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	n := 0
	send := func(date int, more string) {
		t.Helper()
		n++
		raw := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,%s,%s,%s}}`, 100+n, n, date, lucia, private, more)
		if status := deliver(t, tg, knock, "application/json", raw); status != 200 {
			t.Fatal(status)
		}
	}
	words := func(s string) string { return `"text":` + quoted(s) }
	exact, cut := strings.Repeat("á", maxPart), strings.Repeat("b", fullPart)
	send(1000, words("corto"))
	send(1000, words("otro")) // two answers, though of one second
	send(1001, words(exact))
	send(1001, words("cola de 324"))
	send(1100, words(cut+"."))
	send(1101, words(cut))
	send(1101, words("fin"))
	send(1200, words(exact))
	send(1300, words("mucho después"))
	send(1400, words(exact))
	send(1400, words("/pendientes"))
	rest(t, srv)
	type act struct {
		Text  string
		Parts int
		Once  string
	}
	var got []act
	for _, in := range seen.inputs() {
		got = append(got, act{in.Text, in.Parts, in.Once})
	}
	want := []act{
		{"corto", 0, "tg:424242:101"},
		{"otro", 0, "tg:424242:102"},
		{exact + "cola de 324", 2, "tg:424242:103"},
		{cut + ".\n" + cut + " fin", 3, "tg:424242:105"},
		{exact, 0, "tg:424242:108"},
		{"mucho después", 0, "tg:424242:109"},
		{exact, 0, "tg:424242:110"},
		{"/pendientes", 0, "tg:424242:111"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnAlbumIsOneInputWithItsCaptionAndAllItsFiles(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	photo := func(n int, album, more string) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":1000,%s,%s,"media_group_id":%q,"photo":[{"file_id":"F%d","width":9,"height":9}]%s}}`, 200+n, n, lucia, private, album, n, more)
	}
	for n := range 13 {
		more := ""
		if n == 0 {
			more = `,"caption":"Pared norte"`
		}
		deliver(t, tg, knock, "application/json", photo(n+1, "A", more))
	}
	deliver(t, tg, knock, "application/json", photo(14, "B", ""))
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		line := fmt.Sprintf("%s %q %d:", in.Once, in.Text, in.Parts)
		for _, f := range in.Files {
			line += " " + f.Name
			if f.Open == nil {
				t.Error("a file that cannot be opened")
			}
		}
		got = append(got, line)
	}
	var names string
	for n := range 13 {
		names += fmt.Sprintf(" foto-%d.jpg", n+1)
	}
	if diff := cmp.Diff([]string{`tg:424242:201 "Pared norte" 13:` + names, `tg:424242:214 "" 0: foto-14.jpg`}, got); diff != "" {
		t.Error(diff)
	}
}

func TestALineOfAListThatTheAppPartedStaysALine(t *testing.T) {
	item := "Silla; 2; pieza; 950"
	list := strings.Repeat(item+"\n", 180) + item
	prose := strings.Repeat("palabra ", 450) + "otra"
	for name, tc := range map[string]struct{ before, after, want string }{
		"renglones":                 {list, item + "\n" + item, "\n"},
		"renglones in tabs":         {strings.ReplaceAll(list, ";", "\t"), "Mesa\t 1\t pieza\t 1200", "\n"},
		"a renglón that is wrong":   {list, "Mesa", "\n"},
		"a list in the last line":   {prose + "\n" + item, item, "\n"},
		"a bullet":                  {prose, "- Mesa", "\n"},
		"a round bullet":            {prose, "• Mesa", "\n"},
		"a number":                  {prose, "12. Mesa", "\n"},
		"prose":                     {prose, "y más", " "},
		"prose with semicolons":     {prose + "; una", "y dos; tres", " "},
		"a figure that is no label": {prose, "2.5 metros", " "},
	} {
		t.Run(name, func(t *testing.T) {
			last := units(tc.before)
			if last < fullPart || last >= maxPart {
				t.Fatalf("the first part has %d units", last)
			}
			if got := seam(tc.before, tc.after, last); got != tc.want {
				t.Errorf("%q stood between them, want %q", got, tc.want)
			}
		})
	}
}
