package core

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sidem/core/value"
)

// What is sealed in the trail stays: an event that is blacked out keeps its place, its
// hash, and who did what when by ids; the texts are gone. Nobody can compute its hash
// any more, so another event of the same record, sealed like any, vouches for it: it
// says which events were blacked out and what is left of them, to the byte. The tree
// of the checkpoints is over the hashes, and stays as it was.

// Erasure says that an event of the same record was blacked out.
type Erasure struct {
	Seq int `json:"seq"`
	// Left is the SHA-256 of the event as it is now (Event.Sum), in hexadecimal digits.
	Left string `json:"left"`
}

// Sum is the SHA-256 of the event as a store keeps it: without Index, with its Hash.
func (e Event) Sum() string {
	e.Index = 0
	sum := sha256.Sum256(encoded(e))
	return hex.EncodeToString(sum[:])
}

// Blackout takes out of an event what is to be erased; it reports whether anything was.
type Blackout func(Event) (Event, bool)

// Erase blacks out a trail, and says which events are others by then.
func Erase(trail []Event, black Blackout) (after, changed []Event, erased []Erasure) {
	for _, e := range trail {
		b, hit := black(e)
		if hit {
			b.Salt = ""
			changed = append(changed, b)
			erased = append(erased, Erasure{Seq: b.Seq, Left: b.Sum()})
		}
		after = append(after, b)
	}
	return after, changed, erased
}

// Erased is the event that vouches for the erasures of record r, by verb: VerbErase or
// VerbRedact.
func Erased(r Record, v Verb, erased []Erasure, now time.Time) Event {
	row, _ := LifecycleOf(r.Kind).Row(v, r.State)
	e := newEvent(r, row, Command{Kind: r.Kind, Verb: v, Where: "cli"}, SystemActor, now)
	e.Erased = erased
	return e
}

// BlackDraft leaves of an event of a draft that was never filed that it happened.
func BlackDraft(e Event) (Event, bool) {
	if e.ByName == "" && e.ForName == "" && e.Fields == nil && e.Items == nil && e.Files == nil && e.Refusal == nil || e.By == SystemActor.Account {
		return e, false
	}
	e.ByName, e.ForName, e.Fields, e.Items, e.Files = "", "", nil, nil, nil
	if e.Refusal != nil {
		no := bare(*e.Refusal)
		no.Act.Name, no.Act.ForName = "", ""
		e.Refusal = &no
	}
	return e, true
}

// bare is a refusal without what somebody wrote.
func bare(no Refusal) Refusal {
	no.Value, no.Suggest, no.Readings = "", "", nil
	return no
}

// personal are the fields of an account that say who its person is, or what was said
// of it; its name is replaced and not taken out.
var personal = []Field{
	FieldUser, FieldPost, FieldEmail, FieldPhone, FieldExtension, FieldFormerEmail, FieldUnit, FieldChat, FieldReason, FieldLetterNumber,
}

// DataSubject is the person whose data are erased.
type DataSubject struct {
	Account string
	// Alias stands where the name stood.
	Alias string
	// phrases are replaced wherever they stand in a text, from the longest on, however
	// they are written there; words only where they are the whole of a value, to the letter.
	phrases, words []string
	// names are phrases whose words may be parted by whatever parts words; phones are the
	// digits of telephones, which may be parted anyhow.
	names, phones []string
}

// shortest is how many characters a name must have to be looked for inside of texts.
const shortest = 8

// SubjectOf is the person of an account, by all that its trail ever said of them.
func SubjectOf(account string, trail []Event) DataSubject {
	p := DataSubject{Account: account, Alias: Alias(account)}
	for _, e := range trail {
		for _, f := range []Field{FieldName, FieldEmail, FieldFormerEmail, FieldPhone, FieldUser} {
			p.learn(e.Fields[f])
			switch f {
			case FieldPhone:
				p.call(e.Fields[f])
			case FieldName: // "Apellidos, Nombres", wherever the surnames begin
				words := strings.FieldsFunc(e.Fields[f], partsWords)
				for i := 0; i < len(words) && e.Fields[f] != p.Alias; i++ {
					p.name(strings.Join(slices.Concat(words[i:], words[:i]), " "))
				}
			default:
			}
		}
		if chat := e.Fields[FieldChat]; chat != "" {
			p.words = append(p.words, chat, e.Fields[FieldPlatform]+":"+chat)
		}
	}
	p.phrases, p.words, p.names, p.phones = distinct(p.phrases), distinct(p.words), distinct(p.names), distinct(p.phones)
	for _, all := range [][]string{p.phrases, p.names} {
		slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	}
	return p
}

func (p *DataSubject) name(v string) {
	if utf8.RuneCountInString(v) >= shortest {
		p.names = append(p.names, v)
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

func (p *DataSubject) learn(v string) {
	if v == "" || v == p.Alias || v == p.Account {
		return
	}
	p.words = append(p.words, v)
	if utf8.RuneCountInString(v) >= shortest {
		p.phrases = append(p.phrases, v)
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
	hit := false
	replace := func(how func(string, string, string) (string, bool), all []string) {
		for _, of := range all {
			var found bool
			if s, found = how(s, of, p.Alias); found {
				hit = true
			}
		}
	}
	replace(replaced, p.phrases)
	replace(replacedName, p.names)
	replace(replacedPhone, p.phones)
	return s, hit
}

// partsWords reports whether people part the words of a name by r.
func partsWords(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",;-_+/·‐‑‒–—", r)
}

// replacedName is replaced for a name, whose words may be parted by whatever parts words.
func replacedName(s, name, by string) (string, bool) {
	var flat strings.Builder // byte by byte as long as s
	for _, r := range s {
		if partsWords(r) {
			flat.WriteString(strings.Repeat(" ", utf8.RuneLen(r)))
		} else {
			flat.WriteRune(r)
		}
	}
	if flat.Len() != len(s) { // s is no text
		return replaced(s, name, by)
	}
	return replacedIn(s, flat.String(), name, by)
}

// maxParting is how many characters may stand between two digits of a telephone number.
const maxParting = 3

// replacedPhone is s with another text wherever the digits of a telephone number stand in it
// one after the other, whatever parts them: "722 555 01 00", "+52 (722) 555-0100".
func replacedPhone(s, phone, by string) (string, bool) {
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
	return out.String() + s[done:], done > 0
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
func replaced(s, phrase, by string) (string, bool) { return replacedIn(s, s, phrase, by) }

// replacedIn is replaced where the phrase is looked for in flat, which is s otherwise written,
// byte by byte.
func replacedIn(s, flat, phrase, by string) (string, bool) {
	var out strings.Builder
	done := 0
	for {
		from, to, ok := find(flat[done:], phrase)
		if !ok {
			return out.String() + s[done:], done > 0
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

// Black is an event without what it says of the person: a Blackout.
func (p DataSubject) Black(e Event) (Event, bool) {
	b := blackener{DataSubject: p}
	b.name(e.By, &e.ByName)
	b.name(e.For, &e.ForName)
	b.text(&e.By) // a stranger's, before the chat was the account's
	b.fields(&e)
	if e.Items != nil {
		e.Items = slices.Clone(e.Items)
		for i := range e.Items {
			b.text(&e.Items[i].Description)
			b.text(&e.Items[i].Features)
		}
	}
	if e.Files != nil {
		e.Files = slices.Clone(e.Files)
		for i := range e.Files {
			b.text(&e.Files[i].Name)
		}
	}
	if e.Refusal != nil {
		no := *e.Refusal
		if e.Record == p.Account {
			own := bare(no)
			b.hit = b.hit || no.Value != "" || no.Suggest != "" || no.Readings != nil
			no = own
		}
		no.Readings = slices.Clone(no.Readings)
		b.text(&no.Value)
		b.text(&no.Suggest)
		for i := range no.Readings {
			b.text(&no.Readings[i])
		}
		b.name(no.Act.By, &no.Act.Name)
		b.name(no.Act.For, &no.Act.ForName)
		e.Refusal = &no
	}
	return e, b.hit
}

// blackener notes whether it found anything.
type blackener struct {
	DataSubject
	hit bool
}

// name replaces the name of an account by the alias where it is the person's.
func (b *blackener) name(account string, name *string) {
	if account == b.Account && *name != b.Alias && *name != "" {
		*name, b.hit = b.Alias, true
		return
	}
	b.text(name)
}

func (b *blackener) text(s *string) {
	if hidden, hit := b.Hide(*s); hit {
		*s, b.hit = hidden, true
	}
}

// fields takes out what is of the person: of its own account, of the particulars of a
// request that it began, and wherever a text names it.
func (b *blackener) fields(e *Event) {
	own := e.Kind == KindAccount && e.Record == b.Account
	begun := e.Kind == KindRequest && e.Verb == VerbDraft && e.By == b.Account
	if e.Fields == nil {
		return
	}
	e.Fields = maps.Clone(e.Fields)
	for f, v := range e.Fields {
		switch {
		case f == FieldName && (own || begun):
			b.hit = b.hit || v != b.Alias
			e.Fields[f] = b.Alias
		case own && slices.Contains(personal, f), begun && slices.Contains(particulars, f):
			delete(e.Fields, f)
			b.hit = true
		case Specs[f].Type == TypePerson: // an id
		default:
			b.text(&v)
			e.Fields[f] = v
		}
	}
}

// redactRow lets a record of a kind be blacked out, in whichever state it is.
func redactRow(states ...State) Transition {
	return Transition{Verb: VerbRedact, From: states, To: Stay, By: []Role{RoleSystem}, Quiet: true, Silent: true}
}

// erased ends an account: no chat leads to it any more.
func erased(r *Record, _ Event) { r.Links = nil }

// The verbs by which texts are taken out of the trail.
const (
	VerbErase  Verb = "erase"  // an account ends, at its person's wish
	VerbRedact Verb = "redact" // texts of a record were blacked out
)
