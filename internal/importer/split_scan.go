package importer

// withRoom returns b with room for n more bytes, twice what it had. append adds a
// quarter to what is large, and leaves four times as much behind.
func withRoom(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	return append(make([]byte, 0, max(2*cap(b), len(b)+n)), b...)
}

// state is where in a value a scan is.
type state struct {
	text, escaped bool
	depth         int
}

// scan goes on to the end of the value, or of the chunk. bad is set at a control
// character within a text, which JSON does not allow: something is missing there.
func (s *state) scan(chunk []byte) (n int, ended, bad bool) {
	for i, b := range chunk {
		switch {
		case s.text && s.escaped:
			s.escaped = false
		case s.text && b == '\\':
			s.escaped = true
		case s.text && b < ' ':
			return i + 1, false, true
		case s.text && b != '"':
		case b == '"':
			s.text = !s.text
			if !s.text && s.depth == 0 {
				return i + 1, true, false
			}
		case b == '{', b == '[':
			s.depth++
		case b == '}', b == ']':
			if s.depth--; s.depth == 0 {
				return i + 1, true, false
			}
		}
	}
	return len(chunk), false, false
}
