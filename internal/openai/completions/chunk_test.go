package completions

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"oax/internal/chat"
	"oax/internal/demo"
	"oax/internal/jsontext"
	"oax/internal/openai"
)

// seeds are chunks of every kind, whole and broken.
var seeds = []string{
	`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":null}`,
	`{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"a","reasoning":"b"},"finish_reason":null}]}`,
	`{"choices":[{"delta":{"content":"\ud83d\ude00\n\"\u00e9\\\/\b\f\r\t"}}]}`,
	`{"choices":[{"delta":{"content":"\ud83d"}}]}`,
	`{"choices":[{"delta":{"content":"a","content":"b"}}]}`,
	`{"choices":[{"delta":{"con\u0074ent":"k"}}]}`,
	`{"choices":[{"index":1,"delta":{"content":"other"}}]}`,
	`{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}`,
	`{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"ok"}]}}]}`,
	`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":{"a":1}}}]}}]}`,
	`{"choices":[{"delta":{"tool_calls":[{"id":"c","extra_content":{"google":{"thought_signature":"s"}},"function":{}}],"reasoning_details":[{"text":"` + "\xff" + `"}]}}]}`,
	`{"choices":[{"delta":{"audio":{"transcript":"a"},"images":[{"type":"image_url"}],"function_call":{"name":"f"}}}]}`, `: comment`,
	`{"choices":[],"usage":{"total_tokens":5},"x_groq":{"usage":{"total_tokens":6}}}`,
	`{"error":{"message":"no","code":429}}`, `{"object":"error","message":"no"}`, `{"error":"no"}`, `{"detail":[{"msg":"no","loc":["body","x"]}]}`,
	`{"choices":[{"delta":{},"finish_reason":"stop"}]}`, `{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}`,
	`{"x":[1,-0.5e+7,true,false,null,{"y":"z"}],"choices":[{"delta":{"content":"` + "\xe6\x97" + `"}}]}`,
	`{"choices":[{"delta":{"content":"x"}}]} x`, `{"choices":[{"delta":{"content":"x}`, `{"choices":null}`, `null`, `[DONE]`, `01`, `{"a":01}`,
	`{"choices":[{"delta":{"content":"a"}}],"obfuscation":"xY"}`, `{"choices":[{"delta":{"content":"b"}}],"obfuscation":"z\"","n":1}`,
	`{"obfuscation":"z","choices":[{"delta":{"content":"b"}}],"obfuscation":""}`,
}

// FuzzShape: a chunk that has the shape of one before adds what it adds by itself.
func FuzzShape(f *testing.F) {
	for i, seed := range seeds {
		f.Add([]byte(seed), []byte(seeds[0]), []byte(seeds[(i+2)%len(seeds)]))
		f.Add([]byte(seed), []byte(seeds[(i+1)%len(seeds)]), []byte(seed))
		f.Add([]byte(seed), []byte(seed), []byte(`{"model":"other","choices":[{"delta":{}}]}`))
	}
	f.Fuzz(func(t *testing.T, data, before, between []byte) {
		var dec decoder
		dec.Decode(&chat.Delta{}, "", before)
		dec.Decode(&chat.Delta{}, "", between)
		var compared, read chat.Delta
		taken := dec.shape.decode(&compared, data)
		err := new(decoder).Decode(&read, "", data)
		if taken && (err != nil || !same(compared, read)) {
			t.Errorf("%q: compared %s, read %s, %v", data, show(compared), show(read), err)
		}
		if !taken && !reflect.DeepEqual(compared, chat.Delta{}) {
			t.Errorf("%q: not of the shape, but it left %s", data, show(compared))
		}
	})
}

// same compares, and takes nil and empty for the same.
func same(a, b chat.Delta) bool { return show(a) == show(b) }

func show(d chat.Delta) string {
	return fmt.Sprintf("%q %q %q %q %v %v %s %q %q %s", d.Text, d.Reasoning, d.ReasoningField, d.Refusal, d.ToolCalls, d.Parts, d.Opaque, d.Model, d.FinishReason, d.Usage)
}

// FuzzDecode: no bytes are too odd.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add("message", []byte(seed))
	}
	f.Add("error", []byte("{"))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		var d chat.Delta
		openai.Decode(new(decoder), &d, kind, data)
		var r jsontext.Repair
		text := string(r.Piece(d.Text, false)) + string(r.Piece(nil, true))
		if text != strings.ToValidUTF8(text, "") {
			t.Errorf("%q came out of %q", text, data)
		}
		for _, raw := range rawValues(d) {
			if !json.Valid(raw) || !utf8.Valid(raw) {
				t.Errorf("%q came out of %q", raw, data)
			}
		}
		openai.ParseError(data)
	})
}

// rawValues returns the JSON that a delta keeps as it came.
func rawValues(d chat.Delta) []json.RawMessage {
	values := slices.Clone(d.Opaque)
	if d.Usage != nil {
		values = append(values, d.Usage)
	}
	for _, p := range d.Parts {
		if p.Type != chat.Audio {
			values = append(values, p.JSON)
		}
	}
	for _, c := range d.ToolCalls {
		if c.Opaque != nil {
			values = append(values, c.Opaque)
		}
	}
	return values
}

// TestShape: chunks that are equal but for their text have one shape, and are decoded
// without garbage. One that adds anything else is not compared.
func TestShape(t *testing.T) {
	usual := append([]string{strings.TrimSpace(string(demo.Chunk("Hi"))[len("data: "):])}, seeds[:4]...)
	for _, data := range usual {
		var dec decoder
		d := chat.Delta{Model: "m"}
		dec.Decode(&d, "", []byte(data))
		before, after := string(dec.shape.before), string(dec.shape.after)
		if dec.shape.padded {
			after += "any" + string(dec.shape.end)
		}
		for _, text := range []string{"", "x", ` \"\u00e9 日`} {
			if dec.shape.decode(&d, []byte(before+text+after)) != (text != "") {
				t.Errorf("%s with the text %q", data, text)
			}
		}
		for _, text := range []string{`"`, `\`, "\n", `","content":"x`} {
			if dec.shape.decode(&d, []byte(before+text+after)) {
				t.Errorf("%s with the text %q", data, text)
			}
		}
		d.Text, d.Reasoning = make([]byte, 0, 4096), make([]byte, 0, 4096)
		chunk := []byte(data)
		n := testing.AllocsPerRun(100, func() {
			dec.shape.before = dec.shape.before[:0]
			dec.Decode(&d, "", chunk)
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", data, n)
		}
	}
	const padded = `{"choices":[{"delta":{"content":%q}}],"obfuscation":%s}`
	var dec decoder
	dec.Decode(&chat.Delta{}, "", fmt.Appendf(nil, padded, "a", `"xyz"`))
	for padding, want := range map[string]bool{`"k"`: true, `"\"k"`: true, `""`: true, `"k","n":1`: false, `1`: false, `"k`: false, `"k\"`: false} {
		if got := dec.shape.decode(&chat.Delta{}, fmt.Appendf(nil, padded, "some", padding)); got != want {
			t.Errorf("padded with %s: %v", padding, got)
		}
	}
	for _, data := range []string{
		`{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}`, `{"choices":[{"delta":{"content":"a"}}],"usage":{}}`,
		`{"choices":[{"delta":{"content":"a"},"usage":{}}]}`, `{"choices":[{"delta":{"content":"a"}}],"x_groq":{"usage":{}}}`,
		`{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}`, `{"choices":[{"delta":{"content":"a","refusal":"b"}}]}`,
		`{"choices":[{"delta":{"content":"a","tool_calls":[{}]}}]}`, `{"choices":[{"delta":{"content":"a","reasoning_details":[{"text":"b"}]}}]}`,
		`{"choices":[{"delta":{"content":""}}]}`, `{"choices":[{"delta":{"content":["a"]}}]}`, `{"choices":[{"index":1,"delta":{"content":"a"}}]}`,
	} {
		var dec decoder
		if dec.Decode(&chat.Delta{}, "", []byte(data)); len(dec.shape.before) > 0 {
			t.Errorf("%s has a shape", data)
		}
	}
}
