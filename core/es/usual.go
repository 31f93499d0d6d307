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
