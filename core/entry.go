package core

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// Parse reads what a person wrote into field f, in any form in which people write
// its type, on the local date of now. options are the choices, persons or agencies of
// the field with their labels; without them a choice is read by its stored value, and
// an agency by its key. It
// returns what the field keeps, or a refusal of reason Missing, Invalid, Ambiguous
// or Future. Renglones have ParseItems, files come as they are.
func Parse(f Field, text string, now time.Time, options ...value.Option) (string, *Refusal) {
	stored, err := parse(Specs[f], text, now, options)
	if err != nil {
		return "", fitting(refused(f, text, err), now, options)
	}
	if no := Check(f, stored, now); no != nil {
		return "", no
	}
	if f == FieldYear && !isRunning(stored, now) {
		return "", &Refusal{Reason: Invalid, Field: f, Value: stored, Why: value.WhyYear}
	}
	return stored, nil
}

// fitting is no with the readings of its text that the field can keep, the likelier first:
// of a day without its year not one in the future where the field is about what was, and
// where it is not, the next one before the last. Where it can keep none of them, no is the
// refusal of the likeliest. What it suggests is what the field can keep too.
func fitting(no *Refusal, now time.Time, options []value.Option) *Refusal {
	var later, earlier []string
	var unfit *Refusal
	for _, r := range no.Readings {
		stored, refused := Parse(no.Field, r, now, options...)
		switch {
		case refused != nil:
			unfit = cmp.Or(unfit, refused)
		case Specs[no.Field].Type == TypeDate && stored < DateOf(now).String():
			earlier = append(earlier, r)
		default:
			later = append(later, r)
		}
	}
	fit := append(later, earlier...)
	if unfit != nil && len(fit) == 0 {
		return unfit
	}
	no.Readings = fit
	if no.Suggest != "" && no.Why != value.WhyWeekday { // of which the day is said
		if _, refused := Parse(no.Field, no.Suggest, now, options...); refused != nil {
			no.Suggest = ""
		}
	}
	return no
}

func parse(spec Spec, text string, now time.Time, options []value.Option) (string, error) {
	if len(options) == 0 {
		for _, c := range spec.Choices {
			options = append(options, value.Option{Value: c, Label: c})
		}
	}
	switch spec.Type {
	case TypeText:
		return value.Line(text), nil
	case TypeLong:
		return value.Text(text), nil
	case TypeDate:
		d, err := value.ParseDate(text, value.Date(DateOf(now)))
		return d.Stored(), err
	case TypeClock:
		h, err := value.ParseHour(text, value.HourOf(now))
		return h.Stored(), err
	case TypeMoney:
		m, err := value.ParseMoney(text)
		return m.Stored(), err
	case TypeDigits:
		least, most := spec.digits()
		return value.ParseDigits(text, least, most)
	case TypeMail:
		m, err := value.ParseMail(text)
		return m.Stored(), err
	case TypePhone:
		p, err := value.ParsePhone(text)
		return p.Stored(), err
	case TypeKey:
		if len(options) > 0 { // one of the directory's
			return value.ParseChoice(text, options)
		}
		a, err := value.ParseAgencyID(text)
		return a.String(), err
	case TypeChoice:
		return value.ParseChoice(text, options)
	case TypeChoices:
		chosen, err := value.ParseChoices(text, options)
		return strings.Join(chosen, ","), err
	case TypePerson:
		if len(options) > 0 {
			return value.ParseChoice(text, options)
		}
	case TypeLines, TypeUpload:
	}
	return strings.TrimSpace(text), nil
}

func (s Spec) digits() (least, most int) {
	if s.Min == 0 {
		return s.Max, s.Max
	}
	return s.Min, s.Max
}

// Print is what field f keeps as people write it: Parse reads it as the same. What
// an older version kept and Parse refuses is printed as it is.
func Print(f Field, stored string, options ...value.Option) string {
	switch Specs[f].Type {
	case TypeDate:
		if d, ok := value.StoredDate(stored); ok {
			return d.String()
		}
	case TypeMoney:
		if m, ok := value.StoredMoney(stored); ok {
			return m.String()
		}
	case TypeChoice, TypeChoices, TypePerson, TypeKey:
		if printed := value.PrintChoices(splitList(stored), options); printed != "" {
			return printed
		}
	case TypeText, TypeLong, TypeClock, TypeDigits, TypeMail, TypePhone, TypeLines, TypeUpload:
	}
	return stored
}

// ParseItems reads renglones as people type them, one on a line: description;
// quantity; unit; unit price; features. The refusal says which part of which
// renglón it is about. What it reads value.PrintItems prints.
func ParseItems(text string) ([]Item, *Refusal) {
	items, err := value.ParseItems(text)
	if err != nil {
		return nil, refused(FieldItems, text, err)
	}
	if no := CheckItems(items); no != nil {
		return nil, no
	}
	return items, nil
}

// CheckItems judges how many renglones there are.
func CheckItems(items []Item) *Refusal {
	switch most := Specs[FieldItems].Max; {
	case len(items) == 0:
		return &Refusal{Reason: Missing, Field: FieldItems}
	case len(items) > most:
		return &Refusal{Reason: Invalid, Field: FieldItems, Why: value.WhySeveral}
	}
	return nil
}

// ItemRefusal is the refusal of a renglón that value.ItemOf gave an error for, as
// number n of those that were given.
func ItemRefusal(n int, err error) *Refusal {
	no := refused(FieldItems, "", err)
	no.Row = n
	return no
}

// refused is the refusal that an error of core/value makes.
func refused(f Field, text string, err error) *Refusal {
	no := &Refusal{Reason: Invalid, Field: f, Value: text}
	if it, ok := errors.AsType[*value.ItemError](err); ok {
		no.Row, no.Part, no.Value = it.N, it.Part, it.Text
	}
	if asked, ok := errors.AsType[*value.Ambiguous](err); ok {
		no.Reason, no.Readings = Ambiguous, asked.Readings
	}
	if invalid, ok := errors.AsType[*value.Invalid](err); ok {
		no.Why, no.Suggest = invalid.Why, invalid.Suggest
		if invalid.Why == value.WhyEmpty && no.Row == 0 {
			return &Refusal{Reason: Missing, Field: f}
		}
	}
	return no
}

// Check judges what field f is to keep: v in the form in which Parse gives it, on
// the local date of now. It returns nil or a refusal of reason Missing, Invalid or
// Future.
func Check(f Field, v string, now time.Time) *Refusal {
	spec, ok := Specs[f]
	if !ok || spec.Type == TypeLines || spec.Type == TypeUpload {
		return nil
	}
	if strings.TrimSpace(v) == "" {
		return &Refusal{Reason: Missing, Field: f}
	}
	if why, ok := spec.check(v); !ok {
		return &Refusal{Reason: Invalid, Field: f, Value: v, Why: why}
	}
	if spec.Past && v > DateOf(now).String() {
		return &Refusal{Reason: Future, Field: f, Value: v}
	}
	return nil
}

// check judges a value that is not empty.
func (s Spec) check(v string) (value.Why, bool) {
	var err error
	switch s.Type {
	case TypeText, TypeLong:
		return s.length(v)
	case TypeDate:
		if d, ok := value.StoredDate(v); !ok || d.Stored() != v {
			return "", false
		}
		_, err = value.ParseDate(v, value.Date{})
	case TypeClock:
		h, ok := value.StoredHour(v)
		return "", ok && h.Stored() == v
	case TypeMoney:
		m, ok := value.StoredMoney(v)
		switch {
		case !ok:
			return "", false
		case m.IsZero():
			return value.WhyZero, false
		}
		_, err = value.ParseMoney(v)
	case TypeDigits:
		least, most := s.digits()
		var d string
		d, err = value.ParseDigits(v, least, most)
		switch {
		case err != nil:
		case d != v:
			return "", false
		case s.Leading && d[0] == '0':
			return value.WhyZero, false
		}
	case TypeMail:
		if _, err = value.ParseMail(v); err == nil && value.Length(v) > s.Max {
			return value.WhyLong, false
		}
	case TypePhone:
		_, err = value.ParsePhone(v)
	case TypeKey: // older keys have other letters; a new one is judged when it is registered
		return s.length(v)
	case TypeChoice:
		return "", slices.Contains(s.Choices, v)
	case TypeChoices:
		if len(s.Choices) == 0 {
			return s.length(v)
		}
		for part := range strings.SplitSeq(v, ",") {
			if !slices.Contains(s.Choices, part) {
				return "", false
			}
		}
	case TypePerson, TypeLines, TypeUpload:
	}
	if invalid, ok := errors.AsType[*value.Invalid](err); ok {
		return invalid.Why, false
	}
	return "", err == nil
}

// length judges a text by its bounds in characters.
func (s Spec) length(v string) (value.Why, bool) {
	switch n := value.Length(v); {
	case n < s.Min:
		return value.WhyShort, false
	case s.Max > 0 && n > s.Max:
		return value.WhyLong, false
	}
	return "", true
}

// kept are the texts of a command as a record keeps them: in normal form C, without
// what nobody sees, whoever gave the command.
func (c Command) kept() Command {
	c.Fields = keptFields(c.Fields)
	c.Also = slices.Clone(c.Also)
	for i, fields := range c.Also {
		c.Also[i] = keptFields(fields)
	}
	c.Items, c.Files = slices.Clone(c.Items), slices.Clone(c.Files)
	for i, it := range c.Items {
		c.Items[i].Description, c.Items[i].Unit, c.Items[i].Features = value.Line(it.Description), value.Line(it.Unit), value.Text(it.Features)
	}
	for i, a := range c.Files {
		c.Files[i].Name = value.Line(a.Name)
	}
	return c
}

func keptFields(given map[Field]string) map[Field]string {
	if given == nil {
		return nil
	}
	fields := make(map[Field]string, len(given))
	for f, v := range given {
		switch Specs[f].Type {
		case TypeText:
			v = value.Line(v)
		case TypeLong:
			v = value.Text(v)
		case TypeDate, TypeClock, TypeMoney, TypeDigits, TypeMail, TypePhone, TypeKey, TypeChoice, TypeChoices, TypePerson, TypeLines, TypeUpload:
		}
		fields[f] = v
	}
	return fields
}
