package session

import (
	"bytes"
	"encoding/json"
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

// stringEnd returns where the string that begins at start has ended.
func stringEnd(b []byte, start int) int {
	for i := start + 1; i < len(b); i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			break
		}
		i += quote
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return len(b)
}
