package cli

import (
	"bytes"
	"os"
	"testing"

	"oax/internal/chat"
	"oax/internal/term"
)

func TestPlainOutputEnds(t *testing.T) {
	stopped := &report{signal: os.Interrupt}
	tests := map[string]struct {
		text     string
		terminal bool
		raw      bool
		r        *report
		want     string
	}{
		"a newline is added":            {"hi", false, false, nil, "hi\n"},
		"but no second one":             {"hi\n", false, false, nil, "hi\n"},
		"nor to nothing":                {"", false, false, nil, ""},
		"nor to raw bytes":              {"hi", false, true, nil, "hi"},
		"shown on a terminal":           {"\x1b[2J", true, false, nil, "^[[2J\n"},
		"on a terminal after ^C":        {"hi", true, false, stopped, "hi\n"},
		"also at the start of a line":   {"hi\n", true, false, stopped, "hi\n\n"},
		"where nothing echoes, not so":  {"hi\n", false, false, stopped, "hi\n"},
		"half a character is not held":  {"a\xe6\x97", true, false, nil, "a\ufffd\ufffd\n"},
		"half a line end is not either": {"a\r", true, false, nil, "a^M\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			o := &plainOutput{to: &got, newLine: !test.raw}
			if test.terminal {
				o.filter = new(term.Filter)
			}
			o.delta(&chat.Delta{Text: []byte(test.text)})
			o.end(chat.Message{}, "", test.r)
			if got.String() != test.want {
				t.Errorf("got %q, want %q", got.String(), test.want)
			}
		})
	}
}
