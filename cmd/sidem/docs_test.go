package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func TestTheExampleOfTheVariablesHasThemAllWithTheirDefaults(t *testing.T) {
	example := e2etest.Shipped(t, "example.env")
	for f := range reflect.TypeFor[office.Config]().Fields() {
		name := f.Tag.Get("env")
		if name == "" || name == "SIDEM_CLOCK_FILE" { // tests only
			continue
		}
		if want := "# " + f.Tag.Get("help") + "\n#" + name + "=" + f.Tag.Get("default") + "\n"; !strings.Contains(example, want) {
			t.Errorf("want\n%s", want)
		}
	}
}

func TestEveryPageThatAPageLeadsToIsThere(t *testing.T) {
	root := e2etest.Root(t)
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guias/*.md", "deploy/*.md", "deploy/redis/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) < 15 {
		t.Fatalf("%d pages are few", len(pages))
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#([^)]*))?\)`)
	for _, page := range pages {
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(body), -1) {
			to := filepath.Join(filepath.Dir(page), m[1])
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
		}
	}
}

// TestEveryGuideNamesOnlyWordsThatTheBotKnows keeps the guides to the words that the bot knows.
func TestEveryGuideNamesOnlyWordsThatTheBotKnows(t *testing.T) {
	root := e2etest.Root(t)
	guides, err := filepath.Glob(filepath.Join(root, "docs", "guias", "*.md"))
	if err != nil || len(guides) < 9 {
		t.Fatalf("%d guides, %v", len(guides), err)
	}
	known := map[string]bool{"/sidem": true}
	for _, w := range word.All {
		known[w.Name] = true
	}
	named := regexp.MustCompile("`(/[a-z]+)")
	for _, guide := range guides {
		body, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(body), -1) {
			if !known[m[1]] {
				t.Errorf("%s: the bot does not know %s", filepath.Base(guide), m[1])
			}
		}
	}
}
