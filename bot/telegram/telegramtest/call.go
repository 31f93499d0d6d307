package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core/testbed"
)

// downloadMethod is Call.Method of a file download, which is no API method.
const downloadMethod = "download"

// maxUpload is what a bot may send in one file (docs: Sending files).
const (
	maxUpload = 50 << 20
	maxBody   = maxUpload + 1<<20 // one such file and everything else
)

// Call is one request that reached the emulator with the right token.
type Call struct {
	Method   string            // as in Telegram's documentation, or as sent if unknown; "download" for a file
	Params   map[string]string // decoded; JSON values that are no strings as their JSON
	Files    map[string]Document
	Status   int    // 0 while under way, or when the connection was dropped
	Response string // the whole body; of a download only its size
	At       time.Time
	Took     time.Duration
}

// Fault is how a call misbehaves. With neither Status, Body nor Drop it is only late.
type Fault struct {
	Status int    // HTTP status; 0 with a Body is 200
	Body   string // sent as it is; may be anything but JSON
	Delay  time.Duration
	Drop   bool // close the connection without an answer
	After  bool // execute first, then misbehave: the caller does not learn that it worked
}

// Calls are the calls so far in the order of their arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Call, len(s.calls))
	for i, c := range s.calls {
		out[i] = *c
	}
	return out
}

// Intercept has every call judged before it is executed; nil executes it as
// usual, and a nil function removes the interceptor. f may be called from
// several goroutines at once and must not keep or change the Call.
func (s *Server) Intercept(f func(*Call) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// request is a call being executed.
type request struct {
	method string // lower case: Telegram ignores case
	params map[string]string
	files  map[string]Document
}

func (r *request) bool(name string) bool {
	v := strings.ToLower(r.params[name])
	return v == "true" || v == "1" || v == "yes"
}

// int is a number within [low, high]; what is absent or no number is def.
func (r *request) int(name string, def, low, high int) int {
	n, err := strconv.Atoi(strings.TrimSpace(r.params[name]))
	if err != nil {
		return def
	}
	return min(max(n, low), high)
}

// serveCall records, intercepts, executes and answers one call.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, name string, params map[string]string) {
	req := &request{method: strings.ToLower(name), params: params}
	var refused *apiError
	if params == nil {
		var err error
		req.params, req.files, refused, err = readParams(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the caller went away in mid-sentence: nothing happened
		}
	}
	call, judge := s.begin(name, req)
	defer s.end(call, req.method, testbed.Start())

	var fault *Fault
	if judge != nil {
		c := *call
		c.Params = maps.Clone(c.Params)
		fault = judge(&c)
	}
	if fault != nil && !fault.After && s.misbehave(w, r, call, fault) {
		return
	}
	var ans *answer
	if refused != nil {
		ans = refusal(refused)
	} else {
		ans = s.execute(r.Context(), req)
	}
	if fault != nil && fault.After && s.misbehave(w, r, call, fault) {
		return
	}
	s.reply(w, call, ans)
}

func (s *Server) begin(name string, req *request) (*Call, func(*Call) *Fault) {
	if m, ok := methods[req.method]; ok {
		name = m.name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	call := &Call{Method: name, Params: req.params, Files: req.files, At: s.now()}
	s.calls = append(s.calls, call)
	if req.method != "getupdates" {
		s.inflight++
	}
	return call, s.intercept
}

func (s *Server) end(call *Call, method string, started testbed.Stopwatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call.Took = started.Elapsed()
	if method != "getupdates" {
		s.inflight--
		s.touch()
	}
}

// misbehave carries out a fault; it reports whether the call is finished.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, call *Call, f *Fault) bool {
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		case <-s.done:
		}
	}
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Status == 0 && f.Body == "":
		return false
	case f.Status == 0:
		s.reply(w, call, &answer{status: http.StatusOK, body: []byte(f.Body)})
	default:
		s.reply(w, call, &answer{status: f.Status, body: []byte(f.Body)})
	}
	return true
}

// answer is what goes over the wire.
type answer struct {
	status int
	body   []byte
	mime   string // "application/json" if empty
}

func (s *Server) reply(w http.ResponseWriter, call *Call, a *answer) {
	s.mu.Lock()
	call.Status = a.status
	if a.mime == "" {
		call.Response = string(a.body)
	} else {
		call.Response = fmt.Sprintf("%d bytes", len(a.body))
	}
	s.mu.Unlock()
	a.write(w)
}

// write sends the answer out at once: whoever sees Idle may rely on the answer
// having left.
func (a *answer) write(w http.ResponseWriter) {
	kind := a.mime
	if kind == "" {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) //nolint:gosec // never shown by a browser; a caller that went away is no concern of ours
	_ = http.NewResponseController(w).Flush()
}

func writeError(w http.ResponseWriter, e *apiError) { refusal(e).write(w) }

func refusal(e *apiError) *answer {
	out := map[string]any{"ok": false, "error_code": e.code, "description": e.description}
	switch {
	case e.retryAfter != 0:
		out["parameters"] = map[string]any{"retry_after": e.retryAfter}
	case e.migrateTo != 0:
		out["parameters"] = map[string]any{"migrate_to_chat_id": e.migrateTo}
	}
	return &answer{status: e.code, body: mustJSON(out)}
}

func success(result any) *answer {
	return &answer{status: http.StatusOK, body: mustJSON(map[string]any{"ok": true, "result": result})}
}

// mustJSON encodes the emulator's own values, which always can be.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("telegramtest: encode %T: %v", v, err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

var errTooLarge = &apiError{code: http.StatusRequestEntityTooLarge, description: "Request Entity Too Large"}

// readParams takes query string, multipart, form and JSON alike. The error
// means that the body did not arrive whole.
func readParams(r *http.Request) (map[string]string, map[string]Document, *apiError, error) {
	params, files := map[string]string{}, map[string]Document{}
	addValues(params, r.URL.Query())
	if r.ContentLength > maxBody {
		return params, files, errTooLarge, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read body: %w", err)
	}
	if len(body) > maxBody {
		return params, files, errTooLarge, nil
	}
	kind, attrs, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // an unknown type is an empty request
	var refused *apiError
	switch {
	case len(body) == 0:
	case kind == "multipart/form-data":
		refused = readMultipart(body, attrs["boundary"], params, files)
	case kind == "application/json":
		refused = readJSON(body, params)
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			refused = badRequest("can't parse form")
		}
		addValues(params, values)
	}
	for _, v := range params {
		if !utf8.ValidString(v) {
			refused = badRequest("strings must be encoded in UTF-8")
		}
	}
	return params, files, refused, nil
}

func addValues(params map[string]string, values url.Values) {
	for k, v := range values {
		params[k] = v[0]
	}
}

func readMultipart(body []byte, boundary string, params map[string]string, files map[string]Document) *apiError {
	mr := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badRequest("can't parse multipart/form-data")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return badRequest("can't parse multipart/form-data")
		}
		name, file := part.FormName(), part.FileName()
		if bare := bareFile.FindStringSubmatch(part.Header.Get("Content-Disposition")); name == "" && bare != nil {
			name, file = bare[1], bare[2]
		}
		if file == "" {
			params[name] = string(data)
			continue
		}
		if len(data) > maxUpload {
			return errTooLarge
		}
		files[name] = Document{Name: file, MIME: mimeOf(file, part.Header.Get("Content-Type")), Data: data}
	}
}

// bareFile is a file name without quotation marks, whatever is in it, as grammY
// sends it and the platform takes it; mime's grammar has no such thing.
var bareFile = regexp.MustCompile(`^form-data;\s*name="([^"]*)";\s*filename=([^"\r\n]+)$`)

func readJSON(body []byte, params map[string]string) *apiError {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return badRequest("can't parse JSON object")
	}
	for k, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			params[k] = text
		default:
			params[k] = string(raw)
		}
	}
	return nil
}
