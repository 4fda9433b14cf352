package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"oax/internal/demo"
)

// exportedAnswers are those of ten sessions: one with everything, hostile ones, a table that
// is wider than a page, Japanese, and where there is a corpus its longest answers.
func exportedAnswers(t *testing.T) []string {
	wide := "| " + strings.Repeat("a rather long header | ", 9) + "\n|" + strings.Repeat("---|", 9) + "\n| " +
		strings.Repeat("https://example.com/an/address/of/some/length | ", 9) + "\n\n```\n" + strings.Repeat("a long line of code ", 20) + "\n```\n"
	all := []string{realAnswer(t), strings.ReplaceAll(text(t, filepath.Join("..", "..", "testdata", "hostile.md")), "%%%%", ""), wide, picturedJapanese, picturedTable, picturedCode, pictured}
	var recordings []struct {
		Text string `json:"expect_text"`
	}
	if dir := os.Getenv("OAX_CORPUS"); dir != "" {
		must(t, json.Unmarshal([]byte(text(t, filepath.Join(dir, "streams", "INDEX.json"))), &recordings))
		var texts []string
		for _, r := range recordings {
			texts = append(texts, r.Text)
		}
		slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
		all = append(all, slices.Compact(texts)[:3]...)
	}
	return all
}

// TestExportedPages: a session as a page is valid HTML, loads nothing and runs nothing. On a
// screen it is no wider than a phone, and on paper nothing is cut off.
func TestExportedPages(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	answers := exportedAnswers(t)
	for _, answer := range answers[:reduced(t, "exported pages", len(answers), 3)] {
		h, _ := scripted(t, demo.Stream(demo.Answer(answer)...))
		h.run("a question")
		page := h.run("cat", "--format", "html", "@").stdout
		checkNesting(t, page)
		h.write("page.html", page)
		w := openTab(t, browser, "file://"+filepath.Join(h.dir, "page.html"))
		w.until("document.readyState === 'complete'")
		w.media("screen", 360)
		if value[bool](w, "document.documentElement.scrollWidth > 360") {
			t.Errorf("on a phone the page is wider than the screen: %.100q", answer)
		}
		w.media("print", 700)
		if cut := value[[]string](w, `[...document.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible" || e.getBoundingClientRect().right > 701).map(e => e.outerHTML.slice(0, 100))`); len(cut) > 0 {
			t.Errorf("on paper it is cut off: %q", cut)
		}
		if loaded := value[int](w, `performance.getEntriesByType("resource").length + document.querySelectorAll("script, iframe, link, object").length`); loaded != 0 || value[bool](w, "'pwned' in window") {
			t.Errorf("%d scripts or things from elsewhere: %.100q", loaded, answer)
		}
		w.right()
		w.close()
	}
}

// media shows a page as a medium does that is so many pixels wide.
func (w *tab) media(medium string, width int64) {
	w.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium})
		if err == nil {
			_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
		}
		return chromedp.Void{}, err
	})
}

// checkNesting wants that each tag of a page is closed where it must be.
func checkNesting(t *testing.T, page string) {
	t.Helper()
	open := []string{}
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		token := z.Token()
		void := slices.Contains([]string{"meta", "br", "hr", "img", "input"}, token.Data)
		switch {
		case kind == html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %q", open)
			}
			return
		case kind == html.StartTagToken && !void:
			open = append(open, token.Data)
		case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != token.Data):
			t.Errorf("</%s> in %q", token.Data, open)
			return
		case kind == html.EndTagToken:
			open = open[:len(open)-1]
		}
	}
}
