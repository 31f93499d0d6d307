package bot_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// departed is a world in which Lucía, who asks, Raúl, who releases, and Mariana, who issues,
// have left, with what they had before.
type departed struct {
	*world
	opinion, waiting, held core.Record // Lucía's: issued, filed, and with Mariana
	code, password, button string
	redrawn                []string // by the recasts: "card lucía"
	menus                  []string // whose were offered anew
}

// departures are the ways to leave.
var departures = map[string]func(w *world, first string){
	"suspended": ways["suspended"],
	"moved": func(w *world, first string) {
		profile := map[string]string{"lucía": "requester", "raúl": "secretary", "mariana": "requester"}[first]
		w.rectified(first, profile, "SO")
	},
	"of another role": func(w *world, first string) {
		profile := map[string]string{"lucía": "executive", "raúl": "executive", "mariana": "auditor"}[first]
		w.rectified(first, profile, w.account(first).Agency)
	},
}

func depart(t *testing.T, leave func(w *world, first string)) departed {
	d := departed{world: newWorld(t)}
	d.enrol("elena", "Elena Cruz Mora", "requester", "IE")
	d.link("elena", "telegram")
	d.by("sofía", d.people["raúl"].ID, core.Command{Verb: core.VerbSubstitute, Fields: fields(
		core.FieldSubstitute, d.people["elena"].ID, core.FieldFromDate, "2026-11-23", core.FieldToDate, "2026-12-31")})
	d.by("elena", d.people["raúl"].ID, core.Command{Verb: core.VerbStandIn})
	d.opinion, d.held = d.issued("Adquisición de impresoras láser"), d.assigned()
	d.waiting = d.filed("lucía", "Renovación de licencias de antivirus")
	d.people["lucía"] = d.by("sofía", d.people["lucía"].ID, core.Command{Verb: core.VerbRenew})
	d.settle()
	d.code, d.password = d.codeFor("lucía"), d.keeper.Password(d.people["lucía"])
	d.button = d.buttonOf("raúl", d.waiting, "Liberar")
	d.on("raúl", d.waiting, "Devolver")
	for _, first := range []string{"lucía", "raúl", "mariana"} {
		leave(d.world, first)
		d.people[first] = d.account(first)
	}
	for again := true; again; {
		again = false
		for _, it := range d.owed() {
			for name, r := range d.people {
				if it.What != desk.WhatRecast && it.Account == r.ID {
					d.redrawn = append(d.redrawn, strings.TrimSpace(it.What+" "+name+" "+it.Record))
				}
			}
			if it.What != desk.WhatRecast {
				continue
			}
			cards, accounts, err := d.desk.Recast(t.Context(), it)
			d.must(err)
			_, err = d.store.Add(t.Context(), d.clock(), cards...)
			d.must(err)
			for _, a := range accounts {
				d.menus = append(d.menus, a.Fields[core.FieldName])
			}
			again = true
		}
	}
	return d
}

// sees reports whether a person is shown anything of a request: by a card, a note or a mail.
func (d departed) sees(first string, r core.Record) bool {
	_, err := d.desk.Scene(d.t.Context(), r.ID, d.people[first].ID)
	return err == nil
}

func (d departed) isFiled(r core.Record) bool {
	r, err := d.store.Record(d.t.Context(), r.ID)
	d.must(err)
	return r.State == core.StateFiled
}

// effects are all that follows where a person leaves: one that is left out fails by its name.
var effects = map[string]func(d departed) bool{
	"their cards are withdrawn, open and closed": func(d departed) bool {
		return slices.Contains(d.redrawn, "card lucía "+d.opinion.ID) && slices.Contains(d.redrawn, "card lucía "+d.waiting.ID) &&
			slices.Contains(d.redrawn, "card raúl "+d.waiting.ID)
	},
	"notes and mails that were queued say nothing": func(d departed) bool {
		return !d.sees("lucía", d.opinion) && !d.sees("raúl", d.waiting)
	},
	"an executive's cards are withdrawn": func(d departed) bool {
		s, err := d.desk.Scene(d.t.Context(), d.held.ID, d.people["mariana"].ID)
		_, mine := s.Mine()
		return slices.Contains(d.redrawn, "card mariana "+d.held.ID) && (err != nil || !mine)
	},
	"their digest tells nothing of it": func(d departed) bool {
		for _, first := range []string{"lucía", "raúl", "mariana"} {
			told, err := d.desk.Digest(d.t.Context(), d.people[first].ID)
			if err == nil && !told.Empty() {
				return false
			}
		}
		return true
	},
	"nobody who left is reminded": func(d departed) bool {
		d.pass(21 * 24 * time.Hour)
		defer d.pass(-21 * 24 * time.Hour)
		for _, it := range d.owed() {
			if it.What == desk.WhatRemind {
				_, _, err := d.desk.Remind(d.t.Context(), it)
				d.must(err)
			}
		}
		return !slices.ContainsFunc(d.owed(), func(it outbox.Item) bool {
			left := it.Account == d.people["lucía"].ID || it.Account == d.people["raúl"].ID || it.Account == d.people["mariana"].ID
			p := it.Payload()
			return left && (p.Mail == string(core.MailReminder) || p.Note == string(core.NoteReminder))
		})
	},
	"a form that was open is closed": func(d departed) bool {
		d.say("raúl", "El monto no coincide con los renglones.")
		if reply := d.say("raúl", "Enviar"); strings.Contains(text(reply), "Quedó registrada") {
			return false
		}
		return d.isFiled(d.waiting)
	},
	"a button of before does nothing": func(d departed) bool {
		d.tap("raúl", d.button, true)
		return d.isFiled(d.waiting)
	},
	"a code that links another chat is good no more": func(d departed) bool {
		return !strings.Contains(text(d.slack("otra", d.code)), "¿Es usted")
	},
	"the password is good no more": func(d departed) bool {
		return d.keeper.Check(d.people["lucía"], d.password, d.clock()) != nil
	},
	"the pickup code and the pass hand nothing over": func(d departed) bool {
		is, err := d.desk.HasCode(d.t.Context(), d.opinion, d.opinion.CodeOf(d.people["lucía"].ID))
		return err == nil && !is
	},
	"the menus follow": func(d departed) bool {
		return slices.Contains(d.menus, "Lucía Herrera Campos") && slices.Contains(d.menus, "Raúl Ortega Díaz") && slices.Contains(d.menus, "Mariana Ríos Téllez")
	},
	"the lists have nothing of it": func(d departed) bool {
		for _, first := range []string{"lucía", "raúl"} {
			for _, words := range []string{"/pendientes", "/mis", "/buscar licencias", "/solicitud 1", "/solicitud 3"} {
				if said := text(d.say(first, words)); strings.Contains(said, "licencias de antivirus") || strings.Contains(said, "impresoras") {
					return false
				}
			}
		}
		return true
	},
	"a substitution ends, and who stood in is told": func(d departed) bool {
		_, ok := d.account("raúl").Substitution()
		return !ok && slices.Contains(d.redrawn, "note elena "+d.people["elena"].ID)
	},
	"an executive's case falls to the head": func(d departed) bool { return d.duty("héctor", d.held) == core.DutyAssign },
	"an executive's call falls to the registry": func(d departed) bool {
		return d.duty("tomás", d.opinion) == core.DutyCall
	},
	"what fell to who asked is the turn of the agency's others": func(d departed) bool {
		return d.duty("elena", d.opinion) == core.DutyPickup && slices.Contains(d.redrawn, "card elena "+d.opinion.ID)
	},
	"whoever takes over has the mail that did not leave": func(d departed) bool {
		return slices.Contains(d.redrawn, "mail elena "+d.opinion.ID)
	},
}

// TestAllThatFollowsWherePersonsLeave has each effect of each way to leave.
func TestAllThatFollowsWherePersonsLeave(t *testing.T) {
	for way, leave := range departures {
		d := depart(t, leave)
		for _, name := range slices.Sorted(maps.Keys(effects)) {
			t.Run(way+"/"+name, func(t *testing.T) {
				if !effects[name](d) {
					t.Errorf("it does not follow; drawn was %q", d.redrawn)
				}
			})
		}
	}
}
