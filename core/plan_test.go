package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
)

// person is an active account with a chat.
func person(id string, role core.Role) core.Record {
	r := core.Record{Kind: core.KindAccount, ID: id, State: core.StateActive, Roles: []core.Role{role}, Fields: map[core.Field]string{core.FieldName: id}}
	r.Agency = cast[id].Agency
	r.Links = []core.Link{{Platform: "telegram", ID: id}}
	return r
}

// roster is the directory of a plan, as a store would have it.
func roster() core.Learned {
	raul := person("raul", core.RoleSecretary)
	raul.Fields[core.FieldSubstitute], raul.Fields[core.FieldFromDate], raul.Fields[core.FieldToDate] = "elena", "2026-11-23", "2026-11-27"
	raul.Acts = map[core.Verb]core.Act{core.VerbStandIn: {Version: 2}, core.VerbSubstitute: {Version: 1}}
	lucia, tomas, elena := person("lucia", core.RoleRequester), person("tomas", core.RoleRegistry), person("elena", core.RoleRequester)
	return core.Learned{
		Records: map[string]core.Record{"lucia": lucia, "raul": raul, "tomas": tomas, "elena": elena},
		Lists: map[string][]core.Record{
			core.TermRole(core.RoleSecretary, "IE"): {raul}, core.TermRole(core.RoleRegistry, ""): {tomas}, core.TermRole(core.RoleRequester, "IE"): {elena, lucia},
		},
	}
}

// planned has a plan made, and tells what was lacking in each round.
func planned(t *testing.T, before core.Record, who string, v core.Verb, screens ...core.Shown) (p core.Plan, rounds []core.Lacks) {
	t.Helper()
	events, no := core.Decide(before, command(v, before.State), cast[who], start)
	if no != nil {
		t.Fatal(no)
	}
	office := core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026), Targets: core.DefaultTargets}
	var k core.Known
	for {
		p = core.PlanOf(before, events, &k, screens, office, start)
		lacks := k.Lacking()
		if lacks.IsEmpty() {
			return p, rounds
		}
		if len(rounds) > 4 || p.Events[0].Hash != "" {
			t.Fatalf("sealed while %v is lacking, in round %d", lacks, len(rounds))
		}
		rounds = append(rounds, lacks)
		k.Learn(roster())
	}
}

func TestAPlanSaysWhatItLacksAndIsSealedWhenNothingIs(t *testing.T) {
	before := told(t, "lucia", "draft")
	p, rounds := planned(t, before, "lucia", core.VerbFile)
	want := []core.Lacks{
		{IDs: []string{"lucia"}, Terms: []string{core.TermRole(core.RoleSecretary, "IE")}},
		{IDs: []string{"elena"}}, // who stands in for Raúl
	}
	if diff := cmp.Diff(want, rounds); diff != "" {
		t.Errorf("lacking, round by round (-want +got):\n%s", diff)
	}
	if last := p.Events[len(p.Events)-1]; !slices.Equal(last.Told, []string{"lucia", "raul", "elena"}) || !slices.Equal(p.Record.Told, last.Told) {
		t.Errorf("told: %v; the record: %v", last.Told, p.Record.Told)
	}
	if p.Record.Seq != before.Seq+len(p.Events) || p.Record.Head != p.Events[len(p.Events)-1].Hash || p.Record.Head == "" {
		t.Errorf("the record stands at %d, %q", p.Record.Seq, p.Record.Head)
	}
	if p.Reminder == nil || p.Reminder.Duty != core.DutyRelease {
		t.Errorf("the next reminder is %+v", p.Reminder)
	}
}

func TestAPlanDrawsTheCardsOfAllWhoHoldOneAndWhatElseShowsTheRecord(t *testing.T) {
	before := told(t, "lucia", "draft", "lucia", "file")
	before.Told = []string{"lucia", "raul"}
	p, _ := planned(t, before, "raul", core.VerbRelease, core.Shown{Account: "elena"}, core.Shown{Account: "sofia", Platform: "slack"})
	deeds := map[core.Deed]string{core.DeedMail: "mail", core.DeedCard: "card", core.DeedScreen: "screen", core.DeedNote: "note"}
	var got []string
	for _, d := range p.Deliveries {
		words := []string{deeds[d.Deed], d.Account, d.Channel, string(d.Mail)}
		if d.Own {
			words = append(words, "own")
		}
		got = append(got, strings.TrimSpace(strings.Join(words, " ")))
	}
	want := []string{
		"mail lucia email released", // the oficio is missing
		"card lucia telegram", "card raul telegram  own", "card tomas telegram", "card elena telegram", "screen sofia slack",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
}

func TestOfWhatWasRefusedNothingFollowsButItsPlaceInTheTrail(t *testing.T) {
	before := told(t, "lucia", "draft", "lucia", "file")
	no := &core.Refusal{Reason: core.NotNow, Verb: core.VerbRefer}
	events := []core.Event{core.RefusedEvent(before, command(core.VerbRefer, before.State), cast["raul"], no, start)}
	var k core.Known
	p := core.PlanOf(before, events, &k, []core.Shown{{Account: "elena"}}, core.Office{}, start)
	if !k.Lacking().IsEmpty() || len(p.Deliveries) != 0 || p.Reminder != nil || p.Record.Version != before.Version || p.Record.Seq != before.Seq+1 {
		t.Errorf("%+v lacks %+v", p, k.Lacking())
	}
}
