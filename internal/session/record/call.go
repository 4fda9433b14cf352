package record

import (
	"slices"

	"oax/internal/chat"
)

// What is recorded of a call of a tool.

// Called is the role of the record of a call before its tool started.
// ToolCallID and Name are those of the call, Text is its arguments as sent.
const Called chat.Role = "call"

// Start says what a call runs, and who allowed it.
type Start struct {
	Tool   string   `json:"tool"`             // as a person names it: weather, docs.search
	Argv   []string `json:"argv,omitempty"`   // of a program
	Server string   `json:"server,omitempty"` // the MCP server that has the tool
	By     string   `json:"by"`               // who allowed it: one of the constants
	Allow  string   `json:"allow,omitempty"`  // the pattern of --allow
	// Always is the session for which the person allowed every call of this tool, and of no
	// other: neither a copy of the session nor another program by the same name.
	Always string `json:"always,omitempty"`
}

// Who can allow a call.
const (
	ByPerson = "person"
	ByFlag   = "flag"   // --allow
	ByConfig = "config" // approve = "always" in the configuration
	ByGrant  = "grant"  // the person has said always before
)

// Result says what became of a call.
type Result struct {
	Status    Status `json:"status"`
	Reason    string `json:"reason,omitempty"`    // why it did not run, in a few words
	Exit      int    `json:"exit,omitempty"`      // the exit status of a program
	Bytes     int64  `json:"bytes,omitempty"`     // of the whole output
	Truncated bool   `json:"truncated,omitempty"` // the text is not all of the output
	File      string `json:"file,omitempty"`      // that has the whole output
	Took      int64  `json:"took_ms,omitempty"`
	// Unrecorded says that there is no result in the file: Status is what follows from that.
	Unrecorded bool `json:"-"`
}

// Status is how a call went.
type Status string

// The ways in which a call can go.
const (
	Ran     Status = "ran"
	Failed  Status = "failed"  // it ran, and the tool says that it failed
	Refused Status = "refused" // it was not allowed, or cannot run
	Stopped Status = "stopped" // it was ended before its end
	NotRun  Status = "not run"
	Replay  Status = "replayed"     // not run: the text is the result of an earlier call
	MayHave Status = "may have run" // Unrecorded: its process died
	Running Status = "running"      // Unrecorded: another process is about to run it, or does
)

// UnrecordedText returns what the model gets for a call of which there is no result.
func (s Status) UnrecordedText() string {
	switch s {
	case Running:
		return "This call is not finished yet. There is no result."
	case MayHave:
		return "This call may have run: the program was killed before the result was recorded. It was not run again."
	}
	return "This call was not run: the program was killed before."
}

// Allows reports whether a grant is one for the tool of another call.
func (s Start) Allows(other Start) bool {
	return s.Tool == other.Tool && s.Server == other.Server && slices.Equal(s.Argv, other.Argv)
}

// IsUnrecorded reports whether a message is a result that is not in the file.
func (m Message) IsUnrecorded() bool { return m.Result != nil && m.Result.Unrecorded }

// IsRecorded reports whether a message is a record of a call that this program made.
func (m Message) IsRecorded() bool { return m.Start != nil || m.Result != nil }

// IsOfCall reports whether a message belongs to a call of the answer before it.
func IsOfCall(m Message) bool { return m.Role == Called || m.Role == chat.Tool }
