package report

// Calls of tools, in words.

import (
	"fmt"
	"strings"
	"time"

	"oax/internal/chat"
	"oax/internal/session"
	"oax/internal/session/record"
	"oax/internal/term"
)

// maxArguments is how much of the arguments a line about a call shows, in columns.
const maxArguments = 120

// NobodyAsked is the reason of a call that was refused because nobody could be asked.
const NobodyAsked = "nobody can be asked here"

// Call returns a line about a call: the tool, the arguments, and how it went.
func Call(tool, arguments string, r record.Result) *Error {
	call := strings.TrimRight(tool+" "+term.Cut(term.Line(arguments), maxArguments), " ")
	line := &Error{What: call + " · " + CallResult(r)}
	if r.Reason == NobodyAsked {
		line.Hint = "--allow " + Quote(tool) + " lets it run"
	}
	return line
}

// CallResult says how a call went.
func CallResult(r record.Result) string {
	took := ""
	if r.Took > 0 || r.Status == record.Ran || r.Status == record.Failed || r.Status == record.Stopped {
		took = fmt.Sprintf(" %.2f s", (time.Duration(r.Took) * time.Millisecond).Seconds())
	}
	line := string(r.Status) + took
	switch r.Status {
	case record.Stopped:
		line = "stopped after" + took
	case record.Failed:
		if r.Exit > 0 {
			line += fmt.Sprintf(", exit status %d", r.Exit)
		}
	}
	if r.Reason != "" {
		line += ": " + r.Reason
	}
	if r.Truncated {
		line += ", " + Count(int(r.Bytes), "byte") + " of output"
		if r.File != "" {
			line += " in " + r.File
		}
	}
	return line
}

// CallStart says who allowed a call, and what it runs.
func CallStart(s record.Start) string {
	by := map[string]string{
		record.ByPerson: "allowed by you", record.ByFlag: "allowed by --allow " + Quote(s.Allow),
		record.ByConfig: "allowed by the configuration", record.ByGrant: "allowed by you for this session",
	}[s.By]
	if s.Always != "" {
		by = "allowed by you, always in this session"
	}
	switch {
	case s.Server != "":
		return by + "; at the server " + s.Server
	case len(s.Argv) > 0:
		return by + "; runs " + CommandLine(s.Argv)
	}
	return by
}

// CommandLine returns words as they are typed at a shell.
func CommandLine(words []string) string {
	var quoted []string
	for _, w := range words {
		quoted = append(quoted, Quote(w))
	}
	return strings.Join(quoted, " ")
}

// Unfinished returns what to tell of calls whose results are missing, a line each.
func Unfinished(s *session.Session) []string {
	var lines []string
	for _, m := range s.Unfinished() {
		line := ""
		switch m.Result.Status {
		case record.MayHave:
			line = "the call of " + m.Name + " may have run: oax was killed before its result was saved"
		case record.NotRun:
			line = "the call of " + m.Name + " was not run: oax was killed before"
		case record.Running:
			line = "the call of " + m.Name + " is not finished yet in another oax"
		}
		lines = append(lines, line)
	}
	return lines
}

// Beside returns a line for each thing that a message has beside its text: calls of tools, who
// allowed a call, what the service did itself, and the sources that are named.
func Beside(m record.Message) []string {
	var lines []string
	if m.Start != nil {
		lines = append(lines, term.Line("["+CallStart(*m.Start)+"]"))
	}
	for _, c := range m.ToolCalls {
		lines = append(lines, term.Line(fmt.Sprintf("[call of %s: %s]", c.Name, c.Arguments)))
	}
	for _, line := range ServerItems(m.Message) {
		lines = append(lines, "["+line+"]")
	}
	return append(lines, Sources(m.Message)...)
}

// Speaker returns whose message it is: the role, and of a call or its result the tool.
func Speaker(m record.Message) string {
	if (m.Role == chat.Tool || m.Role == record.Called) && m.Name != "" {
		return string(m.Role) + " " + m.Name
	}
	return string(m.Role)
}
