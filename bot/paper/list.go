package paper

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// separators are what stands between the values of a list, in the order in which they
// are tried: programs write a semicolon where the comma separates decimals.
var separators = []rune{';', ',', '\t', '|'}

// lists are the grids that a text makes, one with each separator that cuts it. Its rows
// are numbered as a spreadsheet that opens it numbers them.
func lists(body []byte) []*grid {
	text := decoded(body)
	if line, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(line, "sep=") { // for Excel, which takes it away
		text = rest
	}
	var out []*grid
	for _, sep := range separators {
		if !strings.ContainsRune(text, sep) {
			continue
		}
		if g := list(text, sep); g != nil {
			out = append(out, g)
		}
	}
	return out
}

// isTable reports whether most rows of g have as many cells as a renglón has at least: it
// is no text with a comma here and there.
func (g *grid) isTable() bool {
	n := 0
	for _, row := range g.rows {
		if len(row.cells) >= len(must) {
			n++
		}
	}
	return n > len(g.rows)/2
}

// list is a text as a grid; nil where it is no list with that separator.
func list(text string, sep rune) *grid {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = sep, -1, true, true
	g := &grid{list: true, hidden: map[int]bool{}}
	row, line := 0, 0 // of the record before: its row, and the line on which it ended
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return g
		}
		if err != nil {
			return nil
		}
		first, _ := r.FieldPos(0)
		row += first - line // blank lines are rows, lines within a value are not
		last, _ := r.FieldPos(len(record) - 1)
		line = last + strings.Count(record[len(record)-1], "\n")
		cells := map[int]gridCell{}
		for i, v := range record[:min(len(record), maxColumns)] {
			if c := textCell(v); c.is != holdsNothing {
				cells[i] = c
			}
		}
		switch {
		case len(cells) == 0:
		case len(g.rows) < maxRows:
			g.rows = append(g.rows, gridRow{n: row, cells: cells})
		default:
			g.more++
		}
	}
}

// decoded is a text in UTF-8: it comes so, with or without a byte order mark, or in
// UTF-16 with one, or else in Windows-1252.
func decoded(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return ofUTF16(body[2:], 0, 1)
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return ofUTF16(body[2:], 1, 0)
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if utf8.Valid(body) {
		return string(body)
	}
	var out strings.Builder
	for _, b := range body {
		if b >= 0x80 && b < 0xa0 {
			out.WriteRune(windows1252[b-0x80])
			continue
		}
		out.WriteRune(rune(b))
	}
	return out.String()
}

func ofUTF16(body []byte, low, high int) string {
	units := make([]uint16, 0, len(body)/2)
	for ; len(body) >= 2; body = body[2:] {
		units = append(units, uint16(body[low])|uint16(body[high])<<8)
	}
	return string(utf16.Decode(units))
}

// windows1252 are its characters from 0x80 to 0x9f.
var windows1252 = [32]rune{
	'€', '\ufffd', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\ufffd', 'Ž', '\ufffd',
	'\ufffd', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\ufffd', 'ž', 'Ÿ',
}
