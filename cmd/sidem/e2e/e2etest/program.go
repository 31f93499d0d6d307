package e2etest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	_ "time/tzdata" // the zone of the office, on machines that have no zone files

	"github.com/alecthomas/kong"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/testbed"
)

// With ServeEnv set the test binary of a package with Main is the program: serve, or
// demo-service, as the environment configures it.
const (
	ServeEnv = "SIDEM_TEST_SERVE"
	DieEnv   = "SIDEM_TEST_DIE"   // kills itself at the nth change of the store: what Main's wrap makes of it
	HasteEnv = "SIDEM_TEST_HASTE" // waits for nobody's turn
	RaceEnv  = "SIDEM_TEST_RACE"  // Sidem is built with the race detector
)

// Main is TestMain for packages that run SIDEM in processes of their own. In such a
// process wrap says what stands between SIDEM and its store; nil is nothing.
func Main(m *testing.M, wrap func() func(app.Store) app.Store) {
	if os.Getenv(ServeEnv) != "" {
		os.Exit(program(wrap))
	}
	Deaf()
	world.ChildEnv = []string{ServeEnv + "=1"}
	bottest.Day = testbed.Today().Format("2006-01-02 15:04")
	crowd()
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // the system clears its temporary files too
	}
	os.Exit(code)
}

// Deaf has this process forget how an operator's shell configures SIDEM: no test may
// speak with the tokens of an office.
func Deaf() {
	forget := func(name string) {
		_, _ = os.Unsetenv(name), os.Unsetenv(name+"_FILE") // there is nothing that could fail
	}
	forget("SIDEM_CONFIG")
	config := reflect.TypeFor[office.Config]()
	for field := range config.Fields() {
		for name := range strings.SplitSeq(field.Tag.Get("env"), ",") {
			if name != "" {
				forget(name)
			}
		}
	}
}

// program is SIDEM in this process.
func program(wrap func() func(app.Store) app.Store) int {
	var c struct {
		office.Config
		Serve       struct{} `cmd:""`
		DemoService struct {
			Fleeting string
		} `cmd:""`
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := app.Options{Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)), Hasty: os.Getenv(HasteEnv) != ""}
	if wrap != nil {
		o.Wrap = wrap()
	}
	parser, err := kong.New(&c)
	if err == nil {
		var k *kong.Context
		if k, err = parser.Parse(os.Args[1:]); err == nil && k.Command() == "demo-service" {
			err = demo.Service(ctx, c.Config, o, c.DemoService.Fleeting)
		} else if err == nil {
			err = app.Serve(ctx, c.Config, o)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// crowd runs more tests at once than there are processors, unless -parallel says
// how many: most of a story is waiting for somebody's turn.
func crowd() {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		_ = flag.Set("test.parallel", "32") // it is a number
	}
}

// built is sidem itself, built once in a process of tests; Main removes it.
var built struct {
	sync.Once
	dir string
	err error
}

// Sidem is the path of sidem itself, built for the tests of a package; with RaceEnv
// set it watches for races, and a race that it finds ends it.
func Sidem(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "sidem-built-"); built.err != nil {
			return
		}
		args := []string{"build", "-o", built.dir}
		if os.Getenv(RaceEnv) != "" {
			args = append(args, "-race")
		}
		cmd := exec.Command("go", append(args, "./cmd/sidem")...) //nolint:noctx // bounded by the time limit of the tests
		cmd.Dir = Root(t)
		if said, err := cmd.CombinedOutput(); err != nil {
			built.err = errors.Join(err, errors.New(string(said)))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "sidem")
}
