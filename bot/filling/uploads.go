package filling

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// maxUploads bounds the files of one form together, in bytes. How many they may be is
// in the Spec of their field, and what each may weigh is the business of Files.
const maxUploads = 100 << 20

// maxPhotos is how many files of one message are looked at for a pass.
const maxPhotos = 3

// keepUploads keeps the files that a person sent to a form that holds some already.
// Where they are too many, or too heavy together, none is kept; otherwise those that
// are taken are, and problem says, file by file, why the others are not.
func (forms *Forms) keepUploads(ctx context.Context, held []core.Attachment, ups []session.Upload) (kept []core.Attachment, problem string, err error) {
	if most := core.Specs[core.FieldFiles].Max; len(held)+len(ups) > most {
		return nil, es.FilesTooMany(len(held), len(ups), most), nil
	}
	left := int64(maxUploads)
	for _, f := range held {
		left -= f.Size
	}
	room := left
	for _, up := range ups {
		room -= max(0, up.Size)
	}
	if room < 0 {
		return nil, es.FilesTooHeavy(maxUploads), nil
	}
	var problems []string
	for _, up := range ups {
		file, words, err := forms.keepUpload(ctx, up, left)
		if err != nil {
			return nil, "", err
		}
		if words == "" {
			kept = append(kept, file)
			left -= file.Size
			continue
		}
		if len(ups) > 1 {
			words = es.FileProblem(up.Name, words)
		}
		problems = append(problems, words)
	}
	return kept, strings.Join(problems, "\n"), nil
}

// keepUpload keeps one file of at most left bytes; the text says why it is not taken.
func (forms *Forms) keepUpload(ctx context.Context, up session.Upload, left int64) (core.Attachment, string, error) {
	r, words, err := forms.open(ctx, up)
	if err != nil || words != "" {
		return core.Attachment{}, words, err
	}
	defer func() { _ = r.Close() }()
	file, err := forms.Files.Put(ctx, up.Name, &capped{r, left})
	switch {
	case err == nil:
		return file, "", nil
	case errors.Is(err, errHeavy):
		return core.Attachment{}, es.FilesTooHeavy(maxUploads), nil
	}
	if words := forms.Explain(err); words != "" {
		return core.Attachment{}, words, nil
	}
	return core.Attachment{}, "", fmt.Errorf("keep %s: %w", up.Name, err)
}

// open fetches a file that a person sent; the text says why it is not taken.
func (forms *Forms) open(ctx context.Context, up session.Upload) (io.ReadCloser, string, error) {
	if err := forms.Files.Check(up.Name, up.Size); err != nil {
		return nil, forms.Explain(err), nil
	}
	r, err := up.Open(ctx)
	if errors.Is(err, session.ErrNotGiven) {
		forms.Log.WarnContext(ctx, "a file that a person sent was not given", "err", err)
		return nil, es.FileNotGiven, nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("fetch %s: %w", up.Name, err)
	}
	return r, "", nil
}

var errHeavy = errors.New("the files of the form are too heavy together")

// capped reads at most left bytes, and fails beyond them.
type capped struct {
	io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errHeavy
	}
	return n, err
}

// readSheet reads renglones from a spreadsheet that a person sent, of whom held are there
// already; the text is what is wrong with it.
func (forms *Forms) readSheet(ctx context.Context, held []core.Item, up session.Upload) (paper.Table, string, error) {
	r, words, err := forms.open(ctx, up)
	if err != nil || words != "" {
		return paper.Table{}, words, err
	}
	defer func() { _ = r.Close() }()
	table, err := paper.Items(ctx, r, held)
	if wrong, ok := errors.AsType[*paper.SheetError](err); ok {
		return paper.Table{}, wrong.Words, nil
	}
	if err != nil {
		return paper.Table{}, "", fmt.Errorf("read %s: %w", up.Name, err)
	}
	return table, "", nil
}

// MayBeSheet reports whether a file is worth looking into for renglones: it is not too
// large, and says of itself that it is no picture and no document.
func MayBeSheet(up session.Upload) bool {
	return up.Size <= paper.MaxSheet && !strings.HasPrefix(up.MIME, "image/") && up.MIME != "application/pdf"
}

// Sheet is what a file holds that came unasked, where it is a spreadsheet of renglones:
// its renglones, or in words what is wrong with them; false where it is none.
func (forms *Forms) Sheet(ctx context.Context, up session.Upload) (table paper.Table, words string, is bool, err error) {
	r, words, err := forms.open(ctx, up)
	if err != nil || words != "" {
		return paper.Table{}, "", false, err
	}
	defer func() { _ = r.Close() }()
	table, err = paper.Items(ctx, r, nil)
	if wrong, ok := errors.AsType[*paper.SheetError](err); ok {
		return paper.Table{}, wrong.Words, wrong.Renglones, nil
	}
	return table, "", err == nil, err
}

// Photo is what the pass in a photo says, as a scanner would type it; false where
// no pass is found in any.
func (forms *Forms) Photo(ctx context.Context) (string, bool, error) {
	for _, up := range forms.In.Files[:min(maxPhotos, len(forms.In.Files))] {
		if up.Size > paper.MaxPhoto {
			continue
		}
		said, err := readPhoto(ctx, up)
		if errors.Is(err, paper.ErrNoQR) || errors.Is(err, session.ErrNotGiven) {
			continue
		}
		if err != nil {
			return "", false, fmt.Errorf("look at %s: %w", up.Name, err)
		}
		if _, _, ok := core.ReadPass(said); ok {
			return said, true, nil
		}
	}
	return "", false, nil
}

func readPhoto(ctx context.Context, up session.Upload) (string, error) {
	r, err := up.Open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	return paper.ReadQR(ctx, r)
}
