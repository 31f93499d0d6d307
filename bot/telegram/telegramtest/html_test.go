package telegramtest

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestHTMLBecomesTextAndEntities(t *testing.T) {
	for in, want := range map[string]formatted{
		"<b>a</b><i>b</i>":                                   {"ab", []Entity{{Type: "bold", Length: 1}, {Type: "italic", Offset: 1, Length: 1}}},
		"😀<b>á</b>":                                          {"😀á", []Entity{{Type: "bold", Offset: 2, Length: 1}}},
		"<b>a<u>b</u></b>":                                   {"ab", []Entity{{Type: "bold", Length: 2}, {Type: "underline", Offset: 1, Length: 1}}},
		"&lt;b&gt; &amp;amp; &quot;&#65;&#x42;":              {`<b> &amp; "AB`, nil},
		"Tom &amp Jerry &nbsp;&copy; &#0; & &":               {"Tom & Jerry &nbsp;&copy; &#0; & &", nil},
		`<a href="https://ejemplo.mx/?a=1&amp;b=2">aquí</a>`: {"aquí", []Entity{{Type: "text_link", Length: 4, URL: "https://ejemplo.mx/?a=1&b=2"}}},
		`<a href="javascript:alert(1)">x</a>`:                {"x", nil},
		`<span class="tg-spoiler">x</span>`:                  {"x", []Entity{{Type: "spoiler", Length: 1}}},
		"<tg-spoiler>x</tg-spoiler>":                         {"x", []Entity{{Type: "spoiler", Length: 1}}},
		"<blockquote expandable>x</blockquote>":              {"x", []Entity{{Type: "expandable_blockquote", Length: 1}}},
		"<BLOCKQUOTE>x</blockquote>":                         {"x", []Entity{{Type: "blockquote", Length: 1}}},
		`<pre><code class="language-go">x</code></pre>`:      {"x", []Entity{{Type: "pre", Length: 1, Language: "go"}}},
		"<s>a</s><del>b</del><strike>c</strike>":             {"abc", []Entity{{Type: "strikethrough", Length: 1}, {Type: "strikethrough", Offset: 1, Length: 1}, {Type: "strikethrough", Offset: 2, Length: 1}}},
		"<b></b>x":                                           {"x", nil},
		"a > b":                                              {"a > b", nil},
	} {
		text, entities, err := parseHTML(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if diff := cmp.Diff(want, formatted{text, entities}, cmp.AllowUnexported(formatted{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func TestBrokenHTMLIsRefusedWithItsPlace(t *testing.T) {
	for in, want := range map[string]string{
		"<b>x":                       `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                      "Unexpected end tag at byte offset 1",
		"<b>x</i>":                   `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"<b><i>x</b></i>":            `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		"á <p>":                      `Unsupported start tag "p" at byte offset 3`,
		"a<br/>b":                    `Unsupported start tag "br/" at byte offset 1`,
		"1 < 2":                      `Unsupported start tag "" at byte offset 2`,
		"<b":                         "Unclosed start tag at byte offset 0",
		"<a href":                    `Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0`,
		"<a =x>":                     `Empty attribute name in the tag "a" at byte offset 0`,
		"<a href=a/b>x</a>":          "Unexpected end of name token at byte offset 8",
		`<a href="x`:                 "Unclosed start tag at byte offset 0",
		"<b>x</b":                    "Unclosed end tag at byte offset 4",
		`<span class="red">x</span>`: `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		"&#xd800;":                   "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
	} {
		if _, _, err := parseHTML(in); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
}

func TestCommandsInTextsAreMarked(t *testing.T) {
	for in, want := range map[string][]Entity{
		"/start abc":            {{Type: "bot_command", Length: 6}},
		"😀 /quien@sidem_bot ya": {{Type: "bot_command", Offset: 3, Length: 16}},
		"a/b http://x/y":        nil,
		"/ayuda/más":            nil,
		"/añadir":               nil,
		"/a, /b":                {{Type: "bot_command", Length: 2}, {Type: "bot_command", Offset: 4, Length: 2}},
	} {
		if diff := cmp.Diff(want, commandEntities(in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzHTMLNeverBreaksTheParser(f *testing.F) {
	for _, seed := range []string{"<b>x</b>", "&#x1f600;", `<a href='&quot;'>`, "</", "<", "&", "<b  a = \"", "<>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		text, entities, err := parseHTML(in)
		if err != nil {
			return
		}
		if utf8.ValidString(in) && !utf8.ValidString(text) {
			t.Errorf("%q became invalid UTF-8", in)
		}
		for _, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > utf16Len(text) {
				t.Errorf("%q: entity %+v outside of %q", in, e, text)
			}
		}
	})
}
