package session

import (
	"errors"
	"os"
	"path/filepath"

	"oax/internal/chat"
)

// compare holds a chat against a session. If that is of the same chat, and one of
// the two begins as the other does, the session is made to have all of both.
// Otherwise it returns how many turns they share.
func (im *Importer) compare(e Entry, origin Origin, messages []Message) (Outcome, int, error) {
	if err := im.reach(e); err != nil {
		return "", 0, err
	}
	found, planned := im.planned[e.ID]
	if !planned {
		found = im.store.origin(e)
	}
	if found.Source != origin.Source || found.ID != origin.ID {
		return "", 0, nil
	}
	if found.Hash == origin.Hash {
		return Present, 0, nil
	}
	if planned {
		return Grown, 0, nil
	}
	s, err := im.store.Load(e)
	if err != nil {
		return "", 0, err
	}
	same := common(messages, s.Messages)
	switch {
	case same == len(messages):
		return Present, 0, nil
	case same == len(s.Messages) && !s.ReadOnly():
		return Grown, 0, im.grow(e, messages[same:])
	}
	return "", wholeTurns(messages, same), nil
}

// holds reports whether a session, which may have begun here, has all of a chat.
func (im *Importer) holds(e Entry, messages []Message) bool {
	s, err := im.store.Load(e)
	return err == nil && common(messages, s.Messages) == len(messages)
}

// common returns with how many messages both begin.
func common(a, b []Message) int {
	n := 0
	for n < len(a) && n < len(b) && hashOf(a[n:n+1]) == hashOf(b[n:n+1]) {
		n++
	}
	return n
}

// wholeTurns returns how many turns end within the first n messages.
func wholeTurns(messages []Message, n int) int {
	turns := (&Session{Messages: messages[:n]}).Turns()
	if turns > 0 && n < len(messages) && messages[n].Role != chat.User {
		turns--
	}
	return turns
}

// grow adds messages to the end of a session that nobody has open.
func (im *Importer) grow(e Entry, messages []Message) error {
	if im.DryRun {
		return nil
	}
	if _, err := makeDir(filepath.Join(im.store.dir, openDir)); err != nil {
		return err
	}
	c, err := im.store.claim(e, claimPatience)
	if err != nil {
		return err
	}
	defer c.release()
	f, err := openFile(e.Path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := encodeMessages(im.store.now(), nil, messages)
	if err != nil {
		return err
	}
	return errors.Join(im.store.appendTo(f, e.Path, data), f.Sync())
}
