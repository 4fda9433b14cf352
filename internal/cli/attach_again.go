package cli

import (
	"errors"
	"fmt"

	"oax/internal/chat"
)

// attachAgain reads the images and PDFs of earlier prompts, so that they go along again.
// One that is not what it was stays away, and that is said once; the note in its prompt
// still tells the model that it was there.
func (env *Env) attachAgain(messages []chat.Message) {
	for _, m := range messages {
		for i := range m.Attachments {
			file := &m.Attachments[i]
			if len(file.Data) > 0 || file.Gone {
				continue
			}
			data, err := unchanged(*file)
			if err != nil {
				file.Gone = true
				env.said.note(fmt.Sprintf("%s is not sent again: %s", file.Name, plainError(err)))
				continue
			}
			file.Data = data
		}
	}
}

// unchanged returns the bytes of a file that was attached before, if it is the same.
func unchanged(file chat.Attachment) ([]byte, error) {
	if file.Path == "" {
		return nil, errors.New("it came through a pipe")
	}
	now, err := readFile(file.Path, mostMedia+1)
	if err != nil {
		return nil, err
	}
	describe(&now, file.Type)
	if now.SHA256 != file.SHA256 {
		return nil, errors.New("it has changed")
	}
	return now.Data, nil
}
