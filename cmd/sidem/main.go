// Command sidem runs SIDEM: it reads the configuration and introduces the pieces to each other.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // the zone of the office, on machines that have no zone files

	"github.com/alecthomas/kong"

	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/storage/archive"
)

// The exit codes.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	exitConfig = 3
	exitCheck  = 4
)

// cli is the command line.
type cli struct {
	office.Config
	ConfigFile string `name:"config" help:"YAML file with flag names as keys." env:"SIDEM_CONFIG"`

	Serve serveCmd `cmd:"" help:"Run SIDEM."`
	Demo  demoCmd  `cmd:"" help:"Run the whole process against emulators, without accounts anywhere."`

	DemoService demoServiceCmd `cmd:"" hidden:"" help:"SIDEM as the demonstration runs it."`

	Configuration configCmd `cmd:"" name:"config" help:"The configuration as it is understood: check."`

	Import    importCmd    `cmd:"" help:"Bring agencies, programmes and accounts to what a YAML file says: also beside a running SIDEM."`
	Lifecycle lifecycleCmd `cmd:"" help:"Print the lifecycles and who may do what."`
	Calendar  calendarCmd  `cmd:"" help:"The working calendar: show, import, due."`
	Audit     auditCmd     `cmd:"" help:"Check the trail, and let others check it: verify, checkpoint, key, prove, check."`
	Doctor    doctorCmd    `cmd:"" help:"Check everything that SIDEM needs: OK or falla, line by line, with what to do."`
	Outbox    outboxCmd    `cmd:"" help:"What is owed, what was sent, what was given up."`
	Privacy   privacyCmd   `cmd:"" help:"What persons may ask for of their data: export, erase."`
	Reindex   reindexCmd   `cmd:"" help:"Fold all records from the trail once more, and file them as this version does: also beside a running SIDEM."`
	Keys      keysCmd      `cmd:"" help:"The keys that seal buttons, passwords and codes: rotate."`
	Backup    backupCmd    `cmd:"" help:"Write the whole store to a file."`
	Restore   restoreCmd   `cmd:"" help:"Fill an empty store with what backup wrote, of either kind."`
	Archive   archiveCmd   `cmd:"" help:"Requests that were closed long ago and left the store: list, restore."`
	WhatIf    whatifCmd    `cmd:"" name:"whatif" help:"What if there were more people, more requests, days off: runs the office as a queue, as it is and as asked; also beside a running SIDEM."`
	Export    exportCmd    `cmd:"" help:"Write requests, their trail, what was sent and the directory, without secrets, as lines of JSON or a workbook: also beside a running SIDEM."`
	Health    healthCmd    `cmd:"" name:"healthcheck" help:"Ask a running SIDEM whether it is ready."`
	Manifest  manifestCmd  `cmd:"" help:"Print the manifest of the Slack app."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	Completion completionCmd `cmd:"" help:"Print what completes commands and flags in a shell."`
	Man        manCmd        `cmd:"" help:"Print the page of the manual."`

	Build kong.VersionFlag `name:"version" help:"Print the version."`
}

func main() { os.Exit(untilTold(os.Args[1:])) }

// untilTold runs SIDEM until it has ended, or is told to by a signal.
func untilTold(args []string) int {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // the terminal is closed, and nobody said that it is to go on
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	return run(ctx, args, os.Stdout, os.Stderr)
}

// run is main, with everything it touches handed in.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	file := readConfig(configPath(args))
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
	}
	exited := -1
	parser, err := kong.New(&c, kong.Name("sidem"), kong.Description("SIDEM moves technical opinions on ICT goods through the chats that people have open. The settings, which every command takes, are under: sidem help config"),
		kong.Resolvers(file), kong.ValueFormatter(withVariable), kong.Writers(stdout, stderr), kong.Vars{"version": version()}, kong.Exit(func(code int) { exited = code }))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitFailed
	}
	unheard(parser)
	settingsOnce(parser, args)
	k, err := parser.Parse(args)
	if exited >= 0 { // --help, --version
		return exited
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "sidem:", err)
		return exitUsage
	}
	c.Unread = file.faults
	if err := c.Unread.Err(); err != nil && !tellsFaults(k.Command()) {
		return exitCode(err, stderr)
	}
	k.Bind(file)
	k.Bind(parser)
	k.BindTo(ctx, (*context.Context)(nil))
	k.BindTo(stdout, (*io.Writer)(nil))
	err = k.Run(&c.Config, logTo(stderr, c.LogFormat, c.LogLevel))
	return exitCode(err, stderr)
}

// settingsOnce keeps the settings out of the help of every command but that of config,
// where they stand once.
func settingsOnce(k *kong.Kong, args []string) {
	if args[0] == "config" {
		return
	}
	for _, f := range k.Model.Flags {
		f.Hidden = f.Hidden || len(f.Envs) > 0
	}
}

// logTo is the log as it is configured.
func logTo(w io.Writer, format, level string) *slog.Logger {
	var opts slog.HandlerOptions
	var from slog.Level
	if from.UnmarshalText([]byte(level)) == nil { // an enum: it is one
		opts.Level = from
	}
	if format == "text" {
		return slog.New(slog.NewTextHandler(w, &opts))
	}
	return slog.New(slog.NewJSONHandler(w, &opts))
}

func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitFine
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintln(stderr, "sidem:", line)
	}
	if _, ok := errors.AsType[*office.ConfigError](err); ok {
		return exitConfig
	}
	if _, ok := errors.AsType[*archive.FormatError](err); ok { // another version of the program is installed than the store needs
		return exitConfig
	}
	if _, ok := errors.AsType[*ops.CheckError](err); ok {
		return exitCheck
	}
	return exitFailed
}

// configPath looks for --config before the flags are parsed, as their resolver needs it.
func configPath(args []string) string {
	for i, a := range args {
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
		if len(a) > 9 && a[:9] == "--config=" {
			return a[9:]
		}
	}
	return os.Getenv("SIDEM_CONFIG")
}

// wrapStore stands between SIDEM and its store; tests of crashes set it.
var wrapStore func(app.Store) app.Store

type serveCmd struct{}

// Run serves until the process is told to end.
func (serveCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger) error {
	return app.Serve(ctx, *cfg, app.Options{Log: log, Wrap: wrapStore})
}

type lifecycleCmd struct {
	Format string `help:"mermaid or json." enum:"mermaid,json" default:"mermaid"`
}

// Run prints the tables.
func (c lifecycleCmd) Run(out io.Writer) error {
	if c.Format == "json" {
		return json.NewEncoder(out).Encode(core.Lifecycles)
	}
	return printLifecycles(out)
}

// printLifecycles prints docs/lifecycle.md.
func printLifecycles(out io.Writer) error {
	_, err := io.WriteString(out, es.Lifecycles())
	return err
}

type healthCmd struct{}

// Run asks /readyz of the admin listener.
func (healthCmd) Run(ctx context.Context, cfg *office.Config) error { return ops.Ready(ctx, cfg) }

type manifestCmd struct {
	Platform string `arg:"" enum:"slack" help:"slack"`
}

// Run prints what to paste where Slack asks for an app manifest, for the mode that
// is configured.
func (manifestCmd) Run(cfg *office.Config, out io.Writer) error {
	address := ""
	if cfg.SlackMode == office.SlackHTTP {
		if address = cfg.PublicURL; address == "" {
			return office.Misconfigured(errors.New("SIDEM_PUBLIC_URL is missing: with SIDEM_SLACK_MODE=http Slack calls it"))
		}
	}
	_, err := out.Write(slack.Manifest(address))
	return err
}

type versionCmd struct{}

// Run prints the version that the build carries.
func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, version())
	return err
}

// release is the version of a build that carries none, as in an image: set by the linker.
var release string

// version is what the build carries.
func version() string {
	version, revision := "devel", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	return "sidem " + cmp.Or(release, version) + revision
}
