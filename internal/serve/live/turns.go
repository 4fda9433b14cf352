package live

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"oax/internal/chat"
	"oax/internal/markdown"
	"oax/internal/report"
	"oax/internal/session"
	"oax/internal/session/journal"
	"oax/internal/session/record"
)

// How a session is told to a client: its turns in order. The JSON is that of the API.

// Turn is a turn of a session.
type Turn struct {
	Turn     string    `json:"turn"`
	RetryOf  *string   `json:"retry_of"`
	By       string    `json:"by"`
	Client   *string   `json:"client"`
	Time     time.Time `json:"time"`
	Profile  *string   `json:"profile"`
	Model    *string   `json:"model"`
	Messages []Message `json:"messages"`
	Answer   *Answer   `json:"answer"` // nil: nothing of it has come
}

// turnEvent is a turn as an event tells it: without the answer, which follows.
type turnEvent struct {
	Turn
	Answer *Answer `json:"answer,omitempty"` // always nil
}

// Prompts returns how many prompts there are in a turn.
func (t *Turn) Prompts() (n int) {
	for _, m := range t.Messages {
		if m.Role == chat.User {
			n++
		}
	}
	return n
}

// Answer is an answer, or as much of it as has arrived.
type Answer struct {
	Text         string          `json:"text"`
	Reasoning    string          `json:"reasoning"`
	Refusal      string          `json:"refusal"`
	ToolCalls    json.RawMessage `json:"tool_calls"`
	State        string          `json:"state"`
	Why          *string         `json:"why"`
	FinishReason *string         `json:"finish_reason"`
	Usage        json.RawMessage `json:"usage"`
	Position     string          `json:"position"`
	HTML         []string        `json:"html,omitempty"`
}

// The states of an answer beside those of package chat.
const (
	Answering = "answering"
	Failed    = "failed"
)

// Message is a message of a request, as the chat completions API has it.
type Message struct {
	Role       chat.Role       `json:"role"`
	Content    any             `json:"content"`
	Name       string          `json:"name,omitempty"`
	ToolCallID string          `json:"tool_call_id,omitempty"`
	ToolCalls  json.RawMessage `json:"tool_calls,omitempty"`
	About      string          `json:"about,omitempty"` // of a call (role call): who allowed it; of a result: how it went
}

// Turns returns the turns of a session that have ended, and the one whose answer another
// process writes, or nil. While that process runs tools, their calls are in neither: they are in
// the turn of the next answer. In what an older oax wrote the turns have no IDs and are called n1,
// n2 and so on.
func Turns(s *session.Session) (turns []Turn, running *Turn) {
	s = s.Follow()
	turns = endedTurns(s.Messages, s.Imported)
	live, at, open := s.Running()
	if !open {
		return turns, nil
	}
	messages := s.Messages
	if n := len(messages); n > 0 && messages[n-1].Role == chat.Assistant && messages[n-1].State == "" && messages[n-1].Turn == live.Turn {
		messages = messages[:n-1]
	}
	turns = endedTurns(messages, s.Imported)
	n := len(turns) - 1
	if n < 0 {
		return turns, nil
	}
	view := turns[n]
	if view.Answer == nil {
		turns = turns[:n]
	} else { // the last prompt is asked again
		first := view.Turn
		if view.RetryOf != nil {
			first = *view.RetryOf
		}
		view.RetryOf, view.Messages, view.Answer = &first, []Message{}, nil
		view.Turn = fmt.Sprint("n", n+2)
	}
	view.Turn = cmp.Or(at.Turn, view.Turn)
	return turns, &view
}

// Prompt is what begins a turn.
type Prompt struct {
	Turn           string // its ID
	RetryOf        string // the turn that is asked again, or empty
	From           record.From
	Time           time.Time
	Profile, Model string
	Messages       []chat.Message // that are new
}

// View returns the turn before anything of its answer has come.
func (p Prompt) View() Turn {
	t := Turn{Turn: p.Turn, RetryOf: orNull(p.RetryOf), By: p.From.By, Client: orNull(p.From.Client), Time: p.Time.UTC(),
		Profile: orNull(p.Profile), Model: orNull(p.Model), Messages: []Message{}}
	for _, m := range p.Messages {
		t.Messages = append(t.Messages, MessageOf(m))
	}
	return t
}

// endedTurns groups messages into turns.
func endedTurns(messages []record.Message, imported bool) []Turn {
	turns := []Turn{}
	add := func(m record.Message) *Turn {
		id := m.Turn
		if id == "" {
			id = fmt.Sprint("n", len(turns)+1)
		}
		turns = append(turns, Turn{
			Turn: id, By: By(imported, m.From), Client: orNull(m.From.Client), Time: m.Time.UTC(),
			Profile: orNull(m.Profile), Model: orNull(m.Model), Messages: []Message{},
		})
		return &turns[len(turns)-1]
	}
	ended := true // the last turn has an answer or an error
	for _, m := range messages {
		isAnswer := m.Role == record.Error || m.IsAnswer()
		last := len(turns) - 1
		same := last >= 0 && m.Turn != "" && turns[last].Turn == m.Turn
		var t *Turn
		switch {
		case same || last >= 0 && !ended && m.Turn == "":
			t = &turns[last]
		default:
			t = add(m)
			if isAnswer && last >= 0 { // without a prompt of its own: asked again
				t.RetryOf = &turns[last].Turn
				if turns[last].RetryOf != nil {
					t.RetryOf = turns[last].RetryOf
				}
				t.By = turns[last].By
			}
		}
		switch {
		case isAnswer:
			t.Answer = answerOf(t.Turn, m)
			if m.Model != "" {
				t.Model = orNull(m.Model)
			}
		default:
			w := MessageOf(m.Message)
			if m.Start != nil {
				w.About = report.CallStart(*m.Start)
			} else if m.Result != nil {
				w.About = report.CallResult(*m.Result)
			}
			t.Messages = append(t.Messages, w)
			if m.Role == chat.User {
				t.Time, t.Profile, t.Model = m.Time.UTC(), orNull(m.Profile), orNull(m.Model)
			}
		}
		ended = isAnswer
	}
	return turns
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// By says where a prompt was asked.
func By(imported bool, from record.From) string {
	switch {
	case from.By != "":
		return from.By
	case imported:
		return "import"
	}
	return "terminal"
}

func answerOf(turn string, m record.Message) *Answer {
	a := &Answer{
		Text: m.Text, Reasoning: m.Reasoning, Refusal: m.Refusal, ToolCalls: wireCalls(m.ToolCalls),
		State: string(m.State), Why: orNull(string(m.Why)), FinishReason: orNull(m.FinishReason),
		Usage: m.Usage, Position: Position{Position: journal.Position{Turn: turn, Text: len(m.Text), Reasoning: len(m.Reasoning), Refusal: len(m.Refusal)}}.String(),
	}
	if m.Role == record.Error {
		a.State, a.Text, a.Position = Failed, "", StartOf(turn).String()
	}
	if a.State == "" {
		a.State = string(chat.Complete)
	}
	return a
}

// wireCalls returns tool calls as the API has them.
func wireCalls(calls []chat.ToolCall) json.RawMessage {
	if len(calls) == 0 {
		return nil
	}
	type function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	}
	type call struct {
		ID       string   `json:"id"`
		Type     string   `json:"type"`
		Function function `json:"function"`
	}
	list := make([]call, len(calls))
	for i, c := range calls {
		list[i] = call{c.ID, "function", function{c.Name, c.Arguments}}
	}
	data, _ := json.Marshal(list)
	return data
}

// MessageOf returns a message as it was sent. Of a file that a terminal sent it has the name.
func MessageOf(m chat.Message) Message {
	w := Message{Role: m.Role, Content: m.Text, Name: m.Name, ToolCallID: m.ToolCallID, ToolCalls: wireCalls(m.ToolCalls)}
	if len(m.Parts) == 0 {
		return w
	}
	var parts []any
	if m.Text != "" {
		parts = append(parts, map[string]string{"type": "text", "text": m.Text})
	}
	for _, p := range m.Parts {
		if len(p.JSON) > 0 {
			parts = append(parts, p.JSON)
		} else {
			parts = append(parts, map[string]any{"type": "file", "file": map[string]string{"filename": p.Name}})
		}
	}
	w.Content = parts
	return w
}

// HTML returns the text of an answer as blocks of HTML.
func HTML(text string) []string {
	h := markdown.NewHTML()
	_, _ = h.Write([]byte(text))
	h.Close()
	return append([]string{}, h.Final()...) // never nil
}
