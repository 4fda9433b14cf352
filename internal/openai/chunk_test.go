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

// decodeBoth returns what the fast and the exact way make of data, if the fast way
// takes it.
func decodeBoth(data []byte, last *shape) (fast, exact chat.Delta, err error, taken bool) {
	taken = decodeFast(&fast, data, last)
	if taken {
		err = decodeChunk(&exact, data)
	}
	return fast, exact, err, taken
}

// FuzzFast: the fast way takes nothing that the exact way takes otherwise, whatever
// chunks came before.
func FuzzFast(f *testing.F) {
	for i, seed := range seeds {
		f.Add([]byte(seed), []byte(seeds[0]), []byte(seeds[(i+2)%len(seeds)]))
		f.Add([]byte(seed), []byte(seeds[(i+1)%len(seeds)]), []byte(seed))
		f.Add([]byte(seed), []byte(seed), []byte(`{"model":"other","choices":[{"delta":{}}]}`))
	}
	f.Fuzz(func(t *testing.T, data, before, between []byte) {
		var last shape
		decodeFast(&chat.Delta{}, before, &last)
		decodeFast(&chat.Delta{}, between, &last)
		fast, exact, err, taken := decodeBoth(data, &last)
		if taken && (err != nil || !same(fast, exact)) {
			t.Errorf("%q: fast %s, exact %s, %v", data, show(fast), show(exact), err)
		}
		if !taken && !reflect.DeepEqual(fast, chat.Delta{}) {
			t.Errorf("%q: given up, but it left %s", data, show(fast))
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

// The chunks that streams are made of must go the fast way.
func TestFastTakesTheUsual(t *testing.T) {
	usual := append([]string{string(demo.Chunk("Hi"))[len("data: "):]}, seeds[:4]...)
	for _, data := range usual {
		if _, _, _, taken := decodeBoth([]byte(strings.TrimSpace(data)), &shape{}); !taken {
			t.Errorf("%s went the slow way", data)
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

func BenchmarkDecode(b *testing.B) {
	chunk := []byte(strings.TrimSpace(string(demo.Chunk(" token"))[len("data: "):]))
	var last shape
	ways := map[string]func(*chat.Delta, []byte){
		"same":  func(d *chat.Delta, data []byte) { decodeFast(d, data, &last) },
		"fast":  func(d *chat.Delta, data []byte) { decodeFast(d, data, &shape{}) },
		"exact": func(d *chat.Delta, data []byte) { decodeChunk(d, data) },
	}
	for name, decode := range ways {
		b.Run(name, func(b *testing.B) {
			var d chat.Delta
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				d.Text = d.Text[:0]
				decode(&d, chunk)
			}
		})
	}
}
