package importer

import (
	"fmt"

	"oax/internal/chat"
)

// parseMods reads a file of mods, a gob of a list of messages, as far as it goes.
func parseMods(data []byte) (messages []Message, problem *Problem) {
	value, problem := readGob(data)
	list, ok := value.([]any)
	if !ok && problem == nil {
		return nil, &Problem{What: "has no list of messages"}
	}
	messages = make([]Message, 0, len(list))
	for i, v := range list {
		message, ok := modsMessage(v)
		if !ok {
			return messages, &Problem{Position: fmt.Sprintf("message %d", i+1), What: "has a role or a content that is no text"}
		}
		messages = append(messages, message)
	}
	return messages, problem
}

// modsMessage returns a message, unless it is none.
func modsMessage(v any) (Message, bool) {
	fields, isStruct := v.(gobStruct)
	role, hasRole := gobText(fields, "Role")
	text, hasText := gobText(fields, "Content")
	message := Message{Message: chat.Message{Role: chat.Role(role), Text: text}}
	if role == "assistant" { // the answers of tools repeat the call
		message.ToolCalls = modsCalls(gobValueOf[[]any](fields, "ToolCalls"))
	}
	return message, isStruct && hasRole && hasText
}

// modsCalls returns the calls of tools. mods has written their arguments as a text,
// then as bytes.
func modsCalls(list []any) (calls []chat.ToolCall) {
	for _, v := range list {
		call, _ := v.(gobStruct)
		function := gobValueOf[gobStruct](call, "Function")
		id, _ := gobText(call, "ID")
		name, _ := gobText(function, "Name")
		arguments, _ := gobText(function, "Arguments")
		calls = append(calls, chat.ToolCall{ID: id, Name: name, Arguments: arguments})
	}
	return calls
}

// gobText returns a text or bytes, and whether that is what the field has.
func gobText(s gobStruct, field string) (string, bool) {
	switch v := gobValueOf[any](s, field).(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case nil: // empty is not sent
		return "", true
	}
	return "", false
}
