package stage_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/fault"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/stage"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
)

func TestTheCutOfTheServiceIsARealKillAndAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion")
	before := e2etest.ProcessOf(t, s.World().Dir)
	if before == os.Getpid() {
		t.Fatal("SIDEM runs in the process of the page")
	}
	if err := s.Run(t.Context(), page.Control{What: "fault", Name: fault.Kill}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(before, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v", before, err)
	}
	if after := e2etest.ProcessOf(t, s.World().Dir); after == before || syscall.Kill(after, 0) != nil {
		t.Errorf("killed %d, and now %d runs", before, after)
	}
}

// staged is a stage with the story, which is ended with the test.
func staged(t *testing.T, story string) *stage.Stage {
	t.Helper()
	s, err := stage.New(t.Context(), func() (*world.World, func(), error) {
		w, err := world.New(t.TempDir(), world.InProcess)
		return w, func() {}, err
	}, story, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestTheChecklistTicksItselfWhileTheStoryIsToldForTheVisitor(t *testing.T) {
	t.Parallel()
	s := staged(t, "ocho_pasos")
	story := func() page.Story { return e2etest.Part[page.Story](t, s, page.PartStory) }
	for _, step := range story().Steps {
		if step.Done != "" || step.Next != (step.N == 1) {
			t.Errorf("at the beginning: %+v", step)
		}
	}
	if err := s.Run(t.Context(), page.Control{What: "all"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), page.Control{What: "step"}); err != page.Playing { //nolint:errorlint // it is the value itself
		t.Errorf("a second one: %v", err)
	}
	e2etest.Awaits(t, s, "the end", func() bool { st := story(); return st.Playing == "" && st.Steps[7].Done != "" })
	for _, step := range story().Steps {
		if step.Done == "" {
			t.Errorf("not ticked: %+v", step)
		}
	}
	if err := s.Run(t.Context(), page.Control{What: "step"}); err != page.Finished { //nolint:errorlint // it is the value itself
		t.Errorf("after the end: %v", err)
	}
	// Reminders of what was done still lie in the outbox; nobody will hear of them.
	if next := e2etest.Part[page.Clock](t, s, page.PartClock).Next; next == "" || strings.Contains(next, "000001/2026") {
		t.Errorf("what comes next, after the end: %q", next)
	}
}

func TestAPartyMayActByHandAndTheRefusalStandsInTheTrail(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion") // a request is to be released
	press := func() (page.Message, string) {
		for _, m := range e2etest.Part[page.Person](t, s, "person:raúl").Tabs[0].Messages {
			for _, b := range m.Blocks {
				for _, row := range b.Rows {
					for _, k := range row {
						if k.Label == "Liberar" || k.Label == "Sí, liberar" {
							return m, k.ID
						}
					}
				}
			}
		}
		return page.Message{}, ""
	}
	act := func(m page.Message, button string) {
		t.Helper()
		if err := s.Do(t.Context(), page.Act{Person: "raúl", On: "telegram", What: "press", Message: m.ID, Button: button}); err != nil {
			t.Fatal(err)
		}
	}
	m, liberar := press()
	act(m, liberar)
	e2etest.Awaits(t, s, "the question", func() bool { _, b := press(); return b != "" && b != liberar })
	m, yes := press()
	act(m, yes)
	act(m, yes)
	e2etest.Awaits(t, s, "the refusal", func() bool {
		r := e2etest.Part[[]page.Request](t, s, page.PartRequests)[0]
		return r.State == "Liberada; falta el oficio" && len(r.Trail) > 0 && r.Trail[0].Refused != ""
	})
	got := e2etest.Part[[]page.Request](t, s, page.PartRequests)[0].Trail[0]
	if got.Who != "Raúl Ortega Díaz" || !strings.HasPrefix(got.Refused, "Ya constaba: usted liberó la solicitud") {
		t.Errorf("%+v", got)
	}
}

func TestSIDEMComesBackFromACrashWithAllThatWasCommitted(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion")
	for range 5 {
		if err := s.Run(t.Context(), page.Control{What: "fault", Name: fault.Kill}); err != nil {
			t.Fatal(err)
		}
		if r := e2etest.Part[[]page.Request](t, s, page.PartRequests); len(r) != 1 {
			t.Fatalf("%d requests", len(r))
		}
	}
	report, err := s.Desk().Audit(t.Context())
	if err != nil || len(report.Faults) > 0 {
		t.Errorf("%v %v", report, err)
	}
}

func TestTheServiceIsOffWhileDaysPass(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion")
	if err := s.Run(t.Context(), page.Control{What: "off", Days: 5}); err != nil {
		t.Fatal(err)
	}
	if day := core.DateOf(s.World().Time.Now().In(world.Mexico())); day.String() != "2026-11-28" {
		t.Errorf("it is %s", day)
	}
	if c := e2etest.Part[page.Clock](t, s, page.PartClock); c.Open {
		t.Errorf("a Saturday is no office day: %+v", c)
	}
	if err := s.Run(t.Context(), page.Control{What: "goto", To: "2026-11-27T10:00"}); err != page.PastDate { //nolint:errorlint // it is the value itself
		t.Errorf("back in time: %v", err)
	}
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }

func TestAQuestionIsAnsweredWithAnotherOfficeThanTheOneThatIs(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion")
	got, err := s.Look(t.Context(), "whatif", "people=5&arrivals=1.4&work=2&off=3")
	if err != nil {
		t.Fatal(err)
	}
	a, ok := got.(page.WhatIf)
	if !ok || len(a.Is) != len(a.Asked) || len(a.Given) != 4 || len(a.Comes) != 5 {
		t.Fatalf("%+v", got)
	}
	if last := len(a.Is) - 1; a.Given[0].Is != "3" || a.Given[0].Asked != "5" || a.Given[3].Asked != "3" || a.Asked[last].High >= a.Is[last].Middle {
		t.Errorf("%+v", a)
	}
	for _, wrong := range []string{"", "people=0&arrivals=1&work=2&off=0", "people=3&arrivals=NaN&work=2&off=0", "people=3&arrivals=1&work=0&off=0", "people=3&arrivals=1&work=2&off=31", "%"} {
		if _, err := s.Look(t.Context(), "whatif", wrong); !errors.Is(err, page.BadNumbers) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
