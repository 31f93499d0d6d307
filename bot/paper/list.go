package paper

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// separators are what stands between the values of a list, in the order in which they
// are tried: programs write a semicolon where the comma separates decimals.
var separators = []rune{';', ',', '\t', '|'}

// lists are the grids that a text makes, one with each separator that cuts it. Its rows
// are numbered as a spreadsheet that opens it numbers them. The error is errTooMuch.
func lists(body []byte) ([]*grid, error) {
	text := lineEnds(decoded(body))
	if line, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(line, "sep=") { // for Excel, which takes it away
		text = rest
	}
	var out []*grid
	for _, sep := range separators {
		if !strings.ContainsRune(text, sep) {
			continue
		}
		g, err := list(text, sep)
		if err != nil {
			return nil, err
		}
		if g != nil {
			out = append(out, g)
		}
	}
	return out, nil
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

// list is a text as a grid; nil where it is no list with that separator. The error is
// errTooMuch.
func list(text string, sep rune) (*grid, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = sep, -1, true, true
	r.TrimLeadingSpace = sep != '\t' // which is a space
	g := &grid{sep: sep, hidden: map[int]bool{}}
	starts := lineStarts(text)
	cells := 0
	row, line := 0, 0 // of the record before: its row, and the line on which it ended
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err != nil {
			return nil, nil
		}
		first, _ := r.FieldPos(0)
		row += first - line // blank lines are rows, lines within a value are not
		last, _ := r.FieldPos(len(record) - 1)
		line = last + strings.Count(record[len(record)-1], "\n")
		if cells += len(record); cells > maxCells {
			return nil, errTooMuch
		}
		held := map[int]gridCell{}
		for i, v := range record {
			if c := textCell(v); c.is != holdsNothing {
				raw := text[offset(r, starts, i):r.InputOffset()]
				if i+1 < len(record) {
					raw = text[offset(r, starts, i):offset(r, starts, i+1)]
					raw = raw[:strings.LastIndex(raw, string(sep))]
				}
				c.quoted, c.torn = marks(raw)
				held[i] = c
			}
		}
		switch {
		case len(held) == 0:
		case len(g.rows) < maxRows:
			g.rows = append(g.rows, gridRow{n: row, values: len(record), cells: held})
		default:
			g.more++
		}
	}
}

// lineStarts are the offsets at which the lines of a text begin.
func lineStarts(text string) []int {
	starts := []int{0}
	for i, c := range []byte(text) {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// offset is where a field of the record that was read last begins.
func offset(r *csv.Reader, starts []int, field int) int {
	line, column := r.FieldPos(field)
	return starts[line-1] + column - 1
}

// marks reports whether a value, as it is written, stands in quotation marks (RFC 4180),
// and whether the last of them is not its end: then the reader took what follows it, and
// perhaps whole rows, for a part of it.
func marks(raw string) (quoted, torn bool) {
	inner, quoted := strings.CutPrefix(strings.TrimRight(raw, "\r\n"), `"`)
	if !quoted {
		return false, false
	}
	inner, closed := strings.CutSuffix(inner, `"`)
	return true, !closed || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`)
}

// lineEnds is a text with lines that end in a line feed: programs for the Macintosh end
// them in a carriage return alone.
func lineEnds(text string) string {
	if strings.Contains(text, "\n") {
		return text
	}
	return strings.ReplaceAll(text, "\r", "\n")
}
