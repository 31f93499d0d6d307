package es

// PhotoOfPass answers a photo of a pass at the counter: it is not read.
const PhotoOfPass = "No leo fotos del pase. Escriba el código de seis dígitos que aparece en él, o el número de la solicitud. No se registró nada."

// InTheNameOf is whose opinion is handed over.
func InTheNameOf(name, agency string) Fact {
	if agency != "" {
		name += ", " + agency
	}
	return Fact{"A nombre de", name}
}
