package session

import (
	"bytes"
	"encoding/json"

	"oax/internal/chat"
)

// stringField returns a string at the top level of a JSON object, or "". It goes
// over values without decoding them: an answer can be many megabytes.
func stringField(object []byte, key string) string {
	value, depth := "", 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := stringEnd(object, i)
			if end < i+2 { // the object is cut here
				return value
			}
			if depth == 1 && string(object[i+1:end-1]) == key {
				if rest, ok := bytes.CutPrefix(object[end:], []byte(`:"`)); ok {
					start := len(object) - len(rest) - 1
					_ = json.Unmarshal(object[start:stringEnd(object, start)], &value)
				}
			}
			i = end - 1
		}
	}
	return value
}

// withoutText returns the rest of a line of this program's making after the text
// of its answer, as an object. It overwrites a byte of the line. The quotes in a
// text are escaped, and so cannot look like the end of it and the next key.
func withoutText(line []byte) []byte {
	if roleOf(line) != chat.Assistant {
		return line
	}
	start := bytes.Index(line, []byte(`"text":"`)) + len(`"text":`)
	for i := start + 1; start >= len(`"text":`) && i < len(line); i++ {
		next := bytes.Index(line[i:], []byte(`","`))
		if next < 0 {
			break
		}
		i += next
		if !escaped(line, i) {
			line[i+1] = '{'
			return line[i+1:]
		}
	}
	return line
}

// stringEnd returns where the string that begins at start has ended.
func stringEnd(b []byte, start int) int {
	for i := start + 1; i < len(b); i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			break
		}
		i += quote
		if !escaped(b, i) {
			return i + 1
		}
	}
	return len(b)
}

// escaped reports whether an odd number of backslashes is before b[i], which is
// in a string.
func escaped(b []byte, i int) bool {
	slashes := 0
	for b[i-1-slashes] == '\\' {
		slashes++
	}
	return slashes%2 == 1
}
