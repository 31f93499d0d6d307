package card_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
)

func TestATokenComesBackAsItWasForItsAccountAndForNobodyElse(t *testing.T) {
	seal := card.NewSealer([]byte("0123456789abcdef0123456789abcdef"))
	other := card.NewSealer([]byte("another key of thirty-two bytes.."))
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[/?~a-z_]{1,12}`).Draw(t, "word")
		record := rapid.StringMatching(`[a-z0-9.-]{0,14}`).Draw(t, "record")
		tok := card.Token{Word: word, Record: record, Version: rapid.IntRange(0, 1<<30).Draw(t, "version"), Arg: rapid.StringMatching(`[ -~]{0,12}`).Draw(t, "arg")}
		account := rapid.StringMatching(`[a-z0-9:]{0,14}`).Draw(t, "account")
		text := seal.Seal(account, tok)
		if len(text) > card.MaxToken {
			t.Fatalf("%d bytes", len(text))
		}
		if got, err := seal.Open(account, text); err != nil || got != tok {
			t.Fatalf("%+v comes back as %+v, %v", tok, got, err)
		}
		if _, err := seal.Open(account+"x", text); !errors.Is(err, card.ErrToken) {
			t.Fatalf("another account opens it: %v", err)
		}
		if _, err := other.Open(account, text); !errors.Is(err, card.ErrToken) {
			t.Fatalf("another key opens it: %v", err)
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		bent := text[:at] + string(text[at]^1) + text[at+1:]
		if _, err := seal.Open(account, bent); !errors.Is(err, card.ErrToken) {
			t.Fatalf("%q opens as %q does", bent, text)
		}
	})
}

// The longest id of a record is that of a programme of an agency whose key is as long
// as a key may be; an older key may have points.
func TestEveryKeyOfAnAgencyFitsInTheButtonsOfItsProgramme(t *testing.T) {
	seal := card.NewSealer([]byte("0123456789abcdef0123456789abcdef"))
	for _, key := range []string{"ABCDEFGHIJKLMNOPQRST", "S.C.T."} {
		if key != "S.C.T." {
			if _, no := core.Parse(core.FieldAgency, key, time.Time{}); no != nil {
				t.Fatal(no)
			}
		}
		for _, row := range core.LifecycleOf(core.KindProgram).Rows {
			tok := card.Token{Word: string(row.Verb), Record: core.ProgramID(key, "2026"), Version: 36*36 - 1}
			text := seal.Seal("a", tok)
			if got, err := seal.Open("a", text); err != nil || got != tok || len(text) > card.MaxToken {
				t.Errorf("%s: %q (%d bytes) comes back as %+v, %v", key, text, len(text), got, err)
			}
		}
	}
}

func TestAHintIsTheRecordOfAnySealedTokenAndOfNothingElse(t *testing.T) {
	sealer := card.NewSealer(make([]byte, 32))
	for _, record := range []string{"r1", "agency.IE", ""} {
		text := sealer.Seal("somebody", card.Token{Word: "release", Record: record, Version: 3, Arg: "2026.11"})
		if got := card.Hint(text); got != record {
			t.Errorf("Hint(%q) = %q, want %q", text, got, record)
		}
	}
	for _, text := range []string{"", "a.b.c.d", "no token", strings.Repeat("a.", 4*card.MaxToken)} {
		if got := card.Hint(text); got != "" {
			t.Errorf("Hint(%q) = %q", text, got)
		}
	}
}
