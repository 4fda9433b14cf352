package completions

import (
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
		{"padded", head + `{"content":" token"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"WuQNX3"}`},
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
				var dec decoder
				d := chat.Delta{Model: "m"}
				data := []byte(tt.data)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					d.Text, d.Reasoning, d.ToolCalls = d.Text[:0], d.Reasoning[:0], d.ToolCalls[:0]
					if !again {
						dec.shape.before = dec.shape.before[:0]
					}
					if err := dec.Decode(&d, "message", data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
