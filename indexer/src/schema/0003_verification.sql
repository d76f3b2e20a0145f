-- What the verification of the tables found.
create table indexer.verification (
    number bigint primary key generated always as identity,
    -- The height of the state that was compared.
    height bigint not null,
    time timestamptz not null default now(),
    -- 'full' for all rows, 'automatic' for those that changed since the last one, 'part' for what somebody asked for.
    kind text not null,
    -- How many rows and balances were compared with the chain, and how many were skipped because they changed later.
    compared bigint not null,
    skipped bigint not null,
    -- How many rules about sums were checked.
    sums bigint not null,
    -- How many differences there are. The first hundred are in indexer.difference.
    differing bigint not null
);

create table indexer.difference (
    verification bigint not null references indexer.verification,
    n bigint not null,
    difference text not null,
    primary key (verification, n)
);
