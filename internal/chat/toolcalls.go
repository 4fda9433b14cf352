package chat

import "strings"

// addToolCall joins a fragment to its call, or begins a new call.
func (t *Turn) addToolCall(c ToolCall) {
	t.size += len(c.Arguments)
	at := t.callOf(c)
	if at < 0 {
		at = len(t.answer.ToolCalls)
		t.answer.ToolCalls = append(t.answer.ToolCalls, ToolCall{Index: max(c.Index, 0)})
		t.arguments = append(t.arguments, new(arguments))
	}
	call := &t.answer.ToolCalls[at]
	if call.ID == "" {
		call.ID = c.ID
	}
	if call.Name == "" {
		call.Name = c.Name
	}
	t.arguments[at].add(c.Arguments)
}

// callOf returns the call that a fragment belongs to, or -1 if it begins a new one.
// Services differ in what they repeat, so the first of these rules that fits counts:
//
//   - an ID that is known names its call;
//   - an ID that is not known begins a new call, even under an index that is in use,
//     unless the call there has no ID yet and is not whole;
//   - a fragment without an ID belongs to the newest call with its index, and without
//     an index to the last call; but one that has a name begins a new call if that
//     call is whole.
func (t *Turn) callOf(c ToolCall) int {
	newest := -1
	for i := len(t.answer.ToolCalls) - 1; i >= 0; i-- {
		have := t.answer.ToolCalls[i]
		if c.ID != "" && c.ID == have.ID {
			return i
		}
		if newest < 0 && (c.Index == NoIndex || c.Index == have.Index) {
			newest = i
		}
		if newest >= 0 && c.ID == "" {
			break
		}
	}
	switch {
	case newest < 0:
	case c.ID != "" && t.answer.ToolCalls[newest].ID != "":
		return -1
	case (c.ID != "" || c.Name != "") && t.arguments[newest].whole:
		return -1
	}
	return newest
}

// arguments are the arguments of a call, while they arrive. They are a JSON object; how
// deep it is nested is counted on the way, because to parse it again with each fragment
// would take a time that grows with the square of its length.
type arguments struct {
	strings.Builder
	depth             int
	inString, escaped bool
	whole             bool // the object has been closed
}

func (a *arguments) add(fragment string) {
	a.Grow(len(fragment)) // WriteString alone would grow by a quarter only
	a.WriteString(fragment)
	for i := range len(fragment) {
		switch c := fragment[i]; {
		case a.escaped:
			a.escaped = false
		case a.inString:
			a.escaped = c == '\\'
			a.inString = c != '"'
		case c == '"':
			a.inString = true
		case c == '{', c == '[':
			a.depth++
		case c == '}', c == ']':
			a.depth--
			a.whole = a.depth == 0
		}
	}
}
