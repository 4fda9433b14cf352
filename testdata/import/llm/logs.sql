-- The first form of the log: one table, in which a chat goes by its first row.
create table logs (id integer primary key, model text, prompt text, system text, prompt_json text, options_json text,
  response text, response_json text, reply_to_id integer, chat_id integer, duration_ms integer, datetime_utc text);
insert into logs (id, model, prompt, system, response, chat_id, datetime_utc) values
  (1, 'gpt-3.5-turbo', 'first', 'be kind', 'one', null, '2023-05-01 10:00:00.123456'),
  (2, 'gpt-3.5-turbo', 'second', 'be kind', 'two', 1, '2023-05-01 10:01:00.123456'),
  (3, 'gpt-4', 'another', null, 'three', null, '2023-05-02T10:00:00.5+00:00');
