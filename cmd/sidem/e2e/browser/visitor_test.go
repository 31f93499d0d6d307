//go:build e2e

package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/stage"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
)

// visitor is a browser on the page of a stage.
type visitor struct {
	t     *testing.T
	ctx   context.Context
	stage *stage.Stage

	choosers chan cdp.BackendNodeID // questions for which a window of files opened

	mu       sync.Mutex
	asked    []string // addresses that the browser asked for
	paths    []string // what the page's server was asked for
	troubles []string // errors of the console, of scripts and of the page's policy
}

// visit opens the page of a new stage with the story, in a window of its own.
func visit(t *testing.T, story string, pace time.Duration) *visitor {
	t.Helper()
	s, err := stage.New(t.Context(), func() (*world.World, func(), error) {
		w, err := world.New(t.TempDir(), world.InProcess)
		return w, func() {}, err
	}, story, pace)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(nil)
	show := page.New(s, srv.Listener.Addr().String(), world.Quiet())
	v := &visitor{t: t, stage: s, choosers: make(chan cdp.BackendNodeID, 1)}
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.paths = append(v.paths, r.URL.Path)
		v.mu.Unlock()
		show.ServeHTTP(w, r)
	})
	srv.Start()
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	temp, err := os.MkdirTemp("", "page-") // Chromium leaves folders behind; t.TempDir is too long a name for its sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(testbed.Need(t, testbed.Chromium)), chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Env("TMPDIR="+temp), chromedp.WindowSize(1440, 900))
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(alloc, chromedp.WithListener(v.listen))
	t.Cleanup(end)
	v.ctx = ctx
	enable := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		_, logErr := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		_, noteErr := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: controlsJS})
		_, focusErr := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return errors.Join(err, logErr, noteErr, focusErr)
	})
	if err := chromedp.Do(ctx, enable, chromedp.Navigate(show.Address())); err != nil { // the first of a browser has no time limit
		t.Fatal(err)
	}
	v.until(`document.body.dataset.ready === "yes" && document.querySelectorAll(".person .who").length > 5`)
	t.Cleanup(v.gather)
	return v
}

func (v *visitor) listen(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		v.asked = append(v.asked, e.Request.URL)
	case *cdppage.EventFileChooserOpened:
		v.choosers <- e.BackendNodeID
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			v.troubles = append(v.troubles, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		v.troubles = append(v.troubles, fmt.Sprintf("%s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			v.troubles = append(v.troubles, fmt.Sprint("console: ", e.Args))
		}
	}
}

// served are the paths with a beginning that the page's server was asked for.
func (v *visitor) served(prefix string) (out []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.paths {
		if strings.HasPrefix(p, prefix) {
			out = append(out, p)
		}
	}
	return out
}

// comeBack waits until the page has opened a window for a file, and goes back to the page.
func (v *visitor) comeBack() {
	v.t.Helper()
	e2etest.Await(v.t, "a window of its own", func() (opened bool) {
		v.run(chromedp.Func(func(ctx context.Context, own *chromedp.Target) error {
			all, err := cdp.Call(ctx, own, target.GetTargets, target.GetTargetsParams{})
			if err != nil {
				return err
			}
			opened = slices.ContainsFunc(all.TargetInfos, func(info *target.Info) bool { return strings.Contains(info.URL, "/file/") })
			if !opened {
				return nil
			}
			_, err = cdp.Call(ctx, own, target.ActivateTarget, target.ActivateTargetParams{TargetID: own.TargetID})
			return err
		}))
		return opened
	})
	v.until(`document.visibilityState === "visible"`)
}

// wellBehaved checks what must hold of every visit: nothing left loopback and
// nothing was complained of.
func (v *visitor) wellBehaved() {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.asked) < 5 {
		v.t.Errorf("only %d requests were seen: nothing was judged", len(v.asked))
	}
	for _, a := range v.asked {
		if u, err := url.Parse(a); err != nil || (u.Scheme != "data" && u.Hostname() != "127.0.0.1") {
			v.t.Errorf("the page asked for %s", a)
		}
	}
	for _, trouble := range v.troubles {
		v.t.Errorf("the browser complains: %s", trouble)
	}
}

func (v *visitor) run(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, world.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](v *visitor, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(v.ctx, world.Patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// until waits for an expression to hold.
func (v *visitor) until(expression string) {
	v.t.Helper()
	began := testbed.Start()
	for {
		ok, err := eval[bool](v, `Boolean(`+expression+`)`)
		if ok {
			return
		}
		if began.Elapsed() > 3*world.Patience {
			v.shot("failed")
			v.mu.Lock()
			defer v.mu.Unlock()
			v.t.Fatalf("never came true: %s (%v)\n%q", expression, err, v.troubles)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// click clicks what a selector and a label name, as a pointer would; the newest
// of several. What moved away under the pointer is clicked again.
func (v *visitor) click(selector, label string) error {
	for range 10 {
		at, err := eval[[]float64](v, fmt.Sprintf(`(() => {
			const all = [...document.querySelectorAll(%q)].filter((e) => !%q || e.textContent.trim() === %q || e.firstChild?.textContent.trim() === %q);
			const el = all.at(-1);
			if (!el || el.disabled) return [];
			el.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
			window.hit = false;
			el.addEventListener("click", () => { window.hit = true; }, { once: true });
			const r = el.getBoundingClientRect();
			return [r.x + r.width / 2, r.y + r.height / 2];
		})()`, selector, label, label, label))
		if err != nil {
			return err
		}
		if len(at) == 0 {
			return fmt.Errorf("nothing to click: %s %q", selector, label)
		}
		if err := chromedp.Do(v.ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
			return err
		}
		if hit, err := eval[bool](v, `window.hit`); err != nil || hit {
			return err
		}
	}
	return fmt.Errorf("cannot be clicked: %s %q", selector, label)
}

// must clicks, when it can.
func (v *visitor) must(selector, label string) {
	v.t.Helper()
	began := testbed.Start()
	for {
		err := v.click(selector, label)
		if err == nil {
			return
		}
		if began.Elapsed() > world.Patience {
			v.shot("failed")
			v.t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (v *visitor) look(width, height int64, dark bool) {
	v.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	v.run(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
	time.Sleep(300 * time.Millisecond) // what moves has come to rest
}

// shots is the folder where pictures are kept.
func shots(t *testing.T) string {
	if dir := os.Getenv("SIDEM_SHOTS"); dir != "" {
		return dir
	}
	return t.TempDir()
}

func (v *visitor) shot(name string) {
	png, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		v.t.Error(err)
		return
	}
	dir := shots(v.t)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)); err != nil {
		v.t.Error(err)
	}
}

func TestInABrowserThePageIsDrawnAtEveryWidthInLightAndDark(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	for n := 1; n <= 7; n++ {
		v.must(".steps button", "Hacerlo por mí")
		v.until(fmt.Sprintf(`document.querySelectorAll(".steps li.done").length === %d && !document.querySelector(".playing.on")`, n))
	}
	for _, width := range []int64{1440, 360} {
		for _, dark := range []bool{false, true} {
			height := int64(900)
			if width == 360 {
				height = 740
			}
			v.look(width, height, dark)
			name := fmt.Sprintf("%d-%s", width, map[bool]string{true: "dark", false: "light"}[dark])
			v.shot(name)
			v.readable(name)
			for _, part := range []string{"guide", "dock"} {
				if width == 360 {
					v.must(".views button", map[string]string{"guide": "Guía", "dock": "Solicitud"}[part])
					v.shot(name + "-" + part)
					v.readable(name + "-" + part)
				}
			}
			if wide, err := eval[bool](v, `document.documentElement.scrollWidth > innerWidth`); err != nil || wide {
				t.Errorf("at %d the page is wider than the window (%v)", width, err)
			}
			if width == 360 {
				v.must(".views button", "Personas")
			}
		}
	}
	v.wellBehaved()
}

// faint lists the texts whose contrast with what is behind them is below what
// WCAG 2.2 asks at level AA: 4.5, or 3 for large ones. What is disabled is exempt.
const faint = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
	const light = ([r, g, b]) => { const f = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
	const behind = (el) => { for (; el; el = el.parentElement) { const c = rgba(getComputedStyle(el).backgroundColor); if (c[3] === 255) return c; } return rgba(getComputedStyle(document.body).backgroundColor); };
	const out = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let looked = 0;
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const el = n.parentElement;
		if (!n.data.trim() || !el.checkVisibility({ visibilityProperty: true }) || el.closest(":disabled, noscript, .sr")) continue;
		looked++;
		const style = getComputedStyle(el), a = light(rgba(style.color)), b = light(behind(el));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
		if (ratio < (large ? 3 : 4.5)) out.add(ratio.toFixed(2) + " " + el.tagName + "." + el.className + ": " + n.data.trim().slice(0, 40));
	}
	if (looked < 40) out.add("only " + looked + " texts were looked at");
	return [...out];
})()`

func (v *visitor) readable(where string) {
	v.t.Helper()
	texts, err := eval[[]string](v, faint)
	if err != nil || len(texts) > 0 {
		v.t.Errorf("%s: too faint: %q %v", where, texts, err)
	}
}

func TestInABrowserAVisitorWalksTheEightStepsByClicking(t *testing.T) {
	v := visit(t, "ocho_pasos", 0)
	r := bottest.Runner{World: seenWorld{World: v.stage.World(), v: v}, Patience: world.Patience}
	if err := r.Play(t.Context(), e2etest.Scenario(t, "ocho_pasos")); err != nil {
		v.shot("failed")
		t.Fatal(err)
	}
	v.until(`document.querySelectorAll(".steps li.done").length === 8`)
	v.shot("walked")
	v.wellBehaved()
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
