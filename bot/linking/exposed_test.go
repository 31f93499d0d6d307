package linking

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/core"
)

func TestAProofIsReadAfterTheWordThatLinksOrAlone(t *testing.T) {
	password := identity.NewKeeper([]byte("una llave de prueba de treinta y dos")).Password(core.Record{ID: "a1"})
	user := proof{account: "lucia.herrera", byUser: true, password: password, hasPassword: true}
	byID := proof{account: "a1", password: password, hasPassword: true}
	code := proof{code: "abcdefgh"}
	for text, want := range map[string]proof{
		"lucia.herrera " + password: user, "/vincular lucia.herrera " + password: user, "vincular lucia.herrera " + password: user, "/start lucia.herrera " + password: user,
		"/vincular a1-" + password: byID, "/start a1-" + password: byID,
		"Usuario: lucia.herrera\n  Contraseña inicial: " + password: user, "lucia.herrera, " + password: user, "usuario: lucia.herrera clave: " + password: user,
		"mi código es ABCD-EFGH": code, "Vincular: ABCD-EFGH": code, "Código: ABCD EFGH": code, "/vincular código: ABCD-EFGH": code, "el código es ABCD-EFGH": {},
		"abcd-efgh": code, "ABCD EFGH": code, "/vincular ABCD-EFGH": code, "vincular abcdefgh": code,
		"/solicitud ABCD-EFGH": {}, "a1-" + password: {}, "lucia.herrera": {}, "lucia.herrera " + password + " x": {}, "/vincular": {}, "": {}, "ABCD-EFG": {}, "ABCD-EFGHJ": {}, "ABCD-EFG0": {},
	} {
		if got, ok := readProof(text); got != want || ok != (want != proof{}) {
			t.Errorf("%q: %+v, %t; want %+v", text, got, ok, want)
		}
	}
}

func TestWhatPeopleTalkOfIsNoSecretAndASecretIsFoundInIt(t *testing.T) {
	for _, text := range []string{
		"Buenos días a todas y todos", "La solicitud 000147/2026 ya está", "/solicitud 147", "raul ortega", "equipo nuevo", "12345678", "2345-6789", "el 23-11-2026 a las 10:42", "abcdefgh", "contrato XYZ", "",
	} {
		if Exposes(text) {
			t.Errorf("%q is taken for a secret", text)
		}
	}
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"hola", "mi", "código:", "es", "gracias", "(urgente)", "147"}), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{3}[A-HJKMNP-TV-Z]`).Draw(t, "code")
		mark := rapid.SampledFrom([]string{"", ".", "»", ")", "?"}).Draw(t, "mark")
		text := strings.Join(append(append(words.Draw(t, "before"), secret+mark), words.Draw(t, "after")...), " ")
		if plain, _ := identity.ReadCode(secret); !Exposes(text) || !slices.Contains(secretsIn(text).codes, plain) {
			t.Fatalf("%q: %+v, %t", text, secretsIn(text), Exposes(text))
		}
	})
}

func TestAPasswordBesideItsUserIsFoundWhereverItIsWritten(t *testing.T) {
	keeper := identity.NewKeeper([]byte("una llave de prueba de treinta y dos"))
	rapid.Check(t, func(t *rapid.T) {
		account := core.Record{ID: rapid.StringMatching(`[a-z0-9]{6,12}`).Draw(t, "id"), Kind: core.KindAccount, Acts: map[core.Verb]core.Act{core.VerbGrant: {Version: 2}}}
		password := keeper.Password(account)
		for _, text := range []string{"/vincular lucia " + password, "/start " + keeper.Link(account)} {
			if s := secretsIn(text); !Exposes(text) || len(s.passwords)+len(s.links) == 0 {
				t.Fatalf("%q: %+v, %t", text, s, Exposes(text))
			}
		}
		if text := "lucia " + password; Exposes(text) != strings.ContainsAny(password, digits) && !Exposes(password) {
			t.Fatalf("%q without a word before it: %t", password, Exposes(text))
		}
	})
}

func TestTheLinkToARequestSaysWhichItIs(t *testing.T) {
	for payload, want := range map[string]string{"ver-147-2026": "147/2026", "ver-000147-2026": "000147/2026", "ver-": "", "147-2026": "", "a1-ABCD": "", "": ""} {
		if got := ShownBy(payload); got != want {
			t.Errorf("%q shows %q, want %q", payload, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9]{1,6}/20[0-9]{2}`).Draw(t, "number")
		payload := ShowPayload(number)
		if got := ShownBy(payload); got != number || strings.Trim(payload, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("%s as %q is %q", number, payload, got)
		}
	})
}
