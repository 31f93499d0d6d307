package telegram

import "testing"

func TestOfWhatIsSaidInAGroupOnlyCommandsAndSecretsAreForUs(t *testing.T) {
	for said, ours := range map[string]bool{
		"/pendientes":                         true,
		"/start@sidem_bot lucia 7f3k9qhd2x":   true,
		"lucia.herrera 7F3K9QHD2X":            true, // whoever may read it, SIDEM spends it
		"@sidem_bot lucia.herrera 7F3K9QHD2X": true,
		"lucia.herrera 7F3K9QHD2X @sidem_bot": true,
		"buenos días":                         false,
		"/start@otro_bot lucia 7f3k9qhd2x":    false,
		"la contraseña es 7f3k9qhd2x, creo.":  true, // whose it may be is looked up
	} {
		if got := from(t, text(lucia, group, said)); (got.Input != nil) != ours {
			t.Errorf("%q: %+v", said, got.Input)
		}
	}
}
