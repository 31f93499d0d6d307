package es

import (
	"fmt"

	"sidem.gob.mx/sidem/core"
)

// undone is what nobody can do where nobody has a role: in an agency, or in the office.
var undone = map[core.Role]string{
	core.RoleRequester: "presentar solicitudes, corregirlas ni recoger sus dictámenes",
	core.RoleSecretary: "liberar sus solicitudes ni registrar sus oficios",
	core.RoleRegistry:  "registrar acuses ni entregar dictámenes",
	core.RoleHead:      "asignar solicitudes",
	core.RoleExecutive: "dictaminar las solicitudes que se asignen",
}

// NobodyLeft says what follows where the only account that has roles, in its agency or in the
// office, loses them.
func NobodyLeft(roles []core.Role, agency string) (out []string) {
	for _, r := range roles {
		who := Role(r)
		if r.IsAgencys() {
			who += " (" + agency + ")"
		}
		out = append(out, fmt.Sprintf("Nadie más tiene el perfil de %s: después nadie podrá %s, hasta que otra cuenta lo tenga.", who, undone[r]))
	}
	return out
}
