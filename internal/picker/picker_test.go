package picker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/term"
)

func some(n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{fmt.Sprint("id", i), fmt.Sprint("label ", i)}
	}
	return items
}

func offers(items []Item) func() (Offer, error) {
	return func() (Offer, error) { return Offer{Items: items}, nil }
}

func TestChooseWithoutFinder(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name  string
		items []Item
		in    io.Reader
		id    string
		err   error
		rest  string
	}{
		{"nothing to choose", nil, strings.NewReader("1\n"), "", ErrNothing, "1\n"},
		{"nobody to ask", some(2), nil, "", ErrNoTerminal, ""},
		{"first", some(2), strings.NewReader("1\n"), "id0", nil, ""},
		{"what follows is left alone", some(2), strings.NewReader(" 2 \nhello\n"), "id1", nil, "hello\n"},
		{"no line end", some(2), strings.NewReader("2"), "id1", nil, ""},
		{"asks again", some(2), strings.NewReader("0\n3\n-1\nx\n1.5\n2\n"), "id1", nil, ""},
		{"not beyond what is listed", some(30), strings.NewReader("21\n20\n"), "id19", nil, ""},
		{"empty line", some(2), strings.NewReader("\nx"), "", ErrCancelled, "x"},
		{"end of input", some(2), strings.NewReader(""), "", ErrCancelled, ""},
		{"end of input after nonsense", some(2), strings.NewReader("x"), "", ErrCancelled, ""},
		{"input fails", some(2), io.MultiReader(strings.NewReader("1"), failing{boom}), "", boom, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, err := Choose(context.Background(), offers(c.items), Options{In: c.in, Out: io.Discard})
			if id != c.id || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", id, err, c.id, c.err)
			}
			if c.in == nil {
				return
			}
			if rest, _ := io.ReadAll(c.in); string(rest) != c.rest {
				t.Errorf("left in the input: %q, want %q", rest, c.rest)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestListOutput(t *testing.T) {
	var out bytes.Buffer
	items := []Item{{"a", "short"}, {"b", strings.Repeat("長", 60)}}
	_, err := Choose(context.Background(), offers(items), Options{In: strings.NewReader("5\n1\n"), Out: &out})
	want := " 1  short\n 2  " + strings.Repeat("長", 37) + "…\nnumber, 1 to 2: number, 1 to 2: "
	if got := out.String(); got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	full := errors.New("full")
	if _, err := Choose(context.Background(), offers(items), Options{In: strings.NewReader("1\n"), Out: failing{full}}); !errors.Is(err, full) {
		t.Errorf("where Out fails: %v", err)
	}
}

func TestListEndsWithContext(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Choose(ctx, offers(some(2)), Options{In: r, Out: io.Discard}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Two equal labels and a longer one: whatever is typed, the length of the lines
// must not count, and the newest must come last.
func TestLabels(t *testing.T) {
	got := labels([]Item{{"old", "Go 並行"}, {"", strings.Repeat("x", 200)}, {"new", "e\u0301 👩‍👩‍👧 👍🏽 🇯🇵"}})
	for i, want := range []string{" Go 並行", " " + strings.Repeat("x", 79) + "…", " e 👩👩👧 👍 JP"} {
		if bare := strings.TrimRight(got[i], "\u2060"); bare != want {
			t.Errorf("line %d: %q, want %q", i, bare, want)
		}
		if n := utf8.RuneCountInString(got[i]); n != 81 {
			t.Errorf("line %d has %d characters", i, n)
		}
	}
}

func TestUsable(t *testing.T) {
	for q, want := range map[string]string{"": "", "go race": "go race", "並行": "", "e\u0301": "", "a\x1b": "", "\xff": "", "~": "~"} {
		if got := usable(q); got != want {
			t.Errorf("usable(%q) = %q", q, got)
		}
	}
}

var unstyled = strings.NewReplacer("\x1b[7m", "", "\x1b[0m", "", "\x1b[1;32m", "", "\x1b[1;36m", "")

func TestPreview(t *testing.T) {
	calls, long := 0, strings.Repeat("並行処理とgoroutineと", 1<<16)
	w := window{items: some(1000), shown: map[pane]string{}, passages: func(id string) []Passage {
		calls++
		return []Passage{{Heading: id, Text: "\x1b[31m e\u0301 " + long}}
	}}
	for _, size := range []struct{ width, height int }{{80, 24}, {81, 24}, {40, 12}, {9, 3}, {200, 60}} {
		text := w.draw(0, size.width, size.height)
		lines := strings.Split(text, "\n")
		if len(lines) != size.height-2 {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, line := range lines[:len(lines)-1] {
			line = unstyled.Replace(line)
			if n := term.Width(line); n > size.width-size.width/2-5 || strings.Contains(line, "\x1b") {
				t.Errorf("%v: %q takes %d columns", size, line, n)
			}
		}
	}
	if calls != 4 {
		t.Errorf("text asked for %d times, of 5 sizes one without room", calls)
	}
	w.draw(0, 80, 24)
	w.draw(-1, 80, 24)
	if calls != 4 {
		t.Error("asked again for what was shown before, or for no item")
	}
	for _, size := range []int{-1, 0, 1, 2, 3} {
		if got := w.draw(0, size, size); got != "" {
			t.Errorf("%d: %q", size, got)
		}
	}
	long = "short"
	for i := range w.items {
		w.draw(i, 80, 24)
	}
	if len(w.shown) > maxPanes {
		t.Errorf("%d panes kept", len(w.shown))
	}
}

func TestFinderEnv(t *testing.T) {
	env := []string{"DEBUG=1", "TERM=a", "COLUMNS=3", "LINES=4", "DEBUGGER=x", "TERM=xterm"}
	got := finderEnv(env)
	for _, kept := range []string{"TERM=xterm", "DEBUGGER=x", "LC_ALL=C.UTF-8"} {
		if !slices.Contains(got, kept) {
			t.Errorf("no %s in %q", kept, got)
		}
	}
	for _, name := range []string{"DEBUG", "COLUMNS", "LINES"} {
		if v := lookup(got, name); v != "" {
			t.Errorf("%s=%s", name, v)
		}
	}
	if v := lookup(got, "TERM"); v != "xterm" {
		t.Errorf("TERM=%s", v)
	}
}

func TestChildRefuses(t *testing.T) {
	t.Setenv("TERM", "unheard-of")
	offer, err := json.Marshal(Offer{Items: some(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{"no request": "", "not JSON": "x", "nothing": "{}", "terminal": string(offer)} {
		var out bytes.Buffer
		err := Child(strings.NewReader(in), &out, nil)
		var a answer
		if json.Unmarshal(out.Bytes(), &a) != nil || err == nil || a.Error != err.Error() || a.Cancelled {
			t.Errorf("%s: %v, said to the parent: %q", name, err, out.String())
		}
	}
}

// A file that is no terminal must not be taken for one.
func TestChooseWithAFileForTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = Choose(context.Background(), offers(some(1)), Options{TTY: f, Command: func(ctx context.Context) *exec.Cmd {
		t.Error("the finder was started")
		return exec.CommandContext(ctx, "false")
	}})
	if !errors.Is(err, ErrNoTerminal) {
		t.Error(err)
	}
}
