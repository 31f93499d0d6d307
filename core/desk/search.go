package desk

import (
	"cmp"
	"context"
	"slices"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/shelf"
)

const (
	// maxQuery bounds the words of a query, and maxNamed the agencies and the
	// accounts that a query may mean.
	maxQuery = 6
	maxNamed = 3
	// maxWalk is the longest list that is walked to find what stands in others too.
	// Where all are longer, the newest of one are looked at.
	maxWalk = 5_000
)

// Found is what a search comes to: a list to be read. Common is true when its
// words stand in so many requests that only the newest were looked at.
type Found struct {
	Union
	Common bool
}

// Search lists the requests that the actor may see and that text means, newest
// first: by words of the subject, and by the name of an agency or a person. The
// numbers of requests are for ByNumber. It asks indexes only: what it costs does
// not grow with the number of requests.
func (d *Desk) Search(ctx context.Context, actor core.Actor, text string) (Found, error) {
	words := core.SearchWords(text)
	found := Found{Union: Union{Newest: true}}
	if len(words) == 0 {
		return found, nil
	}
	words = words[:min(len(words), maxQuery)]
	q := query{Desk: d, actor: actor}
	for _, reach := range actor.Reaches(d.now()) {
		if err := q.within(ctx, reach, words); err != nil {
			return Found{}, err
		}
	}
	var err error
	if found.Shelved, err = q.archived(ctx, words); err != nil {
		return Found{}, err
	}
	found.Lists, found.Common = q.lists, q.common || q.many
	sees := d.seenBy(actor)
	found.Keep = func(r core.Record) bool {
		if _, archived := r.Archived(); !archived && q.common && !q.means(r) { // of a list that was not walked, the rest is asked for here
			return false
		}
		return sees(r)
	}
	return found, nil
}

// archived are the requests on the shelf that words mean, within all that the actor reaches.
func (q *query) archived(ctx context.Context, words []string) (out []*shelf.Line, err error) {
	s, ok, err := q.shelf(ctx)
	if err != nil || !ok {
		return nil, err
	}
	for _, reach := range q.actor.Reaches(q.now()) {
		some, err := q.archivedOf(ctx, s, reach, words)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// query collects the lists that a search reads.
type query struct {
	*Desk
	actor  core.Actor
	lists  [][]string
	common bool       // one of the lists was too long to be walked
	many   bool       // more stand on the shelf than are read of it
	meant  [][]string // all that is asked for of each of the lists
}

// means reports whether a record stands in all the lists of one of the meanings.
func (q *query) means(r core.Record) bool {
	in := r.Index().Terms
	return slices.ContainsFunc(q.meant, func(terms []string) bool { return containsAll(in, terms) })
}

// within adds the lists of what words mean within a reach. Words that stand in no
// subject name a person or an agency.
func (q *query) within(ctx context.Context, reach core.Reach, words []string) error {
	var subject, names []string
	for _, w := range words {
		n, err := q.Count(ctx, wordTerm(reach, w))
		if err != nil {
			return err
		}
		if n > 0 {
			subject = append(subject, wordTerm(reach, w))
		} else {
			names = append(names, w)
		}
	}
	if len(names) == 0 {
		if err := q.add(ctx, append(slices.Clone(subject), limits(reach)...)); err != nil {
			return err
		}
		names, subject = words, nil
	}
	for _, kind := range []core.Kind{core.KindAgency, core.KindAccount} {
		if err := q.named(ctx, kind, reach, names, subject); err != nil {
			return err
		}
	}
	return nil
}

// named adds the requests of the agencies, or of the persons, in whose name all words stand.
func (q *query) named(ctx context.Context, kind core.Kind, reach core.Reach, words, subject []string) error {
	whose, err := q.whose(ctx, kind, words)
	if err != nil {
		return err
	}
	for _, who := range whose {
		if err := q.add(ctx, slices.Concat([]string{who}, subject, limits(reach))); err != nil {
			return err
		}
	}
	return nil
}

// whose are the lists of the agencies, or of the persons, in whose name all words stand.
func (q *query) whose(ctx context.Context, kind core.Kind, words []string) (out []string, err error) {
	var terms []string
	for _, w := range words {
		terms = append(terms, core.TermName(kind, w))
	}
	page, err := q.Ledger.List(ctx, Query{Terms: terms, Limit: maxNamed})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Records {
		if kind == core.KindAgency {
			out = append(out, core.TermAgency(core.KindRequest, r.Agency))
		} else {
			out = append(out, core.TermParty(r.ID))
		}
	}
	return out, nil
}

// add adds a list, but walks no list that is too long: the newest of the shortest
// are looked at then, one by one.
func (q *query) add(ctx context.Context, terms []string) error {
	all := terms
	if len(terms) > 1 {
		shortest, least := "", -1
		for _, t := range terms {
			n, err := q.Count(ctx, t)
			if err != nil {
				return err
			}
			if least < 0 || n < least {
				shortest, least = t, n
			}
		}
		if least == 0 {
			return nil
		}
		if least > cmp.Or(q.walk, maxWalk) {
			terms, q.common = []string{shortest}, true
		}
	}
	q.lists, q.meant = append(q.lists, terms), append(q.meant, all)
	return nil
}

func wordTerm(reach core.Reach, w string) string {
	if reach.Agency != "" {
		return core.TermAgencyWord(reach.Agency, w)
	}
	return core.TermWord(w)
}

// limits are the lists to which a reach limits others; an agency's words do so themselves.
func limits(reach core.Reach) []string {
	switch {
	case reach.Party != "":
		return []string{core.TermParty(reach.Party)}
	case reach.Head != "":
		return []string{core.TermHead(reach.Head)}
	}
	return nil
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
