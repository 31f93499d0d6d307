package ops_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/cmd/sidem/ops/export"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// issued is a running world, on a store, with an opinion that waits to be collected.
func issued(t *testing.T, store office.Secret) *world.World {
	t.Helper()
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if store != "" {
		w.Config.Store = store
	}
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "dictamen por recoger"); err != nil {
		t.Fatal(err)
	}
	return w
}

// exported are the lines of an export of a store, by their type, and all of it as text.
func exported(t *testing.T, cfg office.Config, period core.Period) (byType map[string][]map[string]any, text string) {
	t.Helper()
	var out bytes.Buffer
	_, err := ops.Export(t.Context(), &cfg, world.Quiet(), ops.Exporting{Format: export.JSONL, Period: period, File: ops.Standard, Standard: &out})
	if err != nil {
		t.Fatal(err)
	}
	byType, text = map[string][]map[string]any{}, out.String()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		kind, _ := v["type"].(string)
		byType[kind] = append(byType[kind], v)
		if (i == 0) != (kind == "meta") || (i == len(lines)-1) != (kind == "end") {
			t.Errorf("line %d of %d is of type %q", i+1, len(lines), kind)
		}
	}
	if n := byType["end"][0]["lines"]; n != float64(len(lines)-1) {
		t.Errorf("it ends after %v lines, of %d", n, len(lines))
	}
	return byType, text
}

func TestAnExportBesideARunningSIDEMHoldsAllOfItAndNoSecret(t *testing.T) {
	for name, store := range map[string]func(*testing.T) office.Secret{
		"sqlite": func(*testing.T) office.Secret { return "" },
		"redis": func(t *testing.T) office.Secret {
			return office.Secret(redistest.Start(t, redistest.Options{}).DSN("sidem"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := issued(t, store(t))
			got, text := exported(t, w.Config, core.Period{})
			applied := map[any]float64{}
			for i, e := range got["event"] {
				if e["index"] != float64(i+1) || e["hash"] == nil {
					t.Errorf("event %d has index %v and hash %v", i+1, e["index"], e["hash"])
				}
				if e["verdict"] == "applied" {
					applied[e["record"]]++
				}
			}
			all := append(got["record"], got["account"]...)
			for _, r := range all {
				if r["version"] != applied[r["id"]] {
					t.Errorf("%v %v is at version %v after %v events", r["kind"], r["id"], r["version"], applied[r["id"]])
				}
			}
			if len(all) != len(applied) || len(got["account"]) < 5 {
				t.Errorf("%d records, %d of them accounts, of %d trails", len(all), len(got["account"]), len(applied))
			}
			if len(got["item"]) == 0 || got["item"][0]["state"] == nil || got["item"][0]["key"] == nil {
				t.Errorf("items: %v", got["item"])
			}
			key, _, err := w.App().Store.Get(t.Context(), "secret:key", w.Time.Now())
			if err != nil {
				t.Fatal(err)
			}
			r, err := w.App().Desk.ByNumber(t.Context(), core.SystemActor, "1")
			if err != nil || r.Fields[core.FieldPickupCode] == "" {
				t.Fatal(r.Fields, err)
			}
			for what, secret := range map[string]string{
				"the pickup code": r.Fields[core.FieldPickupCode], "the key": string(key), "the key, in base64": base64.StdEncoding.EncodeToString(key),
				"a salt": `"salt"`, "a password": "password",
			} {
				if strings.Contains(text, secret) {
					t.Errorf("it has %s", what)
				}
			}
		})
	}
}

func TestAnExportIsUnderItsNameWhenItIsWhole(t *testing.T) {
	w := issued(t, "")
	dir := t.TempDir()
	file := filepath.Join(dir, "sidem.jsonl")
	to := ops.Exporting{Format: export.JSONL, File: file}
	n, err := ops.Export(t.Context(), &w.Config, world.Quiet(), to)
	if err != nil || n.Records == 0 || n.Events == 0 || n.Items == 0 || n.Accounts == 0 {
		t.Fatal(n, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file, which is of persons: %v, %v", info, err)
	}
	to.Format = "pdf"
	if _, err := ops.Export(t.Context(), &w.Config, world.Quiet(), to); err == nil {
		t.Error("there is a format pdf")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if body, err := os.ReadFile(file); err != nil || !strings.Contains(string(body), `{"type":"end"`) {
		t.Errorf("what was there is gone: %v", err)
	}
}

func TestTheExportOfNothingIsRefused(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "other.db"))}
	file := filepath.Join(dir, "sidem.jsonl")
	_, err := ops.Export(t.Context(), &cfg, world.Quiet(), ops.Exporting{Format: export.JSONL, File: file})
	if _, missing := os.Stat(file); err == nil || !strings.Contains(err.Error(), "SIDEM_STORE") || !errors.Is(missing, os.ErrNotExist) {
		t.Errorf("%v, %v", err, missing)
	}
}
