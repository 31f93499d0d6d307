package es

// NoPassInPhoto answers a photo at the counter in which no pass can be read.
const NoPassInPhoto = "No encontré el pase en esa imagen. Acérquese al código QR, con buena luz, o escriba el código de seis dígitos que aparece en él, o el número de la solicitud. No se registró nada."

// InTheNameOf is whose opinion is handed over.
func InTheNameOf(name, agency string) Fact {
	if agency != "" {
		name += ", " + agency
	}
	return Fact{Label: "A nombre de", Value: name}
}
