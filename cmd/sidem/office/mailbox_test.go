package office_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func TestAMailboxIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string][2]string{
		"sidem@ejemplo.gob.mx":                                   {"", "sidem@ejemplo.gob.mx"},
		"<sidem@ejemplo.gob.mx>":                                 {"", "sidem@ejemplo.gob.mx"},
		" SIDEM  <sidem@Ejemplo.gob.mx> ":                        {"SIDEM", "sidem@ejemplo.gob.mx"},
		`"SIDEM" <sidem@ejemplo.gob.mx>`:                         {"SIDEM", "sidem@ejemplo.gob.mx"},
		"Dictámenes, SIDEM <dictamenes@ejemplo.gob.mx>":          {"Dictámenes, SIDEM", "dictamenes@ejemplo.gob.mx"},
		`"Dictámenes, SIDEM" <dictamenes@ejemplo.gob.mx>`:        {"Dictámenes, SIDEM", "dictamenes@ejemplo.gob.mx"},
		"Inst. de Ejemplo (TIC) <sidem@ejemplo.gob.mx>":          {"Inst. de Ejemplo (TIC)", "sidem@ejemplo.gob.mx"},
		"=?utf-8?q?Dict=C3=A1menes?= <sidem@ejemplo.gob.mx>":     {"Dictámenes", "sidem@ejemplo.gob.mx"},
		"SIDEM <sidem@educación.gob.mx>":                         {"SIDEM", "sidem@xn--educacin-13a.gob.mx"},
		"Dictámenes: “Sede norte”; SIDEM <sidem@ejemplo.gob.mx>": {"Dictámenes: “Sede norte”; SIDEM", "sidem@ejemplo.gob.mx"},
	} {
		m, err := office.ParseMailbox(text)
		if err != nil || m.Name != want[0] || m.Address.ASCII() != want[1] {
			t.Errorf("%s: %q %q, %v", text, m.Name, m.Address.ASCII(), err)
		}
	}
}

func TestWhatIsNoMailboxIsRefusedAtTheStartInWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "write the address",
		"SIDEM":                              "write an address",
		"sidem@ejemplo,gob.mx":               "perhaps sidem@ejemplo.gob.mx",
		"sidem@":                             "write an address",
		"SIDEM <sidem>":                      "write an address",
		"SIDEM <sidem@ejemplo.gob.mx":        "write an address",
		"a@ejemplo.mx, b@ejemplo.mx":         "write an address",
		"A <a@ejemplo.mx>, B <b@ejemplo.mx>": "only one",
		"SIDEM sidem@ejemplo.gob.mx":         "write an address",
		"sidem@ejemplo.gob.mx\r\nBcc: x@ejemplo.mx": "write an address",
	} {
		cfg := works()
		cfg.MailFrom = text
		err := cfg.Check()
		if err == nil || !strings.Contains(err.Error(), "SIDEM_MAIL_FROM") || !strings.Contains(err.Error(), want) {
			t.Errorf("from %q: %v", text, err)
		}
		cfg = works()
		cfg.MailReplyTo = text
		if err := cfg.Check(); text != "" && (err == nil || !strings.Contains(err.Error(), "SIDEM_MAIL_REPLY_TO") || !strings.Contains(err.Error(), want)) {
			t.Errorf("answers to %q: %v", text, err)
		}
	}
}
