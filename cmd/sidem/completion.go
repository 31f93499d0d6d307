package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that completes commands, flags and what they may be set to.
func (c completionCmd) Run(k *kong.Kong, out io.Writer) error {
	scripts := map[string]func([]place) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	_, err := io.WriteString(out, scripts[c.Shell](places(k.Model.Node, "")))
	return err
}

// place is a command line so far, by its commands alone, and what may follow it.
type place struct {
	words    string // " config check"; "" is the beginning
	commands []choice
	flags    []choice
	// files says that a file may follow.
	files bool
}

// choice is a word that may follow.
type choice struct {
	name, help string
	values     []string // that a flag may be set to; nil where it takes none, or anything
	takes      bool     // a flag that is followed by a value
	setting    bool     // a flag of every command
}

// places are a command and all that are below it, the outermost first. The settings, which
// every command takes, are completed where a command has begun.
func places(n *kong.Node, words string) []place {
	here := place{words: words}
	for parent := n; parent != nil; parent = parent.Parent {
		for _, f := range parent.Flags {
			if f.Hidden && len(f.Envs) == 0 {
				continue
			}
			here.flags = append(here.flags, choice{name: "--" + f.Name, help: f.Help, values: f.EnumSlice(), takes: !f.IsBool(), setting: parent.Parent == nil})
		}
	}
	for _, p := range n.Positional {
		here.files = here.files || p.Enum == ""
		for _, v := range p.EnumSlice() {
			here.commands = append(here.commands, choice{name: v})
		}
	}
	all := []place{}
	for _, child := range n.Children {
		if child.Hidden {
			continue
		}
		here.commands = append(here.commands, choice{name: child.Name, help: child.Help})
		all = append(all, places(child, words+" "+child.Name)...)
	}
	return append([]place{here}, all...)
}

func names(list []choice) (out []string) {
	for _, c := range list {
		out = append(out, c.name)
	}
	return out
}

// valued are patterns of a place and a flag behind it that is set to one of some values, and
// those values, as words.
func valued(all []place) (out [][2]string) {
	for _, p := range all {
		for _, f := range p.flags {
			pattern := quoted(p.words + " " + f.name)
			if f.setting {
				pattern = "*" + quoted(" "+f.name)
			}
			if len(f.values) > 0 && (!f.setting || p.words == "") {
				out = append(out, [2]string{pattern, strings.Join(f.values, " ")})
			}
		}
	}
	return out
}

// arms are the arms of a case that tells which places there are, but for the beginning.
func arms(all []place) string {
	var out []string
	for _, p := range all[1:] {
		out = append(out, quoted(p.words))
	}
	return strings.Join(out, "|")
}

// quoted is a text between single quotes, for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func bashScript(all []place) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Completion of sidem for bash: source <(sidem completion bash)
_sidem() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= word words=
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$at $word" in %s) at="$at $word" ;; esac
	done
	case "$at $prev" in
`, arms(all))
	for _, f := range valued(all) {
		fmt.Fprintf(&b, "\t%s) COMPREPLY=($(compgen -W %s -- \"$cur\")); return ;;\n", f[0], quoted(f[1]))
	}
	b.WriteString("\tesac\n\tcase \"$at\" in\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\t%s) words=%s ;;\n", quoted(p.words), quoted(strings.Join(names(p.commands), " ")))
	}
	b.WriteString("\tesac\n\tif [[ $cur == -* ]]; then case \"$at\" in\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\t%s) words=%s ;;\n", quoted(p.words), quoted(strings.Join(names(p.flags), " ")))
	}
	b.WriteString("\tesac; fi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _sidem sidem\n")
	return b.String()
}

func zshScript(all []place) string {
	var b strings.Builder
	fmt.Fprintf(&b, `#compdef sidem
# Completion of sidem for zsh: sidem completion zsh > "${fpath[1]}/_sidem"
_sidem() {
	local at= word
	local -a commands flags
	for word in "${(@)words[2,CURRENT-1]}"; do
		case "$at $word" in (%s) at="$at $word" ;; esac
	done
	case "$at ${words[CURRENT-1]}" in
`, arms(all))
	for _, f := range valued(all) {
		fmt.Fprintf(&b, "\t(%s) compadd -- %s; return ;;\n", f[0], f[1])
	}
	b.WriteString("\tesac\n\tcase \"$at\" in\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\t(%s) commands=(%s) flags=(%s) ;;\n", quoted(p.words), described(p.commands), described(p.flags))
	}
	b.WriteString("\tesac\n\t_describe command commands\n\t_describe -o option flags\n\t(( $#commands )) || _files\n}\n_sidem \"$@\"\n")
	return b.String()
}

// described are choices as zsh's _describe takes them.
func described(list []choice) string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, quoted(c.name+":"+strings.ReplaceAll(c.help, ":", `\:`)))
	}
	return strings.Join(out, " ")
}

func fishScript(all []place) string {
	var b strings.Builder
	b.WriteString("# Completion of sidem for fish: sidem completion fish > ~/.config/fish/completions/sidem.fish\nfunction __sidem_at\n\tset -l at ''\n\tfor word in (commandline -opc)[2..-1]\n\t\tswitch \"$at $word\"\n\t\t\tcase")
	for _, p := range all[1:] {
		b.WriteString(" " + quoted(p.words))
	}
	b.WriteString("\n\t\t\t\tset at \"$at $word\"\n\t\tend\n\tend\n\ttest \"$at\" = \"$argv[1]\"\nend\n")
	for _, p := range all {
		when := "-n " + quoted(`__sidem_at "`+p.words+`"`)
		if !p.files {
			fmt.Fprintf(&b, "complete -c sidem %s -f\n", when)
		}
		for _, c := range p.commands {
			fmt.Fprintf(&b, "complete -c sidem %s -a %s -d %s\n", when, c.name, quoted(c.help))
		}
		for _, f := range p.flags {
			fmt.Fprintf(&b, "complete -c sidem %s -l %s -d %s", when, strings.TrimPrefix(f.name, "--"), quoted(f.help))
			switch {
			case len(f.values) > 0:
				fmt.Fprintf(&b, " -x -a %s", quoted(strings.Join(f.values, " ")))
			case f.takes:
				b.WriteString(" -r")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
