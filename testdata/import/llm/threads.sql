-- The third form: threads, each a pointer at the last of messages that others share.
create table fragments (id integer primary key, hash text, content text, datetime_utc text, source text);
create table attachments (id text primary key, type text, path text, url text, content blob);
create table conversations (id text primary key, name text, model text);
create table responses (id text primary key, model text, prompt text, system text, response text, conversation_id text, datetime_utc text);
create table messages (hash text primary key, parent_hash text, role text, provider_metadata text);
create table parts (id integer primary key, message_hash text, position integer, type text, tool_name text, text text, payload text);
create table part_attachments (part_id integer, attachment_id text, "order" integer);
create table part_fragments (part_id integer, fragment_id integer, "order" integer);
create table threads (id text primary key, name text, tip_message_hash text, forked_from text, datetime_utc text);
create table turns (id text primary key, thread_id text, parent_message_hash text, tip_message_hash text, model text,
  resolved_model text, options_json text, datetime_utc text);
insert into conversations values ('01k0', 'Both', 'm');
insert into responses values
  ('u0', 'm-old', 'before', null, 'old', '01k0', '2026-01-01T00:00:00+00:00'),
  ('u1', 'm-old', 'in the new form too', null, 'x', '01k0', '2026-01-01T00:00:01+00:00');
insert into fragments values (7, 'h', 'the novel', null, null);
insert into attachments values ('a1', 'image/jpeg', null, 'https://example.com/x.jpg', null);
insert into messages values ('b2:1', null, 'system', null), ('b2:2', 'b2:1', 'user', null), ('b2:3', 'b2:2', 'assistant', null),
  ('b2:4', 'b2:3', 'tool', null), ('b2:5', 'b2:4', 'assistant', null), ('b2:6', 'b2:3', 'user', null);
insert into parts (id, message_hash, position, type, tool_name, text, payload) values
  (1, 'b2:1', 0, 'text', null, 'be brief', null),
  (2, 'b2:2', 0, 'text', null, null, '{"text_ref": [{"literal": "Read "}, {"fragment": 7}, {"literal": "!"}]}'),
  (3, 'b2:2', 1, 'attachment', null, null, '{"attachment": {"id": "a1"}}'),
  (4, 'b2:3', 0, 'reasoning', null, 'Shall I?', null),
  (5, 'b2:3', 1, 'tool_call', 'read', null, '{"name": "read", "arguments": {"page": 1}, "tool_call_id": "c1"}'),
  (6, 'b2:4', 0, 'tool_result', 'read', null, '{"name": "read", "output": "Call me Ishmael.", "tool_call_id": "c1"}'),
  (7, 'b2:5', 0, 'text', null, 'Done.', null),
  (8, 'b2:6', 0, 'text', null, 'Wait', null);
insert into part_attachments values (3, 'a1', 0);
insert into threads values ('01k1', 'Reading', 'b2:5', null, '2026-05-01T08:00:00+00:00'), ('01k2', 'Fork', 'b2:6', '01k1', '2026-05-01T09:00:00+00:00');
insert into turns values ('u1', '01k1', 'b2:2', 'b2:3', 'm', 'm-2026', null, '2026-05-01T08:00:01+00:00'),
  ('u2', '01k1', 'b2:4', 'b2:5', 'm', null, null, '2026-05-01T08:00:09+00:00');
