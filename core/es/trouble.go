package es

import "fmt"

// Broken is said when an input broke a handler: whether something was saved is
// not known. code is the same in the log and on the screen.
func Broken(code string) string {
	return "No pude completar la acción. Revise cómo quedó su solicitud antes de intentar de nuevo; " +
		"si se repite, dé esta clave al área de soporte: " + code + "."
}

// FileHeavy says that a file of size bytes is more than the limit that can be received.
func FileHeavy(size, limit int64) string {
	return fmt.Sprintf("El archivo pesa %d MB; puedo recibir hasta %d MB.", megabytes(size), limit>>20)
}

// FileNotSent says that a file of ours is more than the limit that can be sent here.
func FileNotSent(name string, size, limit int64) string {
	return fmt.Sprintf("El archivo “%s” pesa %d MB; por aquí puedo enviar hasta %d MB. Pídalo a la Administración de SIDEM.", name, megabytes(size), limit>>20)
}

// FileNotRead says that a file of ours could not be sent now.
func FileNotRead(name string) string {
	return fmt.Sprintf("No pude enviar el archivo “%s”. Vuelva a pedirlo en un minuto.", name)
}

// FileLost says that a file of ours can be sent no more, and whom to ask for it.
func FileLost(name string) string {
	return fmt.Sprintf("No puedo enviar el archivo “%s”: lo que se guardó ya no está o no es lo que se adjuntó. "+
		"Pídalo a quien lo adjuntó, o a la Administración de SIDEM, que puede recuperarlo de un respaldo.", name)
}

// OpenPrivate is said in a group to somebody who cannot be answered in private yet.
const OpenPrivate = "La respuesta es solo para usted. Abra el chat en privado y presione Iniciar; después vuelva a escribir aquí."

// OpenPrivateButton opens that chat.
const OpenPrivateButton = "Ir al chat de SIDEM"

// megabytes rounds up, so that what is too large never looks as large as the limit.
func megabytes(size int64) int64 { return (size + 1<<20 - 1) >> 20 }
