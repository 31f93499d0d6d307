package checkpoint

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"sidem.gob.mx/sidem/core"
)

// proofFormat is the first line of a proof.
const proofFormat = "c2sp.org/tlog-proof@v1"

// Proof shows, to somebody who has nothing but the public key, that an event is in
// the trail of a checkpoint, word for word.
type Proof struct {
	// Event is the event, and Before the hash of the one before it on its record ("" for
	// the first), which its own hash covers.
	Event      core.Event
	Before     string
	Checkpoint Checkpoint

	path tlog.RecordProof
}

// told is what a proof says beside the path: the event from which its record follows.
type told struct {
	Before string     `json:"before"`
	Event  core.Event `json:"event"`
}

// Prove makes the proof of the event with an index by a checkpoint of the trail that
// covers it. The whole trail up to the checkpoint is read; parts of it may be pruned, but for
// the one of the event.
func Prove(trail iter.Seq2[core.Event, error], parts []Pruned, index int, c Checkpoint) (Proof, error) {
	if index < 1 || index > c.Index || c.Note == "" {
		return Proof{}, fmt.Errorf("checkpoint: %s does not cover event %d", c, index)
	}
	known := heads{}
	p := Proof{Checkpoint: c}
	before := map[string]string{}
	n := 0
	for step, err := range Steps(trail, parts) {
		if err != nil {
			return Proof{}, err
		}
		if step.To() > c.Index {
			break
		}
		n = step.To()
		if step.Part != nil {
			known.add(*step.Part)
			continue
		}
		e := step.Event
		known.add(LeafOf(e))
		if e.Index == index {
			p.Event, p.Before = e, before[e.Record]
		}
		before[e.Record] = e.Hash
	}
	switch {
	case n < c.Index:
		return Proof{}, fmt.Errorf("checkpoint: what is there of the trail ends at event %d, before %s, or it was taken in the middle of what was archived", n, c)
	case p.Event.Index == 0:
		return Proof{}, fmt.Errorf("checkpoint: event %d was archived: its proof needs the archive", index)
	case !p.Event.Follows(p.Event.Seq-1, p.Before):
		return Proof{}, fmt.Errorf("checkpoint: event %d is not what its hash says: it was blacked out, or changed", index)
	}
	root, err := tlog.TreeHash(int64(n), known)
	if err == nil && encode(root) != c.Root {
		err = fmt.Errorf("the trail is not the one of %s", c)
	}
	if err == nil {
		p.path, err = tlog.ProveRecord(int64(n), int64(index-1), known)
	}
	if err != nil {
		return Proof{}, fmt.Errorf("checkpoint: %w", err)
	}
	return p, nil
}

// heads are those of complete parts of a tree, by level and place.
type heads map[[2]int64]tlog.Hash

// add takes in a part, and what it completes to its left.
func (h heads) add(p Pruned) {
	level, n, hash := int64(p.Level), p.N, p.Hash
	for {
		h[[2]int64{level, n}] = hash
		left, is := h[[2]int64{level, n - 1}]
		if n%2 == 0 || !is {
			return
		}
		level, n, hash = level+1, n/2, tlog.NodeHash(left, hash)
	}
}

// ReadHashes is as tlog.HashReader says.
func (h heads) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		hash, is := h[[2]int64{int64(level), n}]
		if !is {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		out[i] = hash
	}
	return out, nil
}

// String is the proof as a file.
func (p Proof) String() string {
	index := p.Event.Index
	p.Event.Index = 0 // it is the proof's
	body, err := json.Marshal(told{p.Before, p.Event})
	if err != nil { // an event holds plain values only
		panic(fmt.Sprintf("checkpoint: an event that cannot be encoded: %v", err))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofFormat, base64.StdEncoding.EncodeToString(body), index-1)
	for _, h := range p.path {
		b.WriteString(encode(h) + "\n")
	}
	b.WriteString("\n" + p.Checkpoint.Note)
	return b.String()
}

// Check reads a proof and verifies it: that the event is what its hash says, that the
// hash is in the tree, and that its head was signed by the verifier.
func Check(file, verifier string) (Proof, error) {
	head, signed, ok := strings.Cut(file, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofFormat {
		return Proof{}, errors.New("checkpoint: the file is no proof")
	}
	extra, isExtra := strings.CutPrefix(lines[1], "extra ")
	place, isIndex := strings.CutPrefix(lines[2], "index ")
	n, err := strconv.Atoi(place)
	body, errBody := base64.StdEncoding.DecodeString(extra)
	if !isExtra || !isIndex || err != nil || errBody != nil || n < 0 {
		return Proof{}, errors.New("checkpoint: the proof says of no event where it stands")
	}
	var (
		p Proof
		t told
	)
	if err := json.Unmarshal(body, &t); err != nil {
		return Proof{}, fmt.Errorf("checkpoint: the event of the proof: %w", err)
	}
	p.Event, p.Before = t.Event, t.Before
	for _, line := range lines[3:] {
		h, err := decode(line)
		if err != nil {
			return Proof{}, err
		}
		p.path = append(p.path, h)
	}
	if p.Checkpoint, err = Open(signed, verifier); err != nil {
		return Proof{}, err
	}
	if !p.Event.Follows(p.Event.Seq-1, p.Before) {
		return Proof{}, errors.New("checkpoint: the event is not what its hash says")
	}
	root, err := decode(p.Checkpoint.Root)
	if err == nil {
		err = tlog.CheckRecord(p.path, int64(p.Checkpoint.Index), root, int64(n), Leaf(p.Event))
	}
	if err != nil {
		return Proof{}, fmt.Errorf("checkpoint: the event is not in that trail: %w", err)
	}
	p.Event.Index = n + 1
	return p, nil
}
