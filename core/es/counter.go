package es

import (
	"strings"

	"sidem.gob.mx/sidem/core"
)

// NoPassInPhoto answers a photo at the counter in which no pass can be read.
const NoPassInPhoto = "No encontré el pase en esa imagen. Acérquese al código QR, con buena luz, o escriba el código de seis dígitos que está en el pase, o el número de la solicitud. No se registró nada."

// InTheNameOf is whose opinion is handed over: who asked, or has their turn since.
func InTheNameOf(s core.Scene) Fact {
	name := s.Record.Fields[core.FieldName]
	if len(s.Heirs) > 0 {
		name = collects(s)
	}
	return Fact{Label: "A nombre de", Value: strings.Join(nonEmpty(name, s.Agency), ", ")}
}
