package es_test

import (
	"slices"
	"strings"
	"testing"

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
