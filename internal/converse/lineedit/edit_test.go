package lineedit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"

	"oax/internal/manual"
	"oax/internal/term"
)

// headless is an editor without a terminal, of which the screen has this size.
func headless(columns, rows int, history ...string) *Editor {
	e := newEditor(Options{Prompt: "> ", History: history}, io.Discard, func() (int, int) { return columns, rows })
	e.commands = e.bindings()
	e.sending = true
	e.history.newest()
	return e
}

// types gives keys to an editor, as a terminal sends them.
func (e *Editor) types(keys string) {
	e.decoder.add([]byte(keys))
	e.handleKeys(false)
	for len(e.decoder.pending) > 0 && e.ended == nil {
		before := len(e.decoder.pending)
		e.handleKeys(true)
		if len(e.decoder.pending) == before {
			return
		}
	}
}

// sequences is how many random sequences of edits are tried: all with OAX_TORTURE.
func sequences(few int) int {
	if os.Getenv("OAX_TORTURE") != "" {
		return 10_000
	}
	return few
}

// seed returns OAX_SEED, or another one each time under OAX_TORTURE.
func seed(t *testing.T) uint64 {
	seed := uint64(1)
	if os.Getenv("OAX_TORTURE") != "" {
		seed = rand.Uint64()
	}
	if s := os.Getenv("OAX_SEED"); s != "" {
		fmt.Sscan(s, &seed)
	}
	t.Logf("OAX_SEED=%d", seed)
	return seed
}

// TestEdits: what is sent is what a list of grapheme clusters holds after the same edits,
// however the bytes are cut.
func TestEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(seed(t), 0))
	m, e := new(model), headless(80, 24)
	for i := range sequences(2000) {
		keys := m.sequence(r)
		e.begin("")
		for rest := keys; rest != ""; {
			n := 1 + r.IntN(len(rest))
			e.decoder.add([]byte(rest[:n]))
			e.handleKeys(false)
			rest = rest[n:]
		}
		e.types("")
		e.types("\r")
		got, want := e.text, m.sent()
		e.remember(got)
		e.buffer.set("")
		if got != want {
			t.Fatalf("sequence %d: %q sends %q, want %q", i, keys, got, want)
		}
	}
}

// TestTortureEdits does that through a terminal.
func TestTortureEdits(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	results, report, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer results.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LINEEDIT_CHILD=messages", "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = tty, tty, tty, []*os.File{report}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	tty.Close()
	report.Close()
	ready := make(chan struct{})
	go func() {
		waits := bufio.NewReader(master)
		for text := ""; !strings.HasSuffix(text, showCursor); {
			b, err := waits.ReadByte()
			if err != nil {
				break
			}
			text += string(b)
		}
		close(ready)
		io.Copy(io.Discard, waits)
	}()
	<-ready
	r := rand.New(rand.NewPCG(seed(t), 1))
	m, sent := new(model), bufio.NewReader(results)
	n := sequences(200)
	for i := range n {
		keys := m.sequence(r)
		for rest := keys + "\r"; rest != ""; {
			n := 1 + r.IntN(len(rest))
			io.WriteString(master, rest[:n])
			rest = rest[n:]
		}
		results.SetReadDeadline(time.Now().Add(time.Minute))
		line, err := sent.ReadString('\n')
		if err != nil {
			cmd.Process.Kill()
			t.Fatalf("sequence %d: %q: %v", i, keys, err)
		}
		var got string
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if want := m.sent(); got != want {
			t.Fatalf("sequence %d: %q sends %q, want %q", i, keys, got, want)
		}
	}
	io.WriteString(master, "\x04")
	t.Logf("%d sequences", n)
}

// readMessages is a program that tells on its fourth stream what it reads.
func readMessages() {
	e, err := New(Options{In: os.Stdin, Out: os.Stdout, Prompt: "> "})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	report := json.NewEncoder(os.NewFile(3, "report"))
	for {
		text, err := e.Read(context.Background(), "")
		if err != nil {
			return
		}
		report.Encode(text)
	}
}

// TestScreen: what is on the screen after some keys, and where the cursor is (‸).
func TestScreen(t *testing.T) {
	for _, test := range []struct {
		name, keys    string
		columns, rows int
		want          string
	}{
		{"nothing", "", 20, 5, "> ‸"},
		{"ASCII", "abc\x02", 20, 5, "> ab‸c"},
		{"Japanese", "今日は\x02\x02晴", 20, 5, "> 今晴‸日は"},
		{"a wide character does not fit", "a今日は天気", 12, 5, "> a今日は天|  気‸"},
		{"the cursor before it", "a今日は天気\x02", 12, 5, "> a今日は天|  ‸気"},
		{"a full row", "今日は天x", 12, 5, "> 今日は天x‸"},
		{"lines", "one\x1b\rtwo\x1b\r", 20, 5, "> one|  two|  ‸"},
		{"up", "one\x1b\rtwo\x1b[A", 20, 5, "> one‸|  two"},
		{"up keeps the column", "今日は\x1b\ra\x1b\r天気です\x1b[A\x1b[A", 20, 5, "> 今日は‸|  a|  天気です"},
		{"up in a wrapped line", "今日は天気です\x1b[A", 12, 5, "> 今日は‸天|  気です"},
		{"down in it", "今日は天気です\x01\x1b[B", 12, 5, "> 今日は天|  ‸気です"},
		{"marks", "e\u0301o\u0308\x02", 20, 5, "> e\u0301‸o\u0308"},
		{"a mark alone", "\u0301x", 20, 5, "> ◌\u0301x‸"},
		{"emoji", "👍🏽👨‍👩‍👧🇯🇵\x02\x02", 20, 5, "> 👍🏽‸👨‍👩‍👧🇯🇵"},
		{"a control", "\x16\x1b[31m", 20, 5, "> ^[[31m‸"},
		{"what nobody sees", "a\u200bb\u202ec", 20, 5, "> a\uFFFDb‹U+202E›c‸"},
		{"a tab", "\x16\tx", 20, 5, ">     x‸"},
		{"higher than the screen", "1\x1b\r2\x1b\r3\x1b\r4\x1b\r5", 20, 3, "⋮ 3|  4|  5‸"},
		{"up in it", "1\x1b\r2\x1b\r3\x1b\r4\x1b\r5\x1b[A\x1b[A\x1b[A", 20, 3, "> 1|  2‸|⋮ 3"},
		{"to its start", "1\x1b\r2\x1b\r3\x1b\r4\x1b\r5\x1b[1;5H", 20, 3, "> ‸1|  2|⋮ 3"},
		{"a search", "\x12BEKANNT", 30, 5, "> un‸bekannt 日本|search: BEKANNT"},
		{"a search for nothing", "\x12zz", 30, 5, "> ‸|not found: zz"},
		{"the search goes on", "\x12n\x12\x12", 30, 5, "> o‸ne|search: n"},
		{"the search ends", "x\x12one\x07y", 30, 5, "> xy‸"},
		{"up to the history", "new\x1b[A\x1b[A\x1b[B\x1b[B", 30, 5, "> new‸"},
	} {
		e := headless(test.columns, test.rows, "one", "two\nlines", "unbekannt 日本")
		e.types(test.keys)
		if got := shown(e.view(test.columns, test.rows)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// shown returns a view as the terminal shows it, with the cursor in it.
func shown(v view) string {
	var rows []string
	for i, row := range v.rows {
		for {
			before, after, found := strings.Cut(row, "\x1b[")
			if !found {
				break
			}
			row = before + strings.TrimLeft(after, "0123456789")[1:]
		}
		if i == v.row {
			width, at := 0, len(row)
			for offset, cluster := range term.Clusters(row) {
				if width >= v.column {
					at = offset
					break
				}
				width += max(look(cluster).width, 0)
			}
			row = row[:at] + strings.Repeat(" ", max(0, v.column-max(width, 0))) + "‸" + row[at:]
		}
		rows = append(rows, row)
	}
	return strings.Join(rows, "|")
}

// TestDecoder: the keys that a terminal's bytes are, however they are cut.
func TestDecoder(t *testing.T) {
	for bytes, want := range map[string][]string{
		"ab漢\x01\r":                                 {"ab漢", "<ctrl-a>", "<enter>"},
		"\x1b[A\x1bOB\x1b[1;5C\x1b[1;3D\x1b[3~":     {"<up>", "<down>", "<ctrl-right>", "<alt-left>", "<delete>"},
		"\x1bb\x1b\x7f\x1b\r\x1b漢x":                 {"<alt-b>", "<alt-backspace>", "<alt-enter>", "<alt-漢>", "x"},
		"\x1b\x1b[D\x1bOd":                          {"<alt-left>", "<ctrl-left>"},
		"\x1b[13;2u\x1b[27;5;13~\x1b[I\x1b[O\x1b[Z": {"<shift-enter>", "<ctrl-enter>", "<focus>", "<blur>", "<shift-tab>"},
		"\x1b[[A\x1b[99;99Xa":                       {"", "", "a"},
		"\x1b[200~a\r\nb\rc\x1b[201~d":              {"[a\nb\nc]", "d"},
		"\x1b[200~a\x1b[201~\r\x1b[201~\r":          {"[a\x1b[201~\n]", "<enter>"},
		"\x1b[200~a\x1b[201~\x1b[200~b\x1b[201~":    {"[ab]"},
		"\x1b[200~a\x1b[201~x\x1b[200~b\x1b[201~\r": {"[a\x1b[201~x\x1b[200~b]", "<enter>"},
		"\x1b[20\x1b[Aa":                            {"", "<up>", "a"},
		"\xffa\xe6\xbc":                             {"\uFFFDa"},
		"\x1b":                                      {"<escape>"},
	} {
		for _, size := range []int{1, 2, 3, 1000} {
			if got := decoded(bytes, size); !slices.Equal(got, want) && size == 1000 || strings.Join(got, "") != strings.Join(want, "") {
				t.Errorf("%q by %d: %q, want %q", bytes, size, got, want)
			}
		}
	}
}

// decoded returns the keys of bytes that come so many at a time.
func decoded(bytes string, size int) (all []string) {
	var d decoder
	take := func(paused bool) {
		for k, ok := d.next(paused); ok; k, ok = d.next(paused) {
			switch {
			case k.pasted:
				all = append(all, "["+k.text+"]")
			case k.name != "":
				all = append(all, "<"+k.name+">")
			default:
				all = append(all, k.text)
			}
		}
	}
	for piece := range slices.Chunk([]byte(bytes), size) {
		d.add(piece)
		take(false)
	}
	take(true)
	return all
}

// FuzzDecoder: whatever a terminal sends, no byte is taken twice or waited for without end
// but those of a paste or a character that has not ended, and the editor draws nothing
// that a terminal obeys.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{"ab漢\x01\r", "\x1b[1;5C\x1b\x1b[D", "\x1b[200~a\x1b[201~", "\x1b[27;5;13~\x12x\x12", "\x16\x1b\x18\x05", "\t\x1b[Z"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, bytes string, size int) {
		bytes = bytes[:min(len(bytes), 1000)] // each key draws all of the text
		e := headless(20, 5, "an earlier one", "日本\n語")
		e.o.Complete = func(before string) (int, []Candidate) {
			return 0, []Candidate{{"/one \x1b]0;x\a", "a"}, {"/oテ", "\u202e"}}
		}
		e.commands["ctrl-z"] = func() {}
		for piece := range slices.Chunk([]byte(bytes), 1+min(max(size, 0), 1000)) {
			e.types(string(piece))
			v := e.view(20, 5)
			if len(v.rows) > 5 || v.row >= len(v.rows) || v.column >= 20 {
				t.Fatalf("%d rows, the cursor in %d, %d", len(v.rows), v.row, v.column)
			}
			for _, row := range v.rows {
				for _, control := range []string{"\x1b]", "\a", "\u202e", "\n", "\r"} {
					if strings.Contains(row, control) {
						t.Fatalf("%q is drawn", row)
					}
				}
			}
			if e.ended != nil {
				e.begin("")
				e.buffer.set("")
			}
		}
	})
}

// TestSearchOffset: the cursor is at the match, whatever length the letters before
// it have in lower case.
func TestSearchOffset(t *testing.T) {
	for _, text := range []string{"İİİİ foo", "ȺȺ foo", "plain FOO", "bad \xff foo"} {
		e := headless(80, 24, text)
		e.types("\x12foo")
		if want := len(text) - len("foo"); e.text != text || e.at != want {
			t.Errorf("%q: %q, the cursor is at %d, want %d", text, e.text, e.at, want)
		}
	}
}

// TestHangup: what was typed when the terminal hung up is part of the message, and the
// hangup is noticed.
func TestHangup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := headless(80, 24)
		e.keys = &keyboard{more: make(chan struct{}, 1), typed: []byte("ab"), err: io.EOF}
		e.keys.more <- struct{}{}
		var err error
		for err == nil {
			err = e.await(t.Context())
			e.handleKeys(false)
		}
		if err != ErrHangup || e.text != "ab" {
			t.Errorf("%q, %v", e.text, err)
		}
	})
}

// TestManual: each key that the manual explains does something.
func TestManual(t *testing.T) {
	keys := 0
	commands := headless(80, 24).commands
	for line := range strings.Lines(manual.Topic("conversation")) {
		item, _, _ := strings.Cut(line, ": ")
		if names, ok := strings.CutPrefix(item, "- `"); ok && !strings.HasPrefix(names, "/") {
			for name := range strings.SplitSeq(strings.TrimSuffix(names, "`"), "`, `") {
				keys++
				if commands[strings.ToLower(name)] == nil {
					t.Errorf("the manual explains %s, which does nothing", name)
				}
			}
		}
	}
	if keys < 20 {
		t.Errorf("the manual explains %d keys", keys)
	}
}

// TestPasteIsLinear: a paste of many lines is drawn once.
func TestPasteIsLinear(t *testing.T) {
	var drawn strings.Builder
	e := headless(80, 24)
	e.screen.out = &drawn
	text := strings.Repeat("\tif 真 { return \"値\" } // a line of a long paste that goes on for a while\n", 5000)
	for piece := range slices.Chunk([]byte(pasteStart+text+pasteEnd), 4095) {
		e.decoder.add(piece)
		e.handleKeys(false)
		e.draw()
	}
	start := time.Now()
	e.types("")
	e.draw()
	t.Logf("%d bytes in %v", len(text), time.Since(start))
	if e.text != text {
		t.Error("it is not the text")
	}
	if n := drawn.Len(); n > 24*200 {
		t.Errorf("%d bytes are drawn", n)
	}
}

// TestFocus: reports of the focus are no keys: they end neither a search nor a menu.
func TestFocus(t *testing.T) {
	e := headless(80, 24, "an earlier message")
	e.o.Focus = true
	if !e.Focused() {
		t.Error("who types has no focus")
	}
	e.types("\x12earl\x1b[O")
	if !e.search.on || e.Focused() || e.text != "an earlier message" {
		t.Errorf("%+v, %q", e.search, e.text)
	}
	e.types("\x16\x1b[I\x01") // Ctrl-V, and then the next key as it is
	if !e.Focused() || e.text != "an \x01earlier message" {
		t.Errorf("%q", e.text)
	}
	if e.o.Focus = false; e.Focused() {
		t.Error("a terminal that reports nothing has the focus")
	}
}
