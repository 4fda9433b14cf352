package importer

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oax/internal/chat"
)

// llm reads the log of simonw/llm, in the three forms it has had: "threads" of
// messages that share their common beginning, "responses" of "conversations", and
// one table of "logs". A database that grew over the years can hold all three.
func (s *scan) llm(path string) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "logs.db")
	}
	s.withDatabase(path, func(db *database) {
		found, ok := db.columns()
		switch {
		case !ok:
			return
		case !found["logs.response"] && !found["responses.response"] && !found["turns.thread_id"]:
			s.broken(path, "", "has no logs of llm")
			return
		}
		if found["logs.response"] {
			db.llmResponses("chat name model prompt system response time", oldestLogs(found))
		}
		if found["responses.response"] {
			db.llmResponses(responses(found))
		}
		if found["turns.thread_id"] {
			db.llmThreads(found)
		}
	})
}

// oldestLogs selects from the first form the columns of the second.
func oldestLogs(found map[string]bool) string {
	return fmt.Sprintf(`select 'logs-' || coalesce(r.chat_id, r.id) as chat, '' as name, %s as model,
		%s as prompt, %s as system, %s as response, %s as time
		from logs r order by coalesce(r.chat_id, r.id), r.id`,
		column(found, "logs", "r", "model"), column(found, "logs", "r", "prompt"), column(found, "logs", "r", "system"),
		column(found, "logs", "r", "response"), column(found, "logs", "r", "datetime_utc"))
}

// responses selects a row for each request, without those that are in the newest form
// too.
func responses(found map[string]bool) (names, sql string) {
	r := func(name string) string { return column(found, "responses", "r", name) }
	names = "chat name model prompt system response reasoning time"
	columns := []string{
		"coalesce(r.conversation_id, r.id) as chat", "coalesce(c.name, '') as name",
		"coalesce(nullif(" + r("resolved_model") + ", ''), " + r("model") + ") as model",
		r("prompt") + " as prompt", r("system") + " as system", r("response") + " as response",
		r("reasoning") + " as reasoning", r("datetime_utc") + " as time",
	}
	for _, extra := range []struct{ table, name, sql string }{
		{"prompt_fragments", "fragments", `(select group_concat(content, char(10)) from (select f.content from prompt_fragments x join fragments f on f.id = x.fragment_id where x.response_id = r.id order by x."order"))`},
		{"system_fragments", "systemfragments", `(select group_concat(content, char(10)) from (select f.content from system_fragments x join fragments f on f.id = x.fragment_id where x.response_id = r.id order by x."order"))`},
		{"prompt_attachments", "attachments", `(select json_group_array(json_object('type', a.type, 'path', a.path, 'url', a.url)) from prompt_attachments x join attachments a on a.id = x.attachment_id where x.response_id = r.id)`},
		{"tool_calls", "calls", `(select json_group_array(json_object('id', x.tool_call_id, 'name', x.name, 'arguments', x.arguments)) from tool_calls x where x.response_id = r.id)`},
		{"tool_results", "results", `(select json_group_array(x.output) from tool_results x where x.response_id = r.id)`},
	} {
		if found[extra.table] {
			columns = append(columns, extra.sql+" as "+extra.name)
			names += " " + extra.name
		}
	}
	where := ""
	if found["turns.id"] {
		where = "where r.id not in (select id from turns)"
	}
	return names, "select " + strings.Join(columns, ", ") +
		" from responses r left join conversations c on c.id = r.conversation_id " + where +
		" order by chat, r.datetime_utc, r.rowid"
}

// llmRow is a request and its answer.
type llmRow struct {
	Model, Prompt, System, Response, Reasoning, Time string
	Fragments, SystemFragments                       string
	Attachments, Calls, Results                      string // JSON
}

// llmResponses reads chats of which each row is a request.
func (db *database) llmResponses(names, sql string) {
	system := ""
	db.llmChats(names, sql, func(c *Chat, row []byte) error {
		var r llmRow
		if err := decode(row, &r); err != nil {
			return err
		}
		if len(c.Messages) == 0 {
			system = ""
		}
		if text := paragraphs(r.SystemFragments, r.System); text != system {
			system = text
			c.add(newMessage(chat.System, text, db.plausible(parseTime(r.Time))))
		}
		c.add(db.llmTurn(&r)...)
		return nil
	})
}

// llmChats yields the chats that sql selects, of which each row adds a piece, in order.
func (db *database) llmChats(names, sql string, add func(c *Chat, row []byte) error) {
	var c Chat
	start := ""
	end := func() {
		if c.Time = db.plausible(parseTime(start)); c.Time.IsZero() {
			c.Time = db.startTime(c.Messages)
		}
		db.chat(c)
	}
	db.query(names, sql, func(row []byte) error {
		var r struct{ Chat, Name, Start string }
		if err := decode(row, &r); err != nil {
			return err
		}
		if r.Chat != c.ID {
			end()
			c, start = Chat{ID: r.Chat, Title: r.Name}, r.Start
		}
		return add(&c, row)
	})
	end()
}

// llmTurn returns the messages of a request: the results of the tools that the answer
// before called, the prompt, and the answer.
func (db *database) llmTurn(r *llmRow) []Message {
	t := db.plausible(parseTime(r.Time))
	var messages []Message
	var results []string
	_ = decode([]byte(r.Results), &results) // empty if there is no such table
	for _, text := range results {
		messages = append(messages, newMessage("tool", text, t))
	}
	prompt := paragraphs(r.Fragments, r.Prompt, llmAttachments(r.Attachments))
	answer := chat.Message{Role: chat.Assistant, Text: r.Response, Reasoning: r.Reasoning, Model: r.Model, ToolCalls: llmCalls(r.Calls)}
	return append(messages,
		newMessage(chat.User, prompt, t),
		Message{Message: answer, Time: t})
}

// llmCalls reads a list of tool calls, or an empty text.
func llmCalls(text string) (calls []chat.ToolCall) {
	var all []json.RawMessage
	_ = decode([]byte(text), &all)
	for _, call := range all {
		calls = append(calls, llmCall(string(call)))
	}
	return calls
}

func llmCall(text string) chat.ToolCall {
	var c struct {
		ID        string          `json:"id"`
		CallID    string          `json:"tool_call_id"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	_ = decode([]byte(text), &c) // any other form has no name
	return chat.ToolCall{ID: c.ID + c.CallID, Name: c.Name, Arguments: argumentsText(c.Arguments)}
}

// llmAttachments returns a note for each attachment.
func llmAttachments(text string) string {
	var attachments []struct{ Type, Path, URL string }
	_ = decode([]byte(text), &attachments) // empty if there is no such table
	var notes []string
	for _, a := range attachments {
		notes = append(notes, attachmentNote(a.Type+" "+a.Path+a.URL))
	}
	return strings.Join(notes, "\n")
}

// attachmentNote makes a note from a media type and a name, with a space between.
func attachmentNote(attached string) string {
	media, name, _ := strings.Cut(attached, " ")
	kind, _, _ := strings.Cut(media, "/")
	if name == "" {
		name = media
	}
	if kind == "" {
		kind = "attachment"
	}
	return note(kind, name)
}

// threadsSQL selects a row for each part of each message of each thread, which is the
// chain of messages up to its tip. A text that comes from fragments is a list of
// references to them.
const threadsSQL = `
with recursive chain(thread, hash, depth) as (
  select id, tip_message_hash, 0 from threads where tip_message_hash is not null
  union all
  select chain.thread, m.parent_hash, chain.depth + 1 from chain
  join messages m on m.hash = chain.hash
  where m.parent_hash is not null and chain.depth < 20000
)
select chain.thread as chat, coalesce(t.name, '') as name, coalesce(t.datetime_utc, '') as start,
  m.hash as hash, m.role as role, coalesce(p.type, '') as type,
  coalesce(p.text, (
    select group_concat(coalesce(json_extract(piece.value, '$.literal'),
      (select f.content from fragments f where f.id = json_extract(piece.value, '$.fragment'))), '')
    from json_each(p.payload, '$.text_ref') piece), '') as text,
  coalesce(p.payload, '') as payload,
  coalesce((select a.type || ' ' || coalesce(a.path, a.url, '') from part_attachments x
    join attachments a on a.id = x.attachment_id where x.part_id = p.id limit 1), '') as attached,
  coalesce((select coalesce(nullif(u.resolved_model, ''), u.model) from turns u
    where u.thread_id = chain.thread and u.tip_message_hash = m.hash limit 1), '') as model,
  coalesce((select u.datetime_utc from turns u
    where u.thread_id = chain.thread and (u.tip_message_hash = m.hash or u.parent_message_hash = m.hash) limit 1), '') as time
from chain
join threads t on t.id = chain.thread
join messages m on m.hash = chain.hash
left join parts p on p.message_hash = m.hash
order by chain.thread, chain.depth desc, p.position`

// llmPart is a row of threadsSQL.
type llmPart struct{ Hash, Role, Type, Text, Payload, Attached, Model, Time string }

// llmThreads reads the newest form of the log.
func (db *database) llmThreads(found map[string]bool) {
	if !found["threads.tip_message_hash"] || !found["parts.payload"] || !found["fragments"] || !found["part_attachments"] {
		db.broken(db.path, "", "has turns of llm, but not their messages")
		return
	}
	hash := ""
	db.llmChats("chat name start hash role type text payload attached model time", threadsSQL, func(c *Chat, row []byte) error {
		var r llmPart
		if err := decode(row, &r); err != nil {
			return err
		}
		if !c.fits(messageSize + len(r.Text) + len(r.Payload)) {
			return nil
		}
		if r.Hash != hash || len(c.Messages) == 0 {
			hash = r.Hash
			c.Messages = append(c.Messages, newMessage(chat.Role(r.Role), "", db.plausible(parseTime(r.Time))))
		}
		c.Messages[len(c.Messages)-1].addPart(&r)
		return nil
	})
}

// addPart adds a part to the message.
func (m *Message) addPart(r *llmPart) {
	if m.Role == chat.Assistant {
		m.Model = r.Model
	}
	switch r.Type {
	case "text":
		m.Text = paragraphs(m.Text, r.Text)
	case "reasoning":
		m.Reasoning = paragraphs(m.Reasoning, r.Text)
	case "tool_call":
		m.ToolCalls = append(m.ToolCalls, llmCall(r.Payload))
	case "tool_result":
		var result struct{ Output string }
		_ = decode([]byte(r.Payload), &result) // any other form has no output
		m.Text = paragraphs(m.Text, result.Output)
	case "attachment":
		m.Text = paragraphs(m.Text, attachmentNote(r.Attached))
	}
}

func llmPaths(d Dirs) []string {
	if dir := d.Env("LLM_USER_PATH"); dir != "" {
		return []string{dir}
	}
	return []string{
		filepath.Join(d.Config, "io.datasette.llm"),
		filepath.Join(d.Home, "Library", "Application Support", "io.datasette.llm"),
	}
}
