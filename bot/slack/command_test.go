package slack

import "testing"

func TestAWordOfOursIsWrittenAsSlackTakesIt(t *testing.T) {
	for said, want := range map[string]string{
		"/pendientes": "/sidem pendientes",
		"Para empezar una, elija “Nueva solicitud” o escriba /nueva.":      "Para empezar una, elija “Nueva solicitud” o escriba /sidem nueva.",
		"Escriba el número, por ejemplo: /entrega 147 o /entrega 483 920.": "Escriba el número, por ejemplo: /sidem entrega 147 o /sidem entrega 483 920.",
		"Para recibir la plantilla vacía, escriba /sidem plantilla.":       "Para recibir la plantilla vacía, escriba /sidem plantilla.",
		"Oficio IE/ST/0412/2026, y/o cotización":                           "Oficio IE/ST/0412/2026, y/o cotización",
		"con /nuevas cosas": "con /nuevas cosas",
	} {
		if got := asCommand(said); got != want {
			t.Errorf("%q is said as %q, want %q", said, got, want)
		}
	}
}
