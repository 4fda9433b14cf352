package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage looks at the page of oax serve in a browser.
func TestPage(t *testing.T) {
	t.Parallel()
	pages := []struct {
		name string
		test func(t *testing.T, s *website)
	}{
		{"from the first prompt to the answer", pageAsks},
		{"loaded anew within an answer", pageReloads},
		{"a second window stops the answer", pageStops},
		{"opened and closed at random moments", pageReopens},
		{"the server is killed within an answer", pageOutlives},
		{"offline and online", pageOffline},
		{"two who type", pageTypists},
		{"twenty windows", pageWindows},
		{"a terminal asks", pageTerminal},
		{"a phone", pagePhone},
		{"the keyboard alone", pageKeyboard},
		{"retry, edit, rename, delete, search", pageManages},
		{"honest ends", pageEnds},
		{"an agent", pageAgent},
		{"files, copies, exports", pageCarries},
		{"WebSocket is blocked", pageFallsBack},
		{"labels and contrast", pageLabels},
		{"hostile answers", pageHostile},
	}
	s := startWebsite(t)
	defer s.end()
	for _, tt := range pages[:reduced(t, "tests of the page", len(pages), 1)] {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, s) })
	}
}

func pageAsks(t *testing.T, s *website) {
	w := s.open(t, "")
	w.keys("why is it")
	w.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierShift)))
	w.asks("*blue*?")
	a := s.next(t)
	equal(t, "the prompt", a.prompt, "why is it\n*blue*?")
	w.shows(".mine", "why is it *blue*?")
	w.shows("#send", "")
	a.says("Since ", "*short* waves ")
	w.shows(".answer", "Since short waves")
	a.says("scatter.")
	a.ends("stop")
	w.shows(".answer", "Since short waves scatter.")
	w.until(`document.querySelector(".answer em").textContent === "short"`)
	w.shows("#send", "Send")
	w.shows("#list [aria-current] b", "why is it")
}

func pageReloads(t *testing.T, s *website) {
	w, a, _ := s.begin(t, "reload?")
	a.says("One ")
	w.shows(".answer", "One")
	w.do(chromedp.Reload())
	a.says("two ")
	w.shows(".answer", "One two")
	a.says("three.")
	a.ends("stop")
	w.shows(".answer", "One two three.")
	w.until(`!document.querySelector(".cursor")`)
}

func pageStops(t *testing.T, s *website) {
	first, a, id := s.begin(t, "stop?")
	a.says("One ", "two ")
	first.shows(".answer", "One two")
	second := s.open(t, id)
	second.shows(".answer", "One two")
	a.says("three ")
	second.shows(".answer", "One two three")
	second.click("#stop")
	<-a.left
	for _, w := range []*tab{first, second} {
		w.shows(".answer", "One two three")
		w.shows(".who .end", "stopped")
	}
}

// pageReopens: whenever a window is opened, or loaded anew, it shows what has come so far and
// what follows. The moments are random, and the same each time.
func pageReopens(t *testing.T, s *website) {
	const moments = 50
	random := rand.New(rand.NewPCG(15, 3))
	watching, a, id := s.begin(t, "random?")
	text := ""
	says := func() {
		for range random.IntN(8) {
			piece := []string{"word ", "日本語 ", "*two words* ", "\n\n- item ", "\n\n# Title ", "\n\n```go\nx := 1\n```\n\n", "`a` "}[random.IntN(7)]
			text += piece
			a.says(piece)
		}
	}
	const shown = `document.querySelector(".answer").innerHTML`
	w := s.open(t, id)
	for moment := 1; moment <= moments; moment++ {
		says()
		if moment%10 == 0 { // which costs much more
			w.close()
			w = s.open(t, id)
		} else {
			w.do(chromedp.Reload())
		}
		says()
		a.says("(end)")
		text += "(end)"
		for _, w := range []*tab{w, watching} {
			w.until(fmt.Sprintf(`document.querySelector(".answer")?.textContent.split("(end)").length === %d`, moment+1))
		}
		if got, want := value[string](w, shown), value[string](watching, shown); got != want {
			t.Fatalf("after %q a new window shows %s\nand the one that was there %s", text, got, want)
		}
	}
	a.ends("stop")
	watching.until(`!document.querySelector(".cursor")`)
	if got, want := value[string](s.open(t, id), shown), value[string](watching, shown); got != want {
		t.Fatalf("after %q a new window shows %s\nand the one that was there %s", text, got, want)
	}
	t.Logf("opened at %d moments of an answer of %d bytes", moments, len(text))
}

// pageOutlives: what a window has shown is there after the server was killed.
func pageOutlives(t *testing.T, s *website) {
	w, a, id := s.begin(t, "killed?")
	a.says("Seen ", "and *kept*.")
	w.shows(".answer", "Seen and kept.")
	s.run.ends(syscall.SIGKILL)
	w.shows("#offline", "Not connected. Trying again …")
	w.shows(".answer", "Seen and kept.")
	s.run = s.h.start(s.h.command("serve", "--listen", s.address()), "http://")
	s.run.until("it prints its address", func() bool { return strings.HasSuffix(s.run.printed(), "\n") })
	began := time.Now()
	w.shows(".who .end", "cut: the program was killed")
	t.Logf("it is shown after %v", time.Since(began).Round(time.Millisecond))
	w.shows(".answer", "Seen and kept.")
	w.shows("#offline", "")
	again := s.open(t, id)
	again.shows(".answer", "Seen and kept.")
	again.shows(".who .end", "cut: the program was killed")

	// The login code of the new start lets another browser in, and out of the address.
	other := openTab(t, s.browser, "about:blank", chromedp.WithNewBrowserContext())
	other.do(chromedp.Navigate(strings.TrimSpace(s.run.printed())))
	other.shows("#title", "New chat")
	other.until(`location.hash === ""`)
	other.click("#menu summary")
	other.click("#logout")
	other.until(`document.activeElement.id === "token"`)
}

func pageOffline(t *testing.T, s *website) {
	w, a, _ := s.begin(t, "offline?")
	a.says("One ")
	w.shows(".answer", "One")
	w.offline(true)
	w.shows("#offline", "Not connected. Trying again …")
	a.says("two ")
	w.shows(".answer", "One")
	w.offline(false)
	w.shows(".answer", "One two")
	w.shows("#offline", "")
	a.says("three.")
	a.ends("stop")
	w.shows(".answer", "One two three.")
}

// pageTypists: each sees that the other types, and of two who send at once one is asked to
// wait, with what was typed still there.
func pageTypists(t *testing.T, s *website) {
	first, a, id := s.begin(t, "two?")
	a.ends("stop")
	second := s.open(t, id)
	first.shows("#presence", "2 windows")
	second.keys("from the second")
	first.shows("#typing", "someone is typing …")
	first.keys("from the first")
	var both sync.WaitGroup
	for _, w := range []*tab{first, second} {
		both.Go(func() { w.keys("\r") })
	}
	both.Wait()
	a = s.next(t)
	asked, waits := first, second
	if a.prompt == "from the second" {
		asked, waits = second, first
	}
	waits.until(`document.getElementById("toast").textContent !== ""`)
	waits.until(`document.getElementById("prompt").value.startsWith("from the")`)
	asked.until(`document.getElementById("prompt").value === ""`)
	a.says("Answer.")
	a.ends("stop")
	for _, w := range []*tab{first, second} {
		w.shows("#log > section:last-of-type .answer", "Answer.")
		w.until(`document.querySelectorAll(".mine").length === 2`)
	}
	waits.until(`!document.getElementById("send").hidden`)
	waits.keys("\r")
	if a = s.next(t); !strings.HasPrefix(a.prompt, "from the") {
		t.Errorf("it asks %q", a.prompt)
	}
	a.ends("stop")
}

func pageWindows(t *testing.T, s *website) {
	first, a, id := s.begin(t, "twenty?")
	a.ends("stop")
	all := []*tab{first}
	for range 19 { // tabs of one window: all but one are hidden
		w := openTab(t, s.browser, s.url+"#"+id, chromedp.WithNewWindow(false))
		w.shows(".mine", "twenty?")
		all = append(all, w)
	}
	first.asks("all?")
	a = s.next(t)
	const answer = "#log > section:last-of-type .answer"
	for _, words := range []string{"One", "One two"} {
		a.says(words[strings.LastIndexByte(words, ' ')+1:] + " ")
		for _, w := range all {
			w.shows(answer, words)
		}
	}
	a.ends("stop")
	for _, w := range all {
		w.shows(answer, "One two")
		w.until(`!document.querySelector(".cursor")`)
		w.shows("#presence", "20 windows")
	}
}

// pageTerminal: what is asked in a terminal is in the list, and live, and can be stopped.
func pageTerminal(t *testing.T, s *website) {
	w := s.open(t, "")
	asking := s.h.start(s.h.command("asked", "in", "a", "terminal"), "")
	a := s.next(t)
	w.until(`document.querySelector("#list a .live")?.previousSibling.textContent === "asked in a terminal"`)
	w.click("#list a")
	w.shows(".mine", "asked in a terminal")
	for i, word := range []string{"One ", "two "} {
		began := time.Now()
		a.says(word)
		w.until(fmt.Sprintf(`document.querySelector(".answer").innerText.trim().split(" ").length === %d`, i+1))
		t.Logf("a word is shown after %v", time.Since(began).Round(time.Millisecond))
	}
	w.shows(".answer", "One two")
	w.click("#stop")
	<-a.left
	w.shows(".who .end", "stopped")
	if r := asking.wait(); r.signal != syscall.SIGINT || !strings.HasPrefix(r.stdout, "One two") {
		t.Errorf("the terminal: %+v", r)
	}
}

func pagePhone(t *testing.T, s *website) {
	_, short, _ := s.begin(t, "a short one?")
	short.ends("stop")
	w := s.open(t, "")
	w.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch))
	w.asks("a phone?")
	a := s.next(t)
	a.says("```\n" + strings.Repeat("a long line of code ", 20) + "\n```\n\n| a | b |\n|---|---|\n| " + strings.Repeat("wide ", 30) + " | " + strings.Repeat("x", 200) + " |\n\nhttps://example.com/" + strings.Repeat("long", 40))
	a.ends("stop")
	w.until(`document.querySelector("td") && !document.querySelector(".cursor")`)
	const fits = `document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("#log > *, #log > * > *, main > *, header *, .bar > *")]
		.every(e => e.getBoundingClientRect().right <= innerWidth + 1)`
	w.until(fits)
	w.until(`getComputedStyle(document.getElementById("side")).display === "none"`)
	for _, height := range []int64{400, 844} { // the phone's keyboard comes and goes
		w.do(chromedp.EmulateViewport(390, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		w.until(fmt.Sprintf(`innerHeight === %d && (log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.getElementById("log"))`, height))
	}
	value[bool](w, `document.getElementById("log").scrollTop = 0, true`)
	w.until(`!document.getElementById("down").hidden`)
	w.click("#show-list")
	w.until(fits + ` && document.querySelector("#list a").getBoundingClientRect().height >= 40`)
	w.click("#list a:nth-of-type(2)")
	w.until(`getComputedStyle(document.getElementById("side")).display === "none" && document.querySelector(".mine")?.textContent === "a short one?"`)
	w.until(`document.getElementById("down").hidden`) // there is nothing to scroll
}

// pageKeyboard: everything goes without a mouse.
func pageKeyboard(t *testing.T, s *website) {
	w := s.open(t, "")
	w.keys("by keys?\r")
	a := s.next(t)
	w.until(`location.hash !== ""`)
	a.says("One ")
	w.shows(".answer", "One")
	w.tabTo("#stop")
	w.keys("\r")
	<-a.left
	w.shows(".who .end", "stopped")
	w.keys(kb.Escape)
	w.keys("n")
	w.shows("#title", "New chat")
	w.keys(kb.Escape)
	w.keys("/")
	w.until(`document.activeElement.id === "search"`)
	w.keys("keys")
	w.until(`document.querySelectorAll("#list a").length === 1`)
	w.keys(kb.Escape) // the text
	w.until(`document.querySelectorAll("#list a").length > 1`)
	w.keys(kb.Escape) // the field
	w.keys("j")
	w.until(`document.activeElement === document.querySelector("#list a")`)
	w.keys("jk")
	w.until(`document.activeElement === document.querySelector("#list a")`)
	w.keys("\r")
	w.shows("#title", "by keys?")
	w.tabTo("#menu summary")
	w.keys("\r")
	w.tabTo("#rename")
	w.keys("\r")
	w.until(`document.activeElement.value === "by keys?"`)
	w.keys("Renamed\r")
	w.shows("#title", "Renamed")
	w.shows("#list [aria-current] b", "Renamed")
	w.until(`document.activeElement !== document.body`)
}

// tabTo presses Tab until an element has the focus, which must be visible.
func (w *tab) tabTo(selector string) {
	w.t.Helper()
	for range 60 {
		if value[bool](w, `document.activeElement.matches(`+quoted(selector)+`)`) {
			if !value[bool](w, `getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
				w.t.Errorf("the focus on %s cannot be seen", selector)
			}
			return
		}
		w.keys(kb.Tab)
	}
	w.t.Fatalf("Tab does not lead to %s", selector)
}

func pageManages(t *testing.T, s *website) {
	w, a, id := s.begin(t, "first question")
	a.says("First answer.")
	a.ends("stop")
	w.until(`!document.querySelector(".cursor")`)
	w.asks("second question")
	a = s.next(t)
	a.says("Second answer, with a pomegranate.")
	a.ends("stop")
	w.until(`document.querySelectorAll(".answer").length === 2 && !document.querySelector(".cursor")`)

	w.until(`document.getElementById("model").selectedOptions[0].textContent === "small" && document.querySelectorAll("#model option").length >= 3`)
	w.do(chromedp.Focus(chromedp.CSS("#model")))
	w.keys("large")
	w.until(`document.getElementById("model").selectedOptions[0].textContent === "large"`)
	w.click("#log > section:last-of-type article:last-of-type .who button:last-of-type")
	if a = s.next(t); a.model != "large" || a.prompt != "second question" {
		t.Errorf("a retry asks %q of %s", a.prompt, a.model)
	}
	a.says("Another answer.")
	a.ends("stop")
	w.shows("#log > section:last-of-type .answer", "Another answer.")
	w.until(`!document.querySelector(".cursor")`)

	w.click("#log > section:first-of-type .who button")
	w.until(`document.getElementById("prompt").value === "first question" && !document.getElementById("editing").hidden`)
	w.keys(", edited\r")
	if a = s.next(t); a.prompt != "first question, edited" {
		t.Errorf("an edit asks %q", a.prompt)
	}
	a.ends("stop")
	w.until(`location.hash.slice(1) !== ` + quoted(id))
	w.shows(".mine", "first question, edited")
	w.until(`document.querySelectorAll(".mine").length === 1 && document.getElementById("editing").hidden`)

	w.click("#search")
	w.keys("pomegranate")
	w.until(`document.querySelectorAll("#list a").length === 1 && document.querySelector("#list mark").textContent === "pomegranate"`)
	w.click("#list a")
	w.shows(".mine", "first question")
	w.keys(kb.Escape)
	w.click("#menu summary")
	w.click("#remove")
	w.until(`document.querySelector("#toast button")?.textContent === "Undo" && document.getElementById("title").textContent === "New chat"`)
	w.click("#toast button")
	w.shows(".mine", "first question")
}

func pageEnds(t *testing.T, s *website) {
	w := s.open(t, "")
	for i, tt := range []struct{ reason, says string }{
		{"length", "cut at the length limit"}, {"content_filter", "cut by the service's content filter"}, {"", "cut: the connection ended early"},
	} {
		w.asks("how does it end?")
		a := s.next(t)
		a.says("Some text.")
		if tt.reason == "" {
			a.cut()
		} else {
			a.ends(tt.reason)
		}
		w.until(fmt.Sprintf(`document.querySelectorAll("article .who .end").length === %d`, i+1))
		w.shows("#log > section:last-of-type article .who .end", tt.says)
	}
}

// pageAgent: of a program the page shows long texts folded, and results by their tools.
func pageAgent(t *testing.T, s *website) {
	request := `{"stream":true,"messages":[{"role":"system","content":"You are an agent.` + strings.Repeat(`\nBe careful.`, 100) + `"},{"role":"user","content":"look at it"},` +
		`{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"seen"}]}`
	session := make(chan string)
	go func() {
		reply, err := s.try("POST", "v1/chat/completions", request, "Content-Type", "application/json")
		if err != nil {
			t.Error(err)
			close(session)
			return
		}
		_, _ = io.Copy(io.Discard, reply.Body)
		session <- reply.Header.Get("X-Oax-Session")
	}()
	a := s.next(t)
	a.says("Done.")
	a.ends("stop")
	w := s.open(t, <-session)
	w.shows(".answer", "Done.")
	w.shows("details.system:not([open]) summary", "system: You are an agent.")
	w.until(`[...document.querySelectorAll("div.tool")].map(e => e.textContent).join("|") === "calls look({})|result of look: seen"`)
	w.click("details.system summary")
	w.until(`document.querySelector("details.system").innerText.includes("Be careful.")`)
}

// pageCarries: a pasted image and an attached file go with the prompt, a block of code is
// copied, and a chat is exported.
func pageCarries(t *testing.T, s *website) {
	w := s.open(t, "")
	const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	value[bool](w, `(() => {
		const carried = (...file) => { const data = new DataTransfer(); data.items.add(new File(...file)); return data; };
		const image = carried([Uint8Array.from(atob("`+dot+`"), c => c.charCodeAt(0))], "dot.png", { type: "image/png" });
		document.getElementById("prompt").dispatchEvent(new ClipboardEvent("paste", { clipboardData: image, bubbles: true, cancelable: true }));
		const input = document.getElementById("file");
		input.files = carried(["line one\n"], "notes.txt", { type: "text/plain" }).files;
		input.dispatchEvent(new Event("change"));
		return true;
	})()`)
	w.until(`document.querySelectorAll("#files li").length === 2`)
	w.asks("what are these?")
	a := s.next(t)
	holdsAll(t, a.prompt, "what are these?", "data:image/png;base64,"+dot, "notes.txt:", "line one")
	a.says("A dot:\n\n```go\nx := \"<b>\"\n```\n")
	a.ends("stop")
	w.until(`document.querySelectorAll("#files li").length === 0 && document.querySelector(".mine img")?.naturalWidth === 1 && !document.querySelector(".cursor")`)

	value[bool](w, `(() => {
		const write = navigator.clipboard.writeText.bind(navigator.clipboard);
		navigator.clipboard.writeText = text => { window.copied = text; return write(text); };
		return true;
	})()`)
	w.click(".copy button")
	w.until(`window.copied === 'x := "<b>"\n' && document.querySelector(".copy button").textContent === "Copied"`)

	for _, format := range []string{"markdown", "html", "json"} {
		value[bool](w, `(fetch(document.getElementById("export-`+format+`").href).then(async r => (window.exported = r.headers.get("Content-Disposition") + await r.text())), true)`)
		w.until(`window.exported?.startsWith("attachment") && window.exported.includes("x := ") && window.exported.includes("what are these?")`)
		value[bool](w, `(window.exported = "", true)`)
	}
}

// pageFallsBack: where WebSockets are blocked, a window shows what comes by an EventSource.
func pageFallsBack(t *testing.T, s *website) {
	w, a, id := s.begin(t, "blocked?")
	a.says("One ")
	blocked := openTab(t, s.browser, "about:blank")
	_, err := chromedp.Call(blocked.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.WebSocket = class { static OPEN = 1; readyState = 3; constructor() { setTimeout(() => this.onclose?.()); } send() {} close() {} };`,
	})
	must(t, err)
	blocked.do(chromedp.Navigate(s.url + "#" + id))
	blocked.shows(".mine", "blocked?")
	a.says("two ")
	blocked.shows(".answer", "One two")
	blocked.shows("#offline", "")
	a.ends("stop")
	blocked.until(`!document.querySelector(".cursor")`)
	blocked.asks("and this?")
	a = s.next(t)
	a.says("Yes.")
	a.ends("stop")
	for _, w := range []*tab{w, blocked} {
		w.shows("#log > section:last-of-type .answer", "Yes.")
		w.until(`!document.querySelector(".cursor")`)
	}
}

// offline cuts the window off from the network, or connects it again.
func (w *tab) offline(off bool) {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	must(w.t, err)
}

// dark chooses the colours.
func (w *tab) dark(dark bool) {
	w.t.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(w.t, err)
}
