package openai

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
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
	`{"choices":[],"usage":{"total_tokens":5},"x_groq":{"usage":{"total_tokens":6}}}`,
	`{"error":{"message":"no","code":429}}`, `{"object":"error","message":"no"}`, `{"error":"no"}`, `{"detail":[{"msg":"no","loc":["body","x"]}]}`,
	`{"choices":[{"delta":{},"finish_reason":"stop"}]}`, `{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}`,
	`{"x":[1,-0.5e+7,true,false,null,{"y":"z"}],"choices":[{"delta":{"content":"` + "\xe6\x97" + `"}}]}`,
	`{"choices":[{"delta":{"content":"x"}}]} x`, `{"choices":[{"delta":{"content":"x}`, `{"choices":null}`, `null`, `[DONE]`, `01`, `{"a":01}`,
}

// FuzzShape: a chunk that has the shape of one before adds what it adds by itself.
func FuzzShape(f *testing.F) {
	for i, seed := range seeds {
		f.Add([]byte(seed), []byte(seeds[0]), []byte(seeds[(i+2)%len(seeds)]))
		f.Add([]byte(seed), []byte(seeds[(i+1)%len(seeds)]), []byte(seed))
		f.Add([]byte(seed), []byte(seed), []byte(`{"model":"other","choices":[{"delta":{}}]}`))
	}
	f.Fuzz(func(t *testing.T, data, before, between []byte) {
		var last shape
		decodeChunk(&chat.Delta{}, before, &last)
		decodeChunk(&chat.Delta{}, between, &last)
		var compared, read chat.Delta
		taken := last.decode(&compared, data)
		err := decodeChunk(&read, data, &shape{})
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
	return fmt.Sprintf("%q %q %q %v %q %q %s", d.Text, d.Reasoning, d.Refusal, d.ToolCalls, d.Model, d.FinishReason, d.Usage)
}

// FuzzDecode: no bytes are too odd.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add("message", []byte(seed))
	}
	f.Add("error", []byte("{"))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		var d chat.Delta
		decodeEvent(&d, kind, data, &shape{})
		var r repair
		text := string(r.piece(d.Text, false)) + string(r.piece(nil, true))
		if text != strings.ToValidUTF8(text, "") {
			t.Errorf("%q came out of %q", text, data)
		}
		parseError(data)
	})
}

// TestShape: chunks that are equal but for their text have one shape, and are decoded
// without garbage. One that adds anything else is not compared.
func TestShape(t *testing.T) {
	usual := append([]string{strings.TrimSpace(string(demo.Chunk("Hi"))[len("data: "):])}, seeds[:4]...)
	for _, data := range usual {
		var last shape
		d := chat.Delta{Model: "m"}
		decodeChunk(&d, []byte(data), &last)
		for _, text := range []string{"", "x", ` \"\u00e9 日`} {
			before, after := string(last.before)+text, string(last.after)
			if last.decode(&d, []byte(before+after)) != (text != "") {
				t.Errorf("%s with the text %q", data, text)
			}
		}
		for _, text := range []string{`"`, `\`, "\n", `","content":"x`} {
			if last.decode(&d, []byte(string(last.before)+text+string(last.after))) {
				t.Errorf("%s with the text %q", data, text)
			}
		}
		d.Text, d.Reasoning = make([]byte, 0, 4096), make([]byte, 0, 4096)
		chunk := []byte(data)
		if n := testing.AllocsPerRun(100, func() { decodeChunk(&d, chunk, &last) }); n > 0 {
			t.Errorf("%s: %v allocations", data, n)
		}
	}
	for _, data := range []string{
		`{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}`, `{"choices":[{"delta":{"content":"a"}}],"usage":{}}`,
		`{"choices":[{"delta":{"content":"a"},"usage":{}}]}`, `{"choices":[{"delta":{"content":"a"}}],"x_groq":{"usage":{}}}`,
		`{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}`, `{"choices":[{"delta":{"content":"a","refusal":"b"}}]}`,
		`{"choices":[{"delta":{"content":"a","tool_calls":[{}]}}]}`, `{"choices":[{"delta":{"content":"a","reasoning_details":[{"text":"b"}]}}]}`,
		`{"choices":[{"delta":{"content":""}}]}`, `{"choices":[{"delta":{"content":["a"]}}]}`, `{"choices":[{"index":1,"delta":{"content":"a"}}]}`,
	} {
		var last shape
		if decodeChunk(&chat.Delta{}, []byte(data), &last); len(last.before) > 0 {
			t.Errorf("%s has a shape", data)
		}
	}
}

// FuzzRepair: where the text is torn makes no difference.
func FuzzRepair(f *testing.F) {
	f.Add([]byte("a\xf0\x9f\x98\x80\xed\xa0\xbd\xed\xb8\x80\xff"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		whole := string(new(repair).piece(text, true))
		cut := min(int(at), len(text))
		var r repair
		pieces := string(r.piece(text[:cut], false)) + string(r.piece(text[cut:], true))
		if whole != pieces {
			t.Errorf("%q cut at %d: %q, want %q", text, cut, pieces, whole)
		}
	})
}
