package es_test

import (
	"testing"

	"sidem.gob.mx/sidem/core/es"
)

func TestUnitsAreReadInThePlural(t *testing.T) {
	for unit, want := range map[string]string{
		"pieza": "piezas", "mes": "meses", "unidad": "unidades", "par": "pares", "sesión": "sesiones", "licencia por usuario": "licencias por usuario",
		"buzón": "buzones", "imagen": "imágenes", "volumen": "volúmenes", "almacén": "almacenes", "orden de servicio": "órdenes de servicio",
		"router": "routers", "servidor": "servidores", "examen": "exámenes", "certificación": "certificaciones",
		"metro cuadrado": "metros cuadrados", "GB": "GB", "m2": "m2", "piezas": "piezas", "": "", "Caja": "Cajas", "año": "años",
	} {
		if got := es.Plural(unit); got != want {
			t.Errorf("%q: %q, want %q", unit, got, want)
		}
	}
}
