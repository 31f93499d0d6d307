package checkpoint

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// taken begins the line before a note that says when it was taken. It is for
// readers: nobody signed it.
const taken = "# taken "

// Append is what a file of checkpoints gets of one more.
func (c Checkpoint) Append() string {
	return taken + c.At.UTC().Format(time.RFC3339) + "\n\n" + c.Note + "\n"
}

// Read reads a file of checkpoints: notes, one after the other, and lines of the
// former format, in any order. They come back in the order of their index, the notes
// with their signature by the verifier, of which Open tells; there is one at least.
func Read(r io.Reader, verifier string) ([]Checkpoint, error) {
	var (
		out  []Checkpoint
		note strings.Builder
		at   time.Time
	)
	end := func() error {
		text := strings.TrimLeft(note.String(), "\n")
		note.Reset()
		if text == "" {
			return nil
		}
		c, err := Open(text, verifier)
		c.At = at
		out = append(out, c)
		return err
	}
	lines, signed := bufio.NewScanner(r), false
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		signature := strings.HasPrefix(line, "— ")
		if signed && !signature { // the note is over
			if err := end(); err != nil {
				return nil, fmt.Errorf("line %d: %w", n-1, err)
			}
		}
		signed = signature
		switch {
		case strings.HasPrefix(line, "{"):
			c, err := former(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			out = append(out, c)
		case strings.HasPrefix(line, "#"):
			at, _ = time.Parse(time.RFC3339, strings.TrimPrefix(line, taken)) // what says no time tells none
		default:
			note.WriteString(line + "\n")
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if err := end(); err != nil {
		return nil, fmt.Errorf("the last note: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("there is none in it")
	}
	slices.SortStableFunc(out, func(a, b Checkpoint) int { return cmp.Compare(a.Index, b.Index) })
	return out, nil
}

// former reads a line of the format before notes.
func former(line string) (Checkpoint, error) {
	var c struct {
		At     time.Time `json:"at"`
		Index  int       `json:"index"`
		Digest string    `json:"digest"`
	}
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{At: c.At, Index: c.Index, Digest: c.Digest}, nil
}
