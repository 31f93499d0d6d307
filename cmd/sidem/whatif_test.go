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
		{[]string{"--people=-1"}, "--people -1: want a number from 1 to 1000"},
		{[]string{"--people", "0"}, "--people 0"},
		{[]string{"--people", "1000000000"}, "--people 1000000000"},
		{[]string{"--arrivals", "NaN"}, "--arrivals NaN: want a number from 0.001 to 1000"},
		{[]string{"--arrivals", "Inf"}, "--arrivals +Inf"},
		{[]string{"--work", "NaN"}, "--work NaN"},
		{[]string{"--work", "1e300"}, "--work 1e+300: want a number from 0.001 to 2500"},
		{[]string{"--target", "NaN"}, "--target NaN"},
		{[]string{"--days", "0"}, "--days 0: want a number from 1 to 2500"},
		{[]string{"--since", "4000000"}, "--since 4000000"},
		{[]string{"--runs", "9"}, "--runs 9"},
		{[]string{"--runs", "100000"}, "--runs 100000: want a number from 10 to 10000"},
		{[]string{"--picture", "not-there/cola.png"}, "--picture not-there/cola.png"},
		{[]string{"--picture", "cola.pdf"}, ".svg or .png"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"whatif"}, c.args...), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), c.says) || strings.Count(errs.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%q: exit %d: %s%s", c.args, code, out.String(), errs.String())
		}
	}
}
