-- The chain as tables. Each block is written by one transaction, which moves the cursor as well.
create schema chain;

create table chain.cursor (
    only_row boolean primary key default true check (only_row),
    -- Hash of the genesis, which identifies the chain.
    genesis_hash text not null,
    network text not null,
    -- Version of the projection that wrote the tables.
    projection integer not null,
    -- The last block that is in the tables; none before genesis.
    height bigint,
    block_hash text not null,
    block_time timestamptz,
    -- Canonical bytes of the validator sets that decided that block and that decide the next one.
    validators bytea,
    next_validators bytea not null,
    -- How many heights a partition of the large tables holds.
    partition_heights bigint not null check (partition_heights > 0)
);

create table chain.block (
    height bigint primary key,
    hash text not null,
    parent text not null,
    time timestamptz not null,
    timestamp_ms bigint not null,
    round bigint not null,
    -- Consensus key of the validator that built the block; none for genesis.
    proposer text,
    transactions integer not null,
    events integer not null,
    gas_used numeric(39) not null,
    -- As in the header: the roots after the parent.
    parent_state_root text not null,
    parent_receipts_root text not null,
    transactions_root text not null,
    validators_hash text not null
) partition by range (height);
create index on chain.block (hash);
create index on chain.block (time);

create table chain.transaction (
    height bigint not null,
    index integer not null,
    id text not null,
    -- 'transaction', or 'genesis' or 'kernel' for what no transaction asked for.
    kind text not null,
    time timestamptz not null,
    sender text,
    lane bigint,
    sequence numeric(20),
    valid_until_ms numeric(20),
    gas_limit numeric(20),
    gas_used numeric(20) not null,
    memo text,
    succeeded boolean not null,
    failed_call integer,
    code text,
    message text,
    error jsonb,
    calls integer not null,
    events integer not null,
    primary key (height, index)
) partition by range (height);
create index on chain.transaction (id);
create index on chain.transaction (sender, height, index);
create index on chain.transaction (code, height) where not succeeded;

create table chain.call (
    height bigint not null,
    index integer not null,
    call integer not null,
    module text not null,
    function text not null,
    -- By the WIT of the module's version; none where the module does not have the function.
    arguments jsonb,
    -- The canonical bytes in hex where there is no such version.
    undecoded text,
    result jsonb,
    primary key (height, index, call)
) partition by range (height);
create index on chain.call (module, function, height);

create table chain.event (
    height bigint not null,
    index integer not null,
    event integer not null,
    -- The call during which it was emitted.
    call integer not null,
    module text not null,
    name text not null,
    time timestamptz not null,
    value jsonb,
    primary key (height, index, event)
) partition by range (height);
create index on chain.event (module, name, height);

create table chain.mention (
    address text not null,
    height bigint not null,
    index integer not null,
    primary key (address, height, index)
) partition by range (height);

create table chain.missed_vote (
    height bigint not null,
    validator text not null,
    name text not null,
    primary key (height, validator)
);
create index on chain.missed_vote (validator, height);

create table chain.module_version (
    module text not null,
    from_height bigint not null,
    -- The transaction and event that installed it; -1 for genesis.
    from_index integer not null,
    from_event integer not null,
    code text not null,
    interface jsonb not null,
    wit text not null,
    primary key (module, from_height, from_index, from_event)
);

create table chain.validator (
    key text not null,
    from_height bigint not null,
    name text not null,
    node_key text not null,
    -- 0 where it is no validator any more.
    power numeric(20) not null,
    primary key (key, from_height)
);

create table chain.parameter (
    name text not null,
    from_height bigint not null,
    value jsonb not null,
    primary key (name, from_height)
);

-- The views that were generated from interfaces: one for each event of a module.
create table indexer.extension_view (
    schema_name text not null,
    view_name text not null,
    module text not null,
    event text not null,
    definition text not null,
    primary key (schema_name, view_name)
);
