// Package paper makes and reads the documents that pass through a chat: the draft of an oficio, the QR of a pass, the spreadsheet of renglones.
package paper

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"rsc.io/qr"

	"sidem/core/es"
)

// QR is text as a PNG that a phone reads off a screen.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	code.Scale = 12
	return code.PNG(), nil
}

// Measures of a letter, in millimetres: the paper is letter size.
const (
	margin = 25.0
	line   = 6.0
	size   = 11.0 // points
)

// Letter is an oficio as a PDF of one or more pages. The same words give the same bytes.
func Letter(o es.Oficio) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "Letter", "")
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin)
	pdf.SetTitle(o.Title, true)
	// Bytes that depend on the words alone: the date of making is not said.
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetCatalogSort(true)
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	pdf.AddPage()
	write := func(style, align, text string) {
		pdf.SetFont("go", style, size)
		pdf.MultiCell(0, line, text, "", align, false)
	}
	for _, s := range o.Head {
		write("B", "C", s)
	}
	pdf.Ln(line)
	for _, s := range o.Reference {
		write("", "R", s)
	}
	pdf.Ln(line)
	for _, s := range o.To {
		write("B", "L", s)
	}
	pdf.Ln(line)
	for _, s := range o.Body {
		write("", "J", s)
		pdf.Ln(line / 2)
	}
	pdf.Ln(line)
	for _, s := range o.Closing {
		write("", "C", s)
	}
	pdf.Ln(line)
	for _, s := range o.Notes {
		pdf.SetFont("go", "", size-2)
		pdf.MultiCell(0, line-1, s, "", "L", false)
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return b.Bytes(), nil
}
