package openai

import (
	"bytes"
	"strings"
)

// tags takes reasoning out of the text of an answer: what is between <think> or <thought>
// and its closing tag at the very start, where some servers pass on what a model writes.
// The white space around both is dropped. The zero value is at the start.
type tags struct {
	state tagState
	end   string // the closing tag
	held  []byte // the end of the last piece, which may be part of a tag
}

type tagState int

const (
	beforeTag tagState = iota
	opened             // nothing of the reasoning has come
	thinking
	closed // nothing of the answer has come
	answering
)

const blank = " \t\r\n"

// split separates the next piece of the text into reasoning and answer. last says that no piece follows. The results
// are valid until the next call.
func (t *tags) split(piece []byte, last bool) (reasoning, answer []byte) {
	if t.state == answering {
		return nil, piece
	}
	rest := append(t.held, piece...)
	t.held = nil
	if t.state == beforeTag {
		rest, answer = t.open(rest, last)
	}
	if t.state == opened {
		if rest = bytes.TrimLeft(rest, blank); len(rest) > 0 {
			t.state = thinking
		}
	}
	if t.state == thinking {
		reasoning, rest = t.close(rest, last)
	}
	if t.state == closed {
		if answer = bytes.TrimLeft(rest, blank); len(answer) > 0 {
			t.state = answering
		}
	}
	return reasoning, answer
}

// open returns what is behind the opening tag, or all of it as the answer if there is none.
func (t *tags) open(text []byte, last bool) (rest, answer []byte) {
	begin := string(bytes.TrimLeft(text, blank))
	for _, tag := range []string{"<think>", "<thought>"} {
		if after, ok := strings.CutPrefix(begin, tag); ok {
			t.state, t.end = opened, "</"+tag[1:]
			return []byte(after), nil
		}
		if strings.HasPrefix(tag, begin) && !last {
			t.held = text
			return nil, nil
		}
	}
	t.state = answering
	return nil, text
}

// close returns the reasoning up to the closing tag, and what is behind that.
func (t *tags) close(text []byte, last bool) (reasoning, rest []byte) {
	reasoning, rest, found := bytes.Cut(text, []byte(t.end))
	if found {
		t.state = closed
		return bytes.TrimRight(reasoning, blank), rest
	}
	if last {
		return text, nil
	}
	sure := len(text)
	for n := min(len(t.end)-1, len(text)); n > 0; n-- {
		if strings.HasPrefix(t.end, string(text[len(text)-n:])) {
			sure -= n
			break
		}
	}
	sure = len(bytes.TrimRight(text[:sure], blank))
	t.held = bytes.Clone(text[sure:])
	return text[:sure], nil
}
