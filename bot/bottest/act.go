package bottest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// together has all persons of a line act at once, when they have read what there is.
func (r *Runner) together(ctx context.Context, l Line) error {
	if err := r.rest(ctx); err != nil {
		return err
	}
	if err := r.onceAsked(); err != nil {
		return err
	}
	arg, err := r.quote(l.Arg)
	if err != nil {
		return err
	}
	arg = stretch(arg)
	var wg sync.WaitGroup
	errs := make([]error, len(l.Who))
	for i, who := range l.Who {
		c, err := r.World.Client(who, l.On)
		if err != nil {
			return err
		}
		wg.Go(func() {
			if l.Kind == Say {
				errs[i] = r.insist(ctx, c, func() error { return c.Say(arg) }, func() bool { return true })
				return
			}
			errs[i] = r.do(ctx, c, arg)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// long stands in a text for one of so many characters: {4420 letras: words that come
// again and again}.
var long = regexp.MustCompile(`\{(\d+) letras: ([^}]+)\}`)

// stretch writes out what long stands for.
func stretch(text string) string {
	return long.ReplaceAllStringFunc(text, func(ref string) string {
		m := long.FindStringSubmatch(ref)
		n, _ := strconv.Atoi(m[1]) // digits
		words := []rune(m[2] + " ")
		out := make([]rune, 0, n)
		for len(out) < n {
			out = append(out, words[:min(len(words), n-len(out))]...)
		}
		return string(out)
	})
}

var (
	pressLine   = regexp.MustCompile(`^pulsan? "([^"]+)"( dos veces)?$`)
	fillLine    = regexp.MustCompile(`^(?:llena|elige) "([^"]+)" con "([^"]*)"$`)
	sayAllLine  = regexp.MustCompile(`^escribe de corrido ("[^"]+"(?:, "[^"]+")*)$`)
	editLine    = regexp.MustCompile(`^cambia su mensaje "([^"]+)" a "([^"]+)"$`)
	forwardLine = regexp.MustCompile(`^reenvía "([^"]+)"$`)
	replyLine   = regexp.MustCompile(`^responde a "([^"]+)" con "([^"]+)"$`)
	oldLine     = regexp.MustCompile(`^pulsa otra vez "([^"]+)"$`)
	attachLine  = regexp.MustCompile(`^adjunta "([^"]+)"(?: en "([^"]+)")?$`)
)

func (r *Runner) do(ctx context.Context, c Client, arg string) error {
	if m := pressLine.FindStringSubmatch(arg); m != nil {
		times := 1
		if m[2] == " dos veces" {
			times = 2
		}
		return r.press(ctx, c, m[1], times)
	}
	if m := fillLine.FindStringSubmatch(arg); m != nil {
		return r.fill(ctx, c, func() error { return c.Fill(m[1], m[2]) })
	}
	if m := attachLine.FindStringSubmatch(arg); m != nil {
		data, err := Sample(m[1])
		if err != nil {
			return err
		}
		return r.fill(ctx, c, func() error { return c.Attach(m[2], m[1], data) })
	}
	if act := r.written(c, arg); act != nil {
		return r.insist(ctx, c, act, func() bool { return true })
	}
	if arg == "envía" {
		return r.submit(ctx, c)
	}
	if arg == "lo mismo otra vez" {
		return c.Again()
	}
	if home, ok := c.(interface{ OpenHome() error }); ok && arg == "abre el inicio" {
		return r.insist(ctx, c, home.OpenHome, func() bool { return true })
	}
	return fmt.Errorf("%q: want pulsa \"…\", llena \"…\" con \"…\", adjunta \"…\" en \"…\", envía, escribe de corrido \"…\", cambia su mensaje \"…\" a \"…\", reenvía \"…\", responde a \"…\" con \"…\", pulsa otra vez \"…\"", arg)
}

// Writer is a Client that writes otherwise than one message after the other.
type Writer interface {
	// Edit has the newest message of the person's that reads text read otherwise.
	Edit(text, now string) error
	// Forward passes on what somebody else wrote.
	Forward(text string) error
}

// written is what a person does about messages beside writing one; nil for nothing of it.
func (r *Runner) written(c Client, arg string) func() error {
	if m := sayAllLine.FindStringSubmatch(arg); m != nil {
		if all, ok := c.(interface{ SayAll(texts ...string) error }); ok { // before anything is answered
			return func() error { return all.SayAll(strings.Split(strings.Trim(m[1], `"`), `", "`)...) }
		}
	}
	if m := replyLine.FindStringSubmatch(arg); m != nil {
		if all, ok := c.(interface{ Reply(to, text string) error }); ok {
			return func() error { return all.Reply(m[1], m[2]) }
		}
	}
	if m := oldLine.FindStringSubmatch(arg); m != nil { // as it was then, whatever stands there now
		if all, ok := c.(interface{ PressAgain(label string) error }); ok {
			return func() error { return all.PressAgain(m[1]) }
		}
	}
	w, ok := c.(Writer)
	if !ok {
		return nil
	}
	if m := editLine.FindStringSubmatch(arg); m != nil {
		return func() error { return w.Edit(m[1], m[2]) }
	}
	if m := forwardLine.FindStringSubmatch(arg); m != nil {
		return func() error { return w.Forward(m[1]) }
	}
	return nil
}

// press presses a button when it can be seen.
func (r *Runner) press(ctx context.Context, c Client, label string, times int) error {
	if err := r.await(ctx, r.Patience, func() (bool, string) { return visible(c, label) }); err != nil {
		return err
	}
	there := func() bool { ok, _ := visible(c, label); return ok }
	held, failures := holding(c, label), count(c, failedAnswer)
	r.note(c, label, false)
	if err := r.insist(ctx, c, func() error { return c.Press(label, times) }, there); err != nil || !r.Dying {
		return err
	}
	r.note(c, label, count(c, failedAnswer) > failures && !there() && changed(c, held))
	return nil
}

// note remembers what was pressed, and whether all that answers it is the card.
func (r *Runner) note(c Client, label string, unheard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pressed[c], r.unheard[c] = label, unheard
}

// holding is the newest message with a button.
func holding(c Client, label string) Shown {
	for _, s := range slices.Backward(c.Screen()) {
		if slices.Contains(s.Buttons, label) {
			return s
		}
	}
	return Shown{}
}

// changed reports whether a message is there and looks otherwise.
func changed(c Client, old Shown) bool {
	return slices.ContainsFunc(c.Screen(), func(s Shown) bool { return s.ID == old.ID && looks(s) != looks(old) })
}

// opens is how long a person waits for a form before they press its button again.
const opens = 2 * time.Second

// fill answers a question of a form, or chooses from what a card offers. Of a
// SIDEM that dies, the form may never have opened: then the button is pressed
// again, as the person would. So is what was chosen while the platform says that
// it failed, as long as it is offered, and when SIDEM is there again.
func (r *Runner) fill(ctx context.Context, c Client, act func() error) error {
	if !r.Dying {
		return r.try(ctx, r.Patience, act)
	}
	f := func() error {
		before := count(c, failedAnswer)
		err := act()
		if err != nil && count(c, failedAnswer) > before {
			return errors.Join(err, r.rest(ctx))
		}
		return err
	}
	failures := count(c, failedAnswer)
	if err := r.try(ctx, opens, f); err != nil {
		r.mu.Lock()
		label := r.pressed[c]
		r.mu.Unlock()
		if err := r.press(ctx, c, label, 1); err != nil {
			return err
		}
		return r.try(ctx, r.Patience, f)
	}
	for {
		if err := r.rest(ctx); err != nil {
			return err
		}
		now := count(c, failedAnswer)
		if now <= failures || f() != nil {
			return nil
		}
		failures = now
	}
}

// submit sends the form that is open. Of a SIDEM that dies it may be kept though the
// platform says that it failed: then what became of it stands in its place, or soon
// will, and nobody sends it again. As long as the form is there a person does.
func (r *Runner) submit(ctx context.Context, c Client) error {
	sent := false
	return r.insist(ctx, c, func() error {
		err := c.Submit()
		sent = sent || err == nil
		return err
	}, func() bool {
		form, ok := c.(interface{ Asks() bool })
		return !sent || !ok || form.Asks()
	})
}

// insist does an act; of a SIDEM that dies, again while the platform says that
// it failed or the answer is that the card was a copy left over from before, and
// as long as it can still be done.
func (r *Runner) insist(ctx context.Context, c Client, act func() error, still func() bool) error {
	if !r.Dying {
		return act()
	}
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	for {
		stale, failed := count(c, staleAnswer), count(c, failedAnswer)
		err := act()
		if restless := r.rest(ctx); restless != nil {
			return errors.Join(err, restless)
		}
		if err == nil && count(c, staleAnswer) <= stale && count(c, failedAnswer) <= failed {
			return nil
		}
		if !still() {
			return nil
		}
	}
}

// failedAnswer begins what a platform says when the service did not respond.
const failedAnswer = "Slack: "

// staleAnswer is how a press on an old card is answered.
const staleAnswer = "Esta tarjeta es de una versión anterior."

func count(c Client, text string) int {
	n := 0
	for _, s := range c.Screen() {
		if strings.Contains(s.Text, text) {
			n++
		}
	}
	return n
}

// visible reports whether a button with the label can be seen.
func visible(c Client, label string) (bool, string) {
	for _, s := range c.Screen() {
		if slices.Contains(s.Buttons, label) {
			return true, ""
		}
	}
	return false, "no button " + label + " among:\n" + screen(c)
}

// passPhoto is the name of a picture of a pass: its number and its code.
var passPhoto = regexp.MustCompile(`^(?:foto|imagen) del pase (\d{6})-(\d{4}) (\d{3}) (\d{3})\.jpg$`)

// Sample is a file of the kind that its name promises: small, unless it is
// called grande; a spreadsheet called incompletos lacks a quantity in its second
// renglón, one called muchos has more than a control of Slack holds; some lists have renglones (lists); on a foto is a desk, and on it the pass that its name tells. Two names
// promise too little: an Oficio without an extension is a PDF, and what ends in .HEIC, in
// capitals, a JPEG.
func Sample(name string) ([]byte, error) {
	m := passPhoto.FindStringSubmatch(name)
	switch {
	case m != nil:
		return photo(core.Pass(m[1]+"/"+m[2], m[3]+m[4]))
	case strings.HasPrefix(name, "foto") && strings.HasSuffix(name, ".jpg"), strings.HasSuffix(name, ".HEIC"):
		return photo("")
	case strings.HasPrefix(name, "incompletos") && strings.HasSuffix(name, ".xlsx"):
		return paper.Sheet(es.SheetExample(), [5]any{"Monitor de 24 pulgadas", "", "pieza", 3200, ""})
	case strings.HasPrefix(name, "muchos") && strings.HasSuffix(name, ".xlsx"):
		return paper.Sheet(slices.Repeat([][5]any{es.SheetExample()}, 60)...)
	case strings.HasSuffix(name, ".xlsx"):
		return paper.Sheet(es.SheetExample(), [5]any{"Monitor de 24 pulgadas", 20, "pieza", 3200, ""})
	case strings.HasSuffix(name, ".csv") && lists[name] != "":
		return []byte(lists[name]), nil
	case strings.HasSuffix(name, ".pdf") || strings.HasPrefix(name, "Oficio "):
		body := []byte("%PDF-1.4\n% " + name + "\n%%EOF\n")
		if strings.HasPrefix(name, "grande") {
			body = append(body, make([]byte, 24<<20-len(body))...)
		}
		return body, nil
	}
	if head, ok := heads[path.Ext(name)]; ok {
		return []byte(head + name), nil
	}
	return []byte("MZ " + name), nil
}

// lists are those of renglones, as a spreadsheet program writes them: one has columns that
// no renglón has, in one a row does not come to what it says, and one has no heads.
var lists = map[string]string{
	"marcas.csv":          "Descripción,Cantidad,Unidad,Precio unitario,Importe,Marca,Notas\nMonitor de 24 pulgadas,20,pieza,3200,64000,Acme,Con base\n,,,Total,64000,,\n",
	"importes.csv":        "Descripción,Cantidad,Unidad,Precio unitario,Importe\nMonitor de 24 pulgadas,20,pieza,3200,640000\n",
	"sin encabezados.csv": "Monitor de 24 pulgadas,20,pieza,3200\nTeclado,20,pieza,350\n",
}

// heads begin files of kinds that are not taken.
var heads = map[string]string{
	".heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", ".webp": "RIFF\x00\x01\x00\x00WEBP", ".xls": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
	".csv": "\xef\xbb\xbfDescripci\u00f3n,Cantidad\n", ".html": "<!DOCTYPE html><title>Sign in</title>", ".zip": "PK\x05\x06" + strings.Repeat("\x00", 16),
}

// photo is a JPEG of a desk, and of the QR of a pass on it unless that is "".
func photo(pass string) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 1280, 960))
	draw.Draw(img, img.Rect, image.NewUniform(color.Gray{140}), image.Point{}, draw.Src)
	if pass != "" {
		code, err := paper.QR(pass)
		if err != nil {
			return nil, err
		}
		sheet, err := png.Decode(bytes.NewReader(code))
		if err != nil {
			return nil, fmt.Errorf("pass: %w", err)
		}
		draw.Draw(img, sheet.Bounds().Add(image.Pt(390, 220)), sheet, image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		return nil, fmt.Errorf("photo: %w", err)
	}
	return out.Bytes(), nil
}
