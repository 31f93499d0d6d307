package core

import (
	"slices"
	"strings"
	"unicode"

	"sidem.gob.mx/sidem/core/value"
)

// ImporterName is who the trail says did what a file brought.
const ImporterName = "Carga inicial"

// machines are the names by which the trail, and those who read it, know what no person did.
var machines = []string{SystemActor.Name, ImporterName, SystemActor.Account, "import", "Sistema", "Importación", "Administración de SIDEM"}

// Passing refuses a name or a user name that passes for another's by letters that only look
// like it, or for SIDEM itself, however it is written: in capitals, with accents, in other
// scripts or digits that look like letters, apart or together. A person's name has letters,
// and no sign that no name has; who receives at the counter is named as a person is.
func Passing(f Field, v string) *Refusal {
	switch {
	case v == "", f != FieldName && f != FieldUser && f != FieldReceivedBy:
		return nil
	case value.Disguised(v):
		return &Refusal{Reason: Invalid, Field: f, Value: v, Why: value.WhyDisguised}
	case isMachines(v):
		return &Refusal{Reason: Invalid, Field: f, Value: v, Why: value.WhyReserved}
	case f != FieldUser && !isName(v):
		return &Refusal{Reason: Invalid, Field: f, Value: v, Why: value.WhyName}
	}
	return nil
}

// isName reports whether a text can be the name of a person: letters are in it, and no emoji,
// and it is not how SIDEM addresses whoever reads.
func isName(text string) bool {
	sign := func(r rune) bool { return unicode.Is(unicode.So, r) && r != '°' || unicode.Is(unicode.Me, r) }
	return strings.ContainsFunc(text, unicode.IsLetter) && !strings.ContainsFunc(text, sign) && atGlance(text) != atGlance("usted")
}

// isMachines reports whether a name is one of machines, or has SIDEM's own among its words.
func isMachines(name string) bool {
	own := atGlance(SystemActor.Name)
	letters := ""
	for _, w := range glances(name) {
		if letters += w; len(w) > 1 {
			letters = ""
		}
		if w == own || letters == own {
			return true
		}
	}
	whole := atGlance(name)
	return slices.ContainsFunc(machines, func(m string) bool { return atGlance(m) == whole })
}

// glances are the words of a name as the eye takes them, without digits behind.
func glances(name string) (out []string) {
	for w := range strings.FieldsFuncSeq(value.Skeleton(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("|!$@", r)
	}) {
		out = append(out, taken.Replace(strings.TrimRight(w, "0123456789")))
	}
	return out
}

// taken are signs by the letters that they are taken for; l and i are one.
var taken = strings.NewReplacer("0", "o", "1", "i", "l", "i", "|", "i", "!", "i", "3", "e", "5", "s", "$", "s", "4", "a", "@", "a", "rn", "m", "vv", "w")

// atGlance is a name as it is taken at a glance, without its spaces.
func atGlance(name string) string { return strings.Join(glances(name), "") }
