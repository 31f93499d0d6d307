package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

type manCmd struct{}

// Run prints sidem(1), in the macros that every man reads (man(7)).
func (manCmd) Run(k *kong.Kong, out io.Writer) error {
	_, err := io.WriteString(out, manual(k.Model))
	return err
}

// exitCodes are what a process ends with, as docs/operation.md has them.
var exitCodes = []struct {
	code  int
	means string
}{
	{exitFine, "Fine."},
	{exitFailed, "It failed: what could not be done is said."},
	{exitUsage, "Usage: what was typed is no command."},
	{exitConfig, "Configuration: what is set, or a file that it names, cannot work."},
	{exitCheck, "What was looked at is not as it should be."},
}

func manual(m *kong.Application) string {
	var b strings.Builder
	b.WriteString(".TH SIDEM 1 \"\" \"" + roff(version()) + "\"\n.SH NAME\nsidem \\- moves technical opinions on ICT goods through the chats that people have open\n")
	b.WriteString(".SH SYNOPSIS\n.B sidem\n.I command\n[\\fIsettings\\fR]\n.SH DESCRIPTION\n" + roff(m.Help) + "\n.SH COMMANDS\n")
	manualOf(&b, m.Node, "")
	b.WriteString(".SH SETTINGS\nEvery command takes them: from the command line, then the environment, then the file that a variable with _FILE behind its name points to, then the file of --config.\n")
	for _, f := range m.Flags {
		if len(f.Envs) > 0 && !f.Tag.Hidden {
			manualFlag(&b, f)
		}
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", e.code, roff(e.means))
	}
	return b.String()
}

// manualOf writes the commands below n, in their order.
func manualOf(b *strings.Builder, n *kong.Node, path string) {
	for _, c := range n.Children {
		if c.Hidden {
			continue
		}
		name := strings.TrimSpace(path + " " + c.Name)
		if len(c.Children) > 0 {
			manualOf(b, c, name)
			continue
		}
		fmt.Fprintf(b, ".SS \"%s", roff(name))
		for _, p := range c.Positional {
			fmt.Fprintf(b, " %s", roff(p.Summary()))
		}
		fmt.Fprintf(b, "\"\n%s\n", roff(c.Help))
		for _, f := range c.Flags {
			if !f.Hidden {
				manualFlag(b, f)
			}
		}
	}
}

func manualFlag(b *strings.Builder, f *kong.Flag) {
	fmt.Fprintf(b, ".TP\n.B \\-\\-%s", roff(f.Name))
	switch {
	case f.Enum != "":
		fmt.Fprintf(b, " %s", roff(strings.Join(f.EnumSlice(), "|")))
	case !f.IsBool():
		fmt.Fprintf(b, " %s", roff(f.FormatPlaceHolder()))
	}
	b.WriteString("\n" + roff(f.Help) + "\n")
	if len(f.Envs) > 0 {
		fmt.Fprintf(b, "Variable: %s.\n", roff(f.Envs[0]))
	}
	if f.HasDefault && f.Default != "" {
		fmt.Fprintf(b, "Default: %s.\n", roff(f.Default))
	}
}

// roff is a text as it stands: nothing of it is a request or an escape.
func roff(s string) string {
	var b strings.Builder
	for _, r := range strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(s) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	s = b.String()
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
