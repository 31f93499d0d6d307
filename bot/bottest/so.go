package bottest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// numbered finds the number of a request in what somebody reads.
var numbered = regexp.MustCompile(`\b\d{6}/\d{4}\b`)

// Claims of a turn, and of the end after which there is none.
const (
	claimsTurn = "Le toca a"
	claimsEnd  = "Concluyó el trámite."
)

// shared are the chats in which several are answered, each for themselves.
var shared = map[string]bool{"grupo": true, "canal": true}

// asItIs checks, once nothing is under way, that no screen contradicts another.
func (r *Runner) asItIs() error {
	if r.Dying || r.After != nil {
		return nil // what was left behind is judged by Doubtful, or by who disturbs
	}
	faults, err := r.Contradictions()
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("what is read is not so:\n%s", strings.Join(faults, "\n"))
	}
	return err
}

// Contradictions are what stands on the screens of all chats and cannot be so at once, when
// nothing is under way: of a request that has come to its end somebody reads that somebody has the
// turn, or a message with buttons has an identical twin. A mail tells of its day, and stays.
func (r *Runner) Contradictions() (faults []string, err error) {
	ended, claims := map[string]string{}, map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(r.met)) {
		m := r.met[key]
		if m[1] == "correo" {
			continue
		}
		c, err := r.World.Client(m[0], m[1])
		if err != nil {
			return nil, err
		}
		twins := map[string]bool{}
		for _, s := range c.Screen() {
			if s.Mine || s.Passing {
				continue
			}
			if look := looks(s); len(s.Buttons) > 0 && !shared[m[1]] {
				if twins[look] {
					faults = append(faults, fmt.Sprintf("%s sees twice:\n%s", key, s.Text))
				}
				twins[look] = true
			}
			n := numbered.FindString(s.Text)
			switch {
			case n == "":
			case strings.Contains(s.Text, claimsEnd):
				ended[n] = key
			case strings.Contains(s.Text, claimsTurn):
				claims[n] = append(claims[n], fmt.Sprintf("%s reads of %s that somebody has the turn:\n%s", key, n, s.Text))
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(ended)) {
		for _, claim := range claims[n] {
			faults = append(faults, claim+"\n"+ended[n]+" reads that it has come to its end")
		}
	}
	return faults, nil
}
