package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

var now = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

func of(roles ...core.Role) *Views {
	return &Views{Session: &session.Session{Actor: core.Actor{Account: "a1", Agency: "IE", Roles: roles}, Now: now}}
}

func TestANumberIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]bool{
		"147": true, "#147": true, " 147/26 ": true, "000147/2026": true, "147/2026": true,
		"": false, "#": false, "/147": false, "147-2026": false, "147a": false, "n147": false, "14 7": false, "٣": false, "##1": false,
	} {
		if IsNumber(text) != want {
			t.Errorf("%q is a number: %t", text, !want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`#?[0-9]{1,6}(/[0-9]{2,4})?`).Draw(t, "number")
		if word := rapid.StringMatching(`[a-zñ .,-]{1,3}`).Draw(t, "word"); !IsNumber(number) || strings.TrimSpace(word) != "" && IsNumber(number+word) {
			t.Fatalf("%q, and with %q", number, word)
		}
	})
}

func TestABaseIsARequestOfOnesOwnAgencyThatWasFiled(t *testing.T) {
	r := core.Record{ID: "r1", Kind: core.KindRequest, Number: "000147/2026", Agency: "IE", State: core.StateFiled}
	asks := core.Actor{Account: "a1", Agency: "IE", Roles: []core.Role{core.RoleRequester}}
	for name, c := range map[string]struct {
		change func(*core.Record, *core.Actor)
		want   bool
	}{
		"as it is":  {func(*core.Record, *core.Actor) {}, true},
		"another's": {func(r *core.Record, _ *core.Actor) { r.Agency = "OT" }, false},
		"another's, seen": {func(r *core.Record, a *core.Actor) {
			r.Agency, a.Roles = "OT", []core.Role{core.RoleRequester, core.RoleAuditor}
		}, false},
		"without a number":   {func(r *core.Record, _ *core.Actor) { r.Number = "" }, false},
		"of no agency":       {func(r *core.Record, a *core.Actor) { r.Agency, a.Agency = "", "" }, false},
		"a draft":            {func(r *core.Record, _ *core.Actor) { r.Number, r.State = "", core.StateDraft }, false},
		"a programme":        {func(r *core.Record, _ *core.Actor) { r.Kind = core.KindProgram }, false},
		"who asks nothing":   {func(_ *core.Record, a *core.Actor) { a.Roles = []core.Role{core.RoleSecretary} }, false},
		"of somebody beside": {func(_ *core.Record, a *core.Actor) { a.Account = "a2" }, true},
	} {
		record, actor := r, asks
		c.change(&record, &actor)
		if got := session.IsBase(record, actor, now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestHelpSaysWhatThePersonMayAskForAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOfNDistinct(rapid.SampledFrom(core.Roles), 1, 4, func(r core.Role) core.Role { return r }).Draw(t, "roles")
		c := of(roles...).Help().Card
		var got, want []string
		for _, f := range c.Facts {
			got = append(got, f.Label)
		}
		for _, w := range word.All {
			if !w.Quiet && w.May(roles) {
				want = append(want, w.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%v: %s", roles, diff)
		}
		if audits := slices.Contains(roles, core.RoleAuditor); audits != slices.Contains(c.Text, es.Say(es.HelpAuditor)) {
			t.Fatalf("%v: %q", roles, c.Text)
		}
	})
}

func TestWhoOnlyReadsIsToldSoAndNobodyElse(t *testing.T) {
	for _, role := range core.Roles {
		reads := role == core.RoleAuditor
		if of(role).onlyReads() != reads || of(role, core.RoleAuditor).onlyReads() != reads {
			t.Errorf("%s only reads: %t", role, !reads)
		}
		want := es.Say(es.NoDutiesHint)
		if reads {
			want = es.Say(es.NoDutiesReader)
		}
		if got := of(role).noDuties().Text[0]; got != want {
			t.Errorf("%s: %q", role, got)
		}
	}
}

func TestEachPartOfARequestThatIsShownIsOnRecordAndTheRestIsNot(t *testing.T) {
	for _, w := range []string{card.WordDetail, card.WordFiles, card.WordFile, card.WordLetter, card.WordDraft, card.WordTrail, card.WordChanges} {
		if !Shows(w) || saws[w] == "" {
			t.Errorf("%s: shown %t, on record as %q", w, Shows(w), saws[w])
		}
	}
	for w := range saws {
		if !Shows(w) {
			t.Errorf("%s is on record and shows nothing", w)
		}
	}
	for _, w := range []string{"", "release", "~save", word.Duties} {
		if Shows(w) {
			t.Errorf("%q shows something", w)
		}
	}
}

func TestAStateIsOneOfItsKind(t *testing.T) {
	for _, kind := range []core.Kind{core.KindRequest, core.KindProgram, core.KindAccount} {
		for _, s := range core.LifecycleOf(kind).States {
			if !isState(kind, string(s)) {
				t.Errorf("%s is no state of a %s", s, kind)
			}
		}
	}
	for _, text := range []string{"", "Lucía", "none", "filed"} {
		if isState(core.KindAccount, text) {
			t.Errorf("%q is a state of an account", text)
		}
	}
}
