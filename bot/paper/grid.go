package paper

import (
	"strconv"
	"strings"
	"unicode"
)

// Bounds of what is kept of a spreadsheet: rows beyond them are counted, and a file of
// more cells, hidden columns or merged cells is not read to its end.
const (
	maxRows   = 1000
	maxCells  = 200_000
	maxHidden = 1 << 16
	maxMerged = 1 << 16
)

// grid is a sheet as it is read: rows with something in them, in order.
type grid struct {
	name   string
	sep    rune // of a text that was cut: what stands between its values; 0: a sheet
	rows   []gridRow
	more   int // rows with something in them beyond those
	hidden map[int]bool
	merged []area
	wide   map[[2]int]int // by row and column of a merged cell, the last column of it
	deep   map[[2]int]int // the last row
	heads  *foundHeads    // once they were looked for
}

type gridRow struct {
	n      int // from 1, as the program shows it
	values int // of a list: how many it has, empty ones too
	hidden bool
	cells  map[int]gridCell // by column, from 0
}

// gridCell is what a cell holds.
type gridCell struct {
	is     holds
	text   string // of a text; of a fault its code, "#REF!"
	number float64
	format format
	struck bool // its text is struck through
	partly bool // a part of its text is
	unseen bool // nobody sees what it shows, or a part of it
	quoted bool // of a list: it stands in quotation marks
	torn   bool // of a list: its quotation marks do not end where it does
	string int  // of the shared text that text becomes
	style  int  // in which it is shown then
}

// holds says what a cell holds.
type holds int

const (
	holdsNothing holds = iota
	holdsText
	holdsNumber
	holdsLogical
	holdsFault
	holdsFormula // that was never reckoned
	holdsShared  // a text that stands elsewhere
)

// format is what the number format of a cell makes of its number.
type format struct {
	is               formatKind
	decimals         int    // that are shown; -1: as many as there are
	scaled           bool   // it shows a thousandth, or less
	padded           bool   // it shows zeros before the number
	literal          string // letters that it shows beside the number
	worded           bool   // it shows them in place of the number
	noNumber, noText bool   // it shows none
}

type formatKind int

const (
	formatPlain formatKind = iota
	formatDate
	formatPercent
	formatForeign // an amount in another currency
)

// area is a range of merged cells; its ends belong to it.
type area struct{ top, left, bottom, right int } // rows from 1, columns from 0

// merge notes a merged cell.
func (g *grid) merge(a area) {
	if g.wide == nil {
		g.wide, g.deep = map[[2]int]int{}, map[[2]int]int{}
	}
	g.merged = append(g.merged, a)
	g.wide[[2]int{a.top, a.left}], g.deep[[2]int{a.top, a.left}] = a.right, a.bottom
}

func (a area) has(row, column int) bool {
	return a.top <= row && row <= a.bottom && a.left <= column && column <= a.right
}

// isList reports whether g is a text that was cut.
func (g *grid) isList() bool { return g.sep != 0 }

// letter is the name of a column, from 0: A, B, … Z, AA.
func letter(column int) string {
	if column < 26 {
		return string(rune('A' + column))
	}
	return letter(column/26-1) + letter(column%26)
}

// place reads the name of a cell, "BC12", as a column from 0 and a row from 1.
func place(name string) (column, row int, ok bool) {
	i := 0
	for ; i < len(name) && i < 3; i++ {
		c := name[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	row, err := strconv.Atoi(name[i:])
	return column - 1, row, err == nil && i > 0 && row > 0
}

// isBlank reports whether nobody sees anything of a text: white space, and characters
// without width that come with what is copied from a page.
func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		switch r {
		case '\u2800', '\u3164', '\u115f', '\u1160', '\uffa0': // letters without ink
			return false
		}
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs)
	}) < 0
}
