package shelf_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/shelf"
)

var closed = time.Date(2026, 3, 9, 18, 0, 0, 0, time.UTC)

func line(n int) shelf.Line {
	return shelf.Line{
		ID: fmt.Sprintf("r%05d", n), Number: shelf.Number(2025, n), Agency: "IE", State: core.StateCollected, Subject: "Renovación de licencias",
		Created: 1, Filed: 2, Closed: closed.UnixMilli(), Filer: "lucia", Head: "*", Version: 9, Seq: 11, Hash: strings.Repeat("A", 43), Archive: core.ArchiveID("2026-03", 1),
	}
}

// closedRequest is one as it is when it leaves.
func closedRequest(number string) core.Record {
	return core.Record{
		Kind: core.KindRequest, ID: "r1", Number: number, Agency: "IE", State: core.StateCollected, Version: 12, Seq: 15, Head: strings.Repeat("ab", 32),
		Created: closed.AddDate(0, -2, 0), Since: closed, Updated: closed,
		Fields: map[core.Field]string{core.FieldSubject: "Licencias de antivirus", core.FieldOutcome: core.Favorable, core.FieldExecutive: "raul", core.FieldHead: "ana"},
		Acts: map[core.Verb]core.Act{
			core.VerbDraft: {By: "lucia", At: closed.AddDate(0, -2, 0)},
			core.VerbFile:  {By: "pedro", For: "lucia", At: closed.AddDate(0, -1, 0)}, core.VerbRefer: {By: "olga", At: closed},
		},
	}
}

func TestWhoSawARequestSeesItsLineAndNobodyElseDoes(t *testing.T) {
	r := closedRequest("000147/2025")
	l := shelf.LineOf(r, core.ArchiveID("2026-03", 1)).Record()
	for _, who := range []core.Actor{
		{Account: "lucia", Agency: "IE", Roles: []core.Role{core.RoleRequester}},
		{Account: "x", Agency: "OTRA", Roles: []core.Role{core.RoleRequester}},
		{Account: "ana", Roles: []core.Role{core.RoleHead}},
		{Account: "x", Roles: []core.Role{core.RoleHead}},
		{Account: "raul", Roles: []core.Role{core.RoleExecutive}},
		{Account: "x", Roles: []core.Role{core.RoleExecutive}},
		{Account: "x", Roles: []core.Role{core.RoleRegistry}},
		{Account: "x", Roles: []core.Role{core.RoleAuditor}},
		{Account: "x"},
	} {
		if was, is := who.Sees(r, closed), who.Sees(l, closed); was != is {
			t.Errorf("%s (%v) sees it: %t, its line: %t", who.Account, who.Roles, was, is)
		}
		if len(core.Allowed(l, who, closed)) > 0 {
			t.Errorf("%s may do something with what is archived", who.Account)
		}
	}
	if month, ok := l.Archived(); !ok || month != "2026-03" {
		t.Errorf("it was archived with %q", month)
	}
	if _, ok := r.Archived(); ok {
		t.Error("what is there is archived")
	}
	if l.Filer() != "pedro" || l.Asker() != "lucia" || l.Head != r.Head || !l.Since.Equal(r.Since) || l.Open() {
		t.Errorf("the line is of another request: %+v", l)
	}
}

func TestALineStandsInTheListsInWhichItsRequestIsLookedFor(t *testing.T) {
	r := closedRequest("000147/2025")
	all := r.Index().Terms
	terms := shelf.LineOf(r, "archive-2026-03-1").Terms()
	for _, term := range terms {
		if !slices.Contains(all, term) && term != core.TermParty("lucia") { // in whose name it was filed
			t.Errorf("it did not stand in %s", term)
		}
	}
	for _, term := range []string{core.TermWord("licencias"), core.TermWord("antivirus"), core.TermAgency(core.KindRequest, "IE"), core.TermParty("pedro"), core.TermParty("raul"), core.TermHead("ana")} {
		if !slices.Contains(terms, term) {
			t.Errorf("it stands in %s no more", term)
		}
	}
}

func TestAPageHasWhatWasAddedOnceHoweverOftenItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lines, ids, words []byte
		var want []shelf.Line
		places := map[string][]int{}
		must := func(page []byte, err error) []byte {
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		for _, n := range rapid.SliceOfN(rapid.IntRange(1, 127), 1, 6).Draw(t, "numbers") {
			l := line(n)
			lines, ids = must(shelf.AddLines(lines, []shelf.Line{l})), must(shelf.AddIDs(ids, []shelf.Line{l}))
			term := fmt.Sprint("word:", n%5)
			words = must(shelf.ChangeWords(words, map[string][]int{term: {n}}, nil))
			if !slices.Contains(places[term], n) {
				want, places[term] = append(want, l), append(places[term], n)
			}
		}
		slices.SortFunc(want, func(a, b shelf.Line) int { return strings.Compare(a.Number, b.Number) })
		got, err := shelf.Lines(lines)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		for term := range places {
			slices.Sort(places[term])
		}
		lists, err := shelf.Words(words)
		if diff := cmp.Diff(places, lists); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		for _, l := range want {
			if got := shelf.Numbers(ids, l.ID); !slices.Equal(got, []string{l.Number}) {
				t.Fatalf("%s has the numbers %v", l.ID, got)
			}
		}
		if got := shelf.Numbers(ids, "another"); len(got) > 0 {
			t.Fatalf("another has the numbers %v", got)
		}
		gone := want[len(want)-1]
		left, err := shelf.Lines(must(shelf.DropLines(lines, gone.Archive, map[string]bool{gone.ID: true})))
		if diff := cmp.Diff(want[:len(want)-1], left, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		if words = must(shelf.ChangeWords(words, nil, places)); words != nil {
			t.Fatalf("an empty page is %d bytes", len(words))
		}
	})
}

func TestADigestIsThatOfTheLinesInWhicheverOrder(t *testing.T) {
	a, b := line(1), line(2)
	of := func(lines ...shelf.Line) string { return shelf.DigestOf(lines).String() }
	if of(a, b) != of(b, a) || of(a, b) != (shelf.Digest{}).Add(a).Add(b).String() {
		t.Error("the order changes it")
	}
	c := b
	c.Subject = "Otra cosa"
	if of(a, b) == of(a, c) || of(a) == of() {
		t.Error("what a line says does not change it")
	}
}

func FuzzAPageThatIsNoneOfOursIsRefused(f *testing.F) {
	page, err := shelf.AddLines(nil, []shelf.Line{line(1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(page)
	f.Fuzz(func(_ *testing.T, page []byte) {
		_, _ = shelf.Lines(page)
		_, _ = shelf.Words(page)
		_, _ = shelf.AddIDs(page, []shelf.Line{line(1)})
		_ = shelf.Numbers(page, "r00001")
	})
}
