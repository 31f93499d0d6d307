// Package grafana_test judges the dashboard by Grafana's own schema.
package grafana_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func shipped(t *testing.T) []byte {
	t.Helper()
	body, err := os.ReadFile("sidem.json")
	if err != nil {
		t.Fatal(err)
	}
	plugins.RegisterDefaultPlugins()
	return body
}

// wrong is what the judge says; a list of nothing is no error.
func wrong(err error) error {
	if list, is := errors.AsType[cog.BuildErrors](err); is && len(list) == 0 {
		return nil
	}
	return err
}

func TestTheDashboardIsOneByGrafanasSchema(t *testing.T) {
	var strict, d dashboard.Dashboard //nolint:staticcheck // the classic schema, which every Grafana imports; strict does not keep the panels that it has judged
	if err := errors.Join(wrong(strict.UnmarshalJSONStrict(shipped(t))), json.Unmarshal(shipped(t), &d), wrong(d.Validate())); err != nil {
		t.Fatal(err)
	}
	seen := map[uint32]string{}
	for _, p := range d.Panels {
		switch {
		case p.RowPanel != nil:
		case p.Panel == nil || p.Panel.Title == nil || p.Panel.Description == nil:
			t.Errorf("a panel without a title, or without saying what it shows: %+v", p.Panel)
		case p.Panel.Id == nil || seen[*p.Panel.Id] != "":
			t.Errorf("%s has the number of %s", *p.Panel.Title, seen[*p.Panel.Id])
		default:
			seen[*p.Panel.Id] = *p.Panel.Title
		}
	}
	if len(seen) == 0 {
		t.Error("it shows nothing")
	}
}

// The judge sees what is wrong, also deep inside.
func TestTheSchemaRefusesWhatGrafanaDoesNotKnow(t *testing.T) {
	good := string(shipped(t))
	for _, change := range [][2]string{{`"graphTooltip"`, `"graphTooltips"`}, {`"fillOpacity": 10`, `"fillOpacity": "much"`}, {`"showLegend"`, `"showLegends"`}, {`"expr"`, `"expression"`}} {
		bad := strings.Replace(good, change[0], change[1], 1)
		var d dashboard.Dashboard //nolint:staticcheck // see above
		if !json.Valid([]byte(bad)) || bad == good || wrong(d.UnmarshalJSONStrict([]byte(bad))) == nil {
			t.Errorf("%s was taken", change[1])
		}
	}
}
