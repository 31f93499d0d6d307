package core

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"time"
)

// Audit judges a trail, and the records and entries that are kept beside it.
//
// Give it all events in the order of their index, then everything that is kept,
// then the events that were added meanwhile, and Close it. A record of which there
// were such events was not judged: it is among Open, and judged by giving everything
// once more. The zero value is ready. Faults name ids and kinds, and no person.
type Audit struct {
	// Indexed says that entries are given too: what is absent among them is a fault.
	Indexed bool
	// Presses is the instant before which a press need not be known any more: nothing
	// repeats one that is so old. Zero: all of them must be.
	Presses time.Time
	// Now is the business time: no number was given in a year that comes after it. Zero: that of the last event.
	Now time.Time

	// Events and Records are how many the trail has, and Erased how many events were
	// blacked out, on record.
	Events, Records, Erased int
	// Faults say, in words for an operator, what does not hold.
	Faults []string

	last    int // the index of the last event
	files   map[string]*file
	presses map[uint64]int  // the first event of each press
	young   map[uint64]bool // the presses that must be known still
	due     int             // how many of them there were when the reading began
	known   map[uint64]bool // those of them that were given
	reading bool            // something that is kept was given since the last Close
	open    map[string]bool // the records that are judged in this reading; nil is all
	moved   map[string]bool // …of which there were events meanwhile
	strays  map[string][]string
	torn    []string                    // the records that have events whose hash is not their own
	values  map[string]map[int64]string // who has which value of a series
	gaps    []gap                       // of the first reading; a number may have been given in the middle of it
	passed  map[Passed]int              // the numbers that were passed over, by the first reading
	taken   map[string]Departed         // the requests that left the store
	holes   [][2]int                    // the first and the last index of what is not in the trail
	owed    []Owed                      // what young events owe, and…
	told    map[uint64]bool             // …who was told of which version
	latest  time.Time                   // the instant of the last event
	seed    maphash.Seed
}

// file is what the trail says of one record, and what was found of it.
type file struct {
	record  Record
	events  []int
	applied []applied
	torn    map[int]torn   // the events whose hash is not theirs, by Seq
	left    map[int]string // what events say is left of those that were blacked out
	erased  bool           // some of them are blacked out, or changed
	by      string         // who made the last commit
	once    string         // of the last event that was applied
	derived bool           // its former agencies are the fold's: no event brought them
	older   bool           // …and the record itself was written before they were kept
	at      time.Time      // …and its instant

	shelf []uint64 // the entries that it should have, sorted; nil until they are asked for
	found []bool
	kept  bool            // the record itself was given
	wrong []string        // what was found of it that should not be
	given map[string]bool // the series of which it has a number
}

// torn is an event whose hash is not its own: it was blacked out, or changed.
type torn struct {
	fault, sum string
}

// applied is one event that was not refused: its verb, the version that it led to,
// whether it was of one commit with the one before, and when.
type applied struct {
	verb    Verb
	version int
	joined  bool
	at      int64 // in Unix milliseconds
}

// Event takes in the next event: the index must have no gap, and the record's chain of hashes must hold.
func (a *Audit) Event(e Event) {
	a.init()
	a.Events++
	switch {
	case e.Index <= a.last:
		a.fault("event %d follows event %d: the index is out of order", e.Index, a.last)
	case e.Index > a.last+1:
		a.holes = append(a.holes, [2]int{a.last + 1, e.Index - 1})
	}
	a.last = e.Index
	if t, left := a.taken[e.Record]; left && t.Seq == e.Seq && t.Head != e.Hash {
		a.fault("event %d of %s is not the one that its archive ended with", e.Index, Plain(e.Record))
	}
	f := a.files[e.Record]
	if f == nil {
		a.Records++
		f = &file{}
		a.files[e.Record] = f
	}
	if !e.Follows(f.record.Seq, f.record.Head) {
		what := fmt.Sprintf("event %d (%s of %s, its number %d) does not follow the one before: the trail was changed", e.Index, Plain(string(e.Verb)), Plain(e.Record), e.Seq)
		if e.Seq != f.record.Seq+1 || len(e.Erased) > 0 { // no event vouches for one that vouches
			a.fault("%s", what)
		} else {
			f.tear(e.Seq, torn{what, e.Sum()})
			a.torn = append(a.torn, e.Record)
		}
	} else {
		for _, v := range e.Erased {
			f.vouch(v)
		}
	}
	if e.Once != "" {
		if press := a.sum(IndexEntry{Family: EntryPress, Key: e.Once}); a.presses[press] == 0 {
			a.presses[press] = e.Index
			if !e.At.Before(a.Presses) {
				a.young[press] = true
			}
		}
	}
	before := f.record
	f.record = Apply(before, e)
	if was, is := before.Fields[FieldFormerAgencies], f.record.Fields[FieldFormerAgencies]; was != is {
		f.derived = e.Fields[FieldFormerAgencies] == ""
	}
	f.events = append(f.events, e.Index)
	if e.At.After(a.latest) {
		a.latest = e.At
	}
	if e.Refusal == nil {
		joined := len(f.applied) > 0 && e.Once == f.once && e.At.Equal(f.at)
		f.applied = append(f.applied, applied{e.Verb, f.record.Version, joined, e.At.UnixMilli()})
		if f.once, f.at = e.Once, e.At; !joined {
			f.by = e.By
		}
		a.owe(f, e)
	}
	f.shelf = nil
	if a.reading {
		a.moved[e.Record] = true
	}
}

func (f *file) tear(seq int, t torn) {
	if f.torn == nil {
		f.torn, f.erased = map[int]torn{}, true
	}
	f.torn[seq] = t
}

func (f *file) vouch(v Erasure) {
	if f.left == nil {
		f.left = map[int]string{}
	}
	f.left[v.Seq] = v.Left
}

// mend tells of the events whose hash is not their own, unless a later one of their
// record vouches for what is left of them.
func (a *Audit) mend() {
	for _, id := range slices.Compact(a.torn) {
		f := a.files[id]
		for _, seq := range slices.Sorted(maps.Keys(f.torn)) {
			if f.left[seq] == f.torn[seq].sum {
				a.Erased++
			} else {
				a.fault("%s", f.torn[seq].fault)
			}
		}
		f.torn = nil
	}
	a.torn = nil
}

func (a *Audit) init() {
	if a.files == nil {
		a.files, a.presses, a.young, a.seed = map[string]*file{}, map[uint64]int{}, map[uint64]bool{}, maphash.MakeSeed()
		a.told = map[uint64]bool{}
		a.reset()
	}
}

// begin notes that something that is kept was given.
func (a *Audit) begin() {
	a.init()
	if !a.reading {
		a.reading, a.due = true, len(a.young)
	}
}

// reset makes ready for a reading.
func (a *Audit) reset() {
	a.reading, a.moved, a.strays, a.values, a.known = false, map[string]bool{}, map[string][]string{}, map[string]map[int64]string{}, map[uint64]bool{}
	for _, t := range a.taken {
		a.numberTaken(t)
	}
	for _, f := range a.files {
		f.shelf, f.found, f.kept, f.wrong, f.given = nil, nil, false, nil, nil
	}
}

// Record compares a record as it is kept with the fold of its trail.
func (a *Audit) Record(r Record) {
	a.begin()
	f := a.files[r.ID]
	if f == nil {
		a.stray(r.ID, "it is there")
		return
	}
	f.kept = true
	want := f.record
	if r.Doers == nil { // written before they were kept: it is the trail that tells
		want.Doers = nil
	}
	if r.Undo == nil { // written before it was kept, or by a replica that knows of none
		want.Undo = nil
	}
	if f.older = f.derived && r.Fields[FieldFormerAgencies] == ""; f.older {
		want.Fields = maps.Clone(want.Fields)
		delete(want.Fields, FieldFormerAgencies)
	}
	if parts := differing(want, r); len(parts) > 0 {
		f.wrong = append(f.wrong, "it is not the fold of its trail: "+strings.Join(parts, ", ")+" differ")
	}
}

// Entry compares an entry with those that the trail makes.
func (a *Audit) Entry(e IndexEntry) {
	a.begin()
	f := a.files[e.Record]
	switch {
	case e.Family == EntryPress:
		a.press(e)
		return
	case e.Family == EntryNumber:
		a.number(e, f)
		return
	case f == nil:
		a.stray(e.Record, e.String())
		return
	case e.Family == EntryRecord, e.Family == EntryEvent && e.N > int64(a.last): // of an event that has just been added
		return
	}
	if f.shelf == nil {
		a.fill(f)
	}
	if i, ok := slices.BinarySearch(f.shelf, a.sum(e)); ok {
		f.found[i] = true
		return
	}
	f.wrong = append(f.wrong, e.String()+", which does not follow from its trail")
}

// fill makes the entries that a record should have.
func (a *Audit) fill(f *file) {
	for _, e := range f.entries() {
		f.shelf = append(f.shelf, a.sum(e))
	}
	slices.Sort(f.shelf)
	f.found = make([]bool, len(f.shelf))
}

// entries are those that a record should have, presses and numbers excepted.
func (f *file) entries() []IndexEntry {
	id, ix := f.record.ID, f.record.Index()
	var out []IndexEntry
	for _, n := range f.events {
		out = append(out, IndexEntry{Family: EntryEvent, Record: id, N: int64(n)})
	}
	for _, key := range distinct(ix.Unique) {
		out = append(out, IndexEntry{Family: EntryUnique, Key: key, Record: id})
	}
	for _, key := range distinct(ix.Terms) {
		out = append(out, IndexEntry{Family: EntryTerm, Key: key, Record: id, N: ix.Rank})
	}
	return out
}

func distinct(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }

func (a *Audit) press(e IndexEntry) {
	if e.N > int64(a.last) || a.open != nil {
		return // it has just been added, or was judged before
	}
	press := a.sum(IndexEntry{Family: EntryPress, Key: e.Key})
	if n, ok := a.presses[press]; !ok || int64(n) != e.N {
		a.fault("a press is filed under event %d, which is not the first that it led to", e.N)
	}
	if a.young[press] {
		a.known[press] = true
	}
}

// stray notes what is kept of a record of which there is no event.
func (a *Audit) stray(id, what string) { a.strays[id] = append(a.strays[id], what) }

// Open are the records that are still to be judged, in order; all of them before the first Close.
func (a *Audit) Open() []string {
	if a.open != nil {
		return slices.Sorted(maps.Keys(a.open))
	}
	return slices.Sorted(maps.Keys(a.files))
}

// Close ends a reading. It reports whether everything was judged; if not, everything is to
// be given once more: the records of which there were events meanwhile are Open, or
// numbers are missing that may have been given meanwhile.
func (a *Audit) Close() bool {
	a.begin()
	a.mend()
	for _, id := range slices.Sorted(maps.Keys(a.strays)) {
		switch {
		case a.files[id] != nil:
			a.moved[id] = true
		case a.open == nil:
			a.fault("record %s has no event, and yet: %s", Plain(id), strings.Join(a.strays[id], "; "))
		}
	}
	for _, hole := range a.holes {
		a.fault("event %d follows event %d: the index has a gap", hole[1]+1, hole[0]-1)
	}
	a.holes = nil
	for _, id := range a.Open() {
		if !a.moved[id] {
			a.judge(id, a.files[id])
		}
	}
	if absent := a.due - len(a.known); a.Indexed && a.open == nil && absent > 0 {
		a.fault("%d presses are known no more: whoever repeats one is served twice", absent)
	}
	contiguous := a.contiguous()
	if a.open != nil {
		maps.DeleteFunc(a.moved, func(id string, _ bool) bool { return !a.open[id] })
	}
	a.open = a.moved
	a.reset()
	return len(a.open) == 0 && contiguous
}

// judge says what is wrong of a record that has not moved.
func (a *Audit) judge(id string, f *file) {
	for _, w := range f.wrong {
		a.fault("record %s: %s", Plain(id), w)
	}
	if !f.kept {
		a.fault("record %s is gone, and its trail is there", Plain(id))
	}
	if !a.Indexed {
		return
	}
	if f.shelf == nil {
		a.fill(f)
	}
	for _, e := range f.entries() {
		if f.older && e.Family == EntryTerm && strings.HasPrefix(e.Key, TermLeft("")) {
			continue
		}
		if i, ok := slices.BinarySearch(f.shelf, a.sum(e)); ok && !f.found[i] {
			a.fault("record %s: absent is %s", Plain(id), e)
		}
	}
	if s := f.record.series(); s != "" && !f.given[s] {
		a.fault("record %s: absent is its number in %s", Plain(id), s)
	}
}

// Fold is what the trail makes of a record; ok is false if there is no event of it.
func (a *Audit) Fold(id string) (r Record, ok bool) {
	f := a.files[id]
	if f == nil {
		return Record{}, false
	}
	return f.record, true
}

// Verbs are those of the commit that led a record to a version.
func (a *Audit) Verbs(record string, version int) []Verb {
	f := a.files[record]
	if f == nil {
		return nil
	}
	var out []Verb
	for i, e := range f.applied {
		if e.version != version {
			continue
		}
		for j := i; ; j-- {
			out = append(out, f.applied[j].verb)
			if j == 0 || !f.applied[j].joined {
				break
			}
		}
	}
	return out
}

// sum names an entry in 64 bits, differently in each Audit: nobody can make one that looks like another.
func (a *Audit) sum(e IndexEntry) uint64 {
	var h maphash.Hash
	h.SetSeed(a.seed)
	for _, s := range []string{string(e.Family), e.Key, e.Record} {
		_, _ = h.WriteString(s) // never fails (maphash)
		_ = h.WriteByte(0)
	}
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(e.N))
	_, _ = h.Write(n[:])
	return h.Sum64()
}

func (a *Audit) fault(format string, args ...any) {
	a.Faults = append(a.Faults, fmt.Sprintf(format, args...))
}
