package es

import (
	"fmt"
	"slices"
	"strings"

	"sidem/core"
)

const alertIntro = "Donde dice «por ningún medio», la persona no sabe del asunto: comuníquese con ella por teléfono. En los demás casos revise con ella el medio que falló."

// Lost is one line of an alert: a notice that reached the person by none of the
// channels that were tried.
func Lost(s core.Scene, tried []string) string {
	var names []string
	for _, c := range tried {
		if n := Platform(c); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	line := notice(s) + " No se entregó por ningún medio"
	if len(names) > 0 {
		line += " (" + List(names) + ")"
	}
	return line + "."
}

// TakenOver is one line of an alert: a notice that one channel did not deliver
// and that goes on by another.
func TakenOver(s core.Scene, failed, next string) string {
	name := Platform(failed)
	if name == "" {
		name = failed
	}
	return fmt.Sprintf("%s No se entregó por %s; se envía por %s.", notice(s), name, Platform(next))
}

// notice is who was to be told of what, in one line whatever their names are.
func notice(s core.Scene) string {
	return strings.Join(strings.Fields(s.Viewer.Fields[core.FieldName]+", "+Line(s.Record)+"."), " ")
}

// AndMore ends a mail that has no room for n more paragraphs.
func AndMore(n int) string {
	return "Aquí no caben " + Count(n, "párrafo", "párrafos") + " más; el detalle completo está en su chat."
}
