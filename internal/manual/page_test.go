package manual

import (
	"fmt"
	"strings"
	"testing"

	"oax/internal/report"
)

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		`a\nb`: `a\enb`, ".TH": `\&.TH`, "x\n.so /etc/passwd": "x\n\\&.so /etc/passwd", "'quoted'": `\(aqquoted\(aq`, "--all": `\-\-all`, "日本": "日本",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Every topic has a text, and only what is an item looks like one.
func TestTopics(t *testing.T) {
	for _, name := range Topics() {
		if Topic(name) == "" || strings.ContainsAny(name, " #") {
			t.Errorf("%q has no text or no name", name)
		}
	}
	if got := Topic("nothing"); got != "" {
		t.Errorf("a topic that is not there: %q", got)
	}
	page := Page{}.String()
	for _, want := range []string{".SH FILES\n", ".SH EXIT STATUS\n", ".TP\n.B OAX_PROFILE, OAX_MODEL\n", ".TP\n.B \\(ti/.cache/oax/\n", ".PP\nA flag wins over"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "`") || strings.Contains(page, "\n- ") {
		t.Errorf("Markdown in the page:\n%s", page)
	}
}

// The manual explains every exit code, and no others.
func TestExitCodes(t *testing.T) {
	text := Topic("exit-status")
	for code := range report.ExitRefused + 1 {
		if !strings.Contains(text, fmt.Sprintf("- `%d`: ", code)) {
			t.Errorf("no exit code %d", code)
		}
	}
	if strings.Count(text, "- `") != report.ExitRefused+1 {
		t.Error("there are other exit codes")
	}
}
