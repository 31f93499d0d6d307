package slack

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
)

func TestAFileIsReadFromTheApisHostWithTheToken(t *testing.T) {
	server := script(t, map[string]http.HandlerFunc{"a.pdf": func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+botToken {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte("%PDF"))
	}})
	s, _ := newTest(t, server.URL+"/api/")
	body, err := s.opener(server.URL+"/files/a.pdf", 4)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err != nil || string(got) != "%PDF" {
		t.Errorf("%q, %v", got, err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheTokenGoesToSlacksFilesAndNowhereElse(t *testing.T) {
	s, _ := newTest(t, "https://slack.com/api/")
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/a.pdf": true, "https://FILES.slack.com/a": true, "https://slack.com/a": true,
		"http://files.slack.com/a": false, "https://files.slack.com.evil.mx/a": false, "https://evil.mx/files.slack.com": false,
		"https://x@files.slack.com/a": false, "https://files.slack.com:8443/a": false, "https://evil.slack.com/a": false, "": false, "%": false,
		"file:///etc/passwd": false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if got := err == nil && s.client.trusted(req.URL); got != want {
			t.Errorf("%q: %v", address, got)
		}
		if want {
			continue
		}
		if _, err := s.client.download(t.Context(), address, 1); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAFileThatRedirectsOrFailsIsAnError(t *testing.T) {
	stolen := script(t, nil)
	server := script(t, map[string]http.HandlerFunc{
		"moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, stolen.URL, http.StatusFound)
		},
		"gone": answers(404, "text/html", ""),
	})
	s, _ := newTest(t, server.URL+"/api/")
	for _, name := range []string{"moved", "gone"} {
		if _, err := s.client.download(t.Context(), server.URL+"/"+name, 1); err == nil {
			t.Error(name)
		}
	}
	if len(stolen.calls) > 0 {
		t.Error("the redirect was followed")
	}
}

func TestWhatSlackDoesNotHandOverIsToldFromWhatFailsForAMoment(t *testing.T) {
	const page = "<!DOCTYPE html><title>Sign in to office | Slack</title>"
	server := script(t, map[string]http.HandlerFunc{
		"oficio.pdf": answers(200, "text/html; charset=utf-8", page),
		"gone.pdf":   answers(404, "text/html", page),
		"denied.pdf": answers(403, "text/html", page),
		"moved.pdf": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://slack.com/signin", http.StatusFound)
		},
		"broken.pdf": answers(502, "text/html", "bad gateway"),
		"busy.pdf":   answers(429, "text/html", ""),
		"nota.html":  answers(200, "text/html", "<p>Una nota</p>"),
	})
	s, _ := newTest(t, server.URL+"/api/")
	for name, want := range map[string]bool{
		"oficio.pdf": true, "gone.pdf": true, "denied.pdf": true, "moved.pdf": true, "https://drive.google.com/file/d/1": true, "": true,
		"broken.pdf": false, "busy.pdf": false,
	} {
		address := name
		if strings.HasSuffix(name, ".pdf") {
			address = server.URL + "/" + name
		}
		_, err := s.client.download(t.Context(), address, -1)
		if err == nil || errors.Is(err, bot.ErrNotGiven) != want {
			t.Errorf("%q: %v", name, err)
		}
		if name == "oficio.pdf" && !strings.Contains(err.Error(), "files:read") {
			t.Errorf("the operator is not told of the scope: %v", err)
		}
	}
	body, err := s.client.download(t.Context(), server.URL+"/nota.html", -1)
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
}

func TestAFileLongerThanAnnouncedIsAnError(t *testing.T) {
	server := script(t, map[string]http.HandlerFunc{"a": answers(200, "text/plain", strings.Repeat("x", 100))})
	s, _ := newTest(t, server.URL+"/api/")
	for size, want := range map[int64]int{10: 10, 100: 100, -1: 100} {
		body, err := s.client.download(t.Context(), server.URL+"/a", size)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		_, err = got.ReadFrom(body)
		if got.Len() != want || (err == nil) != (want == 100) {
			t.Errorf("announced %d: %d bytes, %v", size, got.Len(), err)
		}
		_ = body.Close()
	}
}
