package email

import (
	"html/template"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core/es"
)

// How much of what people wrote a mail says, in characters; of all paragraphs
// together, in bytes of HTML, with the markup around each.
const (
	maxName      = 80
	maxLine      = 160
	maxFact      = 300
	maxParagraph = 2000
	maxBody      = 30_000
	perParagraph = 200
)

// clean is a text without what nobody reads: control characters, marks that turn
// the direction of writing, what is no text at all. Line ends and spaces stay.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\t", "    ").Replace(text))
}

// lineBreak stands for a line end of a text that people wrote, where airy must not take
// it for one of the template's. No clean text has it otherwise.
const lineBreak = "\u2028"

// long is a clean text with its lines, blank ones too.
func long(text string) string {
	text = strings.Trim(clean(text), "\n")
	if !strings.Contains(text, "\n") {
		return strings.TrimSpace(text)
	}
	return strings.ReplaceAll(strings.TrimRight(text, " \n"), "\n", lineBreak)
}

// line is a clean text in one line, as long as a heading may be.
func line(text string) string { return cut(strings.Join(strings.Fields(clean(text)), " "), maxLine) }

// cut is a text of at most n characters.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return text
}

// broken is a text in HTML with its lines and the spaces in them.
func broken(text string) template.HTML {
	var b strings.Builder
	before := '\n'
	for _, r := range text {
		switch {
		case r == '\n' || string(r) == lineBreak:
			b.WriteString("<br>")
			r = '\n'
		case r == ' ' && (before == ' ' || before == '\n'):
			b.WriteString("&nbsp;")
		default:
			b.WriteString(template.HTMLEscapeString(string(r)))
		}
		before = r
	}
	return template.HTML(b.String()) //nolint:gosec // it is escaped
}

// below is the value of a fact after its label: on the same line, unless it has several.
// Then each is set in, so that none passes for a paragraph, a label or an end of SIDEM's; in HTML it
// stands in a cell of its own.
func below(value string) string {
	lines := strings.Split(value, lineBreak)
	if len(lines) == 1 {
		return " " + value
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(lineBreak)
		if l != "" {
			b.WriteString(valueIndent + l)
		}
	}
	return b.String()
}

const valueIndent = "    "

// address is a person's, as a header has it.
func address(name, email string) string {
	return (&mail.Address{Name: cut(line(name), maxName), Address: email}).String()
}

// cleaned is a letter of clean texts only, so long that the mail stays under
// what mailboxes show without cutting it off.
func cleaned(l es.Letter) es.Letter {
	l.Subject, l.Preheader, l.Greeting = line(l.Subject), line(l.Preheader), line(l.Greeting)
	l.User, l.Password = line(l.User), line(l.Password)
	s := &l.Story
	s.Title, s.Head, s.Subject, s.Turn = line(s.Title), line(s.Head), line(s.Subject), line(s.Turn)
	facts := make([]es.Fact, len(s.Facts))
	for i, f := range s.Facts {
		facts[i] = es.Fact{Label: line(f.Label), Value: cut(strings.Join(strings.Fields(clean(f.Value)), " "), maxFact)}
		if f.Long {
			facts[i].Value = cut(long(f.Value), maxFact)
		}
	}
	s.Facts, s.Text = facts, bounded(s.Text)
	return l
}

// bounded are clean paragraphs, as many as there is room for.
func bounded(text []string) []string {
	var out []string
	room := maxBody
	for i, t := range text {
		t = cut(long(t), maxParagraph)
		if room -= len(broken(t)) + perParagraph; room < 0 {
			return append(out, es.AndMore(len(text)-i))
		}
		out = append(out, t)
	}
	return out
}
