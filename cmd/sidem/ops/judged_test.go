package ops_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/sqlite"
)

// lines are those of an archive, as a store gives them.
type lines []archive.Line

func (l lines) Dump(_ context.Context, each func(archive.Line) error) error {
	for _, one := range l {
		if err := each(one); err != nil {
			return err
		}
	}
	return nil
}

func (l lines) Extract(ctx context.Context, _ string, each func(archive.Line) error) error {
	return l.Dump(ctx, each)
}

func TestARestoreJudgesABackupAsTheAuditDoes(t *testing.T) {
	cfg, _ := trailed(t)
	s, err := sqlite.Open(t.Context(), strings.TrimPrefix(cfg.Store.Reveal(), "sqlite:"), sqlite.Options{Now: testbed.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	var whole lines
	if err := s.Dump(t.Context(), func(l archive.Line) error { whole = append(whole, l); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	account := ""
	for _, l := range whole {
		if l.Item != nil && strings.HasSuffix(l.Item.Key, ":welcome") {
			account = l.Item.Account
		}
	}
	for name, c := range map[string]struct {
		change func(lines) lines
		want   string // of a fault; "" for none
	}{
		"nothing": {func(l lines) lines { return l }, ""},
		"a record that says something else": {each(func(l archive.Line) *archive.Line {
			if l.Record != nil && l.Record.ID == account {
				r := *l.Record
				r.Agency = "OP"
				l.Record = &r
			}
			return &l
		}), "is not the fold of its trail"},
		"a welcome that is another's": {each(func(l archive.Line) *archive.Line {
			if l.Item != nil && strings.HasSuffix(l.Item.Key, ":welcome") && l.Item.Account != account {
				it := *l.Item
				it.Key, it.Account = strings.ReplaceAll(it.Key, ":"+it.Account+":welcome", ":"+account+":welcome"), account
				l.Item = &it
			}
			return &l
		}), "of the outbox"},
		"a welcome that is gone": {each(func(l archive.Line) *archive.Line {
			if l.Item != nil && l.Item.Account == account && strings.HasSuffix(l.Item.Key, ":welcome") {
				return nil
			}
			return &l
		}), "of the outbox"},
		"a number of nobody": {func(l lines) lines {
			return append(l, archive.Line{Number: &archive.Number{Series: "number:2026", Record: "nobody", Value: 7}})
		}, "were given to nobody"},
	} {
		file := filepath.Join(t.TempDir(), "sidem.backup")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(t.Context(), f, c.change(slices.Clone(whole)), world.Monday); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		to := office.Config{Store: office.Secret("sqlite:" + filepath.Join(t.TempDir(), "sidem.db")), Files: t.TempDir()}
		r, err := ops.Restore(t.Context(), &to, world.Quiet(), file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, audit := audited(t, to, "")
		if got := strings.Join(r.Faults, "\n"); got != audit || (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: the restore finds\n%s\nand the audit\n%s", name, got, audit)
		}
	}
}

// each has change look at every line; nil leaves it out.
func each(change func(archive.Line) *archive.Line) func(lines) lines {
	return func(all lines) lines {
		var out lines
		for _, l := range all {
			if to := change(l); to != nil {
				out = append(out, *to)
			}
		}
		return out
	}
}
