package paper

import (
	"context"
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
)

// runs is a text of a workbook as it streams: one piece, or several that each may have
// a font of their own (ECMA-376, Part 1, 18.4.4).
type runs struct {
	text  strings.Builder
	own   bool // the piece at hand has a font of its own
	font  font
	looks looks
}

// looks are the fonts in which the letters of a text are written. Inherited ones are
// those of its cell.
type looks struct {
	inherited, plain, struck bool
	colors                   []string // of pieces with fonts of their own
	tiny                     bool     // one of those pieces is too small to be read
}

// maxColors is of how many colors of one text is noted whether they can be seen.
const maxColors = 16

func (r *runs) reset() {
	r.text.Reset()
	r.own, r.font, r.looks = false, font{}, looks{}
}

// token takes a token of an si or is element.
func (r *runs) token(t xml.Token, at *element) {
	switch t := t.(type) {
	case xml.StartElement:
		switch {
		case t.Name.Local == "r":
			r.own, r.font = false, font{}
		case at.in("rPr"):
			r.own = true
			r.font.element(t)
		}
	case xml.CharData:
		if at.path[max(0, len(at.path)-1)] != "t" || at.in("rPh") {
			return
		}
		r.text.Write(t)
		switch {
		case isBlank(string(t)):
		case !r.own:
			r.looks.inherited = true
		default:
			r.looks.struck, r.looks.plain = r.looks.struck || r.font.struck, r.looks.plain || !r.font.struck
			r.looks.tiny = r.looks.tiny || r.font.tiny
			if len(r.looks.colors) < maxColors {
				r.looks.colors = append(r.looks.colors, r.font.color)
			}
		}
	}
}

// cell is a cell with the text, in a style.
func (r *runs) cell(s style) gridCell {
	c := textCell(unescaped(r.text.String()))
	if c.is != holdsNothing {
		c.wear(s, r.looks)
	}
	return c
}

// wear notes what a style makes of the text of a cell.
func (c *gridCell) wear(s style, l looks) {
	struck := l.struck || l.inherited && s.font.struck
	plain := l.plain || l.inherited && !s.font.struck
	c.struck, c.partly = struck && !plain, struck && plain
	c.unseen = l.tiny || c.is == holdsText && s.noText || c.is == holdsNumber && s.noNumber || l.inherited && (s.font.tiny || isLost(s.font.color, s.fill))
	for _, color := range l.colors {
		c.unseen = c.unseen || isLost(color, s.fill)
	}
}

// textCell is a cell with a text; nothing where nobody sees one.
func textCell(s string) gridCell {
	if isBlank(s) {
		return gridCell{}
	}
	return gridCell{is: holdsText, text: s}
}

// resolve puts the texts that stand elsewhere into a grid.
func (b *book) resolve(ctx context.Context, g *grid) error {
	type text struct {
		words string
		looks looks
	}
	wanted := map[int]*text{}
	for _, row := range g.rows {
		for _, c := range row.cells {
			if c.is == holdsShared {
				wanted[c.string] = &text{}
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	n := -1
	var r runs
	err := b.walk(ctx, b.shared, func(t xml.Token, at *element) error {
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "si" {
				n++
				r.reset()
			}
		case xml.EndElement:
			if w := wanted[n]; w != nil && e.Name.Local == "si" {
				w.words, w.looks = unescaped(r.text.String()), r.looks
			}
		}
		if wanted[n] != nil && at.in("si") {
			r.token(t, at)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range g.rows {
		for i, c := range row.cells {
			if c.is != holdsShared {
				continue
			}
			w, s := wanted[c.string], b.style(c.style)
			if c = textCell(w.words); c.is == holdsNothing {
				delete(row.cells, i)
				continue
			}
			c.wear(s, w.looks)
			row.cells[i] = c
		}
	}
	return nil
}

// escaped is how a workbook writes a character that XML cannot hold (ECMA-376, Part 1, 22.9.2.19).
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func unescaped(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:6], 16, 16)
		if err != nil || n >= 0xd800 && n <= 0xdfff {
			return m
		}
		return string(rune(n))
	})
}
