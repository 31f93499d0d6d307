package es_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestWhoAsksReadsAnEstimateAndNoPromise(t *testing.T) {
	for _, c := range []struct {
		usual core.Usual
		want  string
	}{
		{core.Usual{}, ""},
		{core.Usual{Days: 9, Low: 6, High: 14}, "suele tardar 9 días hábiles desde que se presenta; 8 de cada 10, entre 6 y 14"},
		{core.Usual{Days: 1, Low: 1, High: 1}, "suele tardar 1 día hábil desde que se presenta; 8 de cada 10, en ese plazo"},
	} {
		if got := es.Usual(c.usual); got != c.want {
			t.Errorf("%+v: %q, want %q", c.usual, got, c.want)
		}
	}
	s := core.Scene{
		Record: core.Record{Kind: core.KindRequest, State: core.StateFiled, Agency: "IE", Number: "000147/2026"},
		Viewer: core.Record{ID: "lucia", Agency: "IE"}, Usual: core.Usual{Days: 9, Low: 6, High: 14},
	}
	told := func(s core.Scene) bool {
		return slices.ContainsFunc(es.Tell(s).Facts, func(f es.Fact) bool { return f.Label == "Estimación" })
	}
	if !told(s) {
		t.Error("whoever asks is told nothing")
	}
	if letter := es.Write(s, core.MailFiled, es.Credentials{}, nil); !slices.ContainsFunc(letter.Story.Facts, func(f es.Fact) bool { return strings.Contains(f.Value, "entre 6 y 14") }) {
		t.Error("the mail says nothing")
	}
	s.Viewer = core.Record{ID: "mariana"}
	if told(s) {
		t.Error("the office reads it beside its goal")
	}
}

func TestTheStageThatCostsMostStandsBesideTheQuarterBefore(t *testing.T) {
	cost := core.StageCost{Stage: core.StageIssue, Mean: 6.24, Before: 5.1, Now: true}
	if got, want := es.CostFact(cost).Value, "En dictaminación, 6.2 días hábiles por solicitud este trimestre; el anterior, 5.1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	cost.Now, cost.Before = false, 0
	if got, want := es.CostFact(cost).Value, "En dictaminación, 6.2 días hábiles por solicitud el trimestre pasado"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w := core.Weekly{Cost: cost}
	if !slices.ContainsFunc(es.WeeklyStory(w).Facts, func(f es.Fact) bool { return f == es.CostFact(cost) }) {
		t.Error("the week's board does not say it")
	}
}

func TestAWorkloadSaysWhenItIsLikelyToBeDone(t *testing.T) {
	p := core.Person{Name: "Mariana Ríos", Open: 4, Free: core.Day{Year: 2026, Month: time.December, Day: 7}}
	if got, want := es.Load(p), "Mariana Ríos: 4 abiertas (libre hacia el 7 de diciembre)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.Free = core.Day{}
	if got, want := es.Load(p), "Mariana Ríos: 4 abiertas"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
