package importer

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"oax/internal/chat"
)

// modsMessage is a message in a file of mods, which has been of three forms: with the
// arguments of tools as bytes, as a text, and without tools.
type modsMessage[A []byte | string] struct {
	Role, Content string
	ToolCalls     []struct {
		ID       string
		Function struct {
			Name      string
			Arguments A
		}
	}
}

type modsPlainMessage struct{ Role, Content string }

// parseMods reads a file of mods: a gob of a list of messages.
func parseMods(data []byte) ([]Message, error) {
	if messages, err := decodeMods(data, modsMessage[[]byte].message); err == nil {
		return messages, nil
	}
	if messages, err := decodeMods(data, modsMessage[string].message); err == nil {
		return messages, nil
	}
	return decodeMods(data, modsPlainMessage.message)
}

// decodeMods reads the messages as of one form. The package gob is not made for what
// a stranger may have written; here it gets no more than maxFile bytes, and what it
// panics of is an error.
func decodeMods[M any](data []byte, message func(M) Message) (messages []Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			messages, err = nil, fmt.Errorf("gob: %v", p)
		}
	}()
	var all []M
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&all); err != nil {
		return nil, err
	}
	for _, m := range all {
		messages = append(messages, message(m))
	}
	return messages, nil
}

func (m modsPlainMessage) message() Message {
	return Message{Message: chat.Message{Role: chat.Role(m.Role), Text: m.Content}}
}

func (m modsMessage[A]) message() Message {
	message := modsPlainMessage{m.Role, m.Content}.message()
	for _, c := range m.ToolCalls {
		if m.Role == "assistant" { // the answers of tools repeat the call
			call := chat.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: string(c.Function.Arguments)}
			message.ToolCalls = append(message.ToolCalls, call)
		}
	}
	return message
}
