package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// values calls take for each JSON value of a stream with the number of the array on
// the top level that it is in. It says which values cannot be read: also those that
// take returns an error for.
func (s *scan) values(r io.Reader, path string, take func(raw []byte, array int) error) {
	v := newSplitter(r)
	for said := 0; !s.done(); {
		raw, at, err := v.next()
		if err == nil {
			err = take(raw, v.array)
		}
		if _, ok := errors.AsType[*json.SyntaxError](err); ok {
			v.again(raw, at)
		}
		place := fmt.Sprintf("byte %d", at)
		ended := err == io.EOF || errors.Is(err, errCut)
		switch failed := v.failed(); {
		case ended && failed != nil:
			s.broken(path, place, "%s", reason(failed))
			return
		case err == io.EOF:
			return
		case err == nil || said == retries:
		default:
			said++
			s.broken(path, place, "%s", err)
		}
	}
}

// decode is json.Unmarshal, but a value of another type than is expected costs only
// itself.
func decode(raw []byte, to any) error {
	err := json.Unmarshal(raw, to)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err
}

// messages reads a file of messages: an array, or one after the other.
func (s *scan) messages(f *file) []Message {
	var messages []Message
	size := 0
	s.values(f, f.path, func(raw []byte, _ int) error {
		var w wireMessage
		if err := decode(raw, &w); err != nil {
			return err
		}
		if size += len(raw); size > maxChat {
			return errTooLarge
		}
		messages = append(messages, s.message(&w))
		return nil
	})
	return messages
}
