package telegram

import (
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
	"pgregory.net/rapid"
)

func TestWhereWordsLeadToIsReadWithThem(t *testing.T) {
	const link = `{"type":"text_link","offset":%,"length":#,"url":"https://ejemplo.mx/c.pdf"}`
	at := func(offset, length string) string {
		return strings.NewReplacer("%", offset, "#", length).Replace(link)
	}
	for name, c := range map[string]struct{ text, entities, want string }{
		"a word":                    {"Adjunto la cotización.", at("11", "10"), "Adjunto la cotización (https://ejemplo.mx/c.pdf)."},
		"after an emoji of its own": {"\U0001F600 vea aquí", `{"type":"custom_emoji","offset":0,"length":2,"custom_emoji_id":"5"},` + at("7", "4"), "\U0001F600 vea aquí (https://ejemplo.mx/c.pdf)"},
		"with bold inside":          {"la cotización", at("3", "10") + `,{"type":"bold","offset":3,"length":4}`, "la cotización (https://ejemplo.mx/c.pdf)"},
		"cut where bold begins":     {"la cotización", at("3", "4") + "," + at("7", "6"), "la cotización (https://ejemplo.mx/c.pdf)"},
		"two of them":               {"uno y dos", at("0", "3") + "," + at("6", "3"), "uno (https://ejemplo.mx/c.pdf) y dos (https://ejemplo.mx/c.pdf)"},
		"the address itself":        {"ejemplo.mx/c.pdf", at("0", "16"), "ejemplo.mx/c.pdf"},
		"an address of e-mail":      {"a raul@ejemplo.mx", `{"type":"email","offset":2,"length":15}`, "a raul@ejemplo.mx"},
		"a spoiler":                 {"es secreto", `{"type":"spoiler","offset":3,"length":7}`, "es secreto"},
		"a person without a name":   {"Lucía sabe", `{"type":"text_mention","offset":0,"length":5,"user":{"id":7}}`, "Lucía sabe"},
		"lines and indents":         {"uno\n\n   dos aquí\n", at("12", "4"), "uno\n\n   dos aquí (https://ejemplo.mx/c.pdf)\n"},
	} {
		for _, where := range []string{`"text":%,"entities":`, `"photo":[{"file_id":"F","width":9,"height":9}],"caption":%,"caption_entities":`} {
			raw := `{"update_id":31,"message":{"message_id":9,"date":1795452120,` + lucia + `,` + private + `,` + strings.Replace(where, "%", quoted(c.text), 1) + `[` + c.entities + `]}}`
			if in := from(t, raw); in.Input == nil || in.Input.Text != c.want {
				t.Errorf("%s: %+v, want %q", name, in.Input, c.want)
			}
			edited := strings.Replace(raw, `"message"`, `"edited_message"`, 1)
			if in := from(t, edited); in.Input == nil || in.Input.Text != c.want {
				t.Errorf("%s, edited: %+v, want %q", name, in.Input, c.want)
			}
			forwarded := strings.Replace(raw, `"message_id"`, `"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"x"},"message_id"`, 1)
			if in := from(t, forwarded); in.Input == nil || in.Input.Quoted != c.want {
				t.Errorf("%s, forwarded: %+v, want %q", name, in.Input, c.want)
			}
		}
	}
}

func TestNoEntityTakesAnythingFromAText(t *testing.T) {
	const address = "https://a.mx"
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune{'a', 'é', ' ', '\n', '\U0001F600'}), 1, 12, -1).Draw(t, "text")
		entities := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) models.MessageEntity {
			return models.MessageEntity{Type: "text_link", URL: address, Offset: rapid.IntRange(-2, 14).Draw(t, "offset"), Length: rapid.OneOf(rapid.IntRange(-2, 14), rapid.Int()).Draw(t, "length")}
		}), 0, 4).Draw(t, "entities")
		got := written(&models.Message{Text: text, Entities: entities})
		bare := strings.NewReplacer(" ("+address+")", "", address, "").Replace(got)
		squeezed := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeezed(bare) != squeezed(text) {
			t.Fatalf("%q with %v became %q", text, entities, got)
		}
	})
}
