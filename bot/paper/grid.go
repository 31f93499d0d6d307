package paper

import (
	"strconv"
)

// Bounds of what is kept of a spreadsheet: beyond them rows are counted, columns are
// passed over, and a file of more cells is not read to its end.
const (
	maxColumns = 64
	maxRows    = 1000
	maxCells   = 200_000
)

// grid is a sheet as it is read: rows with something in them, in order.
type grid struct {
	name   string
	list   bool // a text that was cut, not a sheet
	rows   []gridRow
	more   int // rows with something in them beyond those
	hidden map[int]bool
	merged []area
}

type gridRow struct {
	n      int // from 1, as the program shows it
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
	string int  // of the shared text that text becomes
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
	is       formatKind
	decimals int // that are shown; -1: as many as there are
	struck   bool
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

func (a area) has(row, column int) bool {
	return a.top <= row && row <= a.bottom && a.left <= column && column <= a.right
}

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
