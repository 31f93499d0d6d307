package core_test

import (
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/testbed"
)

func TestACommandBringsNoMoreFilesThanItsFieldTakes(t *testing.T) {
	most := core.Specs[core.FieldFiles].Max
	account := core.Record{Kind: core.KindAccount, ID: "a1"}
	r := core.Record{Kind: core.KindRequest, ID: "r1", State: core.StateAssigned, Version: 4, Agency: "IE", Fields: map[core.Field]string{core.FieldExecutive: account.ID}}
	executive := core.Actor{Account: account.ID, Roles: []core.Role{core.RoleExecutive}}
	for n := most - 1; n <= most+1; n++ {
		c := core.Command{Verb: core.VerbAttach}
		for i := range n {
			c.Files = append(c.Files, core.Attachment{Name: fmt.Sprint(i, ".pdf"), MIME: "application/pdf", Hash: fmt.Sprint(i)})
		}
		events, no := core.Decide(r, c, executive, testbed.Monday)
		if taken := no == nil; taken != (n <= most) {
			t.Errorf("%d files: %d events, refusal %+v", n, len(events), no)
		}
		if no != nil && (no.Reason != core.Invalid || no.Field != core.FieldFiles) {
			t.Errorf("%d files are refused as %+v", n, no)
		}
		if no != nil && !strings.Contains(es.Refuse(no, "", testbed.Monday), fmt.Sprintf("Llegaron %d archivos y caben %d", n, most)) {
			t.Errorf("%d files are refused in the words %q", n, es.Refuse(no, "", testbed.Monday))
		}
	}
}
