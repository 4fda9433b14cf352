package chat

import "testing"

// TestResultsIn: calls go back to a service only with a result for each of them.
func TestResultsIn(t *testing.T) {
	calls := Message{Role: Assistant, ToolCalls: []ToolCall{{ID: "a"}, {ID: "b"}}}
	a, b, other := Message{Role: Tool, ToolCallID: "a"}, Message{Role: Tool, ToolCallID: "b"}, Message{Role: Tool, ToolCallID: "c"}
	user := Message{Role: User}
	for name, tt := range map[string]struct {
		m    Message
		next []Message
		want int
	}{
		"none":              {calls, nil, 0},
		"all":               {calls, []Message{a, b, user}, 2},
		"another order":     {calls, []Message{b, a}, 2},
		"one is missing":    {calls, []Message{a, user, b}, 0},
		"one comes twice":   {calls, []Message{a, a, user}, 0},
		"one of no call":    {calls, []Message{a, other, b}, 3},
		"one ID, two calls": {Message{Role: Assistant, ToolCalls: []ToolCall{{ID: "a"}, {ID: "a"}}}, []Message{a, a, user}, 2},
		"there is no call":  {user, []Message{a}, 0},
	} {
		if got := tt.m.ResultsIn(tt.next); len(got) != tt.want {
			t.Errorf("%s: %d results, want %d", name, len(got), tt.want)
		}
	}
}
