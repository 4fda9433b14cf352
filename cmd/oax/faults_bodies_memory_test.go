package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
)

// hoards are bodies that make the program hold as much as it can be made to. They end
// with the limit of the answer, whoever reads it.
var hoards = map[string]hoard{
	"text":               {then: string(demo.Chunk(filler))},
	"text, tiny":         {then: strings.Repeat(deltaOf(`"content":"xyz "`), 50)},
	"text, huge":         {huge: `"content":"%s"`},
	"text, odd and huge": {huge: `"content":"%s","refusal":"no"`},
	"quotes":             {then: string(demo.Chunk(strings.Repeat(`"`, 30<<10)))},
	"line ends":          {then: string(demo.Chunk(strings.Repeat("\n", 30<<10)))},
	"control characters": {then: string(demo.Chunk(strings.Repeat("\x01", 10<<10))), often: true},
	"reasoning":          {then: reasoning},
	"refusal":            {then: deltaOf(`"refusal":"` + filler + `"`)},
	"refusal, huge":      {huge: `"refusal":"%s"`},
	"arguments":          {then: toolCall(0, filler)},
	"arguments, tiny":    {then: strings.Repeat(toolCall(0, "xyz "), 50)},
	"arguments, huge":    {huge: callOf(0, "%s")},
	"all three":          {then: deltaOf(`"content":"` + filler + `","refusal":"` + filler + `","reasoning":"` + filler + `"`)},
	"models": {changing: func(n int) string {
		return fmt.Sprintf(`data: {"model":"%d%s","choices":[{"delta":{"content":"x"}}]}`+"\n\n", n, filler)
	}},
	"calls": {changing: func(n int) string { return toolCall(n, "") }},
}

// hoard is what such a body repeats.
type hoard struct {
	then     string
	huge     string // or the fields of a delta, with 7 MiB in place of %s
	changing func(n int) string
	often    bool // also in the short form
}

func deltaOf(fields string) string { return `data: {"choices":[{"delta":{` + fields + `}}]}` + "\n\n" }

func toolCall(index int, arguments string) string { return deltaOf(callOf(index, arguments)) }

func callOf(index int, arguments string) string {
	return fmt.Sprintf(`"tool_calls":[{"index":%d,"function":{"name":"f","arguments":"%s"}}]`, index, arguments)
}

// ServeHTTP sends a gigabyte, or what is taken of it.
func (d hoard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	if d.huge != "" {
		d.then = deltaOf(fmt.Sprintf(d.huge, strings.Repeat("x", 7<<20)))
	}
	for n, sent := 0, 0; sent < 1<<30; n++ {
		next := d.then
		if d.changing != nil {
			next = d.changing(n)
		}
		if _, err := io.WriteString(w, next); err != nil {
			return
		}
		sent += len(next)
	}
}

func TestTortureHoards(t *testing.T) {
	t.Parallel()
	long(t) // D27 has the same for plain text
	for name, d := range hoards {
		if !torture && !d.often {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serves(t, d)
			r, memory := h.measured(h.command("--reasoning", "hi"))
			small(t, memory)
			tortured.add("floods", 1)
			if r.code != 3 || !strings.Contains(r.stderr, "oax: the answer passed 16 MiB; stopped\n") {
				t.Errorf("exit %d, stderr %q", r.code, r.stderr)
			}
			h.keptLimit(r.stdout)
		})
	}
}

// TestTortureUnreadHoards: nobody reads until all is saved.
func TestTortureUnreadHoards(t *testing.T) {
	t.Parallel()
	for name, d := range hoards {
		if !torture && !d.often {
			continue
		}
		for _, form := range portion(t, []string{"--reasoning", "--json"}, 1) {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				h := serves(t, d)
				r := h.unreadUntilSaved(form, "hi")
				tortured.add("floods", 1)
				equal(t, "exit", r.code, 3)
				if form != "--json" {
					h.keptLimit(r.stdout)
				}
			})
		}
	}
}

// keptLimit makes sure that what was printed is what was saved, 16 MiB
// and what of the last piece is taken.
func (h *home) keptLimit(stdout string) {
	h.t.Helper()
	last := h.only()[1]
	if n := len(last.Text) + len(last.Reasoning) + len(last.Refusal); n > 16<<20+64<<10 || last.Why != "limit" {
		h.t.Errorf("%d bytes saved, why %q", n, last.Why)
	}
	if shown := len(strings.ReplaceAll(stdout, "\n", "")); shown != len(strings.ReplaceAll(last.Text+last.Refusal+last.Reasoning, "\n", "")) {
		h.t.Errorf("%d bytes printed, %d of text, %d of refusal, %d of reasoning saved", shown, len(last.Text), len(last.Refusal), len(last.Reasoning))
	}
}

// burdens are replies that are large in other ways, and how each ends.
var burdens = map[string]struct {
	play func(w io.Writer)
	args []string // before the prompt
	code int
	said string

	often bool // also in the short form
}{
	"whole completion":  {play: completion("x", 15<<20), often: true},
	"whole, of escapes": {play: completion(`\"`, 7<<20)},
	"whole, refused": {play: func(w io.Writer) {
		io.WriteString(w, `{"choices":[{"message":{"refusal":"`+strings.Repeat("x", 15<<20)+`"},"finish_reason":"stop"}]}`)
	}},
	"whole, without end":   {play: completion("x", 40<<20), code: 3, said: "HOST sent a broken event"},
	"brace and stream":     {play: func(w io.Writer) { io.WriteString(w, "{\n"+strings.Repeat(string(demo.Chunk(filler)), 500)) }, code: 3, said: "HOST sent a broken event"},
	"million empty events": {play: million("data:\n\n")},
	"million comments":     {play: million(": still here\n\n")},
	"million tokens":       {play: million(deltaOf(`"content":"x"`))},
	"million odd tokens":   {play: million(deltaOf(`"content":"x","refusal":""`))},
	"usage, ever another": {play: func(w io.Writer) {
		changing(w, `data: {"choices":[],"usage":{"n":%d,"x":"`+strings.Repeat("x", 1<<20)+`"}}`+"\n\n")
	}},
	"ID, ever another": {play: func(w io.Writer) { changing(w, `data: {"id":"%d`+strings.Repeat("x", 1<<20)+`","choices":[]}`+"\n\n") }, often: true},
	"event ID, ever another": {play: func(w io.Writer) {
		changing(w, "id: %d"+strings.Repeat("x", 1<<20)+"\nevent: "+strings.Repeat("message", 1<<17)+"\ndata:\n\n")
	}},
	"error as long as events": {play: func(w io.Writer) {
		io.WriteString(w, `data: {"error":{"message":"`+strings.Repeat("x", 7<<20)+`"}}`+"\n\n")
	}, code: 8},
	"JSON of many values": {play: chunks("[", "{},", 4<<20, "{}]"), args: anySchema, code: 3,
		said: "the answer was not checked against any.json: it has over 65536 values", often: true},
	"JSON of a long text":     {play: chunks(`{"a":"`, "x", 15<<20, `"}`), args: anySchema},
	"many blocks of code":     {play: chunks("", "```\na\n```\n", 1e6, ""), args: []string{"--code=all"}, often: true},
	"a long block of code":    {play: chunks("```\n", "0123456789abcde\n", 15<<16, ""), args: []string{"--code=all"}},
	"error as long as bodies": {play: func(w io.Writer) { io.WriteString(w, `{"error":{"message":"`+strings.Repeat("x", 15<<20)+`"}}`) }, code: 8},
}

func completion(piece string, times int) func(io.Writer) {
	return func(w io.Writer) {
		io.WriteString(w, `{"choices":[{"message":{"content":"`+strings.Repeat(piece, times)+`"},"finish_reason":"stop"}]}`)
	}
}

var anySchema = []string{"--schema", "any.json"}

// chunks sends an answer in pieces: one that repeats the same between its beginning and its end.
func chunks(begin, piece string, times int, end string) func(io.Writer) {
	return func(w io.Writer) {
		for rest := begin + strings.Repeat(piece, times) + end; rest != ""; {
			n := chat.Fitting(rest, 4<<10)
			w.Write(demo.Chunk(rest[:n]))
			rest = rest[n:]
		}
		w.Write(demo.Finish("stop"))
	}
}

// million sends the same again and again, and then an answer.
func million(piece string) func(io.Writer) {
	return func(w io.Writer) {
		for range 1000 {
			io.WriteString(w, strings.Repeat(piece, 1000))
		}
		w.Write(append(demo.Chunk("x"), demo.Finish("stop")...))
	}
}

// changing sends a hundred events that differ in a number, and then an answer.
func changing(w io.Writer, format string) {
	for n := range 100 {
		fmt.Fprintf(w, format, n)
	}
	w.Write(append(demo.Chunk("x"), demo.Finish("stop")...))
}

func TestTortureBurdens(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(burdens))
	if !torture {
		names = slices.DeleteFunc(names, func(name string) bool { return !burdens[name].often })
		names = portion(t, names, 1)
	}
	for _, name := range names {
		b := burdens[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serves(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				b.play(w)
			}))
			h.write("any.json", "{}")
			r, memory := h.measured(h.command(append(b.args, "hi")...))
			small(t, memory)
			tortured.add("floods", 1)
			if r.code != b.code || !strings.Contains(r.stderr, strings.ReplaceAll(b.said, "HOST", hostOf(h))) {
				t.Errorf("exit %d, stderr %.300q", r.code, r.stderr)
			}
			if last := h.only()[1]; b.code == 0 && (last.State != "complete" || !strings.HasPrefix(last.Text+last.Refusal+"\n", r.stdout) && b.args == nil) {
				t.Errorf("%d bytes printed, %d saved as %s", len(r.stdout), len(last.Text+last.Refusal), last.State)
			}
			t.Logf("%d bytes of stderr", len(r.stderr))
		})
	}
}
