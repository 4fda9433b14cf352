package tools

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestServerLog: the name of the server is before each line, in whatever pieces it comes.
func TestServerLog(t *testing.T) {
	long := strings.Repeat("x", longestLine)
	for want, pieces := range map[string][]string{
		"":                                  nil,
		"[docs] one\n[docs] two\n":          {"one\ntwo\n"},
		"[docs] one\n[docs] \n[docs] two\n": {"o", "ne", "\n\n", "tw", "o"},
		"[docs] " + long + "y\n[docs] z\n":  {long, "y", "z"},
	} {
		var log bytes.Buffer
		s := newServerLog(&log, "docs")
		for _, piece := range pieces {
			_, _ = io.WriteString(s, piece)
		}
		s.close()
		if log.String() != want {
			t.Errorf("%.40q: %.100q", pieces, log.String())
		}
	}
}
