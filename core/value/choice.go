package value

import "strings"

// Option is one of what can be chosen: a value that is kept, and the label that
// people read.
type Option struct{ Value, Label string }

// ParseChoice reads the label of one of options, or its value, or so much of the
// start of a word of the label that it can be no other: "héctor" for "Héctor Molina".
// Case and accents do not count. It returns the value, or *Invalid, or *Ambiguous
// with the labels that fit.
func ParseChoice(text string, options []Option) (string, error) {
	s := Fold(text)
	if s == "" {
		return "", &Invalid{Kind: KindChoice, Why: WhyEmpty}
	}
	var whole, part []Option
	for _, o := range options {
		switch label := Fold(o.Label); {
		case o.Value == strings.TrimSpace(text) || label == s:
			whole = append(whole, o)
		case strings.HasPrefix(label, s) || strings.Contains(label, " "+s):
			part = append(part, o)
		}
	}
	found := whole
	if len(found) == 0 && Length(s) >= 3 {
		found = part
	}
	switch len(found) {
	case 0:
		return "", &Invalid{Kind: KindChoice, Why: WhyUnknown}
	case 1:
		return found[0].Value, nil
	}
	no := &Ambiguous{Kind: KindChoice}
	for _, o := range found {
		no.Readings = append(no.Readings, o.Label)
	}
	return "", no
}

// ParseChoices reads one or more choices, separated by commas, semicolons, lines or
// "y". It returns their values in the order of options, each once.
func ParseChoices(text string, options []Option) ([]string, error) {
	chosen := map[string]bool{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if err := choose(part, options, chosen); err != nil {
			return nil, err
		}
	}
	var out []string
	for _, o := range options {
		if chosen[o.Value] {
			out = append(out, o.Value)
		}
	}
	if len(out) == 0 {
		return nil, &Invalid{Kind: KindChoice, Why: WhyEmpty}
	}
	return out, nil
}

// choose marks the choice that part names, or those on both sides of its "y".
func choose(part string, options []Option, chosen map[string]bool) error {
	if strings.TrimSpace(part) == "" {
		return nil
	}
	v, err := ParseChoice(part, options)
	if err == nil {
		chosen[v] = true
		return nil
	}
	words := strings.Fields(part)
	for i, w := range words {
		if w != "y" && w != "e" || i == 0 || i == len(words)-1 {
			continue
		}
		first, errFirst := ParseChoice(strings.Join(words[:i], " "), options)
		if errFirst != nil {
			return errFirst
		}
		chosen[first] = true
		return choose(strings.Join(words[i+1:], " "), options, chosen)
	}
	return err
}

// PrintChoices are the labels of values, as ParseChoices reads them.
func PrintChoices(values []string, options []Option) string {
	var labels []string
	for _, v := range values {
		for _, o := range options {
			if o.Value == v {
				labels = append(labels, o.Label)
			}
		}
	}
	return strings.Join(labels, ", ")
}
