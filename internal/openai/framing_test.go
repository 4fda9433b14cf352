package openai_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"oax/internal/chat"

	gocmp "github.com/google/go-cmp/cmp"

	. "oax/internal/openai"
)

// TestFramings: one stream in every framing that means the same, cut at every byte.
func TestFramings(t *testing.T) {
	const stream = "event: message\n" +
		`data: {"model":"m","choices":[{"delta":{"reasoning":"hm"}}]}` + "\n\n" +
		": a comment\n\n" +
		`data: {"model":"m","choices":[{"delta":{"content":"Hé, 日\ud83d"}}]}` + "\n\n" +
		`data: {"model":"m","choices":[{"delta":{"content":"\ude00"}}]}` + "\n\n" +
		"id: 7\nretry: 9\n" + `data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"n":1}}` + "\n\n" +
		"data: [DONE]\n\n"
	want := chat.Message{
		Role: chat.Assistant, Text: "Hé, 日😀", Reasoning: "hm", Model: "m", FinishReason: "stop", State: chat.Complete,
		Usage: []byte(`{"n":1}`),
	}
	step := 7 // through every place under make torture
	if os.Getenv("OAX_TORTURE") != "" {
		step = 1
	}
	cuts := 0
	for name, wire := range framings(stream) {
		for at := cuts % step; at <= len(wire); at += step {
			for _, rest := range [][]string{{wire[:at], wire[at:]}, {wire[:at], wire[at:min(at+1, len(wire))], wire[min(at+1, len(wire)):]}} {
				cuts++
				m, err := read(&pieces{rest: rest}, DefaultLimits())
				if err != nil || !reflect.DeepEqual(m, want) {
					t.Fatalf("%s, cut at %d: %v %s", name, at, err, gocmp.Diff(want, m))
				}
			}
		}
		if m, err := read(&pieces{rest: bytewise(wire)}, DefaultLimits()); err != nil || gocmp.Diff(want, m) != "" {
			t.Errorf("%s, a byte at a time: %v %s", name, err, gocmp.Diff(want, m))
		}
	}
	t.Logf("%d cuts", cuts)
}

// framings returns a stream, written with LF, in each way to say the same.
func framings(stream string) map[string]string {
	const mark = "\ufeff"
	ends := []string{"\r", "\n", "\r\n"}
	var mixed strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(stream, "\n"), "\n") {
		end := ends[i%len(ends)]
		if line == "" {
			end = "\r\n" // LF after CR would be one line end
		}
		mixed.WriteString(line + end)
	}
	return map[string]string{
		"LF":            stream,
		"CR":            strings.ReplaceAll(stream, "\n", "\r"),
		"CRLF":          strings.ReplaceAll(stream, "\n", "\r\n"),
		"mixed":         mixed.String(),
		"mark":          mark + stream,
		"mark, CR":      mark + strings.ReplaceAll(stream, "\n", "\r"),
		"no space":      strings.ReplaceAll(stream, ": ", ":"),
		"many lines":    strings.ReplaceAll(stream, `,"`, ",\ndata: \""),
		"no blank line": strings.TrimRight(stream, "\n"),
		"comments":      ":\n" + strings.ReplaceAll(stream, "\ndata", "\n:\n: x\ndata"),
	}
}

// bytewise returns text in pieces of one byte.
func bytewise(text string) (list []string) {
	for i := range len(text) {
		list = append(list, text[i:i+1])
	}
	return list
}
