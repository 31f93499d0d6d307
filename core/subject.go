package core

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sidem.gob.mx/sidem/core/value"
)

// DataSubject is the person whose data are erased.
type DataSubject struct {
	Account string
	// Alias stands where the name stood.
	Alias string
	// words are replaced where they are the whole of a value, to the letter; all else wherever
	// it stands in a text, in this order: an address before the name that is in it, a whole
	// name before the user name that is a part of it, the longest of each first.
	words, mails []string
	names        [][]string // the words of each, in any order, parted by anything or by nothing
	phrases      []string   // user names, and telephones as they were written
	phones       []string   // their digits, parted by whatever parts digits
}

// shortest is how many characters a name must have to be looked for inside of texts.
const shortest = 8

// SubjectOf is the person of an account, by all that its trail ever said of them.
func SubjectOf(account string, trail []Event) DataSubject {
	p := DataSubject{Account: account, Alias: Alias(account)}
	for _, e := range trail {
		for _, f := range []Field{FieldName, FieldEmail, FieldFormerEmail, FieldPhone, FieldUser} {
			p.learn(f, e.Fields[f])
		}
		if chat := e.Fields[FieldChat]; chat != "" {
			p.words = append(p.words, chat, e.Fields[FieldPlatform]+":"+chat)
		}
	}
	p.words, p.phones = distinct(p.words), distinct(p.phones)
	for _, all := range []*[]string{&p.mails, &p.phrases} {
		*all = distinct(*all)
		slices.SortStableFunc(*all, func(a, b string) int { return len(b) - len(a) })
	}
	slices.SortStableFunc(p.names, func(a, b []string) int { return len(strings.Join(b, "")) - len(strings.Join(a, "")) })
	return p
}

// learn takes in what a field of the account said once.
func (p *DataSubject) learn(f Field, v string) {
	if v == "" || v == p.Alias || v == p.Account {
		return
	}
	p.words = append(p.words, v)
	if f == FieldPhone {
		p.call(v)
	}
	if utf8.RuneCountInString(v) < shortest {
		return
	}
	switch f {
	case FieldName:
		p.names = append(p.names, wordsOf(v))
	case FieldEmail, FieldFormerEmail:
		p.mails = append(p.mails, v)
	default:
		p.phrases = append(p.phrases, v)
	}
}

// A telephone number has so many digits at home, and is looked for from so many on.
const homeDigits, fewestDigits = 10, 7

// call learns a telephone number, without the prefix of a country.
func (p *DataSubject) call(v string) {
	d := digits(v)
	if len(d) >= fewestDigits {
		p.phones = append(p.phones, d[max(0, len(d)-homeDigits):])
	}
}

// digits are those of a telephone number, as it may be written too.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Alias is what an account is called whose person's data were erased.
func Alias(account string) string { return "Persona " + account[:min(len(account), 6)] }

// Hide is a text in which the person is not named any more; it reports whether it was.
func (p DataSubject) Hide(s string) (string, bool) {
	if s == "" {
		return s, false
	}
	if slices.Contains(p.words, s) {
		return p.Alias, true
	}
	before := s
	for _, mail := range p.mails {
		s = replaced(s, mail, p.Alias)
	}
	for _, name := range p.names {
		s = replacedName(s, name, p.Alias)
	}
	for _, phrase := range p.phrases {
		s = replaced(s, phrase, p.Alias)
	}
	for _, phone := range p.phones {
		s = replacedPhone(s, phone, p.Alias)
	}
	return s, s != before
}

// maxParting is how many characters may stand between two digits of a telephone number.
const maxParting = 3

// replacedPhone is s with another text wherever the digits of a telephone number stand in it
// one after the other, whatever parts them: "722 555 01 00", "+52 (722) 555-0100".
func replacedPhone(s, phone, by string) string {
	var run []rune
	var from, to []int // of each digit of the run, in bytes of s
	var out strings.Builder
	done, parting := 0, 0
	for i, r := range s {
		d, isDigit := digitOf(r)
		switch {
		case isDigit:
			run, from, to, parting = append(run, d), append(from, i), append(to, i+utf8.RuneLen(r)), 0
		case unicode.IsLetter(r):
			parting = maxParting + 1
		case !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Mn, r):
			parting++
		}
		if parting > maxParting {
			run, from, to = nil, nil, nil
		}
		if n := len(run) - len(phone); isDigit && n >= 0 && string(run[n:]) == phone {
			out.WriteString(s[done:from[n]] + by)
			done, run, from, to = to[len(to)-1], nil, nil, nil
		}
	}
	return out.String() + s[done:]
}

// digitOf is the digit that a character stands for, in whichever script: '5' for '５' and '٥'.
func digitOf(r rune) (rune, bool) {
	if !unicode.IsDigit(r) {
		return 0, false
	}
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 { // a script's digits are ten in a row
		zero--
	}
	if wide := value.Skeleton(string(r)); len(wide) == 1 {
		return rune(wide[0]), true
	}
	return '0' + r - zero, true
}

// replaced is s with another text wherever the phrase stands in it as words of their own,
// however it is written: with or without accents, in capitals, over two lines.
func replaced(s, phrase, by string) string {
	var out strings.Builder
	done := 0
	for {
		from, to, ok := find(s[done:], phrase)
		if !ok {
			return out.String() + s[done:]
		}
		out.WriteString(s[done:done+from] + by)
		done += to
	}
}

// find is where the phrase stands in s first, as words of their own.
func find(s, phrase string) (from, to int, ok bool) {
	text, at := folded(s)
	want, _ := folded(phrase)
	for i := 0; i+len(want) <= len(text) && len(want) > 0; i++ {
		from, to := at[i], at[i+len(want)]
		if slices.Equal(text[i:i+len(want)], want) && !inWord(s, from, to) {
			return from, to, true
		}
	}
	return 0, 0, false
}

// folded are the letters of s without accents and in lower case, with one space for
// what parts words, a comma included; and where each begins in s, and where s ends.
func folded(s string) (letters []rune, at []int) {
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r): // of the letter before
		case unicode.IsSpace(r) || r == ',':
			if n := len(letters); n == 0 || letters[n-1] != ' ' {
				letters, at = append(letters, ' '), append(at, i)
			}
		default:
			if r < utf8.RuneSelf {
				letters, at = append(letters, unicode.ToLower(r)), append(at, i)
				continue
			}
			for _, base := range value.Skeleton(string(r)) {
				letters, at = append(letters, base), append(at, i)
			}
		}
	}
	return letters, append(at, len(s))
}

// inWord reports whether what stands from i to j is a part of a longer word.
func inWord(s string, i, j int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[j:])
	return isLetter(before) || isLetter(after)
}

func isLetter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
