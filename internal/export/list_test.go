package export

import (
	"strings"
	"testing"
	"time"

	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// listedAt returns what a terminal of so many columns shows of some sessions.
func listedAt(columns, rows int) string {
	now := time.Date(2026, 11, 21, 14, 30, 0, 0, time.Local)
	var out strings.Builder
	o := ListOptions{Now: now, Open: map[string]bool{"00000002": true}}
	list := &tableList{ListOptions: o, out: &out, columns: columns, wait: rows}
	for _, s := range []session.Summary{
		{Entry: session.Entry{ID: "00000001"}, Used: now.Add(-3 * time.Minute), Turns: 1, Model: "gpt-5-mini", Title: "why is the sky blue"},
		{Entry: session.Entry{ID: "00000002"}, Used: now.Add(-26 * time.Hour), Turns: 12, Model: "claude-sonnet-4-5-20250929", Title: "日本語のタイトルはどのように表示されますか、長いタイトルです", Incomplete: true},
		{Entry: session.Entry{ID: "00000003"}, Used: now.AddDate(-1, 0, 0), Turns: 3, Model: "m", Title: "an \x1b[2Jevil one that goes on for quite a while and ends at last", Incomplete: true, ForkOf: &record.Fork{ID: "00000001", Turn: 1}},
		{Entry: session.Entry{ID: "00000004"}, Damaged: true, Helper: true},
	} {
		if list.Add(s) != nil {
			return ""
		}
	}
	list.End()
	return out.String()
}

func TestTableList(t *testing.T) {
	for columns, want := range map[int]string{
		120: `
00000001  3m ago        1  gpt-5-mini                why is the sky blue
00000002  yesterday    12  claude-sonnet-4-5-20250…  日本語のタイトルはどのように表示されますか、長いタイトルです (open)
00000003  21 Nov 2025   3  m                         an ^[[2Jevil one that goes on for q… (incomplete, fork of 00000001)
00000004  -             0                             (damaged, helper)
`,
		80: `
00000001  3m ago        1  gpt-5-mini        why is the sky blue
00000002  yesterday    12  claude-sonnet-4…  日本語のタイトルはどのよう… (open)
00000003  21 Nov 2025   3  m                 an ^[[2… (incomplete, fork of 0000…
00000004  -             0                     (damaged, helper)
`,
		60: `
00000001  3m ago        1  why is the sky blue
00000002  yesterday    12  日本語のタイトルはどのよ… (open)
00000003  21 Nov 2025   3  an ^[[2… (incomplete, fork of 00…
00000004  -             0   (damaged, helper)
`,
		40: `
00000001  3m ago       why is the sky b…
00000002  yesterday    日本語の… (open)
00000003  21 Nov 2025  an ^[[2… (incomp…
00000004  -             (damaged, helpe…
`,
	} {
		if got := "\n" + listedAt(columns, 30); got != want {
			t.Errorf("%d columns:%s", columns, got)
		}
	}
}

func TestTimesOfTheConfiguration(t *testing.T) {
	at := time.Date(2026, 11, 21, 14, 30, 0, 0, time.Local)
	if got := Used(session.Summary{Used: at}, "%d.%m.\x1b%y", at); got != "21.11.^[26" {
		t.Errorf("%q", got)
	}
	if got := Used(session.Summary{}, "%d.%m.", at); got != "-" {
		t.Errorf("no time: %q", got)
	}
}

func TestTableListIsNeverWider(t *testing.T) {
	for columns := 1; columns < 210; columns++ {
		for _, rows := range []int{1, 2, 30} {
			lines := strings.Split(strings.TrimSuffix(listedAt(columns, rows), "\n"), "\n")
			for _, line := range lines {
				if term.Width(line) > columns || len(lines) != 4 {
					t.Fatalf("%d columns: %q", columns, lines)
				}
			}
		}
	}
}
