package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

var _ maintenance.Vault = (*Store)(nil)

// vaultBatch is how many records go in one script, which does not hold the server up for long.
const vaultBatch = 20

// Take removes whole records.
func (s *Store) Take(ctx context.Context, records ...desk.Expectation) (int, error) {
	gone := 0
	for part := range slices.Chunk(records, vaultBatch) {
		args, n := []any{seconds(markTTL), 0}, 0
		for _, r := range part {
			one, err := s.taking(ctx, r)
			if errors.Is(err, desk.ErrNotFound) {
				continue
			}
			if err != nil {
				return gone, wrap(err, "take %s", r.Record)
			}
			args, n = append(args, one...), n+1
		}
		args[1] = n
		moved, err := s.vault(ctx, takeScript, args)
		if err != nil {
			return gone, wrap(err, "take records")
		}
		gone += moved
	}
	return gone, nil
}

func (s *Store) vault(ctx context.Context, script *redis.Script, args []any) (int, error) {
	if args[1] == 0 {
		return 0, nil
	}
	out, err := s.texts(ctx, script, append(slices.Clone(s.keys), s.refused, s.mark(newOp())), args...)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(out[0])
}

// taking is a record as lua/take.lua reads it; desk.ErrNotFound for one that is not where it
// is expected. What a closed record has does not change while it has that Seq.
func (s *Store) taking(ctx context.Context, want desk.Expectation) ([]any, error) {
	r, indices, err := s.row(ctx, want.Record)
	if err != nil {
		return nil, err
	}
	if r.Seq != want.Seq {
		return nil, desk.ErrNotFound
	}
	if indices, err = s.indices(ctx, want.Record, r, indices); err != nil {
		return nil, err
	}
	events, err := s.events(ctx, indices)
	if err != nil {
		return nil, err
	}
	if len(events) != r.Seq {
		return nil, errors.New("an event is gone")
	}
	var presses, places []any
	for i, e := range events {
		if e.Once != "" {
			presses = append(presses, e.Once, indices[i])
		}
		if standsApart(e) {
			for _, p := range refusedPlaces(e.Record, e.By, e.Index) {
				places = append(places, p)
			}
		}
	}
	series, value, numbered := maintenance.Filed{Record: r}.Number()
	args := []any{r.ID, r.Seq, "", "", len(indices)}
	if numbered {
		args[2], args[3] = series, value
	}
	for _, index := range indices {
		args = append(args, index)
	}
	args = append(append(args, len(presses)), presses...)
	return append(append(args, len(places)), places...), nil
}

// Return puts back records that were taken.
func (s *Store) Return(ctx context.Context, records ...maintenance.Filed) (int, error) {
	back := 0
	for part := range slices.Chunk(records, vaultBatch) {
		args := []any{seconds(markTTL), len(part)}
		for _, f := range part {
			one, err := returning(f)
			if err != nil {
				return back, wrap(err, "return %s", f.Record.ID)
			}
			args = append(args, one...)
		}
		moved, err := s.vault(ctx, returnScript, args)
		if err != nil {
			return back, wrap(err, "return records")
		}
		back += moved
	}
	return back, nil
}

// returning is a record as lua/return.lua reads it.
func returning(f maintenance.Filed) ([]any, error) {
	var rows, places, pressed []any
	var trail []string
	for _, e := range f.Events {
		index := strconv.Itoa(e.Index)
		if standsApart(e) {
			for _, p := range refusedPlaces(e.Record, e.By, e.Index) {
				pressed = append(pressed, "0", p)
			}
		} else {
			trail = append(trail, index)
		}
		e.Index = 0 // it is the field's
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, "e:"+index, "\n"+string(body))
	}
	filing, err := filed(f.Record)
	if err != nil {
		return nil, err
	}
	for _, u := range filing.unique {
		rows = append(rows, "u:"+u, f.Record.ID)
	}
	if series, value, ok := f.Number(); ok {
		rows = append(rows, fmt.Sprintf("v:%s\x00%s", series, f.Record.ID), strconv.Itoa(value))
	}
	rows = append(rows, "r:"+f.Record.ID, filing.row(f.Record, strings.Join(trail, ",")))
	for _, t := range filing.terms {
		places = append(places, "0", filing.place(t, f.Record.ID))
	}
	args := append([]any{f.Record.ID, len(f.Events), len(rows)}, rows...)
	args = append(append(args, len(places)), places...)
	return append(append(args, len(pressed)), pressed...), nil
}
