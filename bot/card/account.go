package card

import (
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// unlinks offers an administrator to unlink each chat of an account: the core
// lists no button for it, since the person themselves says "No soy yo" elsewhere.
func (b *builder) unlinks() {
	r := b.scene.Record
	if r.Kind != core.KindAccount || !b.scene.Actor.Is(core.RoleAdmin) {
		return
	}
	for _, l := range r.Links {
		t := Token{Word: string(core.VerbUnlink), Record: r.ID, Version: r.Version, Arg: l.Platform}
		b.actions = append(b.actions, Action{Label: es.UnlinkOn(l.Platform), Token: b.seal.Seal(b.scene.Viewer.ID, t)})
	}
}
