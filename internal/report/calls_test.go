package report

import (
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/record"
)

func TestCallResult(t *testing.T) {
	for want, r := range map[string]record.Result{
		"ran 0.00 s":                              {Status: record.Ran},
		"ran 1.25 s":                              {Status: record.Ran, Took: 1250},
		"failed 0.01 s, exit status 3":            {Status: record.Failed, Exit: 3, Took: 10},
		"failed 60.00 s":                          {Status: record.Failed, Exit: -1, Took: 60000},
		"stopped after 2.00 s":                    {Status: record.Stopped, Took: 2000},
		"refused: nobody can be asked":            {Status: record.Refused, Reason: "nobody can be asked"},
		"may have run":                            {Status: record.MayHave, Unrecorded: true},
		"not run":                                 {Status: record.NotRun},
		"ran 0.10 s, 70000 bytes of output in /f": {Status: record.Ran, Took: 100, Bytes: 70000, Truncated: true, File: "/f"},
		"ran 0.10 s, 70000 bytes of output":       {Status: record.Ran, Took: 100, Bytes: 70000, Truncated: true},
	} {
		if got := CallResult(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestCallStart(t *testing.T) {
	for want, s := range map[string]record.Start{
		"allowed by you; runs sh -c 'echo x'":                        {By: record.ByPerson, Argv: []string{"sh", "-c", "echo x"}},
		"allowed by you, always in this session; at the server docs": {By: record.ByPerson, Always: "s", Server: "docs"},
		"allowed by --allow 'docs.*'":                                {By: record.ByFlag, Allow: "docs.*"},
		"allowed by the configuration":                               {By: record.ByConfig},
		"allowed by you for this session":                            {By: record.ByGrant},
	} {
		if got := CallStart(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCallLine: the line is one line, whatever the model sent.
func TestCallLine(t *testing.T) {
	got := Call("f", "{\n\x1b[2J\u202e\t1}"+strings.Repeat("x", 1<<20), record.Result{Status: record.Ran}).What
	if strings.ContainsAny(got, "\n\x1b\u202e") || !strings.HasPrefix(got, "f { ^[[2J‹U+202E› 1}xxx") || !strings.HasSuffix(got, " · ran 0.00 s") || len(got) > 300 {
		t.Errorf("%q", got)
	}
	if got := Call("f", "", record.Result{Status: record.NotRun}); got.What != "f · not run" || got.Hint != "" {
		t.Errorf("%+v", got)
	}
	if got := Call("f", "", record.Result{Status: record.Refused, Reason: NobodyAsked}); got.Hint != "--allow f lets it run" {
		t.Errorf("%+v", got)
	}
}

func TestBeside(t *testing.T) {
	asks := record.Message{Message: chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{Name: "f\x1b", Arguments: "{\n}"}}}}
	called := record.Message{Message: chat.Message{Role: record.Called, Name: "f"}, Start: &record.Start{By: record.ByPerson, Argv: []string{"a\x1b"}}}
	if got := Beside(asks); len(got) != 1 || got[0] != "[call of f^[: { }]" {
		t.Errorf("%q", got)
	}
	if got := Beside(called); len(got) != 1 || got[0] != "[allowed by you; runs 'a^[']" || Speaker(called) != "call f" {
		t.Errorf("%q", got)
	}
}
