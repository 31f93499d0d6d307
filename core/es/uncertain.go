package es

// Uncertain is said when nobody knows whether an act was recorded: the store was
// lost in the middle of it. What is repeated is not recorded twice. code leads
// support to the log.
func Uncertain(code string) string {
	return "No pude confirmar si la acción quedó registrada. Consulte la solicitud en un minuto; si no está, intente de nuevo. Si se repite, dé esta clave al área de soporte: " + code + "."
}

// Late is said while the store takes nothing: what the person did is not lost, since
// SIDEM and its platform bring it until it is kept. It may be kept already, where only the
// store's answer was lost.
const Late = "Por ahora no puedo confirmar que quedó registrado lo que hizo. Lo atenderé en cuanto sea posible; no necesita repetirlo."
