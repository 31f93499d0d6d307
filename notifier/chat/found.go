package chat

import (
	"encoding/binary"
	"hash/maphash"
	"maps"
	"time"

	"sidem.gob.mx/sidem/core"
)

// found is what a sweep found right: records all of whose cards show what is so. They need
// not be looked at again as long as nothing has changed on which that depends: the record,
// the places of its cards, the keys of their buttons, and the directory as a whole. What
// depends on the time (a substitution that ends) is looked at in each hour anew.
type found struct {
	seed      maphash.Seed
	hour      time.Time
	directory uint64
	right     map[uint64]struct{} // by an earlier pass
	now       map[uint64]struct{} // by the pass that is under way
}

// begin is for a pass at an instant, which finds the directory as it is.
func (f *found) begin(now time.Time, directory uint64) {
	if hour := now.Truncate(time.Hour); !hour.Equal(f.hour) || directory != f.directory {
		f.right, f.hour, f.directory = nil, hour, directory
	}
	f.now = make(map[uint64]struct{}, len(f.right))
}

// end forgets what a whole pass has not found again; after one that was cut short it stands.
func (f *found) end(whole bool) {
	if !whole {
		maps.Copy(f.now, f.right)
	}
	f.right, f.now = f.now, nil
}

func (f *found) has(sum uint64) bool {
	_, ok := f.right[sum]
	if ok {
		f.now[sum] = struct{}{}
	}
	return ok
}

func (f *found) keep(sum uint64) { f.now[sum] = struct{}{} }

// digest begins the sum of what something depends on.
func (f *found) digest() *digest {
	if f.seed == (maphash.Seed{}) {
		f.seed = maphash.MakeSeed()
	}
	d := &digest{}
	d.hash.SetSeed(f.seed)
	return d
}

type digest struct{ hash maphash.Hash }

// add takes in texts, each with its length, so that they cannot run into one another.
func (d *digest) add(texts ...string) {
	for _, text := range texts {
		d.number(len(text))
		_, _ = d.hash.WriteString(text) // never fails
	}
}

func (d *digest) number(n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	_, _ = d.hash.Write(b[:]) // never fails
}

func (d *digest) record(r core.Record) {
	d.add(r.ID)
	d.number(r.Seq)
	d.number(r.Version)
}

func (d *digest) sum() uint64 { return d.hash.Sum64() }
