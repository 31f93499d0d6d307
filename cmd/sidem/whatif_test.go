package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAWhatIfThatCannotBeRunIsAMistakeInTheUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--off", "21/12/2026"}, "--off 21/12/2026"},
		{[]string{"--off", "2026-12-21..2026-12-01"}, "ends before it begins"},
		{[]string{"--on", "2027-02-30"}, "--on 2027-02-30"},
		{[]string{"--people=-1"}, "above zero"},
		{[]string{"--days", "0"}, "--days"},
		{[]string{"--picture", "cola.pdf"}, ".svg or .png"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"whatif"}, c.args...), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
			t.Errorf("%q: exit %d: %s%s", c.args, code, out.String(), errs.String())
		}
	}
}
