package demo

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 250} {
		for name, h := range map[string]http.Handler{"full speed": Tokens(n), "paced": Paced(n, time.Microsecond)} {
			s, c := start(t, h)
			_, body := post(t, c, s.URL(), "{}")
			list := events(t, body)
			if len(list) != n+2 || list[n+1] != "[DONE]" || *decode(t, list[n]).Choices[0].FinishReason != "stop" {
				t.Errorf("%s, %d: %d events", name, n, len(list))
				continue
			}
			var text strings.Builder
			for _, e := range list[:n] {
				text.WriteString(*decode(t, e).Choices[0].Delta.Content)
			}
			if text.String() != Text(n) {
				t.Errorf("%s, %d: text is %q", name, n, text.String())
			}
		}
	}
}

func TestPacedIsPaced(t *testing.T) {
	s, c := start(t, Paced(5, 20*time.Millisecond))
	begun := time.Now()
	post(t, c, s.URL(), "{}")
	if took := time.Since(begun); took < 90*time.Millisecond {
		t.Errorf("five tokens took %v", took)
	}
}

func TestChunkSize(t *testing.T) {
	if n := len(Chunk("tk00 ")); n < 305 || n > 325 {
		t.Errorf("a chunk has %d bytes", n)
	}
}

func TestEventShapes(t *testing.T) {
	for want, got := range map[string][]byte{
		`"choices":[{"index":0,"delta":{"content":"a<\n"},"logprobs":null,"finish_reason":null}]`: Chunk("a<\n"),
		`"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}]`:             Finish("length"),
		`"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}`:         Usage(1, 2),
		"data: [DONE]\n\n": Done(),
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
