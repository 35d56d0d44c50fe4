// Package browser walks the pages in real Chromium. Whatever the browser's console calls an error, or the server answers
// with 4xx or 5xx unexpectedly, fails the test.
package browser

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const pageTimeout = 40 * time.Second

// Browser is a window that is looked at by a test.
type Browser struct {
	t       *testing.T
	ctx     context.Context
	base    string
	mu      sync.Mutex
	allowed map[int64]bool // statuses that the test expects for now
	wrong   []string
	lang    string
}

// Find gives the path of Chromium; where there is none the test is skipped with a sentence, and in CI fails.
func Find(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("XINHENG_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("Chromium is missing: apt install chromium, or set XINHENG_CHROMIUM")
	}
	t.Skip("needs Chromium: apt install chromium, or set XINHENG_CHROMIUM")
	return ""
}

// Open opens a window on the server.
func Open(t *testing.T, server *httptest.Server, lang string) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(Find(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.WindowSize(1440, 900))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	b := &Browser{t: t, base: server.URL, lang: lang, allowed: map[int64]bool{}}
	ctx, cancel := chromedp.NewContext(allocated, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx = ctx
	// The first run starts the browser, which lives as long as this context.
	_, err := chromedp.Run(ctx, chromedp.Steps(enable(network.Enable, network.EnableParams{}), enable(log.Enable, cdp.Empty{}), enable(runtime.Enable, cdp.Empty{})))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func enable[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// listen notes what the browser complains about; it runs beside the test.
func (b *Browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+exception(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "the server responded with a status") {
			b.wrong = append(b.wrong, "console: "+e.Entry.Text)
		}
	case *network.EventResponseReceived:
		if status := e.Response.Status; status >= 400 && !b.allowed[status] {
			b.wrong = append(b.wrong, fmt.Sprintf("%d %s", status, e.Response.URL))
		}
	}
}

func exception(d *runtime.ExceptionDetails) string {
	text := fmt.Sprintf("%s at %s:%d:%d", d.Text, d.URL, d.LineNumber, d.ColumnNumber)
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return text
}

func (b *Browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	_ = ask(b, chromedp.Steps(steps...))
}

// ask runs an action and gives its answer; what the browser complained about meanwhile fails the test.
func ask[T any](b *Browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Location())
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		b.t.Fatalf("%v at %s:\n%s", err, where, text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong) > 0 {
		b.t.Fatalf("the browser says: %s", strings.Join(b.wrong, "\n"))
	}
	return answer
}

// Go opens an address of the server.
func (b *Browser) Go(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.base+path), chromedp.WaitReady("body"))
}

// Fill types values into the inputs of the page's form, by name; selects are set by value.
func (b *Browser) Fill(values ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(values); i += 2 {
		at := `main [name="` + values[i] + `"]`
		b.run(chromedp.WaitReady(at), chromedp.SetValue(at, values[i+1]))
	}
}

// Submit posts the page's first form that has no search, and waits for the answer.
func (b *Browser) Submit() {
	b.t.Helper()
	b.Press("main form.card-form .form-end button[type=submit]")
}

// Press clicks something that leads to another page, and waits for that.
func (b *Browser) Press(selector string) {
	b.t.Helper()
	b.run(chromedp.WaitReady(selector))
	_ = ask(b, chromedp.Evaluate[bool](`window.__old = true`))
	b.run(chromedp.Click(selector))
	b.Until(`!window.__old && document.readyState === "complete"`)
}

// Until waits until a condition in the page holds. While another page is on its way a question may fall between the two
// and fail; it is then asked again.
func (b *Browser) Until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition))
		if err == nil && holds {
			b.run()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.t.Fatalf("%s never came true at %s: %v", condition, b.Path(), err)
		}
	}
}

// Expect allows an answer's status for what f does: a refusal that the test wants to see.
func (b *Browser) Expect(status int64, f func()) {
	b.t.Helper()
	allow := func(yes bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.allowed[status] = yes
	}
	allow(true)
	f()
	allow(false)
}

// See fails unless the page shows all texts.
func (b *Browser) See(texts ...string) {
	b.t.Helper()
	page := ask(b, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Errorf("the page at %s does not show %q:\n%s", b.Path(), text, page)
		}
	}
}

// Path is the address of the page without the server and query.
func (b *Browser) Path() string {
	b.t.Helper()
	where := ask(b, chromedp.Location())
	where, _, _ = strings.Cut(strings.TrimPrefix(where, b.base), "?")
	return where
}

// Shoot keeps a picture of the page at both widths, in the folder screenshots of the project.
func (b *Browser) Shoot(name string) {
	b.t.Helper()
	dir := filepath.Join("..", "..", "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	for _, width := range []int64{1440, 390} {
		b.run(chromedp.EmulateViewport(width, 900))
		picture := ask(b, chromedp.FullScreenshot(100))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, b.lang, width)), picture, 0o600); err != nil {
			b.t.Fatal(err)
		}
		if ask(b, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > window.innerWidth + 1`)) {
			b.t.Errorf("%s is wider than the window of %d", name, width)
		}
	}
	b.run(chromedp.EmulateViewport(1440, 900))
}
