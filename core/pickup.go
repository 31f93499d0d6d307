package core

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sidem.gob.mx/sidem/core/value"
)

// The bounds of wrong codes at the counter, within WrongCodesIn: of one person for a
// request, of all for it, and of one person for whichever requests. Beyond them an identification is asked for.
const (
	WrongCodesOfOne    = 5
	WrongCodesOfAll    = 10
	WrongCodesAnywhere = 10
	WrongCodesIn       = time.Hour
)

// WrongCodes are how often a code did not match a request lately: as one person gave
// it, and as anybody did; and how often that person's codes did not match anywhere.
type WrongCodes struct{ Mine, All, Anywhere int }

// CountWrongCodes counts, at the instant now, what the end of a record's trail holds
// of account and of all.
func CountWrongCodes(trail []Event, account string, now time.Time) (n WrongCodes) {
	for _, e := range trail {
		if e.Verb != VerbHandOver || e.Refusal == nil || e.Refusal.Reason != WrongCode || now.Sub(e.At) >= WrongCodesIn {
			continue
		}
		n.All++
		if e.By == account {
			n.Mine++
		}
	}
	return n
}

// Tired is the Value of a WrongCode that was not compared any more.
const Tired = "tired"

// isPickedUp: a code was shown, which must be the request's, or an identification.
// Whatever resembles a code or a pass is one, in whichever answer it stands.
func isPickedUp(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	code, ident := strings.TrimSpace(c.Fields[FieldShown]), strings.TrimSpace(c.Fields[FieldIdentified])
	field := FieldShown
	if no := Passing(FieldReceivedBy, c.Fields[FieldReceivedBy]); no != nil {
		return no
	}
	if code == "" && ResemblesCode(ident) {
		code, field = ident, FieldIdentified
	}
	switch {
	case code == "" && ident == "":
		return &Refusal{Reason: Missing, Field: FieldShown}
	case code == "" && deniesIdentification(ident):
		return &Refusal{Reason: Missing, Field: FieldShown}
	case code == "":
		return nil
	}
	if no := r.codeGiven(code, field, c); no != nil {
		return no
	}
	if field == FieldShown && ResemblesCode(ident) && !r.isCode(ident, c.Collectors) {
		return &Refusal{Reason: WrongCode, Field: field}
	}
	return nil
}

// noCode are the answers by which people at the counter say that no code was shown, folded.
var noCode = []string{
	"no", "no trae", "no lo trae", "no la trae", "no trajo", "no lo trajo", "no tiene", "no lo tiene", "no tiene codigo", "no trae codigo", "no trajo codigo",
	"no mostro", "no lo mostro", "no presento", "no lo presento", "no hay", "no hay codigo", "no cuenta con codigo", "no aplica", "n a", "na",
	"sin codigo", "ninguno", "ningun codigo", "nada", "lo olvido", "se le olvido", "lo perdio",
}

// saysNoCode reports whether text, in the place of a pickup code, says that there is none. It
// has no digit: whatever has one is compared, and counted.
func saysNoCode(text string) bool {
	words := strings.FieldsFunc(value.Skeleton(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return slices.Contains(noCode, strings.Join(words, " "))
}

// codeGiven refuses a code that is not r's, and any code after too many wrong ones.
func (r Record) codeGiven(code string, field Field, c Command) *Refusal {
	switch wrong := c.Wrong; {
	case wrong.Mine >= WrongCodesOfOne, wrong.All >= WrongCodesOfAll, wrong.Anywhere >= WrongCodesAnywhere:
		return &Refusal{Reason: WrongCode, Field: field, Value: Tired}
	case !r.isCode(code, c.Collectors):
		return &Refusal{Reason: WrongCode, Field: field}
	}
	return nil
}

// codeApart is a hand-over whose identification, where it is r's code, is a code and no
// identification; and one whose code is words that say that there is none has none.
func (r Record) codeApart(c Command) Command {
	if c.Verb == VerbHandOver && saysNoCode(c.Fields[FieldShown]) {
		delete(c.Fields, FieldShown) // they are the command's own since it was kept
	}
	ident := c.Fields[FieldIdentified]
	if c.Verb != VerbHandOver || !ResemblesCode(ident) || !r.isCode(ident, c.Collectors) {
		return c
	}
	if strings.TrimSpace(c.Fields[FieldShown]) == "" {
		c.Fields[FieldShown] = ident
	}
	delete(c.Fields, FieldIdentified)
	return c
}

// TryCode judges a pickup code that a person gives before the hand-over is begun: nil
// where it is r's, and they have not given too many that were not. Of a code without a
// number that is no request's, r is their own account, in whose trail the try is kept.
func TryCode(r Record, c Command, a Actor) *Refusal {
	if no := r.codeGiven(c.Fields[FieldShown], FieldShown, c); no != nil {
		c.Kind = r.Kind
		return no.about(r, c, a)
	}
	return nil
}

// CodeOf is the pickup code by which the person of an account collects r; "" as long as
// there is none. Each has their own, and it is good while they are one of the Collectors: what
// somebody was told who may not know of r any more opens nothing, and whoever takes over has
// another. That of who asked is the one that the record keeps.
func (r Record) CodeOf(account string) string {
	kept := r.Fields[FieldPickupCode]
	if kept == "" || account == r.Asker() {
		return kept
	}
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(strings.Join([]string{"pickup", r.ID, r.Fields[FieldPickupKey], kept, account, strconv.Itoa(n)}, "\x00")))
		if code := strconv.FormatUint(leastCode+binary.BigEndian.Uint64(sum[:])%codes, 10); code != kept {
			return code
		}
	}
}

// The codes are those of six digits: with a zero before it one would be read as a number.
const leastCode, codes = 100_000, 900_000

// isCode reports whether text is the pickup code of r of one of those who collect it, as it
// is typed or read aloud, or what their pass says.
func (r Record) isCode(text string, collectors []Record) bool {
	is := func(code string) bool {
		return code != "" && slices.ContainsFunc(collectors, func(p Record) bool { return code == r.CodeOf(p.ID) })
	}
	if number, code, ok := ReadPass(text); ok {
		return number == r.Number && is(code)
	}
	code := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1 // what people put between the digits of a code
	}, codeWords.ReplaceAllString(value.Skeleton(text), ""))
	return is(code)
}

// HasCode reports whether a code that was given is r's, by what the desk found out for the
// command that brings it.
func (r Record) HasCode(c Command) bool { return r.isCode(c.Fields[FieldShown], c.Collectors) }

// codeWords are what people call a code or a pass, and idWords an identification; that of a
// voter is known by a key of its own.
var (
	codeWords = regexp.MustCompile(`\b(cod(igo)?s?|codes?|claves?|pin|nip|pases?|pass|qr|sidem|tokens?|folio de entrega)\b`)
	idWords   = regexp.MustCompile(`\b(ine|ife|curp|rfc|inapam|imss|issste|isset|visa|fm[23]|credencial|pasaporte|passport|licencia|cedula|cartilla|gafete|carnet|carne|matricula|` +
		`identificacion|constancia|nombramiento|residencia|residente|tarjeta|acta|titulo|empleado|empleada|trabajador|trabajadora|id)\b|\b(credencial|identificacion|licencia)es\b`)
	electorKey = regexp.MustCompile(`\bclave de elector\b`)
	// A denial says that nothing was shown; "no." before a number is short for it.
	denial = regexp.MustCompile(`^(no|sin|nada|nadie|ningun[ao]?|n/?a|nel|olvido|perdio|se le (olvido|perdio))\b|` +
		`\bno (la |lo |le |se |me |los |las )?(traj|tra[ei]|tien|tenia|present|mostr|muestr|porta|cuenta|exhib|quis|dio|hubo|hay|aplica)`)
	// The number of a request says which, and not who came for it.
	requestNumber = regexp.MustCompile(`\b\d{1,6} ?/ ?\d{4}\b`)
	numberMark    = regexp.MustCompile(`\b(no|num|numero)\b\.? ?(de |\d)`)
	// The words by which the digits of a code are read aloud.
	spokenDigits = regexp.MustCompile(`\b(cero|uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w+|veint\w+|` +
		`treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien(to)?|\w*cientos|quinientos|mil)\b`)
)

// So many digits are a code's, with whatever around them, where no kind of document is named:
// of a passport or a voter's card there are more. So many that are spoken are one too.
const (
	fewDigits, manyDigits = 4, 7
	fewSpoken             = 3
)

// ResemblesCode reports whether text would be taken for a pickup code or a pass:
// digits with whatever between them, or read aloud, or what is called a code, or says no more
// than that there was one. What names a kind of document is none, unless it is called a code. ""
// resembles nothing.
func ResemblesCode(text string) bool {
	text = value.Skeleton(text)
	if text == "" {
		return false
	}
	var digits, letters int
	for _, r := range text {
		switch {
		case unicode.IsDigit(r) || unicode.IsNumber(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	document := idWords.MatchString(text)
	called := codeWords.MatchString(electorKey.ReplaceAllString(strings.ReplaceAll(text, "_", " "), "ine"))
	switch {
	case strings.Contains(lettersOnly(text), "sidem"), called && (digits > 0 || !document):
		return true
	case letters == 0:
		return true // no word says what was shown
	case document:
		return false
	case requestNumber.MatchString(text):
		return true
	}
	return digits >= fewDigits && digits <= manyDigits || len(spokenDigits.FindAllString(text, -1)) >= fewSpoken
}

// lettersOnly is a text without what stands between its letters.
func lettersOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}

// deniesIdentification reports whether text says that there was none.
func deniesIdentification(text string) bool {
	return denial.MatchString(numberMark.ReplaceAllString(value.Skeleton(text), "# "))
}

const passPrefix = "SIDEM:"

// Pass is what the QR of a pickup pass says: the number of a request and a pickup code.
func Pass(number, code string) string { return passPrefix + number + ":" + code }

// ReadPass takes apart what Pass made, as a scanner types it.
func ReadPass(text string) (number, code string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), passPrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// secrets are the fields by which an opinion is handed over. Passwords and linking codes are
// in no record and in no event: they are derived, or kept in sessions by their hash.
var secrets = []Field{FieldPickupCode, FieldPickupKey, FieldShown}

// WithoutSecrets is the record without what an opinion is handed over by. Its Head is the hash
// of its last event, and stands there.
func (r Record) WithoutSecrets() Record {
	r.Fields, r.Head = withoutSecrets(r.Fields), ""
	return r
}

// WithoutSecrets is the event without what an opinion is handed over by. A code of six digits
// could be guessed from the hash of an event by whoever has all else of it: the salt is left
// out, and so is the hash of one that has none.
func (e Event) WithoutSecrets() Event {
	e.Fields = withoutSecrets(e.Fields)
	if e.Salt == "" {
		e.Hash = ""
	}
	e.Salt = ""
	if no := e.Refusal; no != nil && slices.Contains(secrets, no.Field) {
		clean := *no
		clean.Value, clean.Suggest, clean.Readings = "", "", nil
		e.Refusal = &clean
	}
	return e
}

func withoutSecrets(fields map[Field]string) map[Field]string {
	out := maps.Clone(fields)
	for _, f := range secrets {
		delete(out, f)
	}
	return out
}
