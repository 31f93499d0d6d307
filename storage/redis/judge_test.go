package redis

import (
	"errors"
	"strings"
	"testing"
)

func TestInfoIsJudgedWithTheRepair(t *testing.T) {
	fit := map[string]string{
		"redis_version": "7.0.15", "loading": "0", "role": "master", "aof_enabled": "1", "aof_last_write_status": "ok",
		"maxmemory_policy": "noeviction",
	}
	info := func(key, value string) string {
		var b strings.Builder
		b.WriteString("# Server\r\n")
		for k, v := range fit {
			if k == key {
				v = value
			}
			b.WriteString(k + ":" + v + "\r\n")
		}
		return b.String()
	}
	if err := judge(info("", "")); err != nil {
		t.Errorf("a fit server: %v", err)
	}
	if err := judge(info("redis_version", "10.2.0")); err != nil {
		t.Errorf("a later version: %v", err)
	}
	if err := judge(info("loading", "1")); !passes(err) {
		t.Errorf("a server that still loads: %v", err)
	}
	for _, tt := range []struct{ key, value, repair string }{
		{"redis_version", "6.2.14", "use 7.0 or later"},
		{"redis_version", "", "use 7.0 or later"},
		{"role", "slave", "promote this one"},
		{"aof_enabled", "0", "appendonly yes"},
		{"aof_last_write_status", "err", "its disk"},
		{"maxmemory_policy", "volatile-lru", "noeviction"},
	} {
		err := judge(info(tt.key, tt.value))
		if !errors.Is(err, ErrUnfit) || !strings.Contains(err.Error(), tt.repair) || passes(err) {
			t.Errorf("%s %q: %v, want a refusal with %q", tt.key, tt.value, err, tt.repair)
		}
	}
}

func TestRanksAreOrderedAsTheirNumbers(t *testing.T) {
	numbers := []int64{-62135596800000, -1, 0, 1, 31, 32, 1795456800000, 1795456800001, 1 << 46}
	for i := 1; i < len(numbers); i++ {
		if a, b := rank(numbers[i-1]), rank(numbers[i]); a >= b || len(a) != len(b) {
			t.Errorf("rank(%d) = %s, rank(%d) = %s", numbers[i-1], a, numbers[i], b)
		}
	}
}
