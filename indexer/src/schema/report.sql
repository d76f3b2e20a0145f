-- Views for people and BI tools: stable names and columns, described in docs/reports.md. Amounts are in base units; columns
-- that end with _main have them in main units of the asset. They are made again whenever this file has changed.
create schema if not exists report;

create view report.freshness as
select genesis_hash, network, height, block_time, now() - block_time as age from chain.cursor;

create view report.balances as
select b.account, b.asset, a.name as asset_name, b.available, b.held, b.available + b.held as total,
    b.available / power(10::numeric, a.precision) as available_main,
    b.held / power(10::numeric, a.precision) as held_main,
    (b.available + b.held) / power(10::numeric, a.precision) as total_main,
    b.at_height
from emo.balance b join emo.asset a on a.id = b.asset;

-- Balances at a moment: after the last block that is not younger.
create function report.balance_asof(at timestamptz)
returns table (account text, asset text, available numeric, held numeric, total numeric, total_main numeric, at_height bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select e.account, e.asset, e.available, e.held, e.available + e.held,
        (e.available + e.held) / power(10::numeric, a.precision), e.at_height
    from (
        select distinct on (account, asset) * from emo.entry
        where time_ms <= floor(extract(epoch from at) * 1000) order by account, asset, n desc
    ) e join emo.asset a on a.id = e.asset
$$;

create view report.statement as
select e.account, e.asset, e.n, to_timestamp(e.time_ms / 1000.0) as time, e.kind, e.other, e.reference,
    e.available_change, e.held_change, e.available, e.held,
    (e.available_change + e.held_change) / power(10::numeric, a.precision) as change_main,
    (e.available + e.held) / power(10::numeric, a.precision) as total_main,
    t.id as transaction, e.at_height
from emo.entry e
join emo.asset a on a.id = e.asset
left join chain.transaction t on t.height = e.at_height and t.index = e.at_index;

create view report.cash_flow_monthly as
select e.account, e.asset, date_trunc('month', to_timestamp(e.time_ms / 1000.0), 'UTC')::date as month,
    sum(greatest(e.available_change + e.held_change, 0)) as incoming,
    sum(greatest(-(e.available_change + e.held_change), 0)) as outgoing,
    sum(e.available_change + e.held_change) as net,
    sum(e.available_change + e.held_change) / power(10::numeric, a.precision) as net_main,
    count(*) as entries
from emo.entry e join emo.asset a on a.id = e.asset
group by e.account, e.asset, a.precision, 3;

create view report.escrow_exposure as
select h.controller, h.asset, count(*) as holds, count(distinct h.payer) as payers, sum(h.remaining) as amount,
    sum(h.remaining) / power(10::numeric, a.precision) as amount_main,
    max(h.remaining) as largest,
    -- The greatest time that Postgres and people can use: beyond it a hold does not expire.
    min(case when h.expires_ms < 32503680000000 then to_timestamp((h.expires_ms / 1000)::double precision) end)
        as next_expiry
from emo.hold h join emo.asset a on a.id = h.asset
where h.state = 'open'
group by h.controller, h.asset, a.precision;

-- Open invoices by the days since they were due.
create view report.receivables as
select r.payee as account, r.payer as other, r.asset,
    case
        when late <= 0 then 'not due' when late <= 30 then '1-30' when late <= 60 then '31-60'
        when late <= 90 then '61-90' else 'over 90'
    end as days_late,
    count(*) as invoices, sum(r.amount - r.paid) as open,
    sum(r.amount - r.paid) / power(10::numeric, a.precision) as open_main
from emo.request r
join emo.asset a on a.id = r.asset
cross join lateral (
    select ceil((extract(epoch from now()) * 1000 - r.due_ms) / 86400000) as late
) age
where r.state in ('open', 'partly-paid')
group by r.payee, r.payer, r.asset, a.precision, 4;

create view report.payables as
select other as account, account as other, asset, days_late, invoices, open, open_main
from report.receivables where other is not null;

create view report.role_changes as
with changed as (
    select height, index, time, value ->> 'address' as account, value ->> 'organisation' as organisation,
        value -> 'roles' as after,
        coalesce(lag(value -> 'roles') over (partition by value ->> 'address' order by height, index, event), '[]') as before
    from chain.event where module = 'kernel' and name = 'account-changed'
)
select c.time, c.account, c.organisation, r.role, r.change, r.until, t.sender as by, t.id as transaction, c.height
from changed c
cross join lateral (
    select coalesce(a.role, b.role) as role,
        case when b.role is null then 'granted' when a.role is null then 'revoked' else 'end-changed' end as change,
        case when a."until-ms" < 32503680000000 then to_timestamp((a."until-ms" / 1000)::double precision) end as until
    from jsonb_to_recordset(c.after) as a(role text, "until-ms" numeric)
    full join jsonb_to_recordset(c.before) as b(role text, "until-ms" numeric) on a.role = b.role
    where a.role is null or b.role is null or a."until-ms" is distinct from b."until-ms"
) r
left join chain.transaction t on t.height = c.height and t.index = c.index;

-- What administrators did: to modules, validators, parameters and accounts, and to the supply of assets.
create view report.admin_actions as
select e.time, t.sender as by, e.module, e.name as action, e.value as details, t.id as transaction, e.height
from chain.event e
join chain.transaction t on t.height = e.height and t.index = e.index
where (e.module = 'kernel' and e.name in (
        'code-stored', 'module-upgraded', 'module-installed', 'validators-changed', 'parameters-changed',
        'account-changed', 'organisation-added', 'node-permitted'))
    or (e.module = 'wallet' and e.name in (
        'asset-created', 'issuer-changed', 'supply-restricted', 'minted', 'burned', 'balance-frozen', 'balance-thawed'));

create view report.failures as
select t.code, c.module, c.function, count(*) as failures, count(distinct t.sender) as senders,
    min(t.time) as first, max(t.time) as last, (array_agg(t.message order by t.height desc))[1] as last_message
from chain.transaction t
left join chain.call c on c.height = t.height and c.index = t.index and c.call = coalesce(t.failed_call, 0)
where not t.succeeded
group by t.code, c.module, c.function;

create view report.network_daily as
select b.day, b.blocks, b.blocks_with_transactions, b.gas_used, coalesce(t.transactions, 0) as transactions,
    coalesce(t.failed, 0) as failed, coalesce(t.senders, 0) as senders, b.events
from (
    select date_trunc('day', time, 'UTC')::date as day, count(*) as blocks,
        count(*) filter (where transactions > 0) as blocks_with_transactions,
        sum(gas_used) as gas_used, sum(events) as events
    from chain.block where height > 0 group by 1
) b
left join (
    select date_trunc('day', time, 'UTC')::date as day, count(*) as transactions,
        count(*) filter (where not succeeded) as failed, count(distinct sender) as senders
    from chain.transaction where kind = 'transaction' group by 1
) t on t.day = b.day;

-- In the last 10,000 blocks, of those that a validator was to sign.
create view report.validator_uptime as
with head as (
    -- The certificate of the last block is in the next one, which is not in the tables yet.
    select height - 1 as last, greatest(height - 10000, 1) as first from chain.cursor
), terms as (
    select key, name, power, from_height,
        coalesce(lead(from_height) over (partition by key order by from_height) - 1, 9223372036854775807) as to_height
    from chain.validator
), signed as (
    select t.key, max(t.name) as name,
        sum(greatest(least(t.to_height, h.last) - greatest(t.from_height, h.first) + 1, 0)) as blocks
    from terms t cross join head h where t.power > 0 group by t.key
)
select s.key as validator, s.name, s.blocks, coalesce(m.missed, 0) as missed,
    case when s.blocks > 0 then round(100.0 * (s.blocks - coalesce(m.missed, 0)) / s.blocks, 2) end as uptime_percent
from signed s
left join (
    select validator, count(*) as missed from chain.missed_vote, head where height between first and last
    group by validator
) m on m.validator = s.key;

-- Stock by location, with the name of its product.
create view report.stock_now as
select v.store, p.id as product, p.title, v.sku, s.variant, s.location, s.stocked, s.reserved, s.available, s.at_height
from pss.stock s
join pss.variant v on v.id = s.variant
join pss.product p on p.id = v.product;

-- Sub-orders that are not final, and how late they are by their deadline.
create view report.orders_open as
select o.id as sub_order, o.order_id, o.store, o.organisation, o.buyer, o.state, o.asset,
    o.total / power(10::numeric, a.precision) as total_main,
    (o.total - o.refunded - o.paid) / power(10::numeric, a.precision) as unsettled_main,
    case when o.deadline_ms between 1 and 32503680000000 then to_timestamp((o.deadline_ms / 1000)::double precision) end
        as deadline,
    o.deadline_ms > 0 and o.deadline_ms < extract(epoch from now()) * 1000 as is_late, o.at_height
from emo.sub_order o join emo.asset a on a.id = o.asset
where o.state not in ('declined', 'expired', 'cancelled', 'undelivered', 'completed',
    'returned', 'resolved', 'lapsed');

create view report.disputes_open as
select module, id as dispute, subject, first, second, claimant, amount, reason, state,
    case when deadline_ms between 1 and 32503680000000 then to_timestamp((deadline_ms / 1000)::double precision) end
        as deadline,
    at_height
from emo.dispute where state <> 'final';

-- Postings that take applications or are decided.
create view report.jobs_open as
select p.id as posting, p.client, p.title, p.state, p.visibility, p.positions, p.hired, p.asset,
    p.budget / power(10::numeric, a.precision) as budget_main,
    to_timestamp((least(p.apply_until_ms, 32503680000000) / 1000)::double precision) as apply_until, p.at_height
from emo.posting p join emo.asset a on a.id = p.asset
where p.state in ('open', 'deciding');

-- Bills of credit lines that are not paid in time.
create view report.bills_overdue as
select b.id as bill, b.line, l.programme, l.account, l.asset, b.state, b.amount, b.paid, b.amount - b.paid as open,
    (b.amount - b.paid) / power(10::numeric, a.precision) as open_main,
    to_timestamp((least(b.due_ms, 32503680000000) / 1000)::double precision) as due,
    greatest(ceil((extract(epoch from now()) * 1000 - b.due_ms) / 86400000), 0) as days_late, b.at_height
from emo.bill b
join emo.line l on l.id = b.line
join emo.asset a on a.id = l.asset
where b.state in ('due', 'overdue') and b.amount > b.paid and b.due_ms < extract(epoch from now()) * 1000;
