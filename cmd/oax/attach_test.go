package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"oax/internal/demo"
)

// Files as small as their first bytes: what they are is all that counts.
const (
	aPNG  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	aJPEG = "\xff\xd8\xff\xe0\x00\x10JFIF\x00"
	aGIF  = "GIF89a\x01\x00\x01\x00"
	aWebP = "RIFF\x24\x00\x00\x00WEBPVP8 "
	aPDF  = "%PDF-1.7\n\x00\xff"
)

// sent returns the messages of the nth request, from 0.
func sent(t *testing.T, script *demo.Scripted, n int) []publishedMessage {
	t.Helper()
	requests := script.Requests()
	if len(requests) <= n {
		t.Fatalf("%d requests were sent", len(requests))
	}
	var body publishedRequest
	must(t, json.Unmarshal(requests[n].Body, &body))
	return body.Messages
}

// shape writes parts down: their types, and what they hold.
func (c publishedContent) shape() string {
	if c.parts == nil {
		return c.text
	}
	var shapes []string
	for _, p := range c.parts {
		switch p.Type {
		case "text":
			shapes = append(shapes, *p.Text)
		case "image_url":
			shapes = append(shapes, strings.SplitAfter(p.ImageURL.URL, ",")[0])
		case "file":
			shapes = append(shapes, p.File.Filename)
		}
	}
	return strings.Join(shapes, "|")
}

// Images and PDFs go along in the published form, whatever their names say; in the next
// turn they go along again.
func TestAttachmentsStrictly(t *testing.T) {
	t.Parallel()
	h, script := strictly(t, "one", "two")
	h.write("a.txt", aPNG)
	h.write("b", aJPEG)
	h.write("c.gif", aGIF)
	h.write("d.png", aWebP)
	h.mkdir("sub")
	h.write("sub/e.pdf", aPDF)
	r := h.run("-s", "Be brief.", "-a", "a.txt", "-a", "b", "--attach=c.gif", "-a", "d.png", "-a", "sub/e.pdf", "--", "what are", "these?")
	if r.stdout != "one\n" || r.stderr != "" {
		t.Errorf("%+v", r)
	}
	if r := h.run("-c", "and", "now?"); r.stdout != "two\n" || r.stderr != "" {
		t.Errorf("%+v", r)
	}
	const said = "what are these?\n\n[image: a.txt]\n\n[image: b]\n\n[image: c.gif]\n\n[image: d.png]\n\n[PDF: sub/e.pdf]" +
		"|data:image/png;base64,|data:image/jpeg;base64,|data:image/gif;base64,|data:image/webp;base64,|e.pdf"
	for n, want := range [][]string{{"Be brief.", said}, {"Be brief.", said, "one", "and now?"}} {
		var got []string
		for _, m := range sent(t, script, n) {
			got = append(got, m.Content.shape())
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("request %d: %q\nwant %q", n, got, want)
		}
	}
}

// What has changed since, or came through a pipe, does not go along again: that is said,
// and the model has a note.
func TestAttachmentsGone(t *testing.T) {
	t.Parallel()
	h, script := strictly(t, "yes")
	h.write("a.png", aPNG)
	h.write("b.png", aPNG)
	h.write("c.png", aPNG)
	if r := h.pipe(aPNG, "-a", "a.png", "-a", "b.png", "-a", "c.png", "-a", "-", "what?"); r.stderr != "" || r.code != 0 {
		t.Fatalf("%+v", r)
	}
	h.write("b.png", aPNG+"x")
	os.Remove(filepath.Join(h.dir, "c.png"))
	for _, args := range [][]string{{"-c", "again"}, {"retry"}} {
		r := h.run(args...)
		const want = "oax: b.png is not sent again: it has changed\n" +
			"oax: c.png is not sent again: no such file or directory\n" +
			"oax: stdin is not sent again: it came through a pipe\n"
		if r.code != 0 || r.stderr != want {
			t.Errorf("%q: %+v", args, r)
		}
	}
	for n := 1; n <= 2; n++ {
		const want = "what?\n\n[image: a.png]\n\n[image: b.png]\n\n[image: c.png]\n\n[image: stdin]|data:image/png;base64,"
		if got := sent(t, script, n)[0].Content.shape(); got != want {
			t.Errorf("request %d: %q", n, got)
		}
	}
}

// A conversation sends an image with every turn, and says only once that it cannot.
func TestAttachmentsInConversation(t *testing.T) {
	t.Parallel()
	h, script := strictly(t, "one", "two", "three")
	h.write("a.png", aPNG)
	c := h.at(h.command("-i", "-a", "a.png", "what?"))
	c.shows("one")
	c.prompts()
	os.Remove(filepath.Join(h.dir, "a.png"))
	c.press("and now?\r")
	c.shows("two")
	c.prompts()
	c.press("/quit\r")
	if r := c.end(); r.code != 0 || strings.Contains(c.shown(), "not sent again") {
		t.Errorf("%+v %s", r, c.shown())
	}
	equal(t, "the parts", sent(t, script, 1)[0].Content.shape(), "what?\n\n[image: a.png]|data:image/png;base64,")

	c = h.at(h.command("-c"))
	c.prompts()
	c.press("third\r")
	c.shows("three")
	c.prompts()
	c.press("fourth\r")
	eventually(t, "the fourth is answered", func() bool { return strings.Count(c.sent(), "three") == 2 })
	c.prompts()
	c.press("/quit\r")
	c.end()
	if n := strings.Count(c.shown(), "a.png is not sent again"); n != 1 {
		t.Errorf("said %d times:\n%s", n, c.shown())
	}
}

// A request with an image is as large as it has to be, and memory with it.
func TestLargestImage(t *testing.T) {
	t.Parallel()
	h, script := scripted(t, demo.Stream(demo.Answer("yes")...))
	size := reduced(t, "bytes of an image", 20<<20, 2<<20)
	h.write("a.png", aPNG+strings.Repeat("x", size-len(aPNG)))
	r, memory := h.measured(h.command("-a", "a.png", "what?"))
	if r.stdout != "yes\n" || len(script.Requests()[0].Body) < size*4/3 {
		t.Errorf("%+v", r)
	}
	if memory > 80<<20+12*size {
		t.Errorf("%d MiB of memory were used", memory>>20)
	}
}
