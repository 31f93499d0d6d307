package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAnExportOfAPeriodThatIsNoneIsAMistakeInTheUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--from", "23/11/2026"}, "--from: date"},
		{[]string{"--from", "2026-11-24", "--to", "2026-11-23"}, "--to 2026-11-23 lies before --from 2026-11-24"},
		{[]string{"--format", "pdf"}, "jsonl"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"export"}, c.args...), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
			t.Errorf("%q: exit %d: %s%s", c.args, code, out.String(), errs.String())
		}
	}
}

func TestTheExportOfAStoreThatIsNotThereIsAMistakeInTheConfiguration(t *testing.T) {
	t.Setenv("SIDEM_STORE", "sqlite:"+t.TempDir()+"/none.db")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"export"}, &out, &errs); code != exitConfig || out.Len() > 0 {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}
