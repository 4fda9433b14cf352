package sse

import (
	"bytes"
	"strconv"
	"strings"
)

// AppendEvent appends an event as a server sends it, blank line and all. A Reader gets it
// back as it is, but that data with a CR in it comes with LF instead, since the format has
// no way to send one. Type "message" and an empty ID are not sent, nor a Retry below 1. An
// ID or a type cannot have a line end in it, nor an ID a NUL: the rest from there on is
// left out.
func AppendEvent(b []byte, e Event) []byte {
	if e.ID != "" {
		b = append(append(append(b, "id: "...), upTo(e.ID, "\r\n\x00")...), '\n')
	}
	if e.Type != "" && e.Type != "message" {
		b = append(append(append(b, "event: "...), upTo(e.Type, "\r\n")...), '\n')
	}
	if e.Retry > 0 {
		b = append(strconv.AppendInt(append(b, "retry: "...), e.Retry, 10), '\n')
	}
	rest := e.Data
	for {
		i := bytes.IndexAny(rest, "\r\n")
		if i < 0 {
			break
		}
		b = append(append(append(b, "data: "...), rest[:i]...), '\n')
		if bytes.HasPrefix(rest[i:], []byte("\r\n")) {
			i++
		}
		rest = rest[i+1:]
	}
	return append(append(append(b, "data: "...), rest...), '\n', '\n')
}

func upTo(text, end string) string {
	if i := strings.IndexAny(text, end); i >= 0 {
		return text[:i]
	}
	return text
}

// AppendComment appends a comment, which a Reader ignores: a sign of life. The text is one
// line.
func AppendComment(b []byte, text string) []byte {
	return append(append(append(b, ": "...), text...), '\n', '\n')
}
