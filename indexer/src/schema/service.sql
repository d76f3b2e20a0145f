-- What the HTTP API needs besides the tables. It is not made from blocks, so 'reset' keeps it. Each statement changes nothing
-- where it was executed before.
create schema if not exists service;

-- Random keys that all servers of the database share.
create table if not exists service.secret (
    name text primary key,
    value bytea not null
);
insert into service.secret (name, value)
values ('cursor', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'))
on conflict do nothing;

-- What an operator decided about the database.
create table if not exists service.setting (
    name text primary key,
    value jsonb not null
);

-- For the search by words.
create index if not exists transaction_memo_words on chain.transaction using gin (to_tsvector('simple', memo))
    where memo <> '';
create index if not exists entry_reference_words on emo.entry using gin (to_tsvector('simple', reference))
    where reference <> '';

-- For the statement by reference; texts of any length.
create index if not exists entry_reference on emo.entry using hash (reference) where reference <> '';

-- For the search for products, stores and postings. They are entered at once: entries that wait would be read by each search.
alter table pss.product add column if not exists words tsvector generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', summary), 'B')
) stored;
create index if not exists product_words on pss.product using gin (words) with (fastupdate = off);
alter table pss.store add column if not exists words tsvector generated always as (to_tsvector('simple', name)) stored;
create index if not exists store_words on pss.store using gin (words) with (fastupdate = off);
alter table emo.posting add column if not exists words tsvector generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', summary), 'B')
    || setweight(jsonb_to_tsvector('simple', skills, '["string"]'), 'B')
) stored;
create index if not exists posting_words on emo.posting using gin (words) with (fastupdate = off);

-- Where events are sent. A webhook has its own cursor: 'next_height' is the first block whose events are not queued yet.
create table if not exists service.webhook (
    id bigint generated always as identity primary key,
    url text not null,
    -- Signs deliveries.
    secret text not null default replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
    module text,
    name text,
    address text,
    next_height bigint not null
);
-- The account that set it up for itself; none for those of the operator.
alter table service.webhook add column if not exists owner text unique;

-- The streams to which events are published: the next event to publish, and the sequence of the last message that the stream is
-- known to have.
create table if not exists service.outbox (
    stream text primary key,
    height bigint not null,
    index integer not null,
    event integer not null,
    sequence numeric(20) not null
);

-- Of which events an account wants to be notified, and where; an empty name stands for all events of the module.
create table if not exists service.preference (
    account text not null,
    module text not null,
    name text not null,
    in_app boolean not null,
    webhook boolean not null,
    primary key (account, module, name)
);

-- How far an account has read its notifications.
create table if not exists service.read_to (
    account text primary key,
    height bigint not null
);

-- Events that wait for their endpoint, are being sent, or are dead letters. A sent one is removed.
create table if not exists service.delivery (
    webhook bigint not null references service.webhook on delete cascade,
    height bigint not null,
    index integer not null,
    event integer not null,
    subject text not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    due timestamptz not null default now(),
    last_error text,
    body text not null,
    primary key (webhook, height, index, event)
);
create index if not exists delivery_order on service.delivery (webhook, subject, height, index, event)
    where state <> 'dead';
