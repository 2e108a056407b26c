-- The peer's tables: what a chat needs, and nothing that would slow it down.
create table conversation (
  id bigint generated always as identity primary key,
  buyer text not null,
  seller text not null,
  last_seq bigint not null default 0
);

create table message (
  conversation bigint not null references conversation (id),
  seq bigint not null,
  sender text not null,
  client_id text not null,
  body text not null,
  at timestamptz not null default now(),
  primary key (conversation, seq),
  unique (conversation, sender, client_id)
);
