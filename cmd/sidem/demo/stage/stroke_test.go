package stage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/core"
)

func TestAScriptIsCutWhereSomebodyDoesTheNextThing(t *testing.T) {
	t.Parallel()
	lines, err := bottest.Scenario("ocho_pasos")
	if err != nil {
		t.Fatal(err)
	}
	got := map[int][]core.Verb{}
	for _, sec := range sections(lines) {
		for _, st := range sec.strokes {
			if st.verb != "" {
				got[sec.step] = append(got[sec.step], st.verb)
			}
		}
	}
	want := map[int][]core.Verb{
		1: {core.VerbDeliver, core.VerbValidate},
		2: {core.VerbApply, core.VerbGrant, core.VerbLink},
		3: {core.VerbDraft, core.VerbFile},
		4: {core.VerbRelease},
		5: {core.VerbSendLetter, core.VerbReceiveLetter},
		6: {core.VerbRefer},
		7: {core.VerbAssign, core.VerbAccept, core.VerbObserve, core.VerbAnswer, core.VerbResolve},
		8: {core.VerbIssue, core.VerbLogCall, core.VerbLogCall, core.VerbHandOver},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
