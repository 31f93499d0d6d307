package slack

import (
	"regexp"
	"strings"

	vocabulary "sidem.gob.mx/sidem/bot/word"
)

// writtenWord finds the words of the table where a sentence tells somebody to write one, or a
// list begins with one.
var writtenWord = regexp.MustCompile(`(^|(?:[Ee]scriba|con|desde|ejemplo:?|o) )/(` + strings.Join(wordNames(), "|") + `)\b`)

func wordNames() (names []string) {
	for _, w := range vocabulary.All {
		names = append(names, regexp.QuoteMeta(strings.TrimPrefix(w.Name, "/")))
	}
	return names
}

// asCommand is a text of ours with the words as they are written here: Slack refuses
// "/pendientes", which is no command of its own, and takes "/sidem pendientes".
func asCommand(s string) string { return writtenWord.ReplaceAllString(s, "${1}"+command+" ${2}") }
