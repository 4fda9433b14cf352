package importer

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"
)

// openai reads plain message arrays: a file with one, several of them, objects with
// "messages" (a request's body; what oax cat --format json prints), one a line or in
// an array, or messages one a line.
func (s *scan) openai(path string) {
	s.each(path, named(".json", ".jsonl", ".ndjson"), s.openaiFile)
}

func (s *scan) openaiFile(path, name string) {
	f, ok := s.open(path)
	if !ok {
		return
	}
	defer f.Close()
	p := plain{scan: s, path: path, name: stem(name), changed: f.time}
	s.values(f, path, p.take)
	p.end()
	if p.count == 0 {
		s.broken(path, "", "no messages are in it")
	}
}

// plain gathers the messages of a file to chats.
type plain struct {
	*scan
	path, name string
	changed    time.Time // when the file was
	count      int       // chats so far
	open       Chat      // of messages that come one by one
	array      int       // which of the file's arrays those are in
	session    string    // whose they are, if they say
	size       int
}

// wireChat is a chat as one object, or one message of a chat.
type wireChat struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Model     string            `json:"model"`
	Messages  []json.RawMessage `json:"messages"`
	Time      json.RawMessage   `json:"time"`
	CreatedAt json.RawMessage   `json:"created_at"`
	Created   json.RawMessage   `json:"created"`
	Role      string            `json:"role"`
	Session   string            `json:"session"`
	Kind      string            `json:"kind"`
	Text      string            `json:"text"`
}

// take takes a value from the top level of the file, or of an array there.
func (p *plain) take(raw []byte, array int) error {
	if raw[0] == '[' {
		p.end()
		var messages []json.RawMessage
		if err := decode(raw, &messages); err != nil {
			return err
		}
		return p.whole(wireChat{Messages: messages})
	}
	var c wireChat
	if err := decode(raw, &c); err != nil {
		return err
	}
	switch {
	case c.Messages != nil:
		p.end()
		return p.whole(c)
	case c.Kind == "session": // the header of a session file
		p.end()
		p.open = Chat{ID: c.ID, Time: p.timeOf(c.Time)}
		return nil
	case c.Kind == "title":
		p.open.Title = c.Text
		return nil
	case c.Role == "":
		return fmt.Errorf("is neither a message nor a chat")
	}
	if array != p.array || c.Session != p.session {
		p.end()
		p.array, p.session, p.open.ID = array, c.Session, c.Session
	}
	return p.add(raw)
}

// add adds a message to the chat that comes message by message.
func (p *plain) add(raw []byte) error {
	if p.size += len(raw); p.size > maxChat {
		return fmt.Errorf("the chat is over %d MiB (limit)", maxChat>>20)
	}
	var w wireMessage
	if err := decode(raw, &w); err != nil {
		return err
	}
	p.open.Messages = append(p.open.Messages, p.message(&w))
	return nil
}

// end yields the chat that came message by message.
func (p *plain) end() {
	c := p.open
	p.open, p.size = Chat{}, 0
	if len(c.Messages) > 0 {
		p.emit(c)
	}
}

// whole yields a chat that is one object. Messages that cannot be read cost only
// themselves; the error is that of the last one.
func (p *plain) whole(w wireChat) (unread error) {
	c := Chat{ID: w.ID, Title: w.Title, Time: p.said(w)}
	for i, raw := range w.Messages {
		var m wireMessage
		if err := decode(raw, &m); err != nil || m.Role == "" {
			unread = fmt.Errorf("message %d cannot be read", i+1)
			continue
		}
		if m.Role == "assistant" && m.Model == "" {
			m.Model = w.Model
		}
		c.Messages = append(c.Messages, p.message(&m))
	}
	p.emit(c)
	return unread
}

// said returns the time that the chat says it began, or zero.
func (p *plain) said(w wireChat) time.Time {
	for _, raw := range []json.RawMessage{w.Time, w.CreatedAt, w.Created} {
		if len(raw) > 0 {
			if t := p.timeOf(raw); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

// emit yields a chat. One without an ID goes by the name of the file, and its place
// in there.
func (p *plain) emit(c Chat) {
	p.count++
	if c.ID == "" {
		c.ID = filepath.Base(p.name)
		if p.count > 1 {
			c.ID = fmt.Sprintf("%s#%d", c.ID, p.count)
		}
	}
	if c.Time.IsZero() {
		c.Time = p.begun(c.Messages, p.changed)
	}
	p.chat(c)
}
