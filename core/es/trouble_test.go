package es

import "testing"

func TestTroubleIsToldInTheVoiceOfTheHouse(t *testing.T) {
	for want, got := range map[string]string{
		"El archivo pesa 24 MB; puedo recibir hasta 20 MB.":                                                          FileHeavy(24<<20, 20<<20),
		"El archivo pesa 21 MB; puedo recibir hasta 20 MB.":                                                          FileHeavy(20<<20+1, 20<<20),
		"El archivo “plano.pdf” pesa 60 MB; por aquí puedo enviar hasta 50 MB. Pídalo a la Administración de SIDEM.": FileNotSent("plano.pdf", 60<<20, 50<<20),
		"No pude enviar el archivo “oficio.pdf”. Vuelva a pedirlo en un minuto.":                                     FileNotRead("oficio.pdf"),
		"No puedo enviar el archivo “oficio.pdf”: lo que se guardó ya no está o no es lo que se adjuntó. Pídalo a quien lo adjuntó, o a la Administración de SIDEM, que puede recuperarlo de un respaldo.": FileLost("oficio.pdf"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, s := range []string{Broken("7F3K"), FileHeavy(1, 1), FileNotSent("x", 1, 1), FileNotRead("x"), FileLost("x"), OpenPrivate, OpenPrivateButton} {
		if m := forbidden.FindString(s); m != "" || s == "" {
			t.Errorf("%q says %q", s, m)
		}
	}
}
