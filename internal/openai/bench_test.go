package openai

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/demo"
)

// BenchmarkEvent decodes one event, of the kinds that streams are made of.
func BenchmarkEvent(b *testing.B) {
	const head = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1718345013,"model":"m","choices":[{"index":0,"delta":`
	for _, tt := range []struct{ name, data string }{
		{"demo", strings.TrimSpace(string(demo.Chunk(" token"))[len("data: "):])},
		{"text", head + `{"content":" token"},"logprobs":null,"finish_reason":null}],"usage":null}`},
		{"escapes", head + `{"content":"a \"quoted\" line\n\u00e9\ud83d\ude00"},"logprobs":null,"finish_reason":null}],"usage":null}`},
		{"reasoning", head + `{"content":null,"reasoning_content":" token"},"finish_reason":null}]}`},
		{"tool call", head + `{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}`},
		{"parts", head + `{"content":[{"type":"text","text":" token"}]},"finish_reason":null}]}`},
		{"finish", head + `{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}`},
	} {
		for _, again := range []bool{true, false} {
			name := tt.name + "/first"
			if again {
				name = tt.name + "/again"
			}
			b.Run(name, func(b *testing.B) {
				var last shape
				d := chat.Delta{Model: "m"}
				data := []byte(tt.data)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					d.Text, d.Reasoning, d.ToolCalls = d.Text[:0], d.Reasoning[:0], d.ToolCalls[:0]
					if !again {
						last.before = last.before[:0]
					}
					if err := decodeEvent(&d, "message", data, &last); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkStream reads a whole answer of 10,000 tokens, without a network. The chunks
// of "random" differ in one more field, as OpenAI's do in obfuscation.
func BenchmarkStream(b *testing.B) {
	for _, name := range []string{"same", "random"} {
		b.Run(name, func(b *testing.B) {
			var body strings.Builder
			for i := range 10_000 {
				noise := ""
				if name == "random" {
					noise = fmt.Sprintf(`,"obfuscation":"%x"`, rand.Uint64()>>rand.IntN(60))
				}
				fmt.Fprintf(&body, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1718345013,"model":"m",`+
					`"choices":[{"index":0,"delta":{"content":" token%d"},"logprobs":null,"finish_reason":null}]%s}`+"\n\n", i, noise)
			}
			body.WriteString("data: [DONE]\n\n")
			b.SetBytes(int64(body.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if m, err := read(io.NopCloser(strings.NewReader(body.String())), DefaultLimits()); err != nil || m.State != chat.Complete {
					b.Fatal(err)
				}
			}
		})
	}
}
