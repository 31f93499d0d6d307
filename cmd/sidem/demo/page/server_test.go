package page

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	neturl "net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fake is a stage without a world behind it.
type fake struct {
	mu      sync.Mutex
	parts   []Part
	changed chan struct{}
	acts    []Act
	err     error
}

func newFake() *fake {
	return &fake{changed: make(chan struct{}), parts: []Part{{Name: PartClock, Data: Clock{Now: "lunes"}}, {Name: PartBoard, Data: Board{}}}}
}

func (f *fake) Parts(context.Context) ([]Part, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Part(nil), f.parts...), nil
}

func (f *fake) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

func (f *fake) Do(_ context.Context, a Act) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acts = append(f.acts, a)
	return f.err
}

func (f *fake) Run(context.Context, Control) error { return f.err }

func (f *fake) Look(_ context.Context, what, _ string) (any, error) {
	if what != "mail" {
		return nil, ErrNotFound
	}
	return MailBody{Text: "texto"}, nil
}

func (f *fake) File(_ context.Context, person, on, id string) (string, []byte, error) {
	body, ok := papers[id]
	if person != "lucía" || on != "telegram" || !ok {
		return "", nil, ErrNotFound
	}
	return id, []byte(body), nil
}

// papers are files by name: what they are called says nothing of what they are.
var papers = map[string]string{
	"oficio núm. 7.pdf": "%PDF-1.4\n", "foto.jpg": "\xff\xd8\xff\xe0", "renglones.xlsx": "PK\x03\x04",
	"oficio.html": "<html><script>alert(1)</script></html>", "falso.pdf": "<html><script>alert(1)</script></html>",
	"dibujo.svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "a\r\nX: b": "%PDF-1.4\n",
}

func (f *fake) Mail(context.Context, string) (string, error) {
	return "<html><head></head><body><script>alert(1)</script>Hola</body></html>", nil
}

// open serves the page of a fake and returns it with a client that has the key.
func open(t *testing.T) (*fake, string, *http.Client) {
	t.Helper()
	f := newFake()
	srv := httptest.NewUnstartedServer(nil)
	page := New(f, srv.Listener.Addr().String(), slog.New(slog.DiscardHandler))
	srv.Config.Handler = page
	srv.Start()
	t.Cleanup(srv.Close)
	t.Cleanup(srv.CloseClientConnections)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	if code, _ := get(t, c, page.Address()); code != http.StatusOK {
		t.Fatalf("the address answers %d", code)
	}
	return f, srv.URL, c
}

func get(t *testing.T, c *http.Client, url string) (int, string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestNothingIsServedWithoutTheKey(t *testing.T) {
	_, url, _ := open(t)
	for _, path := range []string{"/", "/app.js", "/events", "/look/mail/1", "/mail/1", "/file/luc%C3%ADa/telegram/foto.jpg", "/?llave=otra"} {
		res, err := http.Get(url + path) // its body may never end
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
}

func TestTheCookieStandsForTheKeyAndStaysOnThisSite(t *testing.T) {
	f := newFake()
	page := New(f, "127.0.0.1:4711", slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, page.Address(), nil)
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	got := w.Header().Get("Set-Cookie")
	want := "sidem_demo_4711=" + page.key + "; Path=/; HttpOnly; SameSite=Strict"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnotherHostNameIsRefused(t *testing.T) {
	_, url, c := open(t)
	for host, want := range map[string]int{"sitio.example": http.StatusMisdirectedRequest, "127.0.0.1": http.StatusMisdirectedRequest} {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("host %s answers %d", host, res.StatusCode)
		}
	}
}

func TestAPageOfAnotherSiteCannotAct(t *testing.T) {
	f, url, c := open(t)
	for name, change := range map[string]func(*http.Request){
		"another origin": func(r *http.Request) { r.Header.Set("Origin", "http://sitio.example") },
		"another site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a form":         func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
	} {
		r, err := http.NewRequest(http.MethodPost, url+"/act", strings.NewReader(`{"person":"lucía"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		change(r)
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode < 400 || len(f.acts) > 0 {
			t.Errorf("%s: %d, %v", name, res.StatusCode, f.acts)
		}
	}
}

func TestThePolicyLetsThePageLoadItselfAndNothingElse(t *testing.T) {
	_, url, c := open(t)
	for path, want := range map[string]string{
		"/": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"/mail/1": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
	} {
		res, err := c.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if diff := cmp.Diff(want, res.Header.Get("Content-Security-Policy")); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestAFileIsShownOnlyIfNothingCanRunInIt(t *testing.T) {
	_, url, c := open(t)
	got := map[string]string{}
	for name, body := range papers {
		res, err := c.Get(url + "/file/luc%C3%ADa/telegram/" + strings.ReplaceAll(neturl.PathEscape(name), "+", "%2B"))
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(res.Body)
		if err != nil || string(read) != body {
			t.Errorf("%s: %q %v", name, read, err)
		}
		_ = res.Body.Close()
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s: %v", name, res.Header)
		}
		got[name] = res.Header.Get("Content-Type") + " " + res.Header.Get("Content-Disposition")
	}
	want := map[string]string{
		"oficio núm. 7.pdf": "application/pdf inline; filename*=utf-8''oficio%20n%C3%BAm.%207.pdf",
		"foto.jpg":          "image/jpeg inline; filename=foto.jpg",
		"renglones.xlsx":    "application/octet-stream attachment; filename=renglones.xlsx",
		"oficio.html":       "application/octet-stream attachment; filename=oficio.html",
		"falso.pdf":         "application/octet-stream attachment; filename=falso.pdf",
		"dibujo.svg":        "application/octet-stream attachment; filename=dibujo.svg",
		"a\r\nX: b":         "application/pdf inline; filename*=utf-8''a%0D%0AX%3A%20b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{"/file/ra%C3%BAl/telegram/foto.jpg", "/file/luc%C3%ADa/telegram/otra.pdf"} {
		if code, _ := get(t, c, url+path); code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, code)
		}
	}
}

func TestTheStreamTellsEachPartOnceAndThenWhatChanged(t *testing.T) {
	f, url, c := open(t)
	res, err := c.Get(url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	next := func() []string {
		for lines.Scan() {
			body, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var parts []Part
			if err := json.Unmarshal([]byte(body), &parts); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range parts {
				names = append(names, p.Name)
			}
			return names
		}
		t.Fatal("the stream ended")
		return nil
	}
	if diff := cmp.Diff([]string{PartClock, PartBoard}, next()); diff != "" {
		t.Error(diff)
	}
	f.mu.Lock()
	f.parts[0].Data = Clock{Now: "martes"}
	close(f.changed)
	f.changed = make(chan struct{})
	f.mu.Unlock()
	if diff := cmp.Diff([]string{PartClock}, next()); diff != "" {
		t.Error(diff)
	}
}

func TestAComplaintIsToldInItsOwnWords(t *testing.T) {
	f, url, c := open(t)
	for _, tc := range []struct {
		err  error
		code int
		says string
	}{
		{nil, http.StatusNoContent, ""},
		{Playing, http.StatusConflict, string(Playing)},
		{errors.New("disk full"), http.StatusInternalServerError, "No se pudo: disk full"},
	} {
		f.err = tc.err
		res, err := c.Post(url+"/control", "application/json", strings.NewReader(`{"what":"step"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tc.code || strings.TrimSpace(string(body)) != tc.says {
			t.Errorf("%v: %d %q", tc.err, res.StatusCode, body)
		}
	}
}

func TestADarkMailIsTurnedUnlessItBringsADarkLook(t *testing.T) {
	if got := darkened("<head></head>"); !strings.Contains(got, "invert(1)") {
		t.Error(got)
	}
	own := "<head><style>@media (prefers-color-scheme: dark){}</style></head>"
	if got := darkened(own); got != own {
		t.Error(got)
	}
}

// rude are the words and signs that the house never says to people.
var rude = regexp.MustCompile(`(?i)[¡!]|\b(tú|tu|tus|contigo|puedes|tienes|debes|haz|urgente|plazo|vencido|rechazad[oa]|email|link|password|click)\b`)

// said are the texts between quotes or tags, which a visitor may read.
var said = regexp.MustCompile("\"((?:[^\"\\\\\n]|\\\\.)*)\"|>([^<>{}\\n]+)<")

func TestThePageSpeaksAsTheHouseDoes(t *testing.T) {
	looked := 0
	check := func(where, text string) {
		looked++
		if m := rude.FindString(text); m != "" {
			t.Errorf("%s: %q says %q", where, text, m)
		}
	}
	err := fs.WalkDir(files, "web", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".css") || strings.HasSuffix(path, ".svg") {
			return err
		}
		body, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		for _, m := range said.FindAllStringSubmatch(string(body), -1) {
			if text := m[1] + m[2]; strings.Contains(text, " ") { // one word alone may be a name of the browser's
				check(path, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Steps {
		check("step", s.Name+" "+s.What)
	}
	for _, d := range Detours {
		check("detour", d.Title+" "+d.How)
	}
	for _, f := range Faults {
		check("fault", f.Title+" "+f.Expect)
	}
	if looked < 80 {
		t.Errorf("only %d texts were looked at", looked)
	}
}

func TestNothingOfThePageIsMarkupOrComesFromElsewhere(t *testing.T) {
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function|srcdoc|https?://`)
	err := fs.WalkDir(files, "web", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(body), "http://www.w3.org/2000/svg", "") // a name, not an address
		if m := forbidden.FindString(text); m != "" {
			t.Errorf("%s has %q", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
