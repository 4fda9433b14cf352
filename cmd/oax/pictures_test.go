package main

import (
	"flag"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var pictures = flag.Bool("pictures", false, "take the screenshots of the page anew")

const (
	picturedTable = "Waves of every length travel together until something **small** is in their way. Air scatters the short ones most:\n\n" +
		"| colour | wavelength | scattered |\n|:--|--:|--:|\n| blue | 450 nm | 4.4 × |\n| green | 550 nm | 2.0 × |\n| red | 650 nm | 1.0 × |\n\n" +
		"That is the fourth power of the length, so a look *away* from the Sun shows mostly blue."
	picturedCode = "Close the channel from the side that sends, and range over it on the other:\n\n```go\nlines := make(chan string, 8)\ngo func() {\n\tdefer close(lines) // or the range never ends\n\tfor s.Scan() {\n\t\tlines <- s.Text()\n\t}\n}()\nfor line := range lines {\n\tfmt.Println(line)\n}\n```\n\n" +
		"- *unbuffered*: sender and receiver meet\n- *buffered*: the sender is up to `8` lines ahead\n"
	picturedJapanese = "夕焼けが赤いのは、**太陽の光が斜めに長い距離**を通るからです。\n\n1. 青い光は途中で散らばり、目に届きません。\n2. 赤い光はほとんど散らばらずに届きます。\n\n> 空気の層は、真昼の約四十倍の厚さになります。\n"
)

// TestPictures: the README has four pictures of the page. With -pictures they are taken anew.
func TestPictures(t *testing.T) {
	if *pictures {
		takePictures(t)
	}
	total := 0
	for _, name := range []string{"page", "page-dark", "page-live", "page-phone"} {
		data := text(t, pictureOf(name))
		if _, err := png.DecodeConfig(strings.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		total += len(data)
	}
	if total > 400_000 {
		t.Errorf("the pictures have %d bytes", total)
	}
}

func pictureOf(name string) string {
	return filepath.Join("..", "..", "testdata", "screens", name+".png")
}

func takePictures(t *testing.T) {
	s := startWebsite(t)
	defer s.end()
	chat := func(prompt, answer string) string {
		w, a, id := s.begin(t, prompt)
		a.says(answer)
		a.ends("stop")
		w.until(`!document.querySelector(".cursor")`)
		w.close()
		return id
	}
	chat("Review this diff", "It is fine.")
	chat("Rename photos by date taken", "Use `exiftool`.")
	japanese := chat("夕焼けはなぜ赤いのですか", picturedJapanese)
	code := chat("How do channels end in Go?", picturedCode)
	chat("Why do cats purr?", "Nobody knows.")
	sky := chat("Why is the sky blue?", picturedTable)
	w := s.open(t, sky)
	w.take("page", 1100, 700)
	w.close()
	w = s.open(t, code)
	w.dark(true)
	w.take("page-dark", 1100, 700)
	w.close()
	w = s.open(t, japanese)
	w.do(chromedp.EmulateViewport(390, 760))
	w.take("page-phone", 390, 760)
	w.close()
	w, a, id := s.begin(t, "Compare SSE and WebSocket for a chat, and say when each is right")
	a.says("Both carry an answer as it arrives.\n\n## Server-sent events\n\n- one direction, plain HTTP\n- a reader that comes back says where it was: `Last-Event-ID`\n\n## WebSocket\n\n- both directions on one conn")
	other := s.open(t, id)
	other.keys("and")
	w.until(`document.getElementById("typing").textContent !== ""`)
	w.take("page-live", 1100, 700)
	a.ends("stop")
}

// take takes a screenshot of a window for the README.
func (w *tab) take(name string, width, height int64) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(width, height))
	w.until(`document.querySelectorAll("#list a").length > 1`)
	data, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	must(w.t, err)
	write(w.t, pictureOf(name), string(data))
}
