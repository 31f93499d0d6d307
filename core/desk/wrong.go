package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// wrongLength is how many refused presses are looked at for wrong codes: more than all who
// are at the counter can have refused within an hour.
const wrongLength = 1000

func wrongKey(account string) string { return "wrong:" + account }

// wrongCodes counts the codes that an account gave wrongly within the last hour, for
// whichever requests they were.
func (d *Desk) wrongCodes(ctx context.Context, account string, now time.Time) (int, error) {
	times, _, err := d.wrongTimes(ctx, account, now)
	return len(times), err
}

func (d *Desk) wrongTimes(ctx context.Context, account string, now time.Time) (times []time.Time, rev int, err error) {
	if d.Sessions == nil {
		return nil, 0, nil
	}
	body, rev, err := d.Sessions.Get(ctx, wrongKey(account), now)
	if errors.Is(err, ErrNotFound) {
		return nil, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &times)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("wrong codes of %s: %w", account, err)
	}
	return slices.DeleteFunc(times, func(t time.Time) bool { return now.Sub(t) >= core.WrongCodesIn }), rev, nil
}

// wrongOf counts the codes that did not match a request within the last hour, as account
// gave them and as all did. A refusal moves the trail: of two who try at once, the second
// counts the first.
func (d *Desk) wrongOf(ctx context.Context, record, account string, now time.Time) (core.WrongCodes, error) {
	all, err := d.Ledger.Refused(ctx, record, "", now.Add(-core.WrongCodesIn), wrongLength)
	if err != nil {
		return core.WrongCodes{}, fmt.Errorf("wrong codes of %s: %w", record, err)
	}
	return core.CountWrongCodes(all, account, now), nil
}

// countWrongCode adds a refused event to the count of whoever gave it, if it is a code
// that was compared and did not match.
func (d *Desk) countWrongCode(ctx context.Context, e core.Event, now time.Time) error {
	if e.Verb != core.VerbHandOver || e.Refusal == nil || e.Refusal.Reason != core.WrongCode || e.Refusal.Value == core.Tired {
		return nil
	}
	_, err := d.changeWrong(ctx, e.By, now, func(times []time.Time) []time.Time { return append(times, now) })
	return err
}

// changeWrong changes the instants of an account's wrong codes in one step, and returns
// how many there were before.
func (d *Desk) changeWrong(ctx context.Context, account string, now time.Time, change func([]time.Time) []time.Time) (int, error) {
	if d.Sessions == nil {
		return 0, nil
	}
	for range maxRounds {
		times, rev, err := d.wrongTimes(ctx, account, now)
		if err != nil {
			return 0, err
		}
		before := len(times)
		body, err := json.Marshal(change(times))
		if err != nil {
			return 0, fmt.Errorf("count a wrong code: %w", err)
		}
		_, err = d.Sessions.Put(ctx, wrongKey(account), body, rev, now, now.Add(core.WrongCodesIn))
		if !errors.Is(err, ErrConflict) {
			return before, err
		}
	}
	return 0, fmt.Errorf("count a wrong code of %s: %w", account, ErrConflict)
}
