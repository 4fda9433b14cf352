package finder

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

func someItems(n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{fmt.Sprint("id", i), fmt.Sprint("label ", i)}
	}
	return items
}

func offering(items []Item) func() (Offer, error) {
	return func() (Offer, error) { return Offer{Items: items}, nil }
}

// typing returns a file from which text is read.
func typing(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Close()
	t.Cleanup(func() { r.Close() })
	return r
}

func TestChooseWithoutFinder(t *testing.T) {
	for _, c := range []struct {
		name  string
		items []Item
		in    string
		id    string
		err   error
		rest  string
	}{
		{"nothing to choose", nil, "1\n", "", ErrNothing, "1\n"},
		{"first", someItems(2), "1\n", "id0", nil, ""},
		{"what follows is left alone", someItems(2), " 2 \nhello\n", "id1", nil, "hello\n"},
		{"no line end", someItems(2), "2", "id1", nil, ""},
		{"asks again", someItems(2), "0\n3\n-1\nx\n1.5\n2\n", "id1", nil, ""},
		{"not beyond what is listed", someItems(30), "21\n20\n", "id19", nil, ""},
		{"empty line", someItems(2), "\nx", "", ErrCancelled, "x"},
		{"end of input", someItems(2), "", "", ErrCancelled, ""},
		{"end of input after nonsense", someItems(2), "x", "", ErrCancelled, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := typing(t, c.in)
			id, err := Choose(context.Background(), offering(c.items), Options{In: in, Out: io.Discard})
			if id != c.id || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", id, err, c.id, c.err)
			}
			if rest, _ := io.ReadAll(in); string(rest) != c.rest {
				t.Errorf("left in the input: %q, want %q", rest, c.rest)
			}
		})
	}
}

func TestChooseWithoutAnybody(t *testing.T) {
	if _, err := Choose(context.Background(), offering(someItems(2)), Options{Out: io.Discard}); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("without input: %v", err)
	}
	closed := typing(t, "1\n")
	closed.Close()
	if _, err := Choose(context.Background(), offering(someItems(2)), Options{In: closed, Out: io.Discard}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("where reading fails: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestListOutput(t *testing.T) {
	var out bytes.Buffer
	items := []Item{{"a", "short"}, {"b", strings.Repeat("長", 60)}}
	_, err := Choose(context.Background(), offering(items), Options{In: typing(t, "5\n1\n"), Out: &out})
	want := " 1  short\n 2  " + strings.Repeat("長", 37) + "…\nnumber, 1 to 2: number, 1 to 2: "
	if got := out.String(); got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	full := errors.New("full")
	if _, err := Choose(context.Background(), offering(items), Options{In: typing(t, "1\n"), Out: failing{full}}); !errors.Is(err, full) {
		t.Errorf("where Out fails: %v", err)
	}
}

func TestListEndsWithContext(t *testing.T) {
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer w.Close()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if _, err := Choose(ctx, offering(someItems(2)), Options{In: in, Out: io.Discard}); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// Whatever is typed, the length of a line must not decide which one comes first.
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

func TestInitialQuery(t *testing.T) {
	for q, want := range map[string]string{"": "", "go race": "go race", "並行": "", "e\u0301": "", "a\x1b": "", "\xff": "", "~": "~"} {
		if got := initialQuery(q); got != want {
			t.Errorf("initialQuery(%q) = %q", q, got)
		}
	}
}

func TestPrompt(t *testing.T) {
	for sought, want := range map[string]string{
		"": "", "two words": "two words", "並行 x": "並 行  x", "a\x1b\n b": "a^[ b", "longer than there is room": "longer th…",
	} {
		if got := prompt(sought, 10); got != want {
			t.Errorf("prompt(%q) = %q, want %q", sought, got, want)
		}
	}
}

var unstyled = strings.NewReplacer("\x1b[7m", "", "\x1b[0m", "", "\x1b[1;32m", "", "\x1b[1;36m", "")

func TestPreview(t *testing.T) {
	calls, long := 0, strings.Repeat("並行処理とgoroutineと", 1<<16)
	w := window{items: someItems(2), passages: func(id string) []Passage {
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
	w.draw(0, 200, 60)
	w.draw(-1, 80, 24)
	if calls != 4 {
		t.Error("asked again for what was shown last, or for no item")
	}
	for _, size := range []int{-1, 0, 1, 2, 3} {
		if got := w.draw(0, size, size); got != "" {
			t.Errorf("%d: %q", size, got)
		}
	}
}

func TestFinderEnviron(t *testing.T) {
	got, ok := finderEnviron([]string{"DEBUG=1", "TERM=a", "COLUMNS=3", "LINES=4", "DEBUGGER=x", "TERM=screen"})
	for _, kept := range []string{"TERM=screen", "DEBUGGER=x", "LC_ALL=C.UTF-8"} {
		if !slices.Contains(got, kept) {
			t.Errorf("no %s in %q", kept, got)
		}
	}
	for _, variable := range got {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains([]string{"DEBUG", "COLUMNS", "LINES"}, name) || variable == "TERM=a" || !ok {
			t.Errorf("%s, %v", variable, ok)
		}
	}
	for name, want := range map[string]string{"xterm-ghostty": "xterm-256color", "xterm": "xterm", "dumb": "", "": ""} {
		got, ok := finderEnviron([]string{"TERM=" + name})
		if ok != (want != "" || !needsTERM) || ok && want != "" && !slices.Contains(got, "TERM="+want) {
			t.Errorf("TERM=%s: %q, %v", name, got, ok)
		}
	}
}

func TestChildRefuses(t *testing.T) {
	t.Setenv("TERM", "unheard-of")
	offer, err := json.Marshal(Offer{Items: someItems(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{"no request": "", "not JSON": "x", "nothing": "{}", "terminal": string(offer)} {
		var out bytes.Buffer
		err := Child(strings.NewReader(in), &out, nil)
		var a answer
		if json.Unmarshal(out.Bytes(), &a) != nil || err == nil || a.Error != err.Error() || a.Cancelled {
			t.Errorf("%s: %v, written to the parent: %q", name, err, out.String())
		}
	}
}

// A file must not be mistaken for a terminal.
func TestChooseWithAFileForTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = Choose(context.Background(), offering(someItems(1)), Options{TTY: f, Command: func(ctx context.Context) *exec.Cmd {
		t.Error("the finder was started")
		return exec.CommandContext(ctx, "false")
	}})
	if !errors.Is(err, ErrNoTerminal) {
		t.Error(err)
	}
}
