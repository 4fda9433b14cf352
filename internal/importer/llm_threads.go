package importer

import (
	"oax/internal/chat"
)

// threadsSQL selects a row for each part of each message of each thread, which is
// the chain of messages that its tip ends. Text that was taken from a fragment is a
// reference to that.
const threadsSQL = `
with recursive chain(thread, hash, depth) as (
  select id, tip_message_hash, 0 from threads where tip_message_hash is not null
  union all
  select chain.thread, m.parent_hash, chain.depth + 1 from chain
  join messages m on m.hash = chain.hash
  where m.parent_hash is not null and chain.depth < 20000
)
select chain.thread as chat, coalesce(t.name, '') as name, coalesce(t.datetime_utc, '') as begun,
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

// llmPart is such a row.
type llmPart struct {
	Chat, Name, Begun, Hash, Role, Type, Text, Payload, Attached, Model, Time string
}

// llmThreads reads the newest form of the log.
func (db *database) llmThreads(found map[string]bool) {
	if !found["threads.tip_message_hash"] || !found["parts.payload"] || !found["fragments"] || !found["part_attachments"] {
		db.broken(db.path, "", "has turns of llm, but not what was said in them")
		return
	}
	var c Chat
	hash, begun := "", ""
	end := func() {
		if c.Time = db.sane(parseTime(begun)); c.Time.IsZero() {
			c.Time = db.begun(c.Messages)
		}
		db.chat(c)
	}
	db.query(threadsSQL, func(row []byte) error {
		var r llmPart
		if err := decode(row, &r); err != nil {
			return err
		}
		if r.Chat != c.ID {
			end()
			c, hash, begun = Chat{ID: r.Chat, Title: r.Name}, "", r.Begun
		}
		if r.Hash != hash {
			hash = r.Hash
			c.Messages = append(c.Messages, Message{Message: chat.Message{Role: chat.Role(r.Role)}, Time: db.sane(parseTime(r.Time))})
		}
		c.Messages[len(c.Messages)-1].addPart(&r)
		return nil
	})
	end()
}

// addPart adds a part to its message.
func (m *Message) addPart(r *llmPart) {
	if m.Role == chat.Assistant {
		m.Model = r.Model
	}
	switch r.Type {
	case "text":
		m.Text = joined(m.Text, r.Text)
	case "reasoning":
		m.Reasoning = joined(m.Reasoning, r.Text)
	case "tool_call":
		m.ToolCalls = append(m.ToolCalls, llmCall(r.Payload))
	case "tool_result":
		var result struct{ Output string }
		_ = decode([]byte(r.Payload), &result) // one without output says nothing
		m.Text = joined(m.Text, result.Output)
	case "attachment":
		m.Text = joined(m.Text, attachmentNote(r.Attached))
	}
}
