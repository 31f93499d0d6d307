package storagetest

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

var (
	mutations    = flag.Int("mutations", 300, "how many changes of rows the audit must find")
	mutationSeed = flag.Uint64("mutation-seed", 1, "the seed of the changes")
)

// Mutator changes one row of a store that holds a Workday, behind the store's back.
type Mutator interface {
	// Kinds are all kinds of rows that the store's code knows and the audit judges: each
	// is to be changed.
	Kinds() []string
	// Mutate makes one change of a row of a kind that chance decides, and says which; ok is
	// false, and nothing is changed, if what was drawn is no change.
	Mutate(kind string, chance *rand.Rand) (what string, ok bool)
	// Restore takes the change back.
	Restore()
}

// perWorkday is how many changes one Workday is given, of those that -mutations asks for.
const perWorkday = 2500

// RunMutations changes rows one at a time, as many as the flag -mutations says, and
// has the audit find each. open gives a store that holds a Workday, and who changes
// its rows; there are as many as the changes need, and while one is read others are
// changed.
func RunMutations(t *testing.T, open func(t *testing.T) (Store, Mutator)) {
	t.Helper()
	if *mutations <= perWorkday {
		mutate(t, open, 0, *mutations)
		return
	}
	for first := 0; first < *mutations; first += perWorkday {
		t.Run(fmt.Sprint("from ", first+1), func(t *testing.T) {
			t.Parallel()
			mutate(t, open, first, min(perWorkday, *mutations-first))
		})
	}
}

// mutate makes the changes after the first of a seed.
func mutate(t *testing.T, open func(t *testing.T) (Store, Mutator), first, changes int) {
	s, m := open(t)
	audit := func() []string {
		t.Helper()
		a, err := (&desk.Desk{Ledger: s}).Audit(t.Context())
		if err != nil {
			return []string{err.Error()}
		}
		return a.Faults
	}
	if faults := audit(); len(faults) > 0 {
		t.Fatalf("before anything is changed: %s", strings.Join(faults, "\n"))
	}
	chance := rand.New(rand.NewPCG(*mutationSeed, uint64(first))) //nolint:gosec // a test that can be repeated
	drawn, kinds, all := map[string]int{}, map[string]int{}, m.Kinds()
	const most = 1000 // draws of a kind of which none is a change
	for n := 0; n < changes; {
		kind := all[chance.IntN(len(all))]
		if n < len(all) { // each kind once, whatever chance says
			kind = all[n]
		}
		what, ok := m.Mutate(kind, chance)
		if drawn[kind]++; !ok {
			if drawn[kind] > most && kinds[kind] == 0 {
				t.Fatalf("nothing of the kind %s can be changed: a Workday has none", kind)
			}
			continue
		}
		n++
		kinds[kind]++
		faults := audit()
		if len(faults) == 0 {
			t.Errorf("change %d of seed %d is not found: %s", first+n, *mutationSeed, what)
		}
		for _, f := range faults {
			if private := names(f); private != "" {
				t.Errorf("the fault of change %d of seed %d, %s, tells %q: %s", first+n, *mutationSeed, what, private, f)
			}
		}
		m.Restore()
	}
	if faults := audit(); len(faults) > 0 {
		t.Errorf("what was changed was not restored: %s", strings.Join(faults, "\n"))
	}
	if !t.Failed() {
		t.Logf("%d changes, each found: %v", changes, kinds)
	}
}

// names is what of a Workday's people a text repeats; "" for nothing.
func names(text string) string {
	for _, private := range []string{"Herrera", "herrera", "Ortega", "ortega", "@ejemplo", "555 0100", "6660", "computadora", "483920", "revisa"} {
		if strings.Contains(text, private) {
			return private
		}
	}
	return ""
}

// Altered is s changed in one place: a letter flipped, taken out or put in.
func Altered(chance *rand.Rand, s string) string {
	b := []byte(s)
	if len(b) == 0 {
		return "x"
	}
	i := chance.IntN(len(b))
	switch chance.IntN(4) {
	case 0:
		return string(append(b[:i:i], b[i+1:]...))
	case 1:
		return string(b[:i]) + string('a'+rune(chance.IntN(26))) + string(b[i:])
	case 2:
		b[i] ^= 1 << chance.IntN(7)
	default:
		b[i] = byte('0' + chance.IntN(75))
	}
	return string(b)
}

// Judged reports whether the body of an item was changed in what the trail tells: a text
// that is none, or another record, account, key, kind, channel or name of what is sent. When
// something is due, and how often it was tried, the trail does not tell; nor what came of it, but
// that something did.
func Judged(before, after string) bool {
	var a, b outbox.Item
	if json.Unmarshal([]byte(before), &a) != nil || json.Unmarshal([]byte(after), &b) != nil {
		return true
	}
	if again, err := json.Marshal(b); err != nil || string(again) != after {
		return true
	}
	if b.HasForeign() || !b.IsSettled() {
		return true
	}
	free := []string{"ID", "Lane", "Due", "Expires", "Data", "Version", "Epoch", "Tries", "Attempts", "Leased"}
	switch a.What {
	case desk.WhatMail, desk.WhatNote, desk.WhatCard, desk.WhatScreen:
		if a.Payload().Mail != b.Payload().Mail || a.Payload().Note != b.Payload().Note {
			return a.What == desk.WhatMail || a.What == desk.WhatNote
		}
	default:
		free = append(free, "Channel")
	}
	return !cmp.Equal(a, b, cmpopts.IgnoreFields(outbox.Item{}, free...))
}
