package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"oax/internal/demo"
)

// The tests of the page look at it in Chromium: one process for all of them, and a tab for
// each window of a person.

// startBrowser returns the context in which tabs are opened. The browser ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("OAX_CI") == "" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 800)}
	for _, flag := range []string{"disable-quic", "disable-component-update", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	must(t, chromedp.Do(ctx))
	return ctx
}

// tab is one window of the page.
type tab struct {
	t     *testing.T
	ctx   context.Context
	close func()
}

// openTab opens a page in a new tab, which has the focus unless there are options. Whatever its
// scripts do wrong fails the test.
func openTab(t *testing.T, browser context.Context, url string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, options...)
	w := &tab{t, ctx, cancel}
	t.Cleanup(func() {
		if w.ctx.Err() == nil {
			w.right()
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which lives as long as this context
		t.Fatal(err)
	}
	w.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watcher})
		if err == nil && len(options) == 0 {
			_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		}
		return chromedp.Void{}, err
	}, chromedp.Navigate(url))
	return w
}

// watcher notes what must not happen in a page.
const watcher = `window.wrong = [];
addEventListener("securitypolicyviolation", e => wrong.push("policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample));
addEventListener("error", e => wrong.push("error: " + (e.message || e.target.outerHTML)), true);
addEventListener("unhandledrejection", e => wrong.push("rejection: " + e.reason));`

// right fails the test if something of that has happened.
func (w *tab) right() {
	w.t.Helper()
	if wrong := value[[]string](w, "window.wrong"); len(wrong) > 0 {
		w.t.Errorf("in the page: %q", wrong)
	}
}

func (w *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatalf("%v; the page shows %q", err, w.text("body"))
	}
}

// value returns what an expression of JavaScript is.
func value[T any](w *tab, expression string) (v T) {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression of JavaScript to be true.
func (w *tab) until(condition string) {
	w.t.Helper()
	var last error
	end := time.Now().Add(patience)
	for pause := 5 * time.Millisecond; time.Now().Before(end); pause = min(pause*5/4, 50*time.Millisecond) {
		holds, err := w.try("!!(" + condition + ")") // a page that is loaded anew has an error
		if holds {
			return
		}
		last = err
		time.Sleep(pause)
	}
	w.t.Fatalf("it never was so that %s (%v); the page shows %q", condition, last, w.text("body"))
}

// try evaluates an expression that is true or false. The page has some seconds for it.
func (w *tab) try(condition string) (bool, error) {
	ctx, cancel := context.WithTimeout(w.ctx, patience/4)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[bool](condition))
}

// text returns what the first element of a selector shows, with single spaces.
func (w *tab) text(selector string) string {
	text, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector(`+quoted(selector)+`)?.innerText ?? ""`))
	return strings.Join(strings.Fields(text), " ")
}

// shows waits until the first element of a selector shows a text, and nothing else. It is
// empty if there is none, or it is hidden.
func (w *tab) shows(selector, text string) {
	w.t.Helper()
	w.until(`(e => e?.checkVisibility() ? e.innerText.replace(/\s+/g, " ").trim() : "")(document.querySelector(` + quoted(selector) + `)) === ` + quoted(text))
}

func (w *tab) click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(selector)))
}

// keys presses keys, as the person whose tab this is. What a key types comes with its press,
// so that a page can keep it from being typed.
func (w *tab) keys(keys string) {
	w.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		if len(events) == 3 {
			events[0].Type, events[0].Text = input.DispatchKeyEventTypeKeyDown, events[1].Text
			events = []*input.DispatchKeyEventParams{events[0], events[2]}
		}
		for _, e := range events {
			if _, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, *e); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// asks types a prompt and sends it.
func (w *tab) asks(prompt string) {
	w.t.Helper()
	w.do(chromedp.Focus(chromedp.CSS("#prompt")))
	w.keys(prompt + "\r")
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// dictation is an endpoint whose answers the test dictates, word by word.
type dictation struct{ asked chan *answering }

// answering is an answer of a dictation.
type answering struct {
	prompt string
	model  string
	pieces chan []byte
	ended  bool
	left   <-chan struct{} // closed when nobody takes the answer any more
}

func (d *dictation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/models") {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"object":"list","data":[{"id":"small","object":"model"},{"id":"large","object":"model"}]}`)
		return
	}
	var body struct {
		Model    string
		Messages []struct{ Content json.RawMessage }
	}
	json.NewDecoder(r.Body).Decode(&body)
	var prompt string
	if n := len(body.Messages); n > 0 && json.Unmarshal(body.Messages[n-1].Content, &prompt) != nil {
		prompt = string(body.Messages[n-1].Content)
	}
	a := &answering{prompt: prompt, model: body.Model, pieces: make(chan []byte), left: r.Context().Done()}
	w.Header().Set("Content-Type", "text/event-stream")
	w.(http.Flusher).Flush()
	select {
	case d.asked <- a:
	case <-a.left:
	}
	for {
		select {
		case piece, more := <-a.pieces:
			if !more {
				return
			}
			w.Write(piece)
			w.(http.Flusher).Flush()
		case <-a.left:
			return
		}
	}
}

// next returns the answer to the next prompt.
func (d *dictation) next(t *testing.T) *answering {
	t.Helper()
	select {
	case a := <-d.asked:
		t.Cleanup(a.cut)
		return a
	case <-time.After(patience):
		t.Fatal("nothing is asked")
		return nil
	}
}

func (a *answering) send(piece []byte) {
	select {
	case a.pieces <- piece:
	case <-a.left:
	}
}

func (a *answering) says(texts ...string) {
	for _, text := range texts {
		a.send(demo.Chunk(text))
	}
}

// ends ends the answer for a reason: stop, if it is whole.
func (a *answering) ends(reason string) {
	a.send(demo.Finish(reason))
	a.send(demo.Done())
	a.cut()
}

// cut ends what is sent, without an end of the answer if it had none.
func (a *answering) cut() {
	if !a.ended {
		a.ended = true
		close(a.pieces)
	}
}

// website is a server with its endpoint, and a browser that is logged in.
type website struct {
	*served
	*dictation
	browser context.Context
}

func startWebsite(t *testing.T) *website {
	t.Helper()
	browser := startBrowser(t)
	d := &dictation{make(chan *answering)}
	h := serves(t, d)
	h.env["OAX_MODEL"] = "small"
	s := &website{h.serve(), d, browser}
	w := openTab(t, browser, s.url)
	w.until(`document.activeElement.id === "token"`)
	token := strings.TrimSpace(text(t, filepath.Join(h.dir, ".local/state/oax/serve/web.token")))
	w.keys("wrong\r")
	w.until(`document.getElementById("login-error").textContent !== ""`)
	w.do(chromedp.SetValue(chromedp.CSS("#token"), token))
	w.click("#login button")
	w.shows("#title", "New chat")
	return s
}

// open opens a chat, or the page, in a new tab.
func (s *website) open(t *testing.T, id string) *tab {
	t.Helper()
	w := openTab(t, s.browser, s.url+"#"+id)
	w.until(`document.activeElement?.id === "prompt" && document.getElementById("title").textContent !== "…"`)
	return w
}

// begin asks in a new tab, and returns it with the answer that the test dictates.
func (s *website) begin(t *testing.T, prompt string) (*tab, *answering, string) {
	t.Helper()
	w := s.open(t, "")
	w.asks(prompt)
	a := s.next(t)
	w.until(`location.hash.length > 1`)
	return w, a, value[string](w, "location.hash.slice(1)")
}
