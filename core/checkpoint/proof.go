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

	"sidem/core"
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
// covers it. The whole trail up to the checkpoint is read.
func Prove(trail iter.Seq2[core.Event, error], index int, c Checkpoint) (Proof, error) {
	if index < 1 || index > c.Index || c.Note == "" {
		return Proof{}, fmt.Errorf("checkpoint: %s does not cover event %d", c, index)
	}
	var hashes stored
	p := Proof{Checkpoint: c}
	heads := map[string]string{}
	n := 0
	for e, err := range trail {
		if err != nil {
			return Proof{}, err
		}
		if n == c.Index {
			break
		}
		more, err := tlog.StoredHashesForRecordHash(int64(n), Leaf(e), hashes)
		if err != nil {
			return Proof{}, fmt.Errorf("checkpoint: %w", err)
		}
		hashes = append(hashes, more...)
		if n++; n == index {
			p.Event, p.Before = e, heads[e.Record]
		}
		heads[e.Record] = e.Hash
	}
	if n < c.Index {
		return Proof{}, fmt.Errorf("checkpoint: the trail ends at event %d, before %s", n, c)
	}
	if !p.Event.Follows(p.Event.Seq-1, p.Before) {
		return Proof{}, fmt.Errorf("checkpoint: event %d is not what its hash says: it was blacked out, or changed", index)
	}
	root, err := tlog.TreeHash(int64(n), hashes)
	if err == nil && encode(root) != c.Root {
		err = fmt.Errorf("the trail is not the one of %s", c)
	}
	if err == nil {
		p.path, err = tlog.ProveRecord(int64(n), int64(index-1), hashes)
	}
	if err != nil {
		return Proof{}, fmt.Errorf("checkpoint: %w", err)
	}
	return p, nil
}

// stored are the hashes of a tree in the order in which tlog stores them.
type stored []tlog.Hash

// ReadHashes is as tlog.HashReader says.
func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n >= int64(len(s)) {
			return nil, fmt.Errorf("the tree has no hash %d", n)
		}
		out[i] = s[n]
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
