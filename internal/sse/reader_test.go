package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func message(data string) Event { return Event{Type: "message", Data: []byte(data), Retry: -1} }

func TestReader(t *testing.T) {
	tests := map[string]struct {
		input string
		want  []Event
	}{
		"LF":                   {"data: a\n\ndata: b\n\n", []Event{message("a"), message("b")}},
		"CRLF":                 {"data: a\r\n\r\ndata: b\r\n\r\n", []Event{message("a"), message("b")}},
		"CR":                   {"data: a\r\rdata: b\r\r", []Event{message("a"), message("b")}},
		"mixed":                {"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", []Event{message("a"), message("b"), message("c")}},
		"lines joined":         {"data: a\nevent: x\nid: 7\ndata:b\ndata\n\n", []Event{{Type: "x", Data: []byte("a\nb\n"), ID: "7", Retry: -1}}},
		"one space only":       {"data:  a \n\n", []Event{message(" a ")}},
		"comment":              {": x\n:\ndata: a\n\n", []Event{message("a")}},
		"no data, no event":    {"event: x\n\ndata: a\n\n", []Event{message("a")}},
		"empty data":           {"data\n\n", []Event{message("")}},
		"mark":                 {"\ufeffdata: a\n\n\ufeffdata: b\n\n", []Event{message("a")}},
		"ID stays":             {"id: 1\ndata: a\n\ndata: b\n\n", []Event{{Type: "message", Data: []byte("a"), ID: "1", Retry: -1}, {Type: "message", Data: []byte("b"), ID: "1", Retry: -1}}},
		"retry":                {"retry: 10\nretry: +5\ndata: a\n\n", []Event{{Type: "message", Data: []byte("a"), Retry: 10}}},
		"maximal subpart":      {"data: \xf0\x9f\x98x\xff\xfe\xed\xa0\x80\n\n", []Event{message("\ufffdx\ufffd\ufffd\ufffd\ufffd\ufffd")}},
		"error field":          {"error: x\n\ndata: a\n\n", []Event{message("a")}},
		"end without a blank":  {"data: a\n\ndata: b\n", []Event{message("a")}},
		"only blank lines":     {"\n\r\n\r\n\n", nil},
		"longer than a buffer": {"data: " + strings.Repeat("x", 3*startSize) + "\n\ndata: b\n\n", []Event{message(strings.Repeat("x", 3*startSize)), message("b")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 1000, len(test.input)} {
				got, _ := readAll(&cutAt{input: test.input, at: every(size, len(test.input))})
				if !reflect.DeepEqual(got, test.want) {
					t.Errorf("in reads of %d: got %v, want %v", size, got, test.want)
				}
			}
		})
	}
}

// An event must not wait for a byte after its blank line.
func TestReaderIsPrompt(t *testing.T) {
	for _, end := range []string{"\n\n", "\r\r", "\r\n\r\n", "\n\r", "\r\n\r"} {
		body, server := io.Pipe()
		r := NewReader(body)
		go server.Write([]byte("data: a" + end))
		var event Event
		for ok := false; !ok; ok = r.Next(&event) {
			if _, err := r.Fill(); err != nil {
				t.Fatal(err)
			}
		}
		if string(event.Data) != "a" {
			t.Errorf("%q: got %q", end, event.Data)
		}
		server.Close()
	}
}

func TestPending(t *testing.T) {
	tests := map[string]struct {
		input, want string
		ok          bool
	}{
		"no line end":   {"data: a\n\ndata: b", "b", true},
		"no blank line": {"data: a\n\ndata: b\n", "b", true},
		"two lines":     {"data: b\ndata: c", "b\nc", true},
		"no data":       {"data: a\n\nevent: x", "", false},
		"comment":       {"data: a\n\n: data", "", false},
		"nothing":       {"data: a\n\n", "", false},
		"half a name":   {"data: a\n\ndat", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, r := readAll(strings.NewReader(test.input))
			event, ok := r.Pending()
			if string(event.Data) != test.want || ok != test.ok {
				t.Errorf("got %q, %v; want %q, %v", event.Data, ok, test.want, test.ok)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	r := NewReader(strings.NewReader("error: {\"code\":1}\n\ndata: \xff\n\nerror: x\nevent: y\n\n"))
	r.Raw, r.ErrorField = true, true
	if _, err := r.Fill(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []Event{
		{Type: "error", Data: []byte(`{"code":1}`), Retry: -1},
		message("\xff"),
		{Type: "error", Data: []byte("x"), Retry: -1},
	} {
		var got Event
		if ok := r.Next(&got); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v; want %v", got, ok, want)
		}
	}
}

func TestTooLong(t *testing.T) {
	line := "data: " + strings.Repeat("x", 1000) + "\n"
	tests := map[string]struct {
		input string
		want  error
	}{
		"one line":               {"data: " + strings.Repeat("x", MaxEvent+1), ErrTooLong},
		"many lines":             {strings.Repeat(line, MaxEvent/1000), ErrTooLong},
		"comment":                {":" + strings.Repeat("x", MaxEvent+1), ErrTooLong},
		"just not":               {"data:" + strings.Repeat("x", MaxEvent-10) + "\n\n", io.EOF},
		"comments between lines": {strings.Repeat(": alive\n", 2*MaxEvent/8) + "data: x\n\n", io.EOF},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewReader(strings.NewReader(test.input))
			var err error
			for err == nil {
				_, err = r.Fill()
				for r.Next(new(Event)) {
				}
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if len(r.buf) > 4*MaxEvent {
				t.Errorf("the buffer grew to %d bytes", len(r.buf))
			}
		})
	}
}

func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("data: a\n\n"), iotest.ErrReader(broken)))
	if _, err := r.Fill(); err != nil {
		t.Fatal(err)
	}
	var event Event
	if ok := r.Next(&event); !ok || string(event.Data) != "a" {
		t.Errorf("got %q, %v", event.Data, ok)
	}
	if _, err := r.Fill(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if _, err := NewReader(idle{}).Fill(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want %v", err, io.ErrNoProgress)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// FuzzReader: however the bytes are cut, the events are the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"data: a\n\n", "data: a\r\rdata: b\r\n\r\n", "\ufeffid: 1\nevent: x\nretry: 5\ndata\n\n", ":c\nerror: x\n\ndata: \xff",
	} {
		f.Add([]byte(seed), uint16(3))
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint16) {
		want, whole := readAll(bytes.NewReader(input))
		pending, _ := whole.Pending()
		sizes := map[string][]int{"byte by byte": every(1, len(input)), "pieces": every(int(seed)%61+1, len(input))}
		for how, cuts := range sizes {
			got, r := readAll(&cutAt{input: string(input), at: cuts})
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, want %v", how, got, want)
			}
			if last, _ := r.Pending(); !reflect.DeepEqual(last, pending) {
				t.Errorf("%s: pending %v, want %v", how, last, pending)
			}
		}
	})
}

// stream is what the measurements read: n chunks of about 315 bytes.
func stream(n int) []byte {
	const chunk = `data: {"id":"chatcmpl-BdZ1XyJ7M0gkqpWnTq3s5vLw9uYh2","object":"chat.completion.chunk","created":1769092764,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_29330a9688","choices":[{"index":0,"delta":{"content":" token%d"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"kJ8s"}` + "\n\n"
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, chunk, i%10)
	}
	return b.Bytes()
}

const benchEvents = 10_000

func report(b *testing.B, size int) {
	b.SetBytes(int64(size))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
}

// BenchmarkIndexByte is the floor: it only looks for the line ends.
func BenchmarkIndexByte(b *testing.B) {
	input := stream(benchEvents)
	b.ReportAllocs()
	for b.Loop() {
		for rest := input; ; {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
	}
	report(b, len(input))
}

func BenchmarkReader(b *testing.B) {
	input := stream(benchEvents)
	source := bytes.NewReader(input)
	r := NewReader(source)
	r.Raw = true
	var event Event
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(input)
		r.err = nil
		n := 0
		for {
			if _, err := r.Fill(); err != nil {
				break
			}
			for r.Next(&event) {
				n++
			}
		}
		if n != benchEvents {
			b.Fatalf("%d events", n)
		}
	}
	report(b, len(input))
}

// BenchmarkLongEvent reads one event of nearly 8 MiB, whole and in small reads.
func BenchmarkLongEvent(b *testing.B) {
	input := append(append([]byte("data: "), bytes.Repeat([]byte("x"), MaxEvent-100)...), "\n\n"...)
	for _, size := range []int{len(input), 4096} {
		b.Run(fmt.Sprintf("reads=%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(input)))
			for b.Loop() {
				source := bytes.NewReader(input)
				r := NewReader(readSize{source, size})
				found := false
				for !found {
					if _, err := r.Fill(); err != nil {
						b.Fatal(err)
					}
					found = r.Next(new(Event))
				}
			}
		})
	}
}

// readSize reads at most size bytes at a time.
type readSize struct {
	io.Reader
	size int
}

func (r readSize) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), r.size)]) }

// String is for the tests' messages.
func (e Event) String() string {
	return fmt.Sprintf("{%s %q id=%q retry=%d}", e.Type, e.Data, e.ID, e.Retry)
}

// TestNamesCostNothing: an API that names every event makes no garbage with that.
func TestNamesCostNothing(t *testing.T) {
	wire := strings.Repeat("event: response.output_text.delta\ndata: {}\n\n", 1000)
	source := strings.NewReader("")
	r := NewReader(source)
	count := func() (n int) {
		source.Reset(wire)
		r.err = nil
		for {
			if _, err := r.Fill(); err != nil {
				return n
			}
			var event Event
			for r.Next(&event) {
				n++
			}
		}
	}
	if n := count(); n != 1000 {
		t.Fatalf("%d events", n)
	}
	if n := testing.AllocsPerRun(10, func() { count() }); n > 0 {
		t.Errorf("%v allocations for 1000 events", n)
	}
}
