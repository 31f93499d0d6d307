package es

import (
	"fmt"
	"unicode/utf16"
)

// What does not fit one message stands on pages. Their bounds are those of the stricter
// platform, less what stands above the paragraphs: Telegram's 4,096 UTF-16 units, of which
// bot/telegram leaves 1,200 to the paragraphs below many facts, and 20 paragraphs in Slack.
const (
	maxPage       = 2500 // UTF-16 units
	maxPageFacts  = 1200 // of a page with facts
	maxParagraphs = 12
)

// paged parts paragraphs into pages, of which the first has room for so many units; a
// paragraph that is longer than a page goes on on the next one.
func paged(all []string, first int) [][]string {
	var pages [][]string
	room := 0
	for _, p := range all {
		for rest := []rune(p); len(rest) > 0; {
			last := len(pages) - 1
			whole := units(rest)
			if last < 0 || len(pages[last]) == maxParagraphs || whole > room && (whole <= maxPage || room < maxPageFacts/2) {
				pages, last, room = append(pages, nil), last+1, maxPage
				if last == 0 {
					room = first
				}
			}
			part := within(rest, room)
			rest = rest[len(part):]
			pages[last] = append(pages[last], string(part))
			room -= units(part)
		}
	}
	return pages
}

// units is the length of r as Telegram counts it.
func units(r []rune) (n int) {
	for _, c := range r {
		n += utf16.RuneLen(c)
	}
	return n
}

// within is the beginning of r that has at most n units, and one letter at least.
func within(r []rune, n int) []rune {
	for i, c := range r {
		if n -= utf16.RuneLen(c); n < 0 && i > 0 {
			return r[:i]
		}
	}
	return r
}

// onPage is a title over page n (from 0) of several; of one it is the title alone.
func onPage(title string, n, last int) string {
	if last == 0 {
		return title
	}
	return fmt.Sprintf("%s · Página %d de %d", title, n+1, last+1)
}
