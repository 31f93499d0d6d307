package telegramtest

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // sendPhoto measures pictures
	_ "image/jpeg" // sendPhoto measures pictures
	_ "image/png"  // sendPhoto measures pictures
	"mime"
	"net/http"
	"path"
	"strings"
)

const (
	maxDownload  = 20 << 20 // getFile
	maxPhoto     = 10 << 20 // sendPhoto
	maxPhotoSide = 10000    // sendPhoto: width and height together
	maxPhotoSlim = 20       // sendPhoto: ratio of width and height
)

// file is one file that the platform keeps.
type file struct {
	Document
	photo         bool
	voice         bool
	width, height int
	path          string // under /file/bot<token>/
	offered       bool   // getFile was called: its path may be downloaded
}

// wire puts the file into a message.
func (f *file) wire(out map[string]any) {
	unique := "u" + f.FileID
	if f.photo {
		out["photo"] = []map[string]any{{
			"file_id": f.FileID, "file_unique_id": unique, "file_size": len(f.Data), "width": f.width, "height": f.height,
		}}
		return
	}
	if f.voice {
		out["voice"] = map[string]any{
			"file_id": f.FileID, "file_unique_id": unique, "file_size": len(f.Data), "duration": 3, "mime_type": f.MIME,
		}
		return
	}
	out["document"] = map[string]any{
		"file_id": f.FileID, "file_unique_id": unique, "file_size": len(f.Data), "file_name": f.Name, "mime_type": f.MIME,
	}
}

// keep stores a document under a new id; s.mu is held.
func (s *Server) keep(d Document) *file {
	n := len(s.files) + 1
	d.FileID = fmt.Sprintf("BQACAgEAAxkBAAI%06d", n)
	f := &file{Document: d, path: fmt.Sprintf("documents/file_%d%s", n, path.Ext(d.Name))}
	s.files[d.FileID] = f
	return f
}

// officeTypes are what this house sends and the mime package may not know.
var officeTypes = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".csv":  "text/csv", ".txt": "text/plain", ".json": "application/json", ".zip": "application/zip",
}

// mimeOf goes by the file's name, as the platform does, then by what was said.
func mimeOf(name, said string) string {
	ext := strings.ToLower(path.Ext(name))
	if t := officeTypes[ext]; t != "" {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		t, _, _ = strings.Cut(t, ";")
		return t
	}
	if said != "" {
		return said
	}
	return "application/octet-stream"
}

// inputFile finds the upload or the known file that a parameter names.
// fresh is true for an upload, which is not kept yet.
func (s *Server) inputFile(r *request, field string) (f *file, fresh bool, refused *apiError) {
	name := field
	if id := r.params[field]; id != "" {
		attached, ok := strings.CutPrefix(id, "attach://")
		switch {
		case ok:
			name = attached
		case strings.Contains(id, "://"):
			return nil, false, badRequest("failed to get HTTP URL content") // the emulator fetches nothing
		case s.files[id] == nil:
			return nil, false, badRequest("wrong file identifier/HTTP URL specified")
		default:
			return s.files[id], false, nil
		}
	}
	d, ok := r.files[name]
	switch {
	case !ok:
		return nil, false, badRequest("there is no %s in the request", field)
	case len(d.Data) == 0:
		return nil, false, badRequest("file must be non-empty")
	}
	return &file{Document: d}, true, nil
}

// sendFile posts a document or a photo.
func (s *Server) sendFile(r *request, field, kind string, check func(*file) *apiError) (any, *apiError) {
	caption, refused := formatCaption(r.params)
	if refused != nil {
		return nil, refused
	}
	f, fresh, refused := s.inputFile(r, field)
	if refused != nil {
		return nil, refused
	}
	if !fresh && f.photo != (field == "photo") {
		was := map[bool]string{true: "Photo", false: "Document"}[f.photo]
		return nil, badRequest("can't use file of type %s as %s", was, kind)
	}
	c, m, refused := s.draft(r, caption, r.params["caption"])
	if refused != nil {
		return nil, refused
	}
	if fresh {
		if refused := check(f); refused != nil {
			return nil, refused
		}
		kept := s.keep(f.Document)
		kept.photo, kept.width, kept.height = f.photo, f.width, f.height
		f = kept
	}
	m.file = f
	return s.deliver(c, m)
}

func (s *Server) sendDocument(r *request) (any, *apiError) {
	return s.sendFile(r, "document", "Document", func(*file) *apiError { return nil })
}

func (s *Server) sendPhoto(r *request) (any, *apiError) {
	return s.sendFile(r, "photo", "Photo", func(f *file) *apiError {
		if len(f.Data) > maxPhoto {
			return badRequest("file is too big")
		}
		cfg, _, err := image.DecodeConfig(bytes.NewReader(f.Data))
		if err != nil {
			return badRequest("IMAGE_PROCESS_FAILED")
		}
		long, short := max(cfg.Width, cfg.Height), min(cfg.Width, cfg.Height)
		if long+short > maxPhotoSide || long > maxPhotoSlim*short {
			return badRequest("PHOTO_INVALID_DIMENSIONS")
		}
		f.photo, f.width, f.height = true, cfg.Width, cfg.Height
		return nil
	})
}

func (s *Server) getFile(r *request) (any, *apiError) {
	id := r.params["file_id"]
	f := s.files[id]
	switch {
	case id == "":
		return nil, badRequest("file_id not specified")
	case f == nil:
		return nil, badRequest("invalid file_id")
	case len(f.Data) > maxDownload:
		return nil, badRequest("file is too big")
	}
	f.offered = true
	return map[string]any{
		"file_id": id, "file_unique_id": "u" + id, "file_size": len(f.Data), "file_path": f.path,
	}, nil
}

// download serves a path that getFile gave out.
func (s *Server) download(r *request) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.offered && f.path == r.params["file_path"] {
			return &answer{status: http.StatusOK, body: f.Data, mime: "application/octet-stream"}
		}
	}
	return refusal(&apiError{code: http.StatusNotFound, description: "Not Found"})
}
