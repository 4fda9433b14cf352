package importer

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"slices"
	"strings"

	"oax/internal/chat"
)

// maxGobStructs bounds what the decoder of a gob makes of a file. A struct takes a byte
// there, and a hundred here.
const maxGobStructs = 1 << 18

// modsMessage is a message as mods writes it. It has written the arguments of a call as a
// text, then as bytes.
type modsMessage[arguments string | []byte] struct {
	Role, Content string
	ToolCalls     []struct {
		ID       string
		Function struct {
			Name      string
			Arguments arguments
		}
	}
}

// parseMods reads a file of mods, a gob of a list of messages, as far as it goes.
func parseMods(data []byte) (messages []Message, problem *Problem) {
	if bytes.Count(data, []byte{0}) > maxGobStructs { // with which each struct ends
		return nil, &Problem{What: fmt.Sprintf("has over %d values (limit)", maxGobStructs)}
	}
	whole, cut := wholeGob(data)
	messages, err := decodeMods[[]byte](whole)
	if err != nil {
		if older, failed := decodeMods[string](whole); failed == nil || len(older) > len(messages) {
			messages, err = older, failed
		}
	}
	switch {
	case cut:
		problem = &Problem{Position: fmt.Sprintf("byte %d", len(data)), What: "is cut off"}
	case err != nil:
		problem = &Problem{What: "is damaged: " + strings.TrimPrefix(err.Error(), "gob: ")}
	}
	return messages, problem
}

// decodeMods returns the messages that are whole. What the decoder has read before an error
// is in the list.
func decodeMods[arguments string | []byte](data []byte) (messages []Message, err error) {
	var list []modsMessage[arguments]
	err = catchPanic(func() error { return gob.NewDecoder(bytes.NewReader(data)).Decode(&list) })
	for _, m := range list {
		message := newMessage(chat.Role(m.Role), m.Content, noTime)
		if m.Role == "assistant" { // the answers of tools repeat the call
			for _, call := range m.ToolCalls {
				message.ToolCalls = append(message.ToolCalls, chat.ToolCall{ID: call.ID, Name: call.Function.Name, Arguments: string(call.Function.Arguments)})
			}
		}
		messages = append(messages, message)
	}
	for err != nil && len(messages) > 0 && messages[len(messages)-1].Role == "" { // it was not read to its end
		messages = messages[:len(messages)-1]
	}
	return messages, err
}

// wholeGob returns a gob whose last message, if it is cut off, says that it is as long as
// it is: the decoder reads nothing of one that is shorter. A gob is a list of messages with
// their sizes: a byte below 0x80, or a count, negated, and as many bytes.
func wholeGob(data []byte) (whole []byte, cut bool) {
	for at := 0; at < len(data); {
		size, digits := uint64(data[at]), 0
		if size >= 0x80 {
			digits, size = 0x100-int(data[at]), 0
		}
		begin := at + 1 + digits
		if digits > 8 || begin > len(data) {
			return data, begin > len(data)
		}
		for _, digit := range data[at+1 : begin] {
			size = size<<8 | uint64(digit)
		}
		left := len(data) - begin
		if size > uint64(left) {
			return slices.Concat(data[:at], binary.BigEndian.AppendUint64([]byte{0xf8}, uint64(left)), data[begin:]), true
		}
		at = begin + int(size)
	}
	return data, false
}
