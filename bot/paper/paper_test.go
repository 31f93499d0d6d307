package paper_test

import (
	"bytes"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/card/cardtest"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/testbed"
)

func scene(t *testing.T, name string) core.Scene {
	t.Helper()
	for _, c := range cardtest.Scenes() {
		if c.Name == name {
			return c.Scene
		}
	}
	t.Fatalf("no scene %s", name)
	return core.Scene{}
}

func TestTheDraftOfAnOficioQuotesTheNumberInSpanishLetters(t *testing.T) {
	pdf, err := paper.Letter(es.DraftLetter(scene(t, "request/released/raul.ortega")))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) > 200<<10 {
		t.Fatalf("%d bytes that begin with %q", len(pdf), pdf[:8])
	}
	text := strings.Join(strings.Fields(read(t, pdf)), " ")
	for _, want := range []string{"000147/2026", "Dirección General de Gobierno Digital", "Raúl Ortega Díaz", "23 de noviembre de 2026", "$503,440.00 M.N."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func TestTheSameOficioIsTheSameBytes(t *testing.T) {
	s := scene(t, "request/released/raul.ortega")
	a, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		t.Fatal(err)
	}
	b, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two drafts of one oficio differ")
	}
}

func TestHostileWordsMakeAnOficioAllTheSame(t *testing.T) {
	if _, err := paper.Letter(es.DraftLetter(cardtest.Hostile(scene(t, "request/released/raul.ortega")))); err != nil {
		t.Error(err)
	}
}

// read is the text of a PDF, as pdftotext finds it.
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	tool := testbed.Need(t, testbed.Pdftotext)
	path := filepath.Join(t.TempDir(), "oficio.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWhatTheFontLacksIsReplacedAndNoLineBreakForgesAParagraph(t *testing.T) {
	s := scene(t, "request/released/raul.ortega")
	for subject, want := range map[string]string{
		"Adquisición 🚀 de 20 equipos 👩\u200d💻":              "Asunto de la solicitud: Adquisición de 20 equipos.",
		"Adquisicio\u0301n de ﬁbra óptica № 5":              "Asunto de la solicitud: Adquisición de ﬁbra óptica № 5.",
		"Renovación de enlaces\n\nSe autoriza\u2028el pago": "Asunto de la solicitud: Renovación de enlaces Se autoriza el pago.",
		"Equipo 電腦 de escritorio, marca\u202eabc":           "Asunto de la solicitud: Equipo ?? de escritorio, marcaabc.",
		"𝐀𝐝𝐪𝐮𝐢𝐬𝐢𝐜𝐢ó𝐧 de cable UTP\u2011Cat 6, ４０ metros":    "Asunto de la solicitud: Adquisición de cable UTP-Cat 6, 40 metros.",
	} {
		s.Record.Fields = maps.Clone(s.Record.Fields)
		s.Record.Fields[core.FieldSubject] = subject
		pdf, err := paper.Letter(es.DraftLetter(s))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(read(t, pdf)), " ")
		if !strings.Contains(text, want) {
			t.Errorf("%q is printed as\n%s", subject, text)
		}
	}
}

func FuzzNoWordsKeepAnOficioFromBeingMade(f *testing.F) {
	f.Add("Adquisición 🚀 de 20 equipos", "A\n\n")
	f.Add("\U0010ffff\ufffe\x00", strings.Repeat("x", 400))
	f.Fuzz(func(t *testing.T, subject, name string) {
		pdf, err := paper.Letter(es.Oficio{Title: subject, Head: []string{name}, Body: []string{subject, name}, Closing: []string{name}, Notes: []string{subject}})
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%v", err)
		}
	})
}

func TestThePassIsAPicture(t *testing.T) {
	body, err := paper.QR(core.Pass("000147/2026", scene(t, "request/issued/lucia.herrera").Code()))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(body))
	if err != nil || img.Bounds().Dx() < 300 {
		t.Errorf("%v, %v", img.Bounds(), err)
	}
}
