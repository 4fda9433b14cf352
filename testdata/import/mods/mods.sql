-- "string" is no type that SQLite knows: what looks like a number is stored as one.
create table conversations (id string not null primary key, title string not null,
  updated_at datetime not null default (strftime('%Y-%m-%d %H:%M:%f', 'now')), model string, api string,
  check (id <> ''), check (title <> ''));
insert into conversations (id, title, updated_at, model, api) values
  ('aa11bb', 'Tools', '2025-04-01 10:00:00', 'gpt-4o', 'openai'),
  ('cc22dd', '42', '2024-01-01 00:00:00.123', null, null),
  ('ee33ff', 'Before tools', '2023-11-01 12:00:00', 'gpt-4', 'openai'),
  ('99', 'Its file is gone', '2024-02-01 00:00:00', 'm', 'a'),
  ('../../secret', 'Elsewhere', '2024-02-01 00:00:00', 'm', 'a');
