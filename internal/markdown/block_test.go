package markdown

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder writes down what a parser finds: what comes one after the other of the same
// leaf is one event. It also puts the source together again.
type recorder struct {
	events []string
	last   *block
	marked bool
	source strings.Builder
}

func (r *recorder) add(format string, args ...any) {
	r.last, r.marked = nil, false
	r.events = append(r.events, fmt.Sprintf(format, args...))
}

func (r *recorder) open(b *block) {
	r.add("open %d level %d info %q marker %q start %d", b.kind, b.level, b.info, b.marker, b.start)
}
func (r *recorder) close(b *block)                              { r.add("close %d", b.kind) }
func (r *recorder) setext(b *block)                             { r.add("setext %d", b.level) }
func (r *recorder) table(_ *block, columns []align, whole bool) { r.add("table %v %v", columns, whole) }
func (r *recorder) task(b *block)                               { r.add("task %q", b.task) }
func (r *recorder) extra(b *block, src []byte)                  { r.add("extra %q", src) }
func (r *recorder) mark(src []byte, of kind) {
	r.source.Write(src)
	if !r.marked {
		r.add("mark ")
	}
	r.marked = true
	r.events[len(r.events)-1] += string(src)
}

func (r *recorder) text(b *block, src []byte) {
	r.source.Write(src)
	if r.last != b {
		r.add("text %d ", b.kind)
	}
	r.last, r.marked = b, false
	r.events[len(r.events)-1] += string(src)
}

// record returns the events of a text in pieces.
func record(pieces ...string) (events, source string) {
	r := &recorder{}
	p := newParser(r, false)
	for _, piece := range pieces {
		p.write([]byte(piece))
	}
	p.finish()
	return strings.Join(r.events, "\n"), r.source.String()
}

// cut cuts a text into pieces of up to 20 bytes.
func cut(text string, seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 0))
	var pieces []string
	for text != "" {
		n := min(rng.IntN(20)+1, len(text))
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	return pieces
}

// answers returns every recorded answer and reasoning.
func answers(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("OAX_CORPUS")
	if dir == "" && os.Getenv("OAX_CI") != "" {
		t.Fatal("OAX_CORPUS is not set")
	}
	if dir == "" {
		t.Skip("OAX_CORPUS is not set")
	}
	index, err := os.ReadFile(filepath.Join(dir, "streams", "INDEX.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recordings []struct {
		Text      string `json:"expect_text"`
		Reasoning string `json:"expect_reasoning"`
	}
	if err := json.Unmarshal(index, &recordings); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, r := range recordings {
		for _, text := range []string{r.Text, r.Reasoning} {
			if text != "" {
				texts = append(texts, text)
			}
		}
	}
	if len(texts) < 100 {
		t.Fatalf("%d answers", len(texts))
	}
	return texts
}

// every returns the step of a sweep: 1 under make torture, step in CI, and three times step in
// a plain go test.
func every(step int) int {
	switch {
	case os.Getenv("OAX_TORTURE") != "":
		return 1
	case os.Getenv("OAX_CI") == "":
		return 3 * step
	}
	return step
}

// cutAll calls f with a text in pieces: cut at every place if it is short, else at random.
// Without make torture it is at every fifth place in CI, and every fifteenth in a plain go
// test, others for each length, and fewer times.
func cutAll(text string, f func(pieces ...string)) {
	if len(text) <= 300 {
		for i := len(text) % every(5); i <= len(text); i += every(5) {
			f(text[:i], text[i:])
		}
		f(strings.Split(text, "")...)
		return
	}
	for seed := range uint64(200 / every(10)) {
		f(cut(text, seed)...)
	}
}

// cutSome is cutAll with fewer cuts of long texts.
func cutSome(text string, f func(pieces ...string)) {
	if len(text) <= 100 {
		cutAll(text, f)
		return
	}
	for seed := range uint64(20 / every(4)) {
		f(cut(text, seed)...)
	}
}

func checkCuts(t *testing.T, text string) {
	t.Helper()
	events, source := record(text)
	if source != text {
		t.Fatalf("%q\nis read as\n%q", text, source)
	}
	page := whole(text)
	cutAll(text, func(pieces ...string) {
		if got, _ := record(pieces...); got != events {
			t.Fatalf("%q in pieces %q:\n%s\nwant\n%s", text, pieces, got, events)
		}
		if got := whole(pieces...); got != page {
			t.Fatalf("%q in pieces %q:\n%s\nwant\n%s", text, pieces, got, page)
		}
	})
}

func TestCutsMakeNoDifference(t *testing.T) {
	for _, e := range examples(t) {
		checkCuts(t, e.markdown)
		checkCuts(t, strings.TrimSuffix(e.markdown, "\n"))
		checkCuts(t, strings.ReplaceAll(e.markdown, "\n", "\r\n"))
		checkCuts(t, "> - "+strings.ReplaceAll(e.markdown, "\n", "\n>   "))
	}
}

func TestCutsOfAnswersMakeNoDifference(t *testing.T) {
	for _, text := range answers(t) {
		checkCuts(t, text)
	}
}
