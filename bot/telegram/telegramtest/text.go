package telegramtest

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText    = 4096 // sendMessage: 1–4096 characters after entities parsing, here UTF-16 code units
	maxCaption = 1024 // sendDocument, sendPhoto: 0–1024 characters after entities parsing
)

// Entity marks a part of a text; Offset and Length count UTF-16 code units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
}

// utf16Len counts UTF-16 code units, in which Telegram measures.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Width(r)
	}
	return n
}

func utf16Width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// cleanText removes what Telegram removes from every text it is given:
// carriage returns vanish, other control characters become spaces.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r < ' ' && r != '\n':
			return ' '
		}
		return r
	}, s)
}

const trimmed = " \n"

// formatted is a text with its entities, as it appears.
type formatted struct {
	text     string
	entities []Entity
}

// format parses a text parameter by its parse mode and trims it.
func format(raw, mode, entities string) (formatted, *apiError) {
	raw = cleanText(raw)
	var f formatted
	switch strings.ToLower(mode) {
	case "html":
		text, marks, err := parseHTML(raw)
		if err != nil {
			return f, badRequest("can't parse entities: %s", err)
		}
		f = formatted{text, marks}
	case "", "none":
		f.text = raw
		if entities != "" {
			if err := json.Unmarshal([]byte(entities), &f.entities); err != nil {
				return f, badRequest("can't parse entities JSON object")
			}
		}
	default: // Markdown exists on the platform, but not in this house
		return f, badRequest("unsupported parse_mode")
	}
	return f.trim(), nil
}

// trim drops white space around the text, moving the entities along.
func (f formatted) trim() formatted {
	left := strings.TrimLeft(f.text, trimmed)
	cut := utf16Len(f.text) - utf16Len(left)
	out := formatted{text: strings.TrimRight(left, trimmed)}
	end := utf16Len(out.text)
	for _, e := range f.entities {
		from, to := max(0, e.Offset-cut), min(end, e.Offset-cut+e.Length)
		if to > from {
			e.Offset, e.Length = from, to-from
			out.entities = append(out.entities, e)
		}
	}
	return out
}

// formatText is format with the limits of a message's text.
func formatText(params map[string]string) (formatted, *apiError) {
	if params["text"] == "" {
		return formatted{}, badRequest("message text is empty")
	}
	f, refused := format(params["text"], params["parse_mode"], params["entities"])
	switch {
	case refused != nil:
		return f, refused
	case f.text == "":
		return f, badRequest("text must be non-empty")
	case utf16Len(f.text) > maxText:
		return f, badRequest("message is too long")
	}
	return f, nil
}

// formatCaption is format with the limits of a caption, which may be empty.
func formatCaption(params map[string]string) (formatted, *apiError) {
	f, refused := format(params["caption"], params["parse_mode"], params["caption_entities"])
	if refused == nil && utf16Len(f.text) > maxCaption {
		refused = badRequest("message caption is too long")
	}
	return f, refused
}

// commandEntities finds the bot commands in what a person wrote: a slash that
// follows no word, 1–64 of [A-Za-z0-9_], perhaps @username, and no word or
// slash right after.
func commandEntities(text string) []Entity {
	var out []Entity
	units := 0
	prev := rune(' ')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == '/' && !wordRune(prev) && !strings.ContainsRune("/<>@", prev) {
			if n := commandLength(text[i:]); n > 0 {
				out = append(out, Entity{Type: "bot_command", Offset: units, Length: n})
				units += n // ASCII: bytes are code units
				i += n
				prev = 'x'
				continue
			}
		}
		units += utf16Width(r)
		prev = r
		i += size
	}
	return out
}

// commandLength is the length of the command at the start of s; 0 if none.
func commandLength(s string) int {
	n := 1 + asciiWord(s[1:])
	if n == 1 || n > 65 {
		return 0
	}
	if n < len(s) && s[n] == '@' {
		if m := asciiWord(s[n+1:]); m >= 3 && m <= 32 {
			n += 1 + m
		}
	}
	next, _ := utf8.DecodeRuneInString(s[n:])
	if n < len(s) && (wordRune(next) || strings.ContainsRune("/<>", next)) {
		return 0
	}
	return n
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// asciiWord is how many bytes of [A-Za-z0-9_] s begins with.
func asciiWord(s string) int {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return i
		}
	}
	return len(s)
}
