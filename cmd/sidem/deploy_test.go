package main

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// compose is what these tests read of compose.yaml.
type compose struct {
	Services map[string]struct {
		Environment map[string]string `yaml:"environment"`
		Secrets     []string          `yaml:"secrets"`
		Volumes     []string          `yaml:"volumes"`
		ReadOnly    bool              `yaml:"read_only"`
		User        string            `yaml:"user"`
		Image       string            `yaml:"image"`
		CapDrop     []string          `yaml:"cap_drop"`
		SecurityOpt []string          `yaml:"security_opt"`
		Networks    []string          `yaml:"networks"`
		Deploy      struct {
			Resources struct {
				Limits struct {
					CPUs, Memory string
					PIDs         int
				} `yaml:"limits"`
			} `yaml:"resources"`
		} `yaml:"deploy"`
	} `yaml:"services"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
	Volumes map[string]any               `yaml:"volumes"`
	Secrets map[string]map[string]string `yaml:"secrets"`
}

func readCompose(t *testing.T) compose {
	t.Helper()
	var c compose
	if err := yaml.Unmarshal([]byte(e2etest.Shipped(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// variables are those that can be set, and whether each is a secret.
func variables() map[string]bool {
	out := map[string]bool{"SIDEM_CONFIG": false}
	for f := range reflect.TypeFor[office.Config]().Fields() {
		if name := f.Tag.Get("env"); name != "" {
			out[name] = f.Type == reflect.TypeFor[office.Secret]()
		}
	}
	return out
}

func TestWhatIsShippedNamesVariablesThatExist(t *testing.T) {
	known := variables()
	for _, name := range []string{"compose.yaml", "CHANGELOG.md", "docs/operation.md", "docs/platforms.md", "example.env", "deploy/README.md", "deploy/redis/README.md", "deploy/sidem.service"} {
		found := regexp.MustCompile(`SIDEM_[A-Z_]*[A-Z]`).FindAllString(e2etest.Shipped(t, name), -1)
		if len(found) == 0 {
			t.Errorf("%s names none", name)
		}
		for _, v := range found {
			if _, ok := known[strings.TrimSuffix(v, "_FILE")]; !ok {
				t.Errorf("%s: there is no %s", name, v)
			}
		}
	}
}

func TestComposeHangsTogether(t *testing.T) {
	c := readCompose(t)
	for name, s := range c.Services {
		for _, secret := range s.Secrets {
			if c.Secrets[secret]["file"] == "" {
				t.Errorf("%s: the secret %s is none", name, secret)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[from]; !ok && !strings.HasPrefix(from, "./") {
				t.Errorf("%s: the volume %s is none", name, from)
			}
			if strings.HasPrefix(from, "./deploy/") {
				e2etest.Shipped(t, from)
			}
		}
		if name != "proxy" && (!s.ReadOnly || s.User == "" || strings.HasPrefix(s.User, "0")) {
			t.Errorf("%s may write where it runs, or is root", name)
		}
	}
	redis := e2etest.Shipped(t, "deploy/redis/redis.conf")
	for _, line := range []string{"appendonly yes", "appendfsync always", "maxmemory-policy noeviction", "aclfile /run/secrets/redis_users"} {
		if !strings.Contains(redis, line+"\n") {
			t.Errorf("redis.conf: no %q", line)
		}
	}
	if !slices.Contains(c.Services["redis"].Secrets, "redis_users") {
		t.Error("Redis is not given its users")
	}
}

func TestEveryContainerIsBoundedAndOnTheNetworksThatItNeeds(t *testing.T) {
	c := readCompose(t)
	want := map[string][]string{"sidem": {"edge", "store"}, "redis": {"store"}, "proxy": {"edge"}}
	for name, s := range c.Services {
		if limits := s.Deploy.Resources.Limits; limits.CPUs == "" || limits.Memory == "" || limits.PIDs == 0 {
			t.Errorf("%s has no bounds: %+v", name, limits)
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may write to its root, or has capabilities, or may gain some", name)
		}
		if !slices.Equal(s.Networks, want[name]) {
			t.Errorf("%s is on %q, want %q", name, s.Networks, want[name])
		}
		if s.Image != "sidem" && !regexp.MustCompile(`^\$\{[A-Z]+_IMAGE:-[a-z]+:\d+\.\d+\.\d+\}$`).MatchString(s.Image) {
			t.Errorf("%s runs %q: want a whole version, and a variable for its digest", name, s.Image)
		}
	}
	if c.Networks["edge"].Internal || !c.Networks["store"].Internal {
		t.Errorf("networks: %+v", c.Networks)
	}
}

// written is what an operator writes for a variable.
func written(name string) string {
	switch name {
	case "SIDEM_STORE":
		return "redis://sidem:x@redis:6379/0"
	case "SIDEM_TELEGRAM_TOKEN":
		return "7000000001:x"
	case "SIDEM_TELEGRAM_NAME":
		return "sidem_bot"
	case "SIDEM_SLACK_BOT_TOKEN":
		return "xoxb-x"
	case "SIDEM_SLACK_APP_TOKEN":
		return "xapp-x"
	case "SIDEM_SMTP_ADDR":
		return "smtp.ejemplo.gob.mx:587"
	case "SIDEM_MAIL_FROM", "SIDEM_MAIL_REPLY_TO":
		return "sidem@ejemplo.gob.mx"
	}
	return "sidem.ejemplo.gob.mx"
}

func TestTheConfigurationOfComposeIsTaken(t *testing.T) {
	c := readCompose(t).Services["sidem"]
	known, given := variables(), slices.Collect(maps.Values(c.Environment))
	outside := regexp.MustCompile(`\$\{[A-Z_]+:[?-][^}]*\}`) // what .env holds
	for _, own := range regexp.MustCompile(`(SIDEM_[A-Z_]+)=(\S+)`).FindAllStringSubmatch(e2etest.Shipped(t, "Dockerfile"), -1) {
		t.Setenv(own[1], own[2])
	}
	for name, value := range c.Environment {
		secret, isSecret := strings.CutPrefix(value, "/run/secrets/")
		if isSecret && !slices.Contains(c.Secrets, secret) {
			t.Errorf("%s: the secret %s is not given", name, secret)
		}
		if known[name] {
			t.Errorf("%s is a secret, and stands in the open", name)
		}
		if isSecret {
			value = filepath.Join(t.TempDir(), secret)
			if err := os.WriteFile(value, []byte(written(strings.TrimSuffix(name, "_FILE"))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv(name, outside.ReplaceAllString(value, written(name)))
	}
	for _, s := range c.Secrets {
		if !slices.Contains(given, "/run/secrets/"+s) {
			t.Errorf("the secret %s is used by nothing", s)
		}
	}
	var parsed cli
	file := readConfig("")
	parser, err := kong.New(&parsed, kong.Resolvers(file), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	unheard(parser)
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	parsed.TelegramSecret = "x"
	if err := parsed.Check(); err != nil {
		t.Error(err)
	}
	if !parsed.Shared() || parsed.TelegramToken == "" || parsed.SlackSigning == "" {
		t.Errorf("it was not taken: %+v", parsed.Config)
	}
}

func TestAVariableAndItsFileAreNotBothSet(t *testing.T) {
	t.Setenv("SIDEM_STORE", "sqlite:canary.db")
	t.Setenv("SIDEM_STORE_FILE", e2etest.Written(t, "redis://sidem:canary@127.0.0.1:1/0"))
	var out, errs strings.Builder
	code := run(t.Context(), []string{"audit", "verify"}, &out, &errs)
	if code != exitConfig || !strings.Contains(errs.String(), "SIDEM_STORE: it and SIDEM_STORE_FILE are both set") || strings.Contains(errs.String(), "canary") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestTheProxyLetsThroughWhatThePlatformsCallAndNothingElse(t *testing.T) {
	line := regexp.MustCompile(`@platforms path (.*)`).FindStringSubmatch(e2etest.Shipped(t, "deploy/Caddyfile"))
	if line == nil {
		t.Fatal("the Caddyfile lets nothing through")
	}
	tg, err := telegram.New(telegram.Config{
		Token: "1:x", API: "https://api.telegram.org", Log: slog.New(slog.DiscardHandler), Webhook: &telegram.Webhook{URL: "https://h/", Secret: "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	sl, err := slack.New(slack.Config{BotToken: "xoxb-x", SigningSecret: "x", API: "https://slack.com/api/", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, p := range []interface {
		Routes() map[string]http.Handler
	}{tg, sl} {
		for pattern := range p.Routes() {
			want = append(want, pattern[strings.Index(pattern, "/"):])
		}
	}
	got := strings.Fields(line[1])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("it lets through %v, the platforms call %v", got, want)
	}
}
