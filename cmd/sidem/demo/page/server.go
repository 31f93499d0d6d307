package page

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
)

//go:embed web
var files embed.FS

// policy lets the page load itself and talk to where it came from, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailPolicy lets a mail bring its own looks; nothing in it runs, and nothing is fetched.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// maxBody bounds what a visitor sends: a file of 20 MB, in base64, with something to spare.
const maxBody = 40 << 20

// Server is the page of one stage.
type Server struct {
	stage Stage
	key   string
	hosts []string
	log   *slog.Logger
	mux   *http.ServeMux
}

// New is the page of stage at addr, the host:port at which it is served: a
// request that names another host is refused. It is no use without the key that
// Address carries.
func New(stage Stage, addr string, log *slog.Logger) *Server {
	s := &Server{stage: stage, key: rand.Text(), hosts: []string{addr}, log: log, mux: http.NewServeMux()}
	if _, port, err := net.SplitHostPort(addr); err == nil {
		s.hosts = append(s.hosts, net.JoinHostPort("localhost", port))
	}
	web, err := fs.Sub(files, "web")
	if err != nil { // it is embedded
		panic(fmt.Sprintf("page: %v", err))
	}
	static := http.FileServerFS(web)
	s.mux.Handle("GET /{file}", static)
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, web, "index.html") })
	s.mux.HandleFunc("GET /events", s.events)
	s.mux.HandleFunc("GET /look/{what}/{id}", s.look)
	s.mux.HandleFunc("GET /mail/{id}", s.mail)
	s.mux.HandleFunc("GET /file/{person}/{on}/{id}", s.file)
	s.mux.HandleFunc("POST /act", take(s, stage.Do))
	s.mux.HandleFunc("POST /control", take(s, stage.Run))
	return s
}

// Address is where a visitor begins.
func (s *Server) Address() string { return "http://" + s.hosts[0] + "/?llave=" + s.key }

// cookie is named after the port, which cookies do not tell apart.
func (s *Server) cookie() string {
	_, port, _ := net.SplitHostPort(s.hosts[0])
	return "sidem_demo_" + port
}

// ServeHTTP lets in who names this host and has the key, from the address or
// from the cookie that it was changed for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !slices.Contains(s.hosts, r.Host) {
		http.Error(w, "Esta demostración solo atiende en "+s.hosts[0]+".", http.StatusMisdirectedRequest)
		return
	}
	if !s.admit(w, r) {
		http.Error(w, "Falta la llave. Abra la dirección completa que “sidem demo” imprimió al arrancar.", http.StatusForbidden)
		return
	}
	http.NewCrossOriginProtection().Handler(s.mux).ServeHTTP(w, r)
}

func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	if s.isKey(r.URL.Query().Get("llave")) {
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // loopback has no TLS
			Name: s.cookie(), Value: s.key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		return true
	}
	c, err := r.Cookie(s.cookie())
	return err == nil && s.isKey(c.Value)
}

func (s *Server) isKey(v string) bool {
	return subtle.ConstantTimeCompare([]byte(v), []byte(s.key)) == 1
}

// take reads a body of JSON and hands it on.
func take[T any](s *Server, do func(context.Context, T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			http.Error(w, "want application/json", http.StatusUnsupportedMediaType)
			return
		}
		var v T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			http.Error(w, "No entendí lo que envió la página: "+err.Error(), http.StatusBadRequest)
			return
		}
		if err := do(r.Context(), v); err != nil {
			s.fail(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// fail tells a visitor what went wrong: a complaint in its own words.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if c, ok := errors.AsType[Complaint](err); ok {
		http.Error(w, string(c), http.StatusConflict)
		return
	}
	if errors.Is(err, ErrNotFound) {
		http.Error(w, "Ya no está.", http.StatusNotFound)
		return
	}
	s.log.Error("page", "err", err)
	http.Error(w, "No se pudo: "+err.Error(), http.StatusInternalServerError)
}

func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	v, err := s.stage.Look(r.Context(), r.PathValue("what"), r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the visitor has gone
}

// mail serves a mail for a frame: as it came, or as a program shows it that
// turns light mails dark.
func (s *Server) mail(w http.ResponseWriter, r *http.Request) {
	html, err := s.stage.Mail(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	if r.URL.Query().Has("oscuro") {
		html = darkened(html)
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(html)) // the visitor has gone
}

// shown are the kinds of file that the browser shows by itself, in which nothing
// can run; every other kind is only handed over.
var shown = []string{"application/pdf", "image/png", "image/jpeg"}

// file serves a file to open or to keep. Its kind is what its bytes say, never
// what its name or its sender does.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	name, data, err := s.stage.File(r.Context(), r.PathValue("person"), r.PathValue("on"), r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	kind, how := http.DetectContentType(data), "inline"
	if !slices.Contains(shown, kind) {
		kind, how = "application/octet-stream", "attachment"
	}
	disposition := mime.FormatMediaType(how, map[string]string{"filename": name})
	if disposition == "" { // no name can be told in a header that way
		disposition = "attachment"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", disposition)
	_, _ = w.Write(data) // the visitor has gone
}

// darkened is a mail in a program with a dark look. One that brings a dark look
// of its own is left alone: the frame asks for it.
func darkened(html string) string {
	if strings.Contains(html, "prefers-color-scheme") {
		return html
	}
	const turned = "<style>html{filter:invert(1) hue-rotate(180deg);background:#fff}img{filter:invert(1) hue-rotate(180deg)}</style>"
	return strings.Replace(html, "</head>", turned+"</head>", 1)
}
