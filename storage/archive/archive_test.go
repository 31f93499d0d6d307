package archive_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/storage/archive"
)

// heap takes all lines, and counts them.
type heap struct{ lines int }

func (h *heap) Load(_ context.Context, next func() (archive.Line, error)) error {
	for {
		_, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		h.lines++
	}
}

// packed is a file of lines.
func packed(t *testing.T, write func(io.Writer)) *bytes.Buffer {
	t.Helper()
	var file bytes.Buffer
	zip := gzip.NewWriter(&file)
	write(zip)
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return &file
}

const (
	begin   = `{"begin":{"format":3,"at":"2026-11-23T18:00:00Z"}}` + "\n"
	session = `{"session":{"key":"k","rev":1}}` + "\n"
)

func TestWhatIsNoArchiveOfOursIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  error
		text  string
	}{
		"another format":             {strings.Replace(begin, "3,", "4,", 1), nil, "use a newer one"},
		"a later format, altogether": {`{"begin":{"format":9,"codec":"x"}}` + "\n", nil, "use a newer one"},
		"no format":                  {strings.Replace(begin, "3,", "0,", 1), nil, "it was not written by SIDEM"},
		"a kind that is not known":   {begin + `{"photo":{}}` + "\n", archive.ErrForeign, ""},
		"a part that is not known":   {begin + `{"session":{"key":"k","rev":1,"owner":"x"}}` + "\n", archive.ErrForeign, ""},
		"two things in a line":       {begin + `{"session":{"key":"k","rev":1},"number":{"series":"s","record":"r","value":1}}` + "\n", archive.ErrForeign, ""},
		"nothing in a line":          {begin + "{}\n", archive.ErrForeign, ""},
		"two lines in one":           {begin + strings.TrimSpace(session) + session, archive.ErrForeign, ""},
		"no JSON":                    {begin + "x\n", archive.ErrTorn, ""},
		"no end":                     {begin + session, archive.ErrTorn, ""},
		"another count":              {begin + session + `{"end":{"lines":2}}` + "\n", archive.ErrTorn, ""},
		"more after the end":         {begin + `{"end":{"lines":0}}` + "\n" + session, archive.ErrTorn, ""},
	} {
		_, err := archive.Read(t.Context(), packed(t, func(w io.Writer) { _, _ = io.WriteString(w, c.lines) }), &heap{})
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, format := range []string{"1", "2", "3"} {
		lines := strings.Replace(begin, "3,", format+",", 1) + session + `{"end":{"lines":1}}` + "\n"
		var h heap
		if _, err := archive.Read(t.Context(), packed(t, func(w io.Writer) { _, _ = io.WriteString(w, lines) }), &h); err != nil || h.lines != 1 {
			t.Errorf("format %s: %d lines, %v", format, h.lines, err)
		}
	}
}

func TestWhatIsReadOfAnArchiveIsBounded(t *testing.T) {
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for name, write := range map[string]func(io.Writer){
		"a line that does not end": func(w io.Writer) {
			for range 1 + archive.MaxLine>>20 {
				_, _ = w.Write(spaces)
			}
		},
		"a bomb": func(w io.Writer) { // 80 MB of 200 kB
			line := bytes.Repeat([]byte(session), 1000)
			for range 2_600 {
				_, _ = w.Write(line)
			}
		},
	} {
		var h heap
		file := packed(t, func(w io.Writer) {
			_, _ = io.WriteString(w, begin)
			write(w)
		})
		size := file.Len()
		_, err := archive.Read(t.Context(), file, &h)
		if !errors.Is(err, archive.ErrTooLarge) {
			t.Errorf("%s, %d bytes: %d lines were read, and then: %v", name, size, h.lines, err)
		}
		if read := fmt.Sprint(h.lines * len(session)); h.lines*len(session) > 80<<20 {
			t.Errorf("%s: %s bytes were read", name, read)
		}
	}
}
