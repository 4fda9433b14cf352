package journal

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/session/record"
)

func FuzzAppendDelta(f *testing.F) {
	f.Add("text", "reasoning", "refusal", "model", "arguments", "stop", `{"n":1}`)
	f.Add("a\"b\\c\n\t\r\x00\x1f\x7f", "<&>\u2028", "日本", "", "", "", "")
	f.Add("", "", "", "m0", "{\"a\":", "", "{no")
	f.Fuzz(func(t *testing.T, text, reasoning, refusal, model, arguments, finish, usage string) {
		for _, s := range []string{text, reasoning, refusal, model, arguments, finish, usage} {
			if !utf8.ValidString(s) {
				t.Skip("not what a Delta holds")
			}
		}
		d := chat.Delta{Text: []byte(text), Reasoning: []byte(reasoning), Refusal: []byte(refusal), Model: model, FinishReason: finish}
		if arguments != "" {
			d.ToolCalls = []chat.ToolCall{{Index: chat.NoIndex, ID: "c", Name: "f", Arguments: arguments}}
		}
		if json.Valid([]byte(usage)) {
			d.Usage = json.RawMessage(usage)
		}
		if reasoning != "" {
			d.Opaque = []json.RawMessage{json.RawMessage(`{"<a>":[1.0]}`), json.RawMessage(`{}`)}
			d.Items = []chat.Item{{Index: 1, JSON: json.RawMessage(`{"type":"<a>"}`)}, {Index: 2}}
			d.Parts = []chat.Part{{Type: chat.Audio, Text: text}, {Type: "image_url", JSON: json.RawMessage(`{"url":"<b>"}`)}}
		}
		line := appendDelta(nil, &d, "m0")
		if text+reasoning+refusal+arguments+finish == "" && d.Usage == nil {
			if len(line) > 0 {
				t.Fatalf("a line of nothing: %q", line)
			}
			return
		}
		if model == "m0" {
			d.Model = ""
		}
		var got Line
		if err := json.Unmarshal(line, &got); err != nil || isBlank(got.delta()) || bytes.IndexByte(line, '\n') < len(line)-1 {
			t.Fatalf("%q: %v", line, err)
		}
		var compact bytes.Buffer
		if d.Usage != nil {
			must(t, json.Compact(&compact, d.Usage))
		}
		back := got.delta()
		if string(back.Text) != text || string(back.Reasoning) != reasoning || string(back.Refusal) != refusal || back.Model != d.Model ||
			back.FinishReason != finish || !reflect.DeepEqual(back.ToolCalls, d.ToolCalls) || !reflect.DeepEqual(back.Parts, d.Parts) || !reflect.DeepEqual(back.Opaque, d.Opaque) || !reflect.DeepEqual(back.Items, d.Items) || string(back.Usage) != compact.String() {
			t.Fatalf("%q: got %+v, want %+v", line, back, d)
		}
	})
}

func BenchmarkAppendDelta(b *testing.B) {
	d := &chat.Delta{Text: []byte(" token \"quoted\"\n"), Model: "m1"}
	var line []byte
	for b.Loop() {
		line = appendDelta(line[:0], d, "m1")
	}
}

const session = `{"kind":"session","version":1,"id":"k3f9q2ab","time":"2026-11-21T23:45:12.5Z"}
{"kind":"message","time":"2026-11-21T23:45:12.5Z","role":"user","text":"one?","model":"m1"}
`

func FuzzParseJournal(f *testing.F) {
	f.Add([]byte(`{"kind":"part","pid":1,"time":"2026-11-21T23:45:12Z","at":3}` + "\n" + `{"text":"a","answer":{"state":"complete"}}` + "\n"))
	f.Add([]byte(`{"kind":"part","pid":1,"time":"2026-11-21T23:45:12Z","file":"x","turn":"t1"}` + "\n" + `{"tool_calls":[{"index":-1}],"usage":null}` + "\n"))
	f.Add([]byte(`{"text":"a"}` + "\n" + `{"kind":"part"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _ := parse(record.Section(data), "")
		if p.Answer.Role != chat.Assistant {
			t.Fatalf("role %q", p.Answer.Role)
		}
		_, _, err := p.Unsaved(record.Section([]byte(session)))
		must(t, err)
	})
}
