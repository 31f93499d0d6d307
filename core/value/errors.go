package value

import "strings"

// Kind is a kind of value: it says which form is wanted.
type Kind string

// The kinds of value.
const (
	KindMoney    Kind = "money"
	KindQuantity Kind = "quantity"
	KindDate     Kind = "date"
	KindHour     Kind = "hour"
	KindMail     Kind = "mail"
	KindPhone    Kind = "phone"
	KindDigits   Kind = "digits"
	KindAgency   Kind = "agency"
	KindChoice   Kind = "choice"
	KindItem     Kind = "item"
)

// Kinds are all of them, for the words and the tests.
var Kinds = []Kind{
	KindMoney, KindQuantity, KindDate, KindHour, KindMail, KindPhone, KindDigits, KindAgency, KindChoice, KindItem,
}

// Why says what is wrong with a text, where more can be said than that its form is another.
type Why string

// What can be wrong with a text.
const (
	WhyForm       Why = ""           // it is not of the wanted form
	WhyEmpty      Why = "empty"      // nothing was written
	WhyPrecise    Why = "precise"    // more decimals than are kept
	WhyLarge      Why = "large"      // beyond the bound
	WhyZero       Why = "zero"       // none of something of which there must be some
	WhyCurrency   Why = "currency"   // of another currency
	WhyTaxed      Why = "taxed"      // an amount, and a word about its IVA
	WhyImpossible Why = "impossible" // a day or an hour that does not exist
	WhyWeekday    Why = "weekday"    // the date is another day of the week
	WhyYear       Why = "year"       // outside the years that a date may have
	WhySeveral    Why = "several"    // more than one where one is wanted
	WhyShort      Why = "short"      // fewer figures or letters than it has
	WhyLong       Why = "long"       // more
	WhyAccent     Why = "accent"     // letters that only a plain form carries
	WhyDomain     Why = "domain"     // the part after the @ is not a domain
	WhyUnknown    Why = "unknown"    // of the right form, and not among those that there are
	WhyParts      Why = "parts"      // a renglón with too few parts, or without one that it needs
	WhyDisguised  Why = "disguised"  // in letters that only look like those of another name
	WhyReserved   Why = "reserved"   // a name that is SIDEM's own
	WhyName       Why = "name"       // nobody's name: without letters, or with signs that no name has
	WhyFault      Why = "fault"      // what a spreadsheet shows where a formula failed
)

// Whys are all of them, for the words and the tests.
var Whys = []Why{
	WhyForm, WhyEmpty, WhyPrecise, WhyLarge, WhyZero, WhyCurrency, WhyTaxed, WhyImpossible, WhyWeekday, WhyYear,
	WhySeveral, WhyShort, WhyLong, WhyAccent, WhyDomain, WhyUnknown, WhyParts, WhyDisguised, WhyReserved, WhyName, WhyFault,
}

// Invalid says that a text is no value of its kind.
type Invalid struct {
	Kind Kind
	Why  Why
	// Suggest is what may have been meant, in the wanted form; "" where nothing suggests itself.
	Suggest string
}

func (e *Invalid) Error() string {
	s := "not a value of kind " + string(e.Kind)
	if e.Why != "" {
		s += " (" + string(e.Why) + ")"
	}
	if e.Suggest != "" {
		s += ": perhaps " + e.Suggest
	}
	return s
}

// Ambiguous says that a text leaves open which value is meant. One reading alone is of a
// text that did not say all of it (a day of the week that only one year has there). The
// readings are printed values, the likelier first: each of them, sent back, is read without a
// question.
type Ambiguous struct {
	Kind     Kind
	Readings []string
}

func (e *Ambiguous) Error() string {
	return "more than one " + string(e.Kind) + ": " + strings.Join(e.Readings, " or ")
}
