package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// everything is an answer with all that Markdown has.
const everything = "# Title\n\nText with *emphasis*, **strong**, `code`, [a link](https://example.com), ~~gone~~ and $x^2$.\n\n" +
	"> A quotation.\n\n1. one\n2. two\n   - [x] done\n   - [ ] to do\n\n```go\n// Sum adds.\nfunc Sum(n int) string { return \"x\" + 1 }\n```\n\n" +
	"```diff\n- old\n+ new\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n<b>raw</b>\n\n---\n\nA note[^1].\n\n[^1]: the note\n"

// pageLabels: every control has a name, and every text a contrast of at least 4.5 to what is
// behind it, in light and in dark.
func pageLabels(t *testing.T, s *website) {
	w, a, id := s.begin(t, "labels?")
	a.send([]byte("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Thinking about it.\"}}]}\n\n"))
	a.says(everything)
	w.until(`!!document.querySelector("hr")`)
	w.labelled("while it arrives")
	a.ends("length")
	w.until(`!!document.querySelector("article .who .end")`)
	value[bool](w, `document.querySelectorAll("details").forEach(d => (d.open = true)), true`)
	w.click("section .who button")
	w.labelled("a chat, with everything open")
	w.do(chromedp.EmulateViewport(390, 844))
	w.click("#show-list")
	w.labelled("the list of a phone")
	other := openTab(t, s.browser, s.url+"#"+id, chromedp.WithNewBrowserContext())
	other.until(`document.activeElement.id === "token"`)
	other.keys("x\r")
	other.until(`document.getElementById("login-error").textContent !== ""`)
	other.labelled("the login")
}

// labelled checks what is shown now.
func (w *tab) labelled(what string) {
	w.t.Helper()
	tree, err := chromedp.Call(w.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	must(w.t, err)
	controls := 0
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		switch role := strings.Trim(string(node.Role.Value), `"`); role {
		case "button", "link", "textbox", "searchbox", "combobox", "checkbox", "DisclosureTriangle", "image", "navigation", "log", "complementary":
			controls++
			if node.Name == nil || strings.Trim(string(node.Name.Value), `" `) == "" {
				w.t.Errorf("%s: a %s has no name: node %d", what, role, node.BackendDOMNodeID)
			}
		}
	}
	if controls < 3 {
		w.t.Errorf("%s: only %d controls were looked at", what, controls)
	}
	for _, dark := range []bool{false, true} {
		w.dark(dark)
		looked := value[[]string](w, contrasts)
		for _, text := range looked[1:] {
			w.t.Errorf("%s, dark %v: %s", what, dark, text)
		}
		if looked[0] == "0" {
			w.t.Errorf("%s: no text was looked at", what)
		}
	}
	w.dark(false)
}

// contrasts is how many texts are visible, and those with too little contrast, by the
// formulas of WCAG 2.2, section 1.4.3.
const contrasts = `(() => {
	const rgba = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
	const over = (top, under) => { const a = top[3] ?? 1; return top.slice(0, 3).map((c, i) => c * a + under[i] * (1 - a)); };
	const behind = e => {
		if (!e) return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
		const c = rgba(getComputedStyle(e).backgroundColor);
		return (c[3] ?? 1) === 1 ? c.slice(0, 3) : over(c, behind(e.parentElement));
	};
	const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const found = [];
	let looked = 0;
	for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
		looked++;
		const back = behind(e), [a, b] = [light(over(rgba(getComputedStyle(e).color), back)), light(back)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < 4.5) found.push(e.outerHTML.slice(0, 100) + " " + ratio.toFixed(2));
	}
	return [String(looked), ...found];
})()`

// pageHostile: of answers that try it no script runs, no request leaves, and nothing of them
// becomes an element that could.
func pageHostile(t *testing.T, s *website) {
	answers := strings.Split(text(t, "../../testdata/hostile.md"), "\n%%%%\n")
	if len(answers) < 60 {
		t.Fatalf("%d answers", len(answers))
	}
	w := s.open(t, "")
	var mu sync.Mutex
	var left []string
	err := chromedp.Listen(w.ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; !strings.HasPrefix(url, s.url) && !strings.HasPrefix(url, "ws"+strings.TrimPrefix(s.url, "http")) && !strings.HasPrefix(url, "data:") {
				left = append(left, url)
			}
		case *page.EventJavascriptDialogOpening:
			left = append(left, "a dialog: "+e.Message)
		}
	})
	must(t, err)
	for i, answer := range answers {
		w.asks(fmt.Sprintf("hostile %d", i))
		a := s.next(t)
		for len(answer) > 0 {
			n := min(len(answer), 40)
			a.says(answer[:n])
			answer = answer[n:]
		}
		a.ends("stop")
		w.until(fmt.Sprintf(`document.querySelectorAll(".answer").length === %d && !document.querySelector(".cursor")`, i+1))
	}
	const harmless = `[...document.querySelectorAll("#log *")].filter(e =>
		!/^(A|ARTICLE|SECTION|DIV|SPAN|P|PRE|CODE|H[1-6]|UL|OL|LI|TABLE|THEAD|TBODY|TR|TD|TH|BLOCKQUOTE|EM|STRONG|DEL|HR|BR|SUP|INPUT|BUTTON|DETAILS|SUMMARY)$/.test(e.tagName) ||
		e.tagName === "INPUT" && !(e.type === "checkbox" && e.disabled) ||
		[...e.attributes].some(a => /^on|^style$|^src|^srcdoc$|^form/i.test(a.name)) ||
		e.hasAttribute("href") && !/^(https?|mailto):/.test(e.href)).map(e => e.outerHTML)`
	for range 2 {
		if found := value[[]string](w, harmless); len(found) > 0 {
			t.Errorf("elements that may do harm: %q", found)
		}
		equal(t, "set by a script", value[string](w, `String(window.pwned)`), "undefined")
		w.right()
		w.do(chromedp.Reload())
		w.until(`document.querySelectorAll(".answer").length >= 40`)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(left) > 0 {
		t.Errorf("requests that leave: %q", left)
	}
}
