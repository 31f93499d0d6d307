package es

import (
	"fmt"

	"sidem.gob.mx/sidem/core"
)

// Usual is "suele tardar 9 días hábiles desde que se presenta; 8 de cada 10, entre 6 y 14";
// "" where nothing can be said.
func Usual(u core.Usual) string {
	if u == (core.Usual{}) {
		return ""
	}
	most := fmt.Sprintf("entre %d y %d", u.Low, u.High)
	if u.Low == u.High {
		most = "en ese plazo"
	}
	return fmt.Sprintf("suele tardar %s desde que se presenta; 8 de cada 10, %s", WorkingDays(u.Days), most)
}

// CostFact is the stage that costs most days, beside the quarter before.
func CostFact(c core.StageCost) Fact {
	when, before := "este trimestre", "el anterior"
	if !c.Now {
		when, before = "el trimestre pasado", "el previo"
	}
	v := fmt.Sprintf("%s, %.1f días hábiles por solicitud %s", Stage(c.Stage), c.Mean, when)
	if c.Before > 0 {
		v += fmt.Sprintf("; %s, %.1f", before, c.Before)
	}
	return Fact{Label: "Etapa que más días ocupa", Value: v}
}

// longer says of what waits that it does so for longer than what is like it as a rule.
const longer = "espera más que 9 de cada 10 como ella"

// UnusualLine names a request that waits unusually long for what it is.
func UnusualLine(s core.Stage, number string, age int) string {
	return fmt.Sprintf("%s: la %s %s; lleva %s.", Stage(s), number, longer, WorkingDays(age))
}
