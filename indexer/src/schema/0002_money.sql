-- Money, from the events of the module wallet. A current row has the position of the event that changed it last; amounts are
-- in base units.
create schema emo;

create table emo.asset (
    id text primary key,
    name text not null,
    precision integer not null,
    issuer text not null,
    kind text not null,
    -- 'unlimited', 'closed' or 'capped'.
    supply_policy text not null,
    supply_cap numeric(20),
    freezable boolean not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);

create table emo.supply (
    asset text primary key,
    issued numeric(20) not null,
    redeemed numeric(20) not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);

create table emo.balance (
    account text not null,
    asset text not null,
    available numeric(20) not null,
    held numeric(20) not null,
    -- How many entries led to it.
    entries bigint not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (account, asset)
);
create index on emo.balance (asset);

-- Each change of a balance, with the balance after it.
create table emo.entry (
    account text not null,
    asset text not null,
    n bigint not null,
    kind text not null,
    other text,
    available_change numeric(20) not null,
    held_change numeric(20) not null,
    available numeric(20) not null,
    held numeric(20) not null,
    reference text,
    hold numeric(20),
    payment numeric(20),
    time_ms bigint not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (account, asset, n)
);
create index on emo.entry (account, asset, at_height desc, n desc);
create index on emo.entry (at_height);

create table emo.hold (
    id numeric(20) primary key,
    -- 'open', 'paid', 'released' or 'expired'.
    state text not null,
    payer text not null,
    controller text not null,
    payee text,
    asset text not null,
    amount numeric(20) not null,
    remaining numeric(20) not null,
    expires_ms numeric(20) not null,
    reference text not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);
create index on emo.hold (payer) where state = 'open';
create index on emo.hold (controller) where state = 'open';

create table emo.freeze (
    account text not null,
    asset text not null,
    until_ms numeric(20) not null,
    reason text not null,
    -- Whether the issuer ended it. It ends by time as well, which no event reports.
    thawed boolean not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (account, asset)
);

create table emo.allowance (
    id numeric(20) primary key,
    closed boolean not null,
    owner text not null,
    spender text not null,
    asset text not null,
    "limit" numeric(20) not null,
    period_ms numeric(20),
    spent numeric(20) not null,
    period_start_ms numeric(20) not null,
    granted_ms numeric(20) not null,
    expires_ms numeric(20) not null,
    payees jsonb not null,
    reference text not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);

create table emo.allowance_use (
    allowance numeric(20) not null,
    amount numeric(20) not null,
    spent numeric(20) not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (allowance, at_height, at_index, at_event)
);

create table emo.pending_payment (
    id numeric(20) primary key,
    state text not null,
    payer text not null,
    payee text not null,
    asset text not null,
    amount numeric(20) not null,
    reference text not null,
    request numeric(20),
    approvers jsonb not null,
    expires_ms numeric(20) not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);

create table emo.approval (
    payment numeric(20) not null,
    approver text not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (payment, approver)
);

create table emo.request (
    id numeric(20) primary key,
    state text not null,
    payee text not null,
    payer text,
    asset text not null,
    amount numeric(20) not null,
    paid numeric(20) not null,
    parts boolean not null,
    due_ms numeric(20) not null,
    reference text not null,
    document jsonb,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null
);

create table emo.request_payment (
    request numeric(20) not null,
    payer text not null,
    amount numeric(20) not null,
    at_height bigint not null,
    at_index integer not null,
    at_event integer not null,
    primary key (request, at_height, at_index, at_event)
);
