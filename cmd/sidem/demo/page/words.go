package page

import (
	"sidem.gob.mx/sidem/cmd/sidem/demo/fault"
)

// Steps are the guide's eight, as the checklist tells them.
var Steps = []Step{
	{N: 1, Name: "Programa sectorial", What: "Lucía registra la entrega del Programa Sectorial de TIC y Sofía la valida."},
	{N: 2, Name: "Cuenta", What: "Sofía da de alta a Raúl, quien activa su cuenta con el correo que recibe."},
	{N: 3, Name: "Solicitud", What: "Lucía llena la solicitud y la presenta; SIDEM le asigna el número."},
	{N: 4, Name: "Liberación", What: "Raúl, de la Secretaría Técnica, la libera con un botón."},
	{N: 5, Name: "Oficio", What: "Raúl registra el oficio y Tomás, de la oficialía, registra el acuse."},
	{N: 6, Name: "Turno", What: "Tomás la turna a la Jefatura de Departamento."},
	{N: 7, Name: "Asignación y dictaminación", What: "Héctor la asigna a Mariana; una observación se contesta en el camino."},
	{N: 8, Name: "Dictamen y entrega", What: "Mariana dictamina y llama por teléfono; Lucía recoge en ventanilla."},
}

// The names of the detours.
const (
	DetourObserve    = "observaciones"
	DetourSubstitute = "suplencia"
	DetourOutage     = "telegram"
)

// Detours are the ways beside the eight steps.
var Detours = []Detour{
	{
		Name: DetourObserve, Title: "Hay observaciones",
		How: "Con la solicitud en dictaminación, Mariana presiona “Observar”; Lucía responde y el reloj interno se reanuda.",
	},
	{
		Name: DetourSubstitute, Title: "Alguien suple",
		How: "Raúl escribe /suplencia y nombra a Elena; la solicitud de Lucía la libera Elena, y la bitácora guarda los dos nombres.",
	},
	{
		Name: DetourOutage, Title: "Se cae Telegram",
		How: "Se corta Telegram, alguien decide en Slack y Telegram vuelve: lo decidido quedó, y los avisos llegan una sola vez.",
	},
}

// Faults are what can be made to go wrong, with what should happen.
var Faults = []Fault{
	{
		Name: fault.Slow, Title: "Telegram y Slack lentos", Switch: true,
		Expect: "Cada llamada tarda tres segundos. Todo llega, más tarde; nada se pierde ni se repite.",
	},
	{
		Name: fault.Limit, Title: "Piden esperar (429)", Switch: true,
		Expect: "Las plataformas rechazan los mensajes y piden esperar cinco segundos. Los avisos esperan lo que se pide y llegan una vez.",
	},
	{
		Name: fault.Broken, Title: "Responden con error (500)", Switch: true,
		Expect: "La decisión ya quedó registrada. Los avisos se reintentan, cada vez con más calma, hasta que la plataforma responde.",
	},
	{
		Name: fault.Outage, Title: "Se cae Telegram", Switch: true,
		Expect: "Nada entra ni sale por Telegram. Slack y el correo siguen; al volver, llega lo pendiente con su estado vigente.",
	},
	{
		Name: fault.Twice, Title: "La misma pulsación, dos veces",
		Expect: "La plataforma entrega otra vez lo último que hizo la persona. Se responde lo mismo que la primera vez y la bitácora no cambia.",
	},
	{
		Name: fault.Mail4, Title: "Correo: 451 y luego bien",
		Expect: "El servidor pospone el siguiente correo. SIDEM lo intenta de nuevo y llega uno solo.",
	},
	{
		Name: fault.Mail5, Title: "Correo: 550, no existe", Switch: true,
		Expect: "El servidor rechaza a los destinatarios. El aviso no se repite: se toma el siguiente canal y se avisa a la Administración.",
	},
	{
		Name: fault.Block, Title: "Bloquear al bot en Telegram", Switch: true,
		Expect: "La persona ya no recibe mensajes ahí: sus avisos salen por correo, y la Administración lo sabe.",
	},
	{
		Name: fault.Kill, Title: "Cortar el servicio y arrancarlo",
		Expect: "SIDEM muere sin despedirse y vuelve. Lo que se confirmó sigue ahí; lo que estaba en camino se retoma.",
	},
}

// Complaints.
const (
	Playing    Complaint = "Se está recorriendo un paso. Espere a que termine."
	Finished   Complaint = "Los pasos de esta historia ya se recorrieron. Puede empezar de nuevo."
	FormGone   Complaint = "El formulario ya no está abierto. Pulse otra vez el botón que lo abre."
	NothingYet Complaint = "Esa persona todavía no ha hecho nada que se pueda repetir."
	NothingDue Complaint = "No hay nada pendiente: SIDEM no debe ningún aviso."
	BadDate    Complaint = "No entendí la fecha. Elija un día y una hora."
	BadNumbers Complaint = "Revise los números: de 1 a 50 personas, hasta 20 solicitudes por día, hasta 20 días por dictamen y hasta 30 días sin nadie."
	PastDate   Complaint = "El reloj de la demostración solo avanza. Elija un momento posterior."
)

// Coming is what the outbox will bring next: what, to whom, by which channel, about what.
func Coming(what, whom, channel, about string) string {
	noun, ok := coming[what]
	if !ok {
		noun = coming[""]
	}
	s := noun
	if whom != "" {
		s += " a " + whom
	}
	if channel != "" && what != "mail" {
		s += " por " + channel
	}
	if about != "" {
		s += ": " + about
	}
	return s
}

var coming = map[string]string{
	"card": "Tarjeta", "screen": "Mensajes anteriores", "mail": "Correo", "note": "Mensaje", "remind": "Recordatorio",
	"digest": "Resumen del día", "weekly": "Tablero semanal", "": "Aviso",
}

// Tick is what SIDEM does at its hour, by its name, and speaks to nobody.
func Tick(name string) string {
	if s, ok := ticks[name]; ok {
		return s
	}
	return "Tarea programada"
}

var ticks = map[string]string{
	"digest": "Se preparan los resúmenes del día", "weekly": "Se prepara el tablero semanal",
	"purge": "Se descartan los borradores que nadie retomó", "checkpoint": "Se guarda el punto de control de la bitácora",
	"attachments": "Se retiran los archivos que nadie anexó",
}

// Telephone is the title of the tab of calls; the others are those of the platforms.
const Telephone = "teléfono"

// Titles are the names of the tabs.
var Titles = map[string]string{"telegram": "Telegram", "slack": "Slack", "correo": "Correo", Telephone: "Teléfono"}

// Boxes names the states of what the outbox holds.
var Boxes = []string{"Avisos pendientes", "Enviados", "Ya innecesarios", "No llegaron"}

const (
	// FirstUp is said to whoever begins the step that comes next, when nobody owes anything.
	FirstUp = "Empieza usted: paso "
	// Before says of a step that it was done when the story began.
	Before = "Ya estaba al empezar"
	// Going is said while something is done for the visitor.
	Going = "Se está recorriendo"
)

// Stopped says at which line a story could not go on.
func Stopped(line string) string {
	return "El guion se detuvo aquí: " + line + ". Siga con los botones de las personas, o empiece de nuevo."
}

// Unanswered says that a question of a form needs an answer.
func Unanswered(label string) Complaint {
	return Complaint("Falta una respuesta: " + label)
}

// Platform is what a platform itself says to a person.
func Platform(what string) string { return "La plataforma no lo aceptó: " + what }

const (
	// Sample is the file that is sent when the visitor has none at hand.
	Sample = "documento.pdf"
	// NoAnswer stands for the status of a call that got none.
	NoAnswer = "sin respuesta"
)

// The figures of a question, as they are told.
const (
	People    = "Personas que dictaminan"
	Arrivals  = "Solicitudes turnadas por día hábil"
	Work      = "Días de trabajo por dictamen"
	DaysOff   = "Días hábiles sin nadie"
	Wait      = "Días hábiles hasta que alguien empieza"
	Stay      = "Días hábiles hasta el dictamen"
	InTarget  = "Dentro de la meta"
	Busy      = "Tiempo ocupado de quienes dictaminan"
	Left      = "Sin dictamen al final"
	OfExample = "Oficina de ejemplo, a %d días hábiles: lo que resulta a la mitad de %d futuros y, entre paréntesis, en 8 de cada 10. " +
		"Los días sin nadie empiezan en dos semanas. La oficina propia se mide con su bitácora: sidem whatif."
)
