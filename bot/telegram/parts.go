package telegram

import (
	"cmp"
	"regexp"
	"strings"
	"time"
)

// Apps send a text that is longer than 4096 characters as several messages, cut at a
// space or a line break where there is one near, and an album as one message for
// each picture.
const (
	maxPart  = 4096            // UTF-16 units of a message (Bot API)
	fullPart = 3500            // a text of so many may go on in the next message
	oneAct   = 2 * time.Second // between the messages of one text, as Telegram dates them
)

// goesOn reports whether what in brought may go on in the next message.
func goesOn(in incoming) bool {
	return in.Album != "" || isText(in) && units(in.Input.Text) >= fullPart
}

// isText reports whether in is nothing but words that a person wrote in private. What begins
// with a slash is a command, unless it is as long as no command is.
func isText(in incoming) bool {
	i := in.Input
	return i != nil && i.Private && i.Tap == "" && i.Text != "" && (!strings.HasPrefix(i.Text, "/") || units(i.Text) >= fullPart) && len(i.Files) == 0 && i.Unreadable == "" && !i.Edited
}

// isNext reports whether next goes on with what in began.
func isNext(in, next incoming) bool {
	if in.Album != "" || next.Album != "" {
		return in.Album == next.Album
	}
	return isText(in) && isText(next) && units(in.Input.Text) >= fullPart && next.Input.At.Sub(in.Input.At).Abs() <= oneAct
}

// joined are the parts of one act as one: the first of them, with the words and the
// files of all. What cannot be read in one of them cannot be read in the act, unless
// there are files.
func joined(parts []incoming) incoming {
	in := parts[0]
	if len(parts) == 1 || in.Input == nil {
		return in
	}
	whole := *in.Input
	whole.Text, whole.Files, in.Files = "", nil, nil
	last := 0
	for _, p := range parts {
		if p.Input == nil {
			continue
		}
		whole.Quoted = cmp.Or(whole.Quoted, p.Input.Quoted)
		whole.Text += seam(whole.Text, p.Input.Text, last) + p.Input.Text
		last = units(p.Input.Text)
		whole.Files = append(whole.Files, p.Input.Files...)
		in.Files = append(in.Files, p.Files...)
		if p.Input.Unreadable != "" {
			whole.Unreadable = p.Input.Unreadable
		}
	}
	if len(whole.Files) > 0 {
		whole.Unreadable = ""
	}
	whole.Parts = len(parts)
	in.Input = &whole
	return in
}

// seam is what stood between two parts, as far as that can be told: nothing where the
// first was cut at the limit, a line break where it ended a sentence or a line of a
// list, else a space.
func seam(before, after string, last int) string {
	ends := strings.ContainsAny(lastOf(before), ".:;!?…)")
	switch {
	case before == "" || after == "" || last == maxPart:
		return ""
	case ends || last < fullPart || listed(before, after):
		return "\n"
	default:
		return " "
	}
}

// itemStart is how a line of a numbered or bulleted list begins.
var itemStart = regexp.MustCompile(`^\s*([-*•·–—]|\d{1,3}[.)])\s`)

// listed reports whether after goes on with a new line of the list in before: it begins
// as one does, or before is in columns, as renglones are (";" or tabs). A space there
// would make one renglón of two, and a line break within one is refused and shown.
func listed(before, after string) bool {
	first, _, _ := strings.Cut(after, "\n")
	if itemStart.MatchString(first) {
		return true
	}
	lines := strings.Split(strings.TrimSpace(before), "\n")
	if len(lines) == 1 { // a paragraph, with semicolons in it
		return false
	}
	if inColumns(lines[len(lines)-1]) && inColumns(first) {
		return true
	}
	n := 0
	for _, line := range lines {
		if inColumns(line) {
			n++
		}
	}
	return 2*n > len(lines)
}

func inColumns(line string) bool { return strings.ContainsAny(line, ";\t") }

func lastOf(s string) string {
	r := []rune(s)
	return string(r[max(0, len(r)-1):])
}
