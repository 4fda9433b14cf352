package importer

import (
	"encoding/json"
	"fmt"
	"time"
)

// openai reads files with plain messages: arrays of messages, objects with "messages"
// (the body of a request, or what oax cat --format json prints), several of either in
// an array or one on each line, or messages one on each line.
func (s *scan) openai(path string) {
	s.each(path, hasExtension(".json", ".jsonl", ".ndjson"), s.openaiFile)
}

func (s *scan) openaiFile(f *file) {
	p := plainFile{scan: s, name: f.stem(), changed: f.changed}
	s.values(f, f.path, p.take)
	p.end()
	if p.count == 0 {
		s.broken(f.path, "", "no messages are in it")
	}
}

// plainFile collects the messages of a file into chats.
type plainFile struct {
	*scan
	name    string
	changed time.Time // of the file
	count   int       // chats so far
	open    Chat      // whose messages come one by one
	array   int       // the top-level array that these are in
	session string    // the session that these name
}

// wireChat is a chat, or a record of one: a message, or the header or the title of a
// session file.
type wireChat struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Model    string            `json:"model"`
	Messages []json.RawMessage `json:"messages"`
	wireTime
	Role    string `json:"role"`
	Session string `json:"session"`
	Kind    string `json:"kind"`
	Text    string `json:"text"`
}

// take takes a value from the top level of the file, or of an array there.
func (p *plainFile) take(raw []byte, array int) error {
	if raw[0] == '[' {
		p.end()
		var messages []json.RawMessage
		if err := decode(raw, &messages); err != nil {
			return err
		}
		return p.chatOf(wireChat{Messages: messages})
	}
	var c wireChat
	if err := decode(raw, &c); err != nil {
		return err
	}
	switch {
	case c.Messages != nil:
		p.end()
		return p.chatOf(c)
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

// add adds a message to the open chat.
func (p *plainFile) add(raw []byte) error {
	var w wireMessage
	if err := decode(raw, &w); err != nil {
		return err
	}
	p.open.add(p.message(&w))
	return nil
}

// end yields the open chat, if it has messages.
func (p *plainFile) end() {
	c := p.open
	p.open = Chat{}
	if len(c.Messages) > 0 {
		p.emit(c)
	}
}

// chatOf yields a chat that is one value. It leaves out the messages that cannot be
// read, and returns the error of the last one.
func (p *plainFile) chatOf(w wireChat) (unread error) {
	c := Chat{ID: w.ID, Title: w.Title, Time: p.timeOf(w.Time, w.CreatedAt, w.Created)}
	for i, raw := range w.Messages {
		var m wireMessage
		if err := decode(raw, &m); err != nil || m.Role == "" {
			unread = fmt.Errorf("message %d cannot be read", i+1)
			continue
		}
		if m.Role == "assistant" && m.Model == "" {
			m.Model = w.Model
		}
		c.add(p.message(&m))
	}
	p.emit(c)
	return unread
}

// emit yields a chat. One without an ID is named after the file, and numbered.
func (p *plainFile) emit(c Chat) {
	p.count++
	if c.ID == "" {
		c.ID = p.name
		if p.count > 1 {
			c.ID = fmt.Sprintf("%s#%d", c.ID, p.count)
		}
	}
	if c.Time.IsZero() {
		c.Time = p.startTime(c.Messages, p.changed)
	}
	p.chat(c)
}
