package slack

import "testing"

func TestTheWayIntoTheAppIsToldOnceSlackHasSaidWhichItIs(t *testing.T) {
	var s Slack
	for _, wrong := range [][2]string{{"", "T1"}, {"A1", ""}, {"A1&team=T2", "T1"}, {"B1", "T1"}} {
		if s.meet(wrong[0], wrong[1]); s.Way() != "" {
			t.Errorf("%q of %q leads to %s", wrong[0], wrong[1], s.Way())
		}
	}
	s.meet("A0123ABC", "T0123ABC")
	s.meet("A9", "T9")
	if want := "https://slack.com/app_redirect?app=A0123ABC&team=T0123ABC"; s.Way() != want {
		t.Errorf("it leads to %s, want %s", s.Way(), want)
	}
}

func TestTheAppIsKnownByWhatIsDelivered(t *testing.T) {
	r := &receiver{Slack: &Slack{}, parser: parser{Me: identity{Team: "T1"}}}
	r.learn([]byte(`payload=%7B%7D`))
	r.learn([]byte(`{"type":"event_callback"}`))
	if r.Way() != "" {
		t.Errorf("it leads to %s", r.Way())
	}
	if r.learn([]byte(`{"type":"event_callback","api_app_id":"A1"}`)); r.Way() == "" {
		t.Error("it leads nowhere")
	}
}
