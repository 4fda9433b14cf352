package chat

import (
	"cmp"
	"strconv"
	"strings"
)

// calls are the tool calls of an answer, while they arrive in fragments.
type calls struct {
	list    []*call
	byID    map[string]*call
	byIndex map[int]*call // that the last fragment under each index belongs to
}

// call is a tool call while it arrives.
type call struct {
	ToolCall
	sentID    string // its ID, which another call may have too
	arguments arguments
	opaque    opaque
}

// add joins a fragment to its call, or begins a new call.
func (cs *calls) add(c ToolCall) {
	to := cs.find(c)
	if to == nil {
		to = &call{ToolCall: ToolCall{Index: max(c.Index, 0)}}
		cs.list = append(cs.list, to)
	}
	if cs.byID == nil {
		cs.byID, cs.byIndex = map[string]*call{}, map[int]*call{}
	}
	cs.byIndex[c.Index], cs.byIndex[NoIndex] = to, to
	to.sentID = cmp.Or(to.sentID, c.ID)
	if to.ID == "" && c.ID != "" && cs.byID[c.ID] == nil {
		to.ID, cs.byID[c.ID] = c.ID, to
	}
	if to.Name == "" {
		to.Name = c.Name
	}
	to.arguments.add(c.Arguments)
	to.opaque.add(c.Opaque)
}

// find returns the call that a fragment belongs to, or nil if it begins a new one.
// Services differ in what they repeat, so the first of these rules that fits counts:
//
//   - an ID that is known names its call, unless that is whole and a name with arguments comes
//     under another index: that is another call with the same ID. Under the same index it may
//     be the same call once more, so it is joined, and does not run;
//   - an ID that is not known begins a new call, even under an index that is in use,
//     unless the call there has no ID yet and is not whole;
//   - a fragment without an ID belongs to the call of the last fragment with its index, or
//     without an index to the last call. But if it has a name it begins a new call, if
//     that call is whole or has another name;
//   - a fragment without ID and name, under an index that is not known, belongs to the
//     last call while that is not whole.
func (cs *calls) find(c ToolCall) *call {
	at := cs.byIndex[c.Index]
	if known := cs.byID[c.ID]; known != nil {
		switch {
		case at != nil && at.sentID == c.ID:
			return at
		case c.Index > NoIndex && c.Index != known.Index && known.arguments.whole && c.Name != "" && strings.TrimSpace(c.Arguments) != "":
			return nil
		}
		return known
	}
	if last := cs.byIndex[NoIndex]; at == nil && last != nil && c.ID == "" && c.Name == "" && !last.arguments.whole {
		return last
	}
	if at == nil || c.ID != "" && at.ID != "" || at.isOver(c) {
		return nil
	}
	return at
}

// isOver reports whether a fragment with the index of this call begins another one. A name
// is repeated by some services.
func (c *call) isOver(next ToolCall) bool {
	other := next.Name != "" && next.Name != c.Name
	if c.arguments.whole {
		return other || next.ID != "" || next.Name != "" && strings.TrimSpace(next.Arguments) != ""
	}
	return other && c.Name != "" && c.arguments.Len() == 0
}

// end returns the calls. One without an ID gets one that is not in use.
func (cs *calls) end() []ToolCall {
	var list []ToolCall
	for i, c := range cs.list {
		done := c.ToolCall
		done.Arguments, done.Opaque = c.arguments.String(), c.opaque.end()
		if done.ID == "" {
			for done.ID = "call_" + strconv.Itoa(i); cs.byID[done.ID] != nil; {
				done.ID += "_"
			}
		}
		list = append(list, done)
	}
	return list
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
	if a.Len() < mostPiece { // there may be very many calls
		a.Grow(len(fragment)) // WriteString alone would grow by a quarter only
	} else {
		makeRoom(&a.Builder, len(fragment))
	}
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
