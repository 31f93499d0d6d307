package paper

import (
	"errors"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Pasted reads a text as a table of renglones with the heads of its columns, as it is
// copied from a spreadsheet: like a list that is sent as a file, which one that has no
// heads, or is read as renglones are typed, is not. words are what is wrong with it. held
// are the renglones that there are.
func Pasted(text string, held []core.Item) (table Table, words string, is bool) {
	if len(text) > MaxSheet || !strings.Contains(strings.TrimSpace(text), "\n") {
		return Table{}, "", false
	}
	if _, err := value.ParseItems(text); err == nil {
		return Table{}, "", false
	}
	grids, err := lists([]byte(text))
	if err != nil {
		return Table{}, "", false
	}
	for _, whole := range []bool{true, false} {
		for _, g := range grids {
			if !hasHeads(g, whole) {
				continue
			}
			table, err := itemsOfGrids([]*grid{g}, "", held)
			if no, wrong := errors.AsType[*SheetError](err); wrong {
				return Table{}, es.OfPasted(no.Words), true
			}
			return table, "", true
		}
	}
	return Table{}, "", false
}

// hasHeads reports whether a text that was pasted has the heads of renglones: all that are
// needed, or, in the first row between tabs, some of them and no figure.
func hasHeads(g *grid, whole bool) bool {
	_, words, ok := headsOf(g)
	if whole || g.sep != '\t' || len(g.rows) == 0 {
		return whole && ok
	}
	for _, c := range g.rows[0].cells {
		if isFigure(c) {
			return false
		}
	}
	return words != "" && len(g.headsAt(0, g.rows[0].n).lack()) < len(must)-1
}
