package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"sidem.gob.mx/sidem/core/testbed"
)

// maxTold is how many wrong claims a verdict tells of.
const maxTold = 20

// Judge has tsc judge the claims, and fails the test with its words. Where the
// judges are missing it says so and judges nothing, or fails as Need does. It may be
// called from a Cleanup, when all that a test's parallel parts claim is there.
func (c *Claims) Judge(t testing.TB) {
	t.Helper()
	dir, err := find()
	if _, lacks := errors.AsType[missing](err); lacks && !testbed.Node.Required() {
		t.Log(err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() == 0 {
		t.Fatal("judge: nothing is claimed")
	}
	found, err := c.compile(context.WithoutCancel(t.Context()), dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range found {
		if i == maxTold {
			t.Errorf("and %d more", len(found)-i)
			break
		}
		t.Errorf("%s: %s\n  here: …%s⟪%s⟫", f.about, f.words, f.before, f.after)
	}
}

// complaint is one of tsc's: about what, in its words, and where it points.
type complaint struct{ about, words, before, after string }

// compile writes the claims to a folder and compiles it, with the types of dir.
func (c *Claims) compile(ctx context.Context, dir, folder string) ([]complaint, error) {
	for _, name := range []string{"types.ts", "tsconfig.json", "package.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
		return nil, err
	}
	source, lines := c.source()
	if err := os.WriteFile(filepath.Join(folder, "claims.ts"), source, 0o600); err != nil {
		return nil, err
	}
	tsc := exec.CommandContext(ctx, "node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "--pretty", "false") //nolint:gosec // a program of ours, in our folder
	tsc.Dir = folder
	printed, err := tsc.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	found := complaints(string(printed), source, lines)
	if len(found) == 0 {
		return nil, fmt.Errorf("tsc did not judge: %w\n%s", err, printed)
	}
	return found, nil
}

// source is a module that is right where every claim is. Of each line of it, it
// says what the claim is about.
func (c *Claims) source() ([]byte, []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b bytes.Buffer
	b.WriteString(`import { type Answer, type Blocks, type Manifest, type Slack, type Telegram, type TelegramResult, type View, upload } from "./types.js";` + "\n")
	lines := []string{"", "the imports"} // from 1
	line := func(about, format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		lines = append(lines, about)
	}
	for i, key := range slices.Sorted(maps.Keys(c.seen)) {
		n := c.seen[key]
		value := n.value
		if n.quoting {
			value = strings.ReplaceAll(value, `"reply_to_message":{`, `"reply_to_message":{"reply_to_message":undefined,`)
		}
		for _, p := range n.parts {
			name := fmt.Sprintf("%s%d", p.field, i)
			line(n.about, "const %s: %s = %s;", name, p.kind, oneLine(p.value))
			comma := ","
			if value == "{}" {
				comma = ""
			}
			value = "{" + strconv.Quote(p.field) + ":" + name + comma + strings.TrimPrefix(value, "{")
		}
		line(n.about, "export const claim%d: %s = %s;", i, n.kind, oneLine(value))
	}
	return b.Bytes(), lines
}

// oneLine is a literal on one line; JSON has no line ends within strings.
func oneLine(literal string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(literal)
}

var said = regexp.MustCompile(`(?m)^claims\.ts\((\d+),(\d+)\): (.*(?:\n  .*)*)`)

// complaints are what tsc printed. Columns are in UTF-16, as it counts them.
func complaints(printed string, source []byte, lines []string) []complaint {
	text := strings.Split(string(source), "\n")
	var out []complaint
	for _, f := range said.FindAllStringSubmatch(printed, -1) {
		at, _ := strconv.Atoi(f[1]) // digits
		column, _ := strconv.Atoi(f[2])
		line := utf16.Encode([]rune(text[at-1]))
		here := min(column-1, len(line))
		out = append(out, complaint{
			about: lines[at], words: f[3],
			before: string(utf16.Decode(line[max(0, here-120):here])), after: string(utf16.Decode(line[here:min(here+60, len(line))])),
		})
	}
	return out
}
