package value

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Item is a renglón: one line of goods or services.
type Item struct {
	Description string   `json:"description"`
	Quantity    Quantity `json:"quantity"`
	Unit        string   `json:"unit"`
	Features    string   `json:"features,omitempty"` // of several lines
	Price       Money    `json:"price,omitzero"`     // estimated, of one unit, without VAT; zero: not given
}

// Part is a part of an Item, in the order in which people write them.
type Part int

// The parts of a renglón. PartWhole stands for the line itself.
const (
	PartDescription Part = iota
	PartQuantity
	PartUnit
	PartPrice
	PartFeatures
	PartWhole
)

// The bounds of the texts of a renglón, in characters.
const (
	MaxDescription = 300
	MaxUnit        = 40
	MaxFeatures    = 1000
)

// ItemError says which part of which renglón cannot be read.
type ItemError struct {
	N    int    // the renglón, from 1; 0 where it stands alone
	Part Part   // the part
	Text string // what was written there
	Err  error  // *Invalid or *Ambiguous
}

func (e *ItemError) Error() string {
	return fmt.Sprintf("renglón %d, part %d: %v", e.N, e.Part, e.Err)
}

func (e *ItemError) Unwrap() error { return e.Err }

// ItemOf reads the parts of a renglón as they stand in the cells of a row: in order
// description, quantity, unit, price and features, the last two may be missing or
// empty. Where one of its numbers has a comma before its decimals, three figures behind
// a comma are asked about. It returns an *ItemError.
func ItemOf(parts []string) (Item, error) { return ItemAmong(parts, false) }

// ItemAmong is ItemOf for a row among others; commas tells that numbers of those have a
// comma before their decimals.
func ItemAmong(parts []string, commas bool) (Item, error) {
	at := func(p Part) string {
		if int(p) < len(parts) {
			return parts[p]
		}
		return ""
	}
	fault := func(p Part, err error) (Item, error) {
		if asked, is := errors.AsType[*Ambiguous](err); is && commas { // each reading, sent back, is no question
			for i, r := range asked.Readings {
				asked.Readings[i] = strings.ReplaceAll(r, ",", "")
			}
		}
		return Item{}, &ItemError{Part: p, Text: at(p), Err: err}
	}
	it := Item{Description: Line(at(PartDescription)), Unit: Line(at(PartUnit)), Features: Text(at(PartFeatures))}
	var err error
	if why := lengthOf(it.Description, MaxDescription); why != "" {
		return fault(PartDescription, &Invalid{Kind: KindItem, Why: why})
	}
	for _, p := range []Part{PartQuantity, PartPrice} {
		if IsFault(at(p)) {
			return fault(p, &Invalid{Kind: KindItem, Why: WhyFault})
		}
	}
	commas = commas || DecimalComma(at(PartQuantity)) || DecimalComma(at(PartPrice))
	number := func(p Part) string {
		if commas { // so that three figures behind one are asked about
			return pointed(at(p))
		}
		return at(p)
	}
	if it.Quantity, err = ParseQuantity(number(PartQuantity)); err != nil {
		return fault(PartQuantity, err)
	}
	if why := lengthOf(it.Unit, MaxUnit); why != "" {
		return fault(PartUnit, &Invalid{Kind: KindItem, Why: why})
	}
	if isNumber(it.Unit) { // the parts stand in another order
		return fault(PartUnit, &Invalid{Kind: KindItem})
	}
	if strings.TrimSpace(at(PartPrice)) != "" {
		if it.Price, err = ParseMoney(number(PartPrice)); err != nil {
			return fault(PartPrice, err)
		}
		if it.Price.IsZero() { // it would be kept as none
			return fault(PartPrice, &Invalid{Kind: KindMoney, Why: WhyZero})
		}
	}
	switch {
	case Length(it.Features) > MaxFeatures:
		return fault(PartFeatures, &Invalid{Kind: KindItem, Why: WhyLong})
	case IsFault(it.Features):
		return fault(PartFeatures, &Invalid{Kind: KindItem, Why: WhyFault})
	}
	return it, nil
}

// faultCode is what spreadsheet programs show of a formula that failed, and of a number
// that its column is too narrow for: "#REF!", "#¡REF!", "#N/D", "#¿NOMBRE?", "Err:508", "####".
var faultCode = regexp.MustCompile(`^(?i:#[¡¿]?[\pL/0]{2,20}[!?]|#N/[AD]|Err:5[0-9]{2}|#{3,})$`)

// IsFault reports whether a text is what a spreadsheet shows in place of a value.
func IsFault(s string) bool { return faultCode.MatchString(strings.TrimSpace(s)) }

func lengthOf(s string, most int) Why {
	switch {
	case s == "":
		return WhyEmpty
	case IsFault(s):
		return WhyFault
	case Length(s) > most:
		return WhyLong
	}
	return ""
}

// ParseItem reads one renglón as people type it: description; quantity; unit; unit
// price; features. A part that holds a semicolon or a line break stands in
// quotation marks, doubled inside. Without them a semicolon in the description is
// understood where only one reading makes a renglón, and those in the features
// belong to them. It returns an *ItemError.
func ParseItem(line string) (Item, error) {
	parts := splitParts(line)
	whole := func(err error) (Item, error) {
		return Item{}, &ItemError{Part: PartWhole, Text: Line(line), Err: err}
	}
	if len(parts) < 3 {
		return whole(&Invalid{Kind: KindItem, Why: WhyParts})
	}
	it, first := itemFrom(parts, 0)
	if first == nil {
		if holdsAnother(parts) {
			return whole(&Invalid{Kind: KindItem, Why: WhySeveral})
		}
		return it, nil
	}
	if _, asked := errors.AsType[*Ambiguous](first); asked {
		return Item{}, first
	}
	var found []Item
	for n := 1; n <= len(parts)-3 && !parts[n-1].quoted && !isNumber(parts[n].text); n++ {
		if it, err := itemFrom(parts, n); err == nil {
			found = append(found, it)
		}
	}
	switch len(found) {
	case 0:
		return Item{}, first
	case 1:
		return found[0], nil
	}
	no := &Ambiguous{Kind: KindItem}
	for _, it := range found {
		no.Readings = append(no.Readings, it.String())
	}
	return whole(no)
}

// itemFrom is the renglón whose description has n semicolons of its own.
func itemFrom(parts []part, n int) (Item, error) {
	cells := []string{join(parts[:n+1])}
	for i, p := range parts[n+1:] {
		if i+1 == int(PartFeatures) {
			cells = append(cells, join(trimmed(parts[n+1+i:])))
			break
		}
		cells = append(cells, p.text)
	}
	return ItemOf(cells)
}

// holdsAnother reports whether what would be the features has a quantity and a unit
// of its own: two renglones on one line.
func holdsAnother(parts []part) bool {
	for i := int(PartFeatures) + 1; i < len(parts)-1; i++ {
		if isNumber(parts[i].text) && !isNumber(parts[i+1].text) {
			return true
		}
	}
	return false
}

func isNumber(s string) bool { return len(readNumber(s)) > 0 }

// part is a part of a line: its text, and as it was written.
type part struct {
	text, raw string
	quoted    bool
}

// trimmed are parts without the empty ones before and after them, as a row has that is
// copied from a wider table; at least one.
func trimmed(parts []part) []part {
	isEmpty := func(p part) bool { return p.text == "" && !p.quoted }
	for len(parts) > 1 && isEmpty(parts[0]) {
		parts = parts[1:]
	}
	for len(parts) > 1 && isEmpty(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// join is a part, or several as they were written, with their semicolons.
func join(parts []part) string {
	if len(parts) == 1 {
		return parts[0].text
	}
	raw := make([]string, len(parts))
	for i, p := range parts {
		raw[i] = p.raw
	}
	return strings.Join(raw, ";")
}

// The marks that open a quotation, and what closes each.
var quotes = map[rune]rune{'"': '"', '“': '”', '„': '”', '«': '»'}

// splitParts cuts a line at its semicolons, or at its tabs where it has no
// semicolon, as what is copied from a spreadsheet.
func splitParts(line string) []part {
	sep := ';'
	if !strings.ContainsRune(line, ';') {
		sep = '\t'
	}
	var out []part
	for {
		text, rest, ok := cutQuoted(strings.TrimLeft(line, " "), sep)
		if !ok {
			text, rest = line, ""
			if i := strings.IndexRune(line, sep); i >= 0 {
				text, rest = line[:i], line[i:]
			}
			text = strings.TrimSpace(text)
		}
		out = append(out, part{text, line[:len(line)-len(rest)], ok})
		if rest == "" {
			return out
		}
		line = rest[1:]
	}
}

// cutQuoted takes a part in quotation marks off the start of s. It is one only
// where the separator, a line break or nothing follows the closing mark: inches and
// words in quotation marks are left as they are.
func cutQuoted(s string, sep rune) (text, rest string, ok bool) {
	var closing rune
	var b strings.Builder
	skip := false
	for i, r := range s {
		switch {
		case i == 0:
			if closing = quotes[r]; closing == 0 {
				return "", "", false
			}
		case skip:
			skip = false
		case r != closing:
			b.WriteRune(r)
		case strings.HasPrefix(s[i+len(string(r)):], string(closing)):
			b.WriteRune(r)
			skip = true
		default:
			rest = strings.TrimLeft(s[i+len(string(r)):], " ")
			if rest != "" && rune(rest[0]) != sep && rest[0] != '\n' {
				return "", "", false
			}
			return b.String(), rest, true
		}
	}
	return "", "", false
}

// String is the renglón as people type it, in one line unless its features have
// more: "Computadora; 20; pieza; 18,500.00; 16 GB".
func (it Item) String() string {
	return it.printed(quote(it.Description))
}

func (it Item) printed(description string) string {
	parts := []string{description, it.Quantity.String(), quote(it.Unit)}
	if !it.Price.IsZero() {
		parts = append(parts, it.Price.String())
	}
	if it.Features != "" {
		if it.Price.IsZero() {
			parts = append(parts, "")
		}
		parts = append(parts, quote(it.Features))
	}
	return strings.Join(parts, "; ")
}

// quote puts a part in quotation marks where it would be read otherwise without.
func quote(s string) string {
	first := ' '
	for _, r := range s {
		first = r
		break
	}
	if quotes[first] == 0 && !strings.ContainsAny(s, ";\n\t") {
		return s
	}
	return quoted(s)
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// ParseItems reads renglones, one on a line; a part in quotation marks may have several
// lines. A bullet before a line goes; what may be a name as well, a dash or a number, goes
// where all lines have it: the same dash, or numbers from 1 in their order. It returns an
// *ItemError with the number of the renglón.
func ParseItems(text string) ([]Item, error) {
	var out []Item
	for _, line := range itemLines(visible(text)) {
		it, err := ParseItem(line)
		if no, ok := errors.AsType[*ItemError](err); ok {
			no.N = len(out) + 1
			return nil, no
		}
		out = append(out, it)
	}
	return out, nil
}

// itemLines are the lines of renglones; a line break inside of a quoted last part
// does not end one.
func itemLines(text string) []string {
	if lines, is := listLines(text); is {
		return lines
	}
	return slices.Collect(linesAfter(text, func(rest string) string { return bullet.FindString(rest) }))
}

// listLines are the lines of a list without its marks. Where a line has none, what looks
// like one is the beginning of a name, and so is a number alone: "365. Licencia anual".
func listLines(text string) (lines []string, is bool) {
	var marks []mark
	for line := range linesAfter(text, func(rest string) string {
		m := listMark.FindStringSubmatch(rest)
		if m == nil {
			return ""
		}
		marks = append(marks, mark{number: m[1], letter: m[2], bullet: m[3], signs: signed.MatchString(rest)})
		return m[0]
	}) {
		if lines = append(lines, line); len(marks) != len(lines) {
			return nil, false
		}
	}
	return lines, areMarks(marks)
}

// linesAfter gives the lines of renglones, each without what mark finds before it.
func linesAfter(text string, mark func(rest string) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			if blank, rest, found := strings.Cut(text, "\n"); strings.TrimSpace(blank) == "" && found {
				text = rest
				continue
			}
			text = text[len(mark(text)):]
			n := lineEnd(text)
			if line := strings.TrimSpace(text[:n]); line != "" && !yield(line) {
				return
			}
			text = strings.TrimPrefix(text[n:], "\n")
		}
	}
}

// mark is what stands before a line of a list: a number, a letter or a bullet. signs tells
// that the bullet may be the sign of a figure instead: "- 20 °C".
type mark struct {
	number, letter, bullet string
	signs                  bool
}

var (
	listMark = regexp.MustCompile(`^[ \t]*(?:([0-9]{1,3})(?:[.)]|\.-)|([a-z])\)|([•▪◦‣·*–—-]))[ \t]+`)
	signed   = regexp.MustCompile(`^[ \t]*[–—-][ \t]+[0-9]`)
	// bullet is a mark that no name begins with: one that programs draw, and before a tab
	// the letter by which they write one.
	bullet = regexp.MustCompile(`^[ \t]*(?:[•▪◦‣·][ \t]+|[o§]\t[ \t]*)`)
)

// areMarks reports whether what stands before the lines of a text makes a list of it.
func areMarks(marks []mark) bool {
	if len(marks) == 0 {
		return false
	}
	several := len(marks) > 1
	numbers, letters, bullets, signs := several, several, marks[0].bullet != "", true
	for i, m := range marks {
		n, err := strconv.Atoi(m.number)
		numbers = numbers && err == nil && n == i+1
		letters = letters && m.letter == string(rune('a'+i))
		bullets = bullets && m.bullet == marks[0].bullet
		signs = signs && m.signs
	}
	return numbers || letters || bullets && !signs
}

// lineEnd is where the renglón at the start of text ends.
func lineEnd(text string) int {
	i := 0
	for part := PartDescription; ; part++ {
		for i < len(text) && text[i] == ' ' {
			i++
		}
		if part >= PartFeatures {
			if _, rest, ok := cutQuoted(text[i:], '\n'); ok {
				return len(text) - len(rest)
			}
		}
		if q, rest, ok := cutQuoted(text[i:], ';'); ok && !strings.Contains(q, "\n") {
			i = len(text) - len(rest)
		}
		j := strings.IndexAny(text[i:], ";\n")
		switch {
		case j < 0:
			return len(text)
		case text[i+j] == '\n':
			return i + j
		}
		i += j + 1
	}
}

// PrintItems are renglones as ParseItems reads them.
func PrintItems(items []Item) string {
	text := joined(items, Item.String)
	_, is := listLines(text)
	if is || slices.ContainsFunc(items, func(it Item) bool { return bullet.MatchString(it.Description) }) { // names that begin like a list
		return joined(items, func(it Item) string { return it.printed(quoted(it.Description)) })
	}
	return text
}

func joined(items []Item, printed func(Item) string) string {
	lines := make([]string, len(items))
	for i, it := range items {
		lines[i] = printed(it)
	}
	return strings.Join(lines, "\n")
}
