package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/core"
)

// attaching is lucía with the form open by which she attaches files to her request.
func attaching(t *testing.T) (*world, shelf) {
	t.Helper()
	w := withFiles(newWorld(t))
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.wants(w.on("lucía", r, "Anexar"), "Envíe el archivo")
	return w, w.engine.Files.(shelf)
}

// send has lucía send files in one message.
func (w *world) send(ups ...bot.Upload) bot.Reply {
	return w.in("lucía", bot.Input{Private: true, Files: ups})
}

func pages(n int, stem string) []bot.Upload {
	out := make([]bot.Upload, n)
	for i := range out {
		out[i] = upload(fmt.Sprintf("%s-%d.pdf", stem, i), []byte("%PDF-1.7"))
	}
	return out
}

func TestMoreFilesThanAFormHoldsAreRefusedBeforeAnyIsFetched(t *testing.T) {
	w, kept := attaching(t)
	most := core.Specs[core.FieldFiles].Max
	album := pages(13, "foto")
	for i := range album {
		album[i].Open = func(context.Context) (io.ReadCloser, error) {
			t.Error("it was fetched")
			return nil, io.EOF
		}
	}
	w.wants(w.send(album...), "Llegaron 13 archivos y caben 10; no guardé ninguno.")
	w.send(pages(most-2, "a")...)
	w.wants(w.send(pages(3, "b")...), "Caben 10 archivos: ya hay 8 archivos y llegaron 3 más.")
	w.send(pages(2, "c")...)
	w.wants(w.send(pages(1, "d")...), "Caben 10 archivos: ya hay 10 archivos y llegó 1 más.")
	if len(kept) != most {
		t.Errorf("%d files were kept", len(kept))
	}
}

func TestFilesTooHeavyTogetherAreRefusedAsSoonAsItIsKnown(t *testing.T) {
	w, kept := attaching(t)
	told := pages(6, "plano")
	for i := range told {
		told[i].Size = 20 << 20
	}
	w.wants(w.send(told...), "pesan juntos más de 100 MB")
	untold := pages(6, "plano")
	for i := range untold {
		untold[i].Size = -1
		untold[i].Open = func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(zeros{}, 19<<20)), nil
		}
	}
	w.wants(w.send(untold...), "“plano-5.pdf”: Los archivos pesan juntos más de 100 MB", "plano-4.pdf")
	if len(kept) != 5 {
		t.Errorf("%d files were kept", len(kept))
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestOfSeveralFilesThoseThatAreTakenStayAndTheOthersAreNamed(t *testing.T) {
	w, _ := attaching(t)
	reply := w.send(upload("uno.pdf", []byte("%PDF")), upload("dos.exe", []byte("MZ")), upload("tres.pdf", []byte("%PDF")))
	w.wants(reply, "“dos.exe”: Recibí un archivo .exe.")
	w.wants(w.press("lucía", "Continuar"), "uno.pdf", "tres.pdf")
}

func TestAFileThatThePlatformKeepsToItselfIsExplainedAndTheFormStays(t *testing.T) {
	w, _ := attaching(t)
	var log bytes.Buffer
	w.engine.Log = slog.New(slog.NewTextHandler(&log, nil))
	kept := upload("drive.pdf", nil)
	kept.Open = func(context.Context) (io.ReadCloser, error) {
		return nil, fmt.Errorf("slack file: %w", bot.ErrNotGiven)
	}
	w.wants(w.send(kept), "No pude abrir ese archivo", "Envíe el archivo")
	if strings.Contains(text(w.last["lucía"]), "minuto") {
		t.Error("to try again is no way out")
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "slack file") {
		t.Errorf("the operator reads %q", got)
	}
	w.wants(w.send(upload("uno.pdf", []byte("%PDF"))), "uno.pdf")
}

func TestTheFilesOfAFormAreFoundUnderTheKeysOfForms(t *testing.T) {
	w, _ := attaching(t)
	found := func(name string) (n int) {
		for _, prefix := range filling.DraftKeys {
			keys, err := w.store.Keys(t.Context(), prefix, "", 100, w.clock())
			w.must(err)
			for _, key := range keys {
				body, _, err := w.store.Get(t.Context(), key, w.clock())
				w.must(err)
				n += strings.Count(string(body), `"hash":"`+name+`"`)
			}
		}
		return n
	}
	w.send(upload("uno.pdf", []byte("%PDF")))
	if n := found("uno.pdf"); n != 1 {
		t.Errorf("in the open form: %d", n)
	}
	w.press("lucía", "Guardar y seguir después")
	if n := found("uno.pdf"); n != 1 {
		t.Errorf("in the form that was set aside: %d", n)
	}
}

func TestAFileThatIsTakenOutOfAFormIsHeldByNothing(t *testing.T) {
	for name, out := range map[string]func(w *world){
		"it is taken out":        func(w *world) { w.press("lucía", "Quitar los archivos") },
		"the form is thrown out": func(w *world) { w.press("lucía", "Descartar"); w.press("lucía", "Sí, descartar") },
		"another is in its place": func(w *world) {
			w.press("lucía", "Quitar los archivos")
			w.send(upload("dos.pdf", []byte("%PDF")))
			w.press("lucía", "Continuar")
			w.press("lucía", "Enviar")
		},
	} {
		w, _ := attaching(t)
		w.send(upload("uno.pdf", []byte("%PDF")))
		if n := w.holding("uno.pdf"); n == 0 {
			t.Fatalf("%s: no session holds it before", name)
		}
		out(w)
		if n := w.holding("uno.pdf"); n > 0 {
			t.Errorf("%s, and %d sessions hold it", name, n)
		}
	}
	// One of which nobody said what it is for is held for a day.
	w := withFiles(newWorld(t))
	w.filed("lucía", "Adquisición de impresoras láser")
	w.send(upload("uno.pdf", []byte("%PDF")))
	if n := w.holding("uno.pdf"); n == 0 {
		t.Fatal("what nobody asked for waits nowhere")
	}
	w.pass(25 * time.Hour)
	if n := w.holding("uno.pdf"); n > 0 {
		t.Errorf("a day later %d sessions hold what nobody said a word about", n)
	}
}

// holding is how many sessions name a file.
func (w *world) holding(name string) (n int) {
	w.t.Helper()
	keys, err := w.store.Keys(w.t.Context(), "", "", 1000, w.clock())
	w.must(err)
	for _, key := range keys {
		body, _, err := w.store.Get(w.t.Context(), key, w.clock())
		w.must(err)
		if strings.Contains(string(body), name) {
			n++
		}
	}
	return n
}
