package openai_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"oax/internal/chat"

	. "oax/internal/openai"
)

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
