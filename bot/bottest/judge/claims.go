package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

// claim says that a value is of a type of types.ts.
type claim struct {
	about string // "sendMessage", for who reads the verdict
	kind  string // the type
	parts []part // constants that value names
	value string // a literal of TypeScript
	// quoting: messages within that others answer do not say what they answer
	// themselves, which @grammyjs/types wants to read as undefined.
	quoting bool
}

// part is a piece of a value that is judged by a stricter type of its own.
type part struct{ field, kind, value string }

// Claims are what is to be judged, once for each shape. Its methods may be called
// by several tests at once; the zero value holds nothing.
type Claims struct {
	mu    sync.Mutex
	seen  map[string]claim // by shape
	about map[string]int   // how many were claimed, of any shape
}

// Len is how many shapes there are.
func (c *Claims) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

// About is what was claimed about: methods of both platforms, and "answer to …".
func (c *Claims) About() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.about))
}

func (c *Claims) add(n claim) {
	shapes := []string{n.kind, shape(n.value)}
	for _, p := range n.parts {
		shapes = append(shapes, shape(p.value))
	}
	key := strings.Join(shapes, " ")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen, c.about = map[string]claim{}, map[string]int{}
	}
	c.about[n.about]++
	if _, ok := c.seen[key]; !ok {
		c.seen[key] = n
	}
}

// telegramTexts are the parameters that are strings whatever they look like: on
// the wire a form tells no number from a text.
var telegramTexts = []string{"text", "caption", "callback_query_id", "file_id", "url", "secret_token"}

// Telegram claims that each call is a request of the Bot API, and each answer of
// the emulator one that Telegram gives. Downloads are no calls of the API.
func (c *Claims) Telegram(calls ...telegramtest.Call) {
	for _, call := range calls {
		if call.Method == "download" {
			continue
		}
		fields := map[string]string{}
		for name, value := range call.Params {
			fields[name] = literal(value, slices.Contains(telegramTexts, name))
		}
		for name := range call.Files {
			fields[name] = "upload"
		}
		c.add(claim{about: call.Method, kind: fmt.Sprintf("Telegram<%q>", call.Method), value: object(fields)})
		var answer struct {
			OK     bool
			Result json.RawMessage
		}
		if json.Unmarshal([]byte(call.Response), &answer) == nil && answer.OK {
			c.add(claim{about: "result of " + call.Method, kind: fmt.Sprintf("TelegramResult<%q>", call.Method), value: string(answer.Result), quoting: true})
		}
	}
}

// Slack claims that each call is a request of the Web API, and what was put into
// acknowledgements what Slack takes there. Bytes of files are no calls of the API.
func (c *Claims) Slack(calls []slacktest.Call, answers []slacktest.Answer) {
	for _, call := range calls {
		if call.Method == "upload" {
			continue
		}
		n := claim{about: call.Method, kind: fmt.Sprintf("Slack<%q>", call.Method)}
		fields := map[string]string{}
		for name, value := range call.Params {
			number := name == "length"
			structured := strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") || value == "true" || value == "false"
			fields[name] = literal(value, name == "text" || !number && !structured)
		}
		n.take(fields)
		c.add(n)
	}
	for _, a := range answers {
		n := claim{about: "answer to " + a.To, kind: fmt.Sprintf("Answer[%q]", a.To), value: string(a.Payload)}
		var raw map[string]json.RawMessage
		if json.Unmarshal(a.Payload, &raw) == nil {
			fields := map[string]string{}
			for name, value := range raw {
				fields[name] = string(value)
			}
			n.take(fields)
		}
		c.add(n)
	}
}

// Block claims that raw is one block of Slack's.
func (c *Claims) Block(about string, raw []byte) {
	c.add(claim{about: about, kind: "Blocks", value: "[" + string(raw) + "]"})
}

// Manifest claims that raw is the manifest of an app of Slack's.
func (c *Claims) Manifest(about string, raw []byte) {
	c.add(claim{about: about, kind: "Manifest", value: string(raw)})
}

// take makes fields the value, with blocks and views as parts.
func (n *claim) take(fields map[string]string) {
	for field, kind := range map[string]string{"blocks": "Blocks", "view": "View"} {
		if value, ok := fields[field]; ok {
			n.parts = append(n.parts, part{field, kind, value})
			delete(fields, field)
		}
	}
	n.value = object(fields)
}

// literal is a value of a form: JSON as it is, anything else a string.
func literal(value string, text bool) string {
	if !text && json.Valid([]byte(value)) {
		return value
	}
	return quote(value)
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always can be
	return strings.TrimSpace(b.String())
}

func object(fields map[string]string) string {
	var b strings.Builder
	b.WriteString("{")
	for i, name := range slices.Sorted(maps.Keys(fields)) {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(strconv.Quote(name) + ":" + fields[name])
	}
	return b.String() + "}"
}

// word is what may be one of an enumeration ("primary", "HTML"): the types know
// them, so two shapes that differ in one are two.
var word = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// shape is a literal without what no type looks at: prose, numbers, how often an
// element of a list comes.
func shape(value string) string {
	var v any
	if json.Unmarshal([]byte(value), &v) != nil {
		return value // it names an upload, or is no JSON: kept as it is
	}
	return quoteShape(outline(v))
}

func quoteShape(v any) string {
	raw, err := json.Marshal(v)
	if err != nil { // of what JSON gave
		panic(fmt.Sprintf("judge: %v", err))
	}
	return string(raw)
}

func outline(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			v[name] = outline(x)
		}
		return v
	case []any:
		var kinds []string
		for _, x := range v {
			if s := quoteShape(outline(x)); !slices.Contains(kinds, s) {
				kinds = append(kinds, s)
			}
		}
		slices.Sort(kinds)
		return kinds
	case string:
		if word.MatchString(v) {
			return v
		}
		return "…"
	case float64:
		return 0
	default:
		return v
	}
}
