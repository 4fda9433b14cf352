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
// messages that share what they have in common, "responses" of "conversations", and
// one table of "logs". A database can hold all three, as it came over the years.
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
			db.llmResponses(oldestLogs(found))
		}
		if found["responses.response"] {
			db.llmResponses(responses(found))
		}
		if found["turns.thread_id"] {
			db.llmThreads(found)
		}
	})
}

// oldestLogs selects from the first form as if it were the second.
func oldestLogs(found map[string]bool) string {
	return fmt.Sprintf(`select 'logs-' || coalesce(r.chat_id, r.id) as chat, '' as name, %s as model,
		%s as prompt, %s as system, %s as response, %s as time
		from logs r order by coalesce(r.chat_id, r.id), r.id`,
		column(found, "logs", "r", "model"), column(found, "logs", "r", "prompt"), column(found, "logs", "r", "system"),
		column(found, "logs", "r", "response"), column(found, "logs", "r", "datetime_utc"))
}

// responses selects a row for each request. Those that are in the newest form too are
// left out.
func responses(found map[string]bool) string {
	r := func(name string) string { return column(found, "responses", "r", name) }
	columns := []string{
		"coalesce(r.conversation_id, r.id) as chat", "coalesce(c.name, '') as name",
		"coalesce(nullif(" + r("resolved_model") + ", ''), " + r("model") + ") as model",
		r("prompt") + " as prompt", r("system") + " as system", r("response") + " as response",
		r("reasoning") + " as reasoning", r("datetime_utc") + " as time",
	}
	for _, extra := range []struct{ table, sql string }{
		{"prompt_fragments", `(select group_concat(content, char(10)) from (select f.content from prompt_fragments x join fragments f on f.id = x.fragment_id where x.response_id = r.id order by x."order")) as fragments`},
		{"system_fragments", `(select group_concat(content, char(10)) from (select f.content from system_fragments x join fragments f on f.id = x.fragment_id where x.response_id = r.id order by x."order")) as systemfragments`},
		{"prompt_attachments", `(select json_group_array(json_object('type', a.type, 'path', a.path, 'url', a.url)) from prompt_attachments x join attachments a on a.id = x.attachment_id where x.response_id = r.id) as attachments`},
		{"tool_calls", `(select json_group_array(json_object('id', x.tool_call_id, 'name', x.name, 'arguments', x.arguments)) from tool_calls x where x.response_id = r.id) as calls`},
		{"tool_results", `(select json_group_array(x.output) from tool_results x where x.response_id = r.id) as results`},
	} {
		if found[extra.table] {
			columns = append(columns, extra.sql)
		}
	}
	where := ""
	if found["turns.id"] {
		where = "where r.id not in (select id from turns)"
	}
	return "select " + strings.Join(columns, ", ") +
		" from responses r left join conversations c on c.id = r.conversation_id " + where +
		" order by chat, r.datetime_utc, r.rowid"
}

// llmRow is a request and its answer.
type llmRow struct {
	Chat, Name, Model, Prompt, System, Response, Reasoning, Time string
	Fragments, SystemFragments                                   string
	Attachments, Calls, Results                                  string // JSON
}

// llmResponses reads chats of which each row is a request, in order.
func (db *database) llmResponses(sql string) {
	var c Chat
	system := ""
	end := func() {
		c.Time = db.begun(c.Messages)
		db.chat(c)
	}
	db.query(sql, func(row []byte) error {
		var r llmRow
		if err := decode(row, &r); err != nil {
			return err
		}
		if r.Chat != c.ID {
			end()
			c, system = Chat{ID: r.Chat, Title: r.Name}, ""
		}
		if said := joined(r.SystemFragments, r.System); said != system {
			system = said
			c.Messages = append(c.Messages, Message{Message: chat.Message{Role: chat.System, Text: said}, Time: db.sane(parseTime(r.Time))})
		}
		c.Messages = append(c.Messages, db.llmTurn(&r)...)
		return nil
	})
	end()
}

// llmTurn returns what a request brought: what came of the tools asked for before,
// the prompt, and the answer.
func (db *database) llmTurn(r *llmRow) []Message {
	t := db.sane(parseTime(r.Time))
	var messages []Message
	var results []string
	_ = decode([]byte(r.Results), &results) // empty where the table is not there
	for _, text := range results {
		messages = append(messages, Message{Message: chat.Message{Role: "tool", Text: text}, Time: t})
	}
	prompt := joined(r.Fragments, r.Prompt, llmAttachments(r.Attachments))
	answer := chat.Message{Role: chat.Assistant, Text: r.Response, Reasoning: r.Reasoning, Model: r.Model, ToolCalls: llmCalls(r.Calls)}
	return append(messages,
		Message{Message: chat.Message{Role: chat.User, Text: prompt}, Time: t},
		Message{Message: answer, Time: t})
}

// llmCalls reads the calls of tools, empty where the database has none.
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
	_ = decode([]byte(text), &c) // what is of another form has no name
	return chat.ToolCall{ID: c.ID + c.CallID, Name: c.Name, Arguments: argumentsText(c.Arguments)}
}

// llmAttachments returns notes of what was attached.
func llmAttachments(text string) string {
	var attachments []struct{ Type, Path, URL string }
	_ = decode([]byte(text), &attachments) // empty where the table is not there
	var notes []string
	for _, a := range attachments {
		notes = append(notes, attachmentNote(a.Type+" "+a.Path+a.URL))
	}
	return strings.Join(notes, "\n")
}

// attachmentNote makes a note of a media type and a name.
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

// joined returns the texts that are not empty, with a blank line between.
func joined(texts ...string) string {
	var all []string
	for _, text := range texts {
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n\n")
}

func placesOfLLM(d Dirs) []string {
	if dir := d.Env("LLM_USER_PATH"); dir != "" {
		return []string{dir}
	}
	return []string{
		filepath.Join(d.Config, "io.datasette.llm"),
		filepath.Join(d.Home, "Library", "Application Support", "io.datasette.llm"),
	}
}
