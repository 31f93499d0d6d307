package identity_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/identity"
)

func TestACodeIsReadHoweverItIsTyped(t *testing.T) {
	for range 200 {
		code := identity.NewCode()
		want, ok := identity.ReadCode(code)
		if !ok || len(want) != 8 {
			t.Fatalf("%q is read as %q, %v", code, want, ok)
		}
		for _, typed := range []string{strings.ToLower(code), strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", ""), " " + code + " "} {
			if got, _ := identity.ReadCode(typed); got != want {
				t.Errorf("%q is read as %q, want %q", typed, got, want)
			}
		}
	}
}

func TestWhatIsNoCodeIsNotReadAsOne(t *testing.T) {
	for _, text := range []string{"", "1234567", "abcdefghj", "lucia.herrera", "abcd-efg0", "ÁBCD-EFGH", "no soy yo", "3f9zk2m8q1wxy-abcdefghjk"} {
		if code, ok := identity.ReadCode(text); ok {
			t.Errorf("%q is read as %q", text, code)
		}
	}
}

func TestCodesAreKeptUnderAHashOfTheKey(t *testing.T) {
	a, b := identity.NewKeeper([]byte("a")), identity.NewKeeper([]byte("b"))
	if k := a.CodeKey("abcdefgh"); k == b.CodeKey("abcdefgh") || k == a.CodeKey("abcdefgj") || strings.Contains(k, "abcdefgh") {
		t.Errorf("key %q", k)
	}
}
