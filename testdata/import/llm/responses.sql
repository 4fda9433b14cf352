-- The second form: responses of conversations, with what a request may draw on.
create table conversations (id text primary key, name text, model text);
create table responses (id text primary key, model text, prompt text, system text, prompt_json text, options_json text,
  response text, response_json text, conversation_id text, duration_ms integer, datetime_utc text,
  input_tokens integer, output_tokens integer, token_details text, schema_id text, resolved_model text, reasoning text);
create table attachments (id text primary key, type text, path text, url text, content blob);
create table prompt_attachments (response_id text, attachment_id text, "order" integer);
create table fragments (id integer primary key, hash text, content text, datetime_utc text, source text);
create table prompt_fragments (response_id text, fragment_id integer, "order" integer);
create table system_fragments (response_id text, fragment_id integer, "order" integer);
create table tool_calls (id integer primary key, response_id text, tool_id integer, name text, arguments text, tool_call_id text);
create table tool_results (id integer primary key, response_id text, tool_id integer, name text, output text, tool_call_id text);
insert into conversations values ('01h1', 'Describe this', 'gpt-4o'), ('01h2', '日本語', 'llama3');
insert into attachments values ('a1', 'image/png', '/home/me/cat.png', null, null), ('a2', 'application/pdf', null, null, x'25504446');
insert into fragments values (1, 'h1', 'a long novel', null, null), (2, 'h2', 'and its sequel', null, null);
insert into responses (id, model, resolved_model, prompt, system, response, reasoning, conversation_id, datetime_utc) values
  ('r1', 'gpt-4o', 'gpt-4o-2024', 'Describe this', 'be brief', '', 'A picture?', '01h1', '2025-03-01T10:00:00.100000+00:00'),
  ('r2', 'gpt-4o', 'gpt-4o-2024', '', 'be brief', 'A cat.', null, '01h1', '2025-03-01T10:00:05.100000+00:00'),
  ('r3', 'llama3', null, '猫は?', null, 'ねこ', null, '01h2', '2025-02-01T00:00:00+00:00'),
  ('r4', 'llama3', null, 'alone', null, 'yes', null, null, '2025-02-02T00:00:00+00:00');
insert into prompt_attachments values ('r1', 'a1', 0), ('r1', 'a2', 1);
insert into prompt_fragments values ('r1', 2, 1), ('r1', 1, 0);
insert into tool_calls values (1, 'r1', 1, 'look', '{"at": 1}', 'call_1');
insert into tool_results values (1, 'r2', 1, 'look', 'a cat', 'call_1');
