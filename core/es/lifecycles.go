package es

import (
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

var kinds = map[core.Kind]string{
	core.KindAgency: "Dependencia", core.KindProgram: "Programa sectorial (paso 1)",
	core.KindAccount: "Cuenta (paso 2)", core.KindRequest: "Solicitud (pasos 3 a 8)",
}

// Lifecycles is docs/lifecycle.md: each table as a diagram, and who may do what.
func Lifecycles() string {
	var b strings.Builder
	b.WriteString("# Lifecycles\n\nGenerated from the tables in `core` by `sidem lifecycle`; do not edit.\n")
	for _, lc := range core.Lifecycles {
		fmt.Fprintf(&b, "\n## %s\n\n```mermaid\nstateDiagram-v2\n", kinds[lc.Kind])
		for _, s := range lc.States {
			fmt.Fprintf(&b, "    state \"%s\" as %s\n", State(lc.Kind, s), s)
		}
		for _, row := range lc.Rows {
			for _, from := range row.From {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", node(from), node(target(row, from)), Button(row.Verb))
			}
		}
		for _, s := range lc.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
		b.WriteString("```\n\n| Acción | Desde | Quién | Se pide |\n|---|---|---|---|\n")
		for _, row := range lc.Rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", Button(row.Verb), names(lc.Kind, row.From), whose(row.By), asked(row))
		}
	}
	return b.String()
}

func target(row core.Transition, from core.State) core.State {
	if row.To == core.Stay {
		return from
	}
	return row.To
}

func node(s core.State) string {
	if s == core.None {
		return "[*]"
	}
	return string(s)
}

func names(k core.Kind, states []core.State) string {
	var out []string
	for _, s := range states {
		if s != core.None {
			out = append(out, State(k, s))
		}
	}
	return strings.Join(out, ", ")
}

func whose(roles []core.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, Role(r))
	}
	return strings.Join(out, ", ")
}

func asked(row core.Transition) string {
	var out []string
	for _, f := range slices.Concat(row.Needs, row.Asks) {
		label := Field(f)
		if !slices.Contains(row.Needs, f) {
			label += " (opcional)"
		}
		out = append(out, label)
	}
	return strings.Join(out, ", ")
}
