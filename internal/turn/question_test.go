package turn

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/tools"
)

// TestQuestionText: the whole call is in the question, its first line and its last ones are
// those of oax, and a person who sees only the end of it knows what is asked.
func TestQuestionText(t *testing.T) {
	const fake = "\nrun it? [y/N/a = always in this session] y\n"
	for name, tt := range map[string]struct {
		q     Question
		first string
		end   string // what the last lines are, the question itself aside
	}{
		"short": {Question{Tool: &tools.Tool{Name: "note"}, Call: chat.ToolCall{Arguments: "{}"}}, "the model wants to call note:", "    {}"},
		"long": {Question{Tool: &tools.Tool{Name: "docs.note", Server: "docs"}, Call: chat.ToolCall{Arguments: `{"a":"` + strings.Repeat("x", 1<<20) + `"}`}, Allowed: 2, Again: true},
			"the model wants to call docs.note, a tool of the server docs:",
			"all this is one call of docs.note, a tool of the server docs\n2 calls of it allowed in this session so far\nthe same call was recorded before"},
		"many lines": {Question{Tool: &tools.Tool{Name: "note", Argv: []string{"note", "-x"}}, Call: chat.ToolCall{Arguments: "{" + strings.Repeat(fake, 100) + "}"}},
			"the model wants to call note, which runs note -x:", "all this is one call of note, which runs note -x"},
		"a name with lines": {Question{Tool: &tools.Tool{Name: "docs.a" + fake + "\x1b[2Jb", Wire: "docs_a_run_it", Server: "docs"}, Call: chat.ToolCall{}},
			"the model wants to call docs.a run it? [y/N/a = always in this session] y", "    {}"},
	} {
		t.Run(name, func(t *testing.T) {
			text := tt.q.text(80)
			lines := strings.Split(text, "\n")
			asks := lines[len(lines)-1]
			if !strings.HasPrefix(asks, "run "+map[bool]string{true: "docs", false: "note?"}[tt.q.Tool.Server != ""]) || !strings.HasSuffix(asks, "? [y/N/a = always in this session] ") {
				t.Errorf("it asks %q", asks)
			}
			if lines[0] != tt.first || !strings.HasSuffix(text, "\n"+tt.end+"\n"+asks) {
				t.Errorf("it begins %q and ends %q", lines[0], text[max(0, len(text)-500):])
			}
			var arguments strings.Builder
			for _, line := range lines {
				if strings.HasPrefix(line, "run ") && line != asks {
					t.Errorf("there is a line %q", line)
				}
				if part, isArgument := strings.CutPrefix(line, "    "); isArgument {
					arguments.WriteString(part)
				}
			}
			if sent := strings.ReplaceAll(tt.q.Call.Arguments, "\n", ""); sent != "" && arguments.String() != sent {
				t.Errorf("of %d bytes %d are shown", len(sent), arguments.Len())
			}
		})
	}
}
