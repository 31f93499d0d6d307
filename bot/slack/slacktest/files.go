package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// File is one that a person or the app sent.
type File struct {
	ID, Name, MIME string
	Data           []byte
}

// upload is a file on its way from the app.
type upload struct {
	file  File
	size  int
	there bool // all of it was sent
}

// keep takes a file that a person sends.
func (s *Server) keep(name, mime string, data []byte) File {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := File{ID: fmt.Sprintf("F%08d", s.next()), Name: name, MIME: mime, Data: data}
	s.files[f.ID] = f
	return f
}

func (s *Server) described(f File) map[string]any {
	address := s.http.URL + "/files/" + f.ID
	return map[string]any{"id": f.ID, "name": f.Name, "title": f.Name, "mimetype": f.MIME, "size": len(f.Data), "url_private": address, "url_private_download": address}
}

// serveFile gives a private file to the bot. Who may not read it is led to a page
// to sign in, as Slack does.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.files[r.PathValue("id")]
	may := slices.Contains(s.opts.Scopes, scopeFilesRead)
	s.scopes[scopeFilesRead] = true
	s.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.opts.BotToken || !may:
		http.Redirect(w, r, "/signin", http.StatusFound)
	case !ok:
		http.Error(w, "not found", http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(f.Data)
	}
}

const scopeFilesRead = "files:read"

// offerUpload names an address that takes one file of the announced length.
func (s *Server) offerUpload(p map[string]string) (map[string]any, error) {
	n, err := strconv.Atoi(p["length"])
	if p["filename"] == "" || err != nil || n < 1 || n > maxFile {
		return nil, no("invalid_arguments", "[ERROR] filename and length are required [json-pointer:/length]")
	}
	u := &upload{file: File{ID: fmt.Sprintf("F%08d", s.next()), Name: p["filename"]}, size: n}
	s.uploads[u.file.ID] = u
	return map[string]any{"upload_url": s.http.URL + "/upload/" + u.file.ID, "file_id": u.file.ID}, nil
}

// takeUpload takes the bytes, plain or as a multipart form.
func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: "upload", Params: map[string]string{"id": r.PathValue("id")}, At: s.opts.Now()}
	s.answered(w, &call, func() int {
		var data []byte
		var err error
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			data, err = onlyFile(r)
		} else {
			data, err = io.ReadAll(io.LimitReader(r.Body, maxFile+1))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		u, ok := s.uploads[r.PathValue("id")]
		switch {
		case !ok:
			return http.StatusNotFound
		case err != nil || len(data) != u.size:
			return http.StatusBadRequest
		}
		u.file.Data, u.there = data, true
		call.Response = fmt.Sprintf("OK - %d", len(data))
		return http.StatusOK
	})
}

// onlyFile is the first file of a multipart form, whatever the field is called:
// Slack's own client calls it "body", its documentation "filename".
func onlyFile(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			return io.ReadAll(io.LimitReader(part, maxFile+1))
		}
	}
}

// completeUpload shows files that were sent, once, in a channel.
func (s *Server) completeUpload(p map[string]string) (map[string]any, error) {
	var list []struct{ ID, Title string }
	if json.Unmarshal([]byte(p["files"]), &list) != nil || len(list) == 0 {
		return nil, no("invalid_arguments", "[ERROR] files is required [json-pointer:/files]")
	}
	m := Message{FromBot: true, Text: p["initial_comment"], Shown: p["initial_comment"]}
	for _, f := range list {
		u, ok := s.uploads[f.ID]
		if !ok || !u.there {
			return nil, no("file_not_found")
		}
		if f.Title != "" {
			u.file.Name = f.Title
		}
		m.Files = append(m.Files, u.file)
	}
	if p["channel_id"] != "" {
		r, err := s.addressee(p["channel_id"])
		if err != nil {
			return nil, err
		}
		if m.ThreadTS, err = r.thread(p); err != nil {
			return nil, err
		}
		m.TS, m.Channel, m.Posted = s.stamp(), r.id, s.opts.Now()
		r.messages = append(r.messages, m)
	}
	var out []map[string]any
	for _, f := range m.Files {
		delete(s.uploads, f.ID)
		s.files[f.ID] = f
		out = append(out, map[string]any{"id": f.ID, "title": f.Name})
	}
	return map[string]any{"files": out}, nil
}
