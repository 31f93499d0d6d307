package paper

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Measures of a letter, in millimetres: the paper is letter size.
const (
	margin = 25.0
	line   = 6.0
	size   = 11.0 // points
)

// Letter is an oficio as a PDF of one or more pages. The same words give the same bytes.
// Each string is one paragraph, whatever line breaks it brings, and what the font lacks
// is replaced: no words of a request keep its oficio from being made.
func Letter(o es.Oficio) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "Letter", "")
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin)
	pdf.SetTitle(printable(o.Title), true)
	// Bytes that depend on the words alone: the date of making is not said.
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetCatalogSort(true)
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	pdf.AddPage()
	write := func(style, align, text string) {
		pdf.SetFont("go", style, size)
		pdf.MultiCell(0, line, printable(text), "", align, false)
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
		pdf.MultiCell(0, line-1, printable(s), "", "L", false)
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return b.Bytes(), nil
}

// likenesses are drawn for characters that the font lacks and that no normal form names.
var likenesses = map[rune]string{
	'\u2010': "-", '\u2011': "-", '\u2012': "-", '\u2015': "—", '\u2212': "-", '\u2009': " ", '\u202f': " ", '\u2007': " ",
	'‚': ",", '„': "“", '‛': "‘", '‟': "“", '❝': "“", '❞': "”", '●': "•", '▪': "•", '➢': "•",
}

// printable is a text in one line of characters that the font has. A letter of a script
// that it lacks becomes a question mark, so that a gap is seen; an emoji goes.
func printable(s string) string {
	line := value.Line(s)
	var out strings.Builder
	gone := false
	for _, r := range line {
		switch like, known := likenesses[r]; {
		case inFont(string(r)):
			out.WriteRune(r)
		case known && inFont(like):
			out.WriteString(like)
		case inFont(norm.NFKC.String(string(r))):
			out.WriteString(norm.NFKC.String(string(r)))
		case unicode.IsSpace(r):
			out.WriteByte(' ')
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			out.WriteByte('?')
		default:
			gone = true
		}
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	if gone {
		text = closed.Replace(text)
	}
	if text != "" {
		return text
	}
	return " " // a line all the same
}

// closed takes the space before a sign, which an emoji left there.
var closed = strings.NewReplacer(" .", ".", " ,", ",", " ;", ";", " :", ":")

// letters is the font of letters.
var letters = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("paper: the font that is built in: %v", err))
	}
	return f
})

// inFont reports whether the font has a glyph for each character of a text. It goes by
// sixteen bits, as the PDF does.
func inFont(s string) bool {
	var b sfnt.Buffer
	for _, r := range s {
		if i, err := letters().GlyphIndex(&b, r); err != nil || i == 0 || r > 0xffff {
			return false
		}
	}
	return true
}
