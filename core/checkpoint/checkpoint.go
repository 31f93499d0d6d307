// Package checkpoint says what the whole trail is at an instant, so that somebody who cannot be changed together
// with the store may keep it: a Merkle tree over the events, and its head as a signed note.
//
// The tree is that of RFC 6962; heads are checkpoints as c2sp.org/tlog-checkpoint has
// them, so that witnesses of transparency logs can follow and sign them, and proofs are
// those of c2sp.org/tlog-proof. The record n of the tree, counted from 0, is the event
// of index n+1: its hash, in lower-case hexadecimal digits, which seals the event and
// all that came before it on its record.
package checkpoint

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sidem.gob.mx/sidem/core"
)

// ErrSignature says that no signature of a note is by the key that was asked for.
var ErrSignature = errors.New("checkpoint: it is not signed by that key")

// Checkpoint is the head of a trail.
type Checkpoint struct {
	// Index is that of the last event; the size of the tree.
	Index int
	// Root is the head of the tree: 32 bytes in base64; "" in a checkpoint of the former format.
	Root string
	// Digest is that of the former format: SHA-256 over the digest before and the hash
	// of each event since, in hexadecimal digits.
	Digest string
	// Note is the head as it was signed; "" in a checkpoint of the former format.
	Note string
	// At is when it was taken, by the clock of who took it: nobody signed that.
	At time.Time
}

func (c Checkpoint) String() string {
	return fmt.Sprintf("the checkpoint of %s (event %d)", c.At.UTC().Format(time.DateTime), c.Index)
}

// Tree is the tree over the first Size events, as far as it is needed to grow: the
// roots of the largest complete trees that it consists of, from left to right. The
// zero Tree is that of no event. It is a value: Add leaves the one before as it was.
type Tree struct {
	Size int         `json:"size"`
	Edge []tlog.Hash `json:"edge,omitempty"`
}

// Leaf is the record of an event in the tree.
func Leaf(e core.Event) tlog.Hash { return tlog.RecordHash([]byte(e.Hash)) }

// Add is t with the event that follows.
func (t Tree) Add(e core.Event) Tree {
	edge, h := append([]tlog.Hash(nil), t.Edge...), Leaf(e)
	for range bits.TrailingZeros(^uint(t.Size)) {
		h = tlog.NodeHash(edge[len(edge)-1], h)
		edge = edge[:len(edge)-1]
	}
	return Tree{Size: t.Size + 1, Edge: append(edge, h)}
}

// Sound reports whether t may be a tree: what was kept is looked at before it grows.
func (t Tree) Sound() bool { return t.Size >= 0 && len(t.Edge) == bits.OnesCount(uint(t.Size)) }

// Root is the head of the tree, in base64.
func (t Tree) Root() string { return encode(t.root()) }

func (t Tree) root() tlog.Hash {
	if len(t.Edge) == 0 {
		return tlog.Hash(sha256.Sum256(nil))
	}
	h := t.Edge[len(t.Edge)-1]
	for i := len(t.Edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.Edge[i], h)
	}
	return h
}

func encode(h tlog.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

func decode(s string) (h tlog.Hash, err error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("checkpoint: %q is no hash", s)
	}
	return tlog.Hash(b), nil
}

// Key signs checkpoints.
type Key struct {
	// Signer is the private key, and Verifier the public one that others may have, both
	// as notes write them (golang.org/x/mod/sumdb/note). The name in them is the origin.
	Signer   string `json:"signer"`
	Verifier string `json:"verifier"`
}

// NewKey makes a key. Its name is the origin of the log, for ever: a host and a path.
func NewKey(random io.Reader, origin string) (Key, error) {
	signer, verifier, err := note.GenerateKey(random, origin)
	if err != nil {
		return Key{}, fmt.Errorf("checkpoint: a key of %q: %w", origin, err)
	}
	return Key{Signer: signer, Verifier: verifier}, nil
}

// ParseKey reads a private key, as Key.Signer is written.
func ParseKey(signer string) (Key, error) {
	s, err := note.NewSigner(signer)
	if err != nil {
		return Key{}, fmt.Errorf("checkpoint: the key: %w", err)
	}
	parts := strings.SplitN(signer, "+", 5) // PRIVATE+KEY+<name>+<hash>+<seed>
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return Key{}, errors.New("checkpoint: the key is of an unknown kind")
	}
	public, _ := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(s.Name(), public)
	if err != nil {
		return Key{}, fmt.Errorf("checkpoint: the key: %w", err)
	}
	return Key{Signer: signer, Verifier: verifier}, nil
}

// Sign is the head of t, signed.
func (k Key) Sign(t Tree, at time.Time) (Checkpoint, error) {
	signer, err := note.NewSigner(k.Signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: the key: %w", err)
	}
	c := Checkpoint{Index: t.Size, Root: t.Root(), At: at}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), c.Index, c.Root)}, signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: sign: %w", err)
	}
	c.Note = string(signed)
	return c, nil
}

// Open reads a signed note, whose signature by the verifier must hold; ErrSignature.
// With a verifier of "" no signature is asked for. Signatures of others are let be.
func Open(signed, verifier string) (Checkpoint, error) {
	text := signed
	if verifier != "" {
		v, err := note.NewVerifier(verifier)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("checkpoint: the public key: %w", err)
		}
		n, err := note.Open([]byte(signed), note.VerifierList(v))
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
		}
		text = n.Text
		if origin, _, _ := strings.Cut(text, "\n"); origin != v.Name() {
			return Checkpoint{}, fmt.Errorf("%w: it is one of %q", ErrSignature, origin)
		}
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 3 || lines[0] == "" {
		return Checkpoint{}, errors.New("checkpoint: the note is none of a log")
	}
	size, err := strconv.Atoi(lines[1])
	if err != nil || size < 0 || strconv.Itoa(size) != lines[1] {
		return Checkpoint{}, errors.New("checkpoint: the note has no size")
	}
	if _, err := decode(lines[2]); err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{Index: size, Root: lines[2], Note: signed}, nil
}

// chain is the digest of the former format.
type chain string

func (c chain) add(e core.Event) chain {
	sum := sha256.Sum256([]byte(string(c) + "\n" + e.Hash))
	return chain(hex.EncodeToString(sum[:]))
}
