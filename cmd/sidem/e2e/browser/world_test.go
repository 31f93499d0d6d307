//go:build e2e

package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core/testbed"
)

// seenWorld is a stage whose people are moved and read through the page alone:
// the scenario that plays in it is played by clicking.
type seenWorld struct {
	*world.World
	v *visitor
}

// The stage opened the story already.
func (seenWorld) Begin(context.Context, []string) error      { return nil }
func (seenWorld) Link(context.Context, string, string) error { return nil }
func (seenWorld) Given(context.Context, string) error        { return nil }

// Changed comes soon: the page draws a moment after the world has changed.
func (w seenWorld) Changed() <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(c) })
	return c
}

// Idle gives the page time to draw what came last.
func (w seenWorld) Idle(ctx context.Context) (bool, error) {
	if idle, err := w.World.Idle(ctx); err != nil || !idle {
		return false, err
	}
	time.Sleep(60 * time.Millisecond)
	return w.World.Idle(ctx)
}

func (w seenWorld) Client(person, on string) (bottest.Client, error) {
	return seenClient{v: w.v, person: person, on: on}, nil
}

// seenClient is one tab of a person's column.
type seenClient struct {
	v          *visitor
	person, on string
}

func (c seenClient) column() string { return fmt.Sprintf(`.person[data-key="%s"]`, c.person) }

// open brings the tab to the front, as a visitor would.
func (c seenClient) open() error {
	tab := fmt.Sprintf(`%s [role=tab][data-key="%s"]`, c.column(), c.on)
	front := fmt.Sprintf(`document.querySelector('%s .place')?.dataset.key === %q`, c.column(), c.on)
	for range 50 {
		if ready, err := eval[bool](c.v, front); err != nil || ready {
			return err
		}
		if err := c.v.click(tab, ""); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s's tab %s does not open", c.person, c.on)
}

func (c seenClient) Say(text string) error {
	if err := c.open(); err != nil {
		return err
	}
	box := c.column() + " .composer textarea"
	if err := c.v.click(box, ""); err != nil {
		return err
	}
	// Line ends cannot be typed: Enter sends.
	if _, err := eval[string](c.v, fmt.Sprintf(`document.querySelector(%q).value = %q`, box, text)); err != nil {
		return err
	}
	return c.v.click(c.column()+" .composer button.primary", "Enviar")
}

// Press also answers what the platform asks before it sends a press.
func (c seenClient) Press(label string, times int) error {
	for range times {
		if err := c.open(); err != nil {
			return err
		}
		if err := c.v.click(c.column()+" .chat .knob", label); err != nil {
			if picked := c.pick(label); picked != nil {
				return errors.Join(err, picked)
			}
		}
		asked, err := eval[bool](c.v, `document.getElementById("dialog").open`)
		if err != nil {
			return err
		}
		if asked {
			if err := c.v.click("#dialog button.primary", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c seenClient) Fill(label, value string) error {
	if err := c.open(); err != nil {
		return err
	}
	modal, err := eval[bool](c.v, fmt.Sprintf(`Boolean(document.querySelector(%q))`, c.column()+" .modal"))
	if err != nil {
		return err
	}
	if !modal {
		return c.pick(value)
	}
	found, err := eval[bool](c.v, fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(%q)].filter((e) => e.dataset.ask === %q);
		if (!all.length) return false;
		for (const el of all) {
			if (el.type === "checkbox") el.checked = %q.split(", ").includes(el.value);
			else el.value = %q;
			el.dispatchEvent(new Event("input", { bubbles: true }));
		}
		return true;
	})()`, c.column()+" .modal [data-ask]", label, value, value))
	if err == nil && !found {
		err = fmt.Errorf("no question %q", label)
	}
	return err
}

// pick unfolds the newest menu that has the option, and chooses it.
func (c seenClient) pick(option string) error {
	menu := fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll("%s .chat .pick")].filter((d) => [...d.querySelectorAll(".options button")].some((b) => b.textContent === %q));
		all.at(-1)?.setAttribute("data-wanted", "yes");
		return all.length > 0;
	})()`, strings.ReplaceAll(c.column(), `"`, `\"`), option)
	if found, err := eval[bool](c.v, menu); err != nil || !found {
		return errors.Join(err, fmt.Errorf("no menu with %q", option))
	}
	if err := c.v.click(`[data-wanted] summary`, ""); err != nil {
		return err
	}
	return c.v.click(c.column()+` .chat .pick[open] .options button`, option)
}

func (c seenClient) Submit() error {
	if err := c.open(); err != nil {
		return err
	}
	if err := c.v.click(c.column()+" .modal footer button", ""); err != nil {
		return err
	}
	began := testbed.Start()
	for {
		gone, err := eval[bool](c.v, fmt.Sprintf(`!document.querySelector(%q)`, c.column()+" .modal"))
		if err != nil || gone {
			return err
		}
		if began.Elapsed() > world.Patience {
			return errors.New("the form stays open")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Attach chooses a file of the visitor's own.
func (c seenClient) Attach(label, name string, data []byte) error {
	path := filepath.Join(c.v.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return err
	}
	choose := func(input string) error {
		return chromedp.Do(c.v.ctx, chromedp.SetUploadFiles(input, []string{path}))
	}
	if label != "" {
		return choose(c.column() + " .modal input[type=file]")
	}
	if err := c.open(); err != nil {
		return err
	}
	if err := c.v.click(c.column()+" .composer button.icon", ""); err != nil {
		return err
	}
	if err := choose("#dialog input[type=file]"); err != nil {
		return err
	}
	return c.v.click("#dialog button.primary", "")
}

func (c seenClient) Again() error { return errors.New("the page has no such button here") }

// Screen is what the tab shows, as the visitor reads it.
func (c seenClient) Screen() []bottest.Shown {
	if err := c.open(); err != nil {
		return nil
	}
	script := `(async () => {
		const place = document.querySelector(%q);
		const text = (e) => [...e.querySelectorAll(".heading .line, .text .line, .fields .line, .context .line, .folded .line, .file")].map((l) => l.textContent).join("\n");
		if (place.matches(".correo")) {
			return Promise.all([...place.querySelectorAll(".mail")].reverse().map(async (m) => {
				const body = await (await fetch("look/mail/" + m.dataset.key)).json();
				return { ID: m.dataset.key, Text: m.querySelector("strong").textContent + "\n" + body.text };
			}));
		}
		const shown = [...place.querySelectorAll(".chat > .message")].map((m) => ({
			ID: m.dataset.key, Mine: m.matches(".mine"), Passing: m.matches(".private"), Text: text(m),
			Buttons: [...m.querySelectorAll(".knob, .pick.more .options button")].map((b) => b.textContent),
		}));
		const toast = place.querySelector(".toast p");
		if (toast) shown.push({ ID: "toast" + toast.textContent, Text: toast.textContent, Passing: true });
		return shown;
	})()`
	shown, err := eval[[]bottest.Shown](c.v, fmt.Sprintf(script, c.column()+" .place"))
	if err != nil {
		return nil
	}
	for i := range shown {
		shown[i].Text = strings.ReplaceAll(shown[i].Text, "\u00a0", " ")
	}
	return shown
}
