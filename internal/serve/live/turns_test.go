package live

import (
	"encoding/json"
	"strings"
	"testing"

	"oax/internal/chat"
	"oax/internal/session/record"
)

// TestTurnsWithCalls: the page gets calls, who allowed them, and how they went, as messages of
// the turn whose answer they lead to.
func TestTurnsWithCalls(t *testing.T) {
	message := func(turn string, role chat.Role, text string) record.Message {
		m := record.Message{Message: chat.Message{Role: role, Text: text, Name: "note"}, Turn: turn}
		if role == chat.Assistant {
			m.State = chat.Complete
		}
		return m
	}
	asks, called, result := message("1", chat.Assistant, ""), message("2", record.Called, "{}"), message("2", chat.Tool, "noted")
	asks.ToolCalls = []chat.ToolCall{{ID: "c", Name: "note", Arguments: "{}"}}
	called.Start = &record.Start{By: record.ByFlag, Allow: "note"}
	result.Result = &record.Result{Status: record.Ran, Took: 20}
	turns := endedTurns([]record.Message{message("1", chat.User, "q"), asks, called, result, message("2", chat.Assistant, "done")}, false)
	if len(turns) != 2 || turns[0].Answer == nil || turns[1].Answer == nil || turns[1].Answer.Text != "done" || turns[1].RetryOf != nil {
		t.Fatalf("%+v", turns)
	}
	data, _ := json.Marshal(turns[1].Messages)
	for _, want := range []string{
		`"role":"call","content":"{}","name":"note","about":"allowed by --allow note"`,
		`"role":"tool","content":"noted","name":"note","about":"ran 0.02 s"`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s has no %s", data, want)
		}
	}
}
