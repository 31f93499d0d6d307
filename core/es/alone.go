package es

import (
	"fmt"

	"sidem/core"
)

// NobodyLeft says what follows where the only account of an agency that has roles loses them.
func NobodyLeft(roles []core.Role, agency string) (out []string) {
	for _, r := range roles {
		follows := "presentar solicitudes, corregirlas ni recoger sus dictámenes"
		if r == core.RoleSecretary {
			follows = "liberar sus solicitudes ni registrar sus oficios"
		}
		out = append(out, fmt.Sprintf("Nadie más tiene el perfil de %s (%s): después nadie podrá %s, hasta que otra cuenta lo tenga.", Role(r), agency, follows))
	}
	return out
}
