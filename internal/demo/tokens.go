package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// blockTokens is how many tokens Tokens sends in one write, about 32 KiB.
const blockTokens = 100

// Tokens returns a handler that streams n token chunks as fast as the socket
// takes them, then finish reason stop and [DONE]. Text(n) is what they say.
func Tokens(n int) http.Handler {
	var tokens []string
	for i := range blockTokens {
		tokens = append(tokens, token(i))
	}
	return Repeat(n, tokens)
}

// Repeat returns the same handler with other tokens, which are repeated until they are n.
// The bytes are made here, once, so that sending costs next to nothing.
func Repeat(n int, tokens []string) http.Handler {
	var block, rest []byte
	for i, token := range tokens {
		if i == n%len(tokens) {
			rest = bytes.Clone(block)
		}
		block = append(block, Chunk(token)...)
	}
	rest = append(append(rest, Finish("stop")...), Done()...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A large request that is not read makes net/http reset the connection.
		_, _ = io.Copy(io.Discard, r.Body)
		begin(w)
		for range n / len(tokens) {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
		_, _ = w.Write(rest)
	})
}

// Paced returns a handler that streams the same n tokens, one each d, each
// flushed by itself.
func Paced(n int, d time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A large request that is not read makes net/http reset the connection.
		_, _ = io.Copy(io.Discard, r.Body)
		begin(w)
		reply := &reply{w: w, ctx: r.Context()}
		tick := time.NewTicker(d)
		defer tick.Stop()
		for i := range n {
			select {
			case <-tick.C:
			case <-r.Context().Done():
				return
			}
			if !reply.send(Chunk(token(i))) {
				return
			}
		}
		reply.send(bytes.Join([][]byte{Finish("stop"), Done()}, nil))
	})
}

// Text returns the text of the first n tokens of Tokens and Paced.
func Text(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(token(i))
	}
	return b.String()
}

// token is a word of five bytes with its space; every tenth begins a new line.
func token(i int) string {
	end := " "
	if i%10 == 9 {
		end = "\n"
	}
	return fmt.Sprintf("tk%02d%s", i%blockTokens, end)
}

func begin(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	_ = http.NewResponseController(w).Flush() // a lost client is noticed by the next write
}
