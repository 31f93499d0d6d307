package slack

// What this platform says of itself; everything else is said by the bot.
const (
	wordApp       = "SIDEM"
	wordSend      = "Enviar"
	wordBack      = "Regresar"
	wordSure      = "¿Confirma?"
	wordChoose    = "Elija una opción"
	wordBlank     = "Dejar en blanco"
	wordNoOptions = "(no hay opciones por ahora)"
	wordNotSaved  = "No se guardó el formulario"
	wordTooLate   = "El formulario tardó en abrirse y Slack ya no lo permite. No se cambió nada. Vuelva a presionar el botón o a escribir el comando."
	wordNoForm    = "No pude abrir el formulario y no se cambió nada. Intente de nuevo en un minuto; si se repite, dé esta clave al área de soporte: "
	wordLoading   = "Cargando…"
	wordForeign   = "Este botón es para quienes trabajan en este espacio de Slack. Su cuenta es de otro, y no se cambió nada."
	wordWorking   = "Registrando…"
	wordMend      = "Aún no se registró. Corrija lo que se indica y vuelva a enviar."
	wordAttach    = "Vuelva a adjuntar: "
	wordClose     = "Cerrar"
	wordElsewhere = "Le respondí en privado."
	wordMore      = "Hay más pendientes. Escriba /sidem pendientes en la conversación con SIDEM para verlos."
	wordErase     = "Por seguridad, borre de esta conversación el mensaje con su contraseña o su código: en Slack no puedo hacerlo yo."
)

// unsent is said of a file that could not be given.
func unsent(file string) string {
	return "No pude enviar el archivo “" + file + "”. Vuelva a pedirlo en un minuto; si se repite, avise al área de soporte."
}
