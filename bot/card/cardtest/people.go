package cardtest

import (
	"fmt"
	"maps"
	"time"
	_ "time/tzdata" // the office's zone, on machines that have no zone files

	"sidem.gob.mx/sidem/core"
)

// The people of the stories, by user name. They are fictional.
const (
	Lucia    = "lucia.herrera"  // requester of the Instituto de Ejemplo
	Raul     = "raul.ortega"    // its secretary
	Elena    = "elena.cruz"     // a requester there, and Raúl's substitute in some stories
	Diego    = "diego.vega"     // both, of another agency
	Sofia    = "sofia.lara"     // administration
	Tomas    = "tomas.aguilar"  // registry
	Patricia = "patricia.solis" // director
	Hector   = "hector.molina"  // head
	Mariana  = "mariana.rios"   // executive
	Javier   = "javier.pena"    // another executive
	Ines     = "ines.rubio"     // auditor
)

type person struct {
	user, name, post, roles, agency, phone, extension string
}

var people = []person{
	{Sofia, "Sofía Lara Ponce", "Administradora de SIDEM", "admin", "", "722 555 0200", ""},
	{Lucia, "Lucía Herrera Campos", "Jefa de Unidad de Informática", "requester", "IE", "722 555 0100", "1214"},
	{Raul, "Raúl Ortega Díaz", "Secretario Técnico del Comité Interno de Gobierno Digital", "secretary", "IE", "722 555 0101", ""},
	{Elena, "Elena Cruz Mora", "Coordinadora Administrativa", "requester", "IE", "722 555 0102", ""},
	{Diego, "Diego Vega Luna", "Jefe de Sistemas", "requester,secretary", "SO", "722 555 0110", ""},
	{Tomas, "Tomás Aguilar Ruiz", "Oficial de Partes", "registry", "", "722 555 0201", ""},
	{Patricia, "Patricia Solís Vera", "Directora General de Gobierno Digital", "director", "", "722 555 0202", ""},
	{Hector, "Héctor Molina Sáenz", "Jefe del Departamento de Dictaminación", "head", "", "722 555 0203", ""},
	{Mariana, "Mariana Ríos Téllez", "Ejecutiva de TI", "executive", "", "722 555 0204", "2045"},
	{Javier, "Javier Peña Soto", "Ejecutivo de TI", "executive", "", "722 555 0205", "2046"},
	{Ines, "Inés Rubio Salas", "Auditora", "auditor", "", "722 555 0206", ""},
}

// Office is the institution of the stories.
func Office() core.Office {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil { // time/tzdata is linked in
		panic(fmt.Sprintf("cardtest: %v", err))
	}
	off := core.FederalHolidays(2026)
	off[core.Day{Year: 2026, Month: time.November, Day: 2}] = "Día de Muertos"
	return core.Office{
		Institution: "Gobierno del Estado de Ejemplo",
		Area:        "Dirección General de Gobierno Digital",
		Department:  "Departamento de Dictaminación de Proyectos y Apoyo a Comités",
		Director:    "la persona titular de la Dirección General de Gobierno Digital",
		Address:     "Av. de la Constitución 100, planta baja, Ciudad de Ejemplo",
		Telephone:   "722 555 0200",
		Map:         "https://mapas.ejemplo.gob.mx/gobierno-digital",
		Counter:     "lunes a viernes, 9:00 a 15:00 h, en días hábiles",
		Sending:     "de lunes a viernes, de 9:00 a 18:00 h",
		Calendar:    core.NewCalendar(zone, off, 2026),
		Targets:     maps.Clone(core.DefaultTargets),
	}
}
