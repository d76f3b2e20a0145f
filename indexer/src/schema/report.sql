-- Views for people and BI tools: stable names and columns, described in docs/reports.md. Amounts are in base units; columns
-- that end with _main have them in main units of the asset. They are made again whenever this file has changed.
create schema if not exists report;

create view report.freshness as
select genesis_hash, network, height, block_time, now() - block_time as age from chain.cursor;

create view report.balances as
select b.account, b.asset, a.name as asset_name, b.available, b.held, b.available + b.held as total,
    b.available / power(10::numeric, a.decimals) as available_main,
    b.held / power(10::numeric, a.decimals) as held_main,
    (b.available + b.held) / power(10::numeric, a.decimals) as total_main,
    b.at_height
from emo.balance b join emo.asset a on a.id = b.asset;

-- Balances at a moment: after the last block that is not younger.
create function report.balance_asof(at timestamptz)
returns table (account text, asset text, available numeric, held numeric, total numeric, total_main numeric, at_height bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select e.account, e.asset, e.available, e.held, e.available + e.held,
        (e.available + e.held) / power(10::numeric, a.decimals), e.at_height
    from (
        select distinct on (account, asset) * from emo.entry
        where time_ms <= floor(extract(epoch from at) * 1000) order by account, asset, n desc
    ) e join emo.asset a on a.id = e.asset
$$;

create view report.statement as
select e.account, e.asset, e.n, to_timestamp(e.time_ms / 1000.0) as time, e.kind, e.other, e.reference,
    e.available_change, e.held_change, e.available, e.held,
    (e.available_change + e.held_change) / power(10::numeric, a.decimals) as change_main,
    (e.available + e.held) / power(10::numeric, a.decimals) as total_main,
    t.id as transaction, e.at_height
from emo.entry e
join emo.asset a on a.id = e.asset
left join chain.transaction t on t.height = e.at_height and t.index = e.at_index;

create view report.cash_flow_monthly as
select e.account, e.asset, date_trunc('month', to_timestamp(e.time_ms / 1000.0) at time zone 'UTC')::date as month,
    sum(greatest(e.available_change + e.held_change, 0)) as incoming,
    sum(greatest(-(e.available_change + e.held_change), 0)) as outgoing,
    sum(e.available_change + e.held_change) as net,
    sum(e.available_change + e.held_change) / power(10::numeric, a.decimals) as net_main,
    count(*) as entries
from emo.entry e join emo.asset a on a.id = e.asset
group by e.account, e.asset, a.decimals, 3;

create view report.escrow_exposure as
select h.controller, h.asset, count(*) as holds, count(distinct h.payer) as payers, sum(h.remaining) as amount,
    sum(h.remaining) / power(10::numeric, a.decimals) as amount_main,
    max(h.remaining) as largest,
    -- The greatest time that Postgres and people can use: beyond it a hold does not expire.
    min(case when h.expires_ms < 32503680000000 then to_timestamp((h.expires_ms / 1000)::double precision) end)
        as next_expiry
from emo.hold h join emo.asset a on a.id = h.asset
where h.state = 'open'
group by h.controller, h.asset, a.decimals;

-- Open invoices by the days since they were due.
create view report.receivables as
select r.payee as account, r.payer as other, r.asset,
    case
        when late <= 0 then 'not due' when late <= 30 then '1-30' when late <= 60 then '31-60'
        when late <= 90 then '61-90' else 'over 90'
    end as days_late,
    count(*) as invoices, sum(r.amount - r.paid) as open,
    sum(r.amount - r.paid) / power(10::numeric, a.decimals) as open_main
from emo.request r
join emo.asset a on a.id = r.asset
cross join lateral (
    select ceil((extract(epoch from now()) * 1000 - r.due_ms) / 86400000) as late
) age
where r.state in ('open', 'partially-paid')
group by r.payee, r.payer, r.asset, a.decimals, 4;

create view report.payables as
select other as account, account as other, asset, days_late, invoices, open, open_main
from report.receivables where other is not null;

create view report.role_changes as
with changed as (
    select height, index, event, time, value ->> 'address' as account, value ->> 'organisation' as organisation,
        value -> 'roles' as after,
        coalesce(lag(value -> 'roles') over (partition by value ->> 'address' order by height, index, event), '[]') as before
    from chain.event where module = 'kernel' and name = 'account-changed'
)
select c.time, c.account, c.organisation, r.role, r.change, r.until, t.sender as by, t.id as transaction, c.height, c.index,
    c.event
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
select e.time, t.sender as by, e.module, e.name as action, e.value as details, t.id as transaction, e.height, e.index,
    e.event
from chain.event e
join chain.transaction t on t.height = e.height and t.index = e.index
where (e.module = 'kernel' and e.name in (
        'code-uploaded', 'module-upgraded', 'module-installed', 'module-changed', 'validators-changed', 'parameters-changed',
        'account-changed', 'organisation-added', 'organisation-changed', 'quota-changed', 'recovery-announced',
        'recovery-cancelled', 'node-permitted', 'node-removed', 'candidate-changed', 'candidate-removed'))
    or (e.module = 'wallet' and e.name in (
        'asset-created', 'issuer-changed', 'supply-restricted', 'minted', 'burned', 'balance-frozen', 'balance-unfrozen'));

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
    select (time at time zone 'UTC')::date as day, count(*) as blocks,
        count(*) filter (where transactions > 0) as blocks_with_transactions,
        sum(gas_used) as gas_used, sum(events) as events
    from chain.block where height > 0 group by 1
) b
left join (
    select (time at time zone 'UTC')::date as day, count(*) as transactions,
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

-- Proposals, with the votes as they would count now: with the power of the validators that an organisation runs.
create view report.proposals as
with validators as (
    select distinct on (key) node_key, power from chain.validator order by key, from_height desc
), powers as (
    select n.organisation, sum(v.power) as power
    from validators v join edr.node n on n.key = v.node_key where v.power > 0 group by n.organisation
)
select p.id as proposal, p.organisation, p.by, p.reason, p.actions, p.state,
    p.state in ('voting', 'accepted') and p.until_ms >= extract(epoch from c.block_time) * 1000 as is_open,
    p.percent as percent_needed, coalesce(t.percent_for, 0) as percent_for, coalesce(t.percent_against, 0) as percent_against,
    coalesce(t.votes_for, 0) as votes_for, coalesce(t.votes_against, 0) as votes_against,
    to_timestamp((p.made_ms / 1000)::double precision) as made,
    case when p.executable_ms <= 32503680000000 then to_timestamp((p.executable_ms / 1000)::double precision) end
        as executable,
    case when p.until_ms <= 32503680000000 then to_timestamp((p.until_ms / 1000)::double precision) end as until,
    p.failure, p.at_height
from edr.proposal p
cross join chain.cursor c
left join (
    select v.proposal, count(*) filter (where v.accepts) as votes_for, count(*) filter (where not v.accepts) as votes_against,
        round(100 * sum(w.power) filter (where v.accepts) / (select sum(power) from powers), 2) as percent_for,
        round(100 * sum(w.power) filter (where not v.accepts) / (select sum(power) from powers), 2) as percent_against
    from edr.vote v left join powers w on w.organisation = v.organisation group by v.proposal
) t on t.proposal = p.id;

-- Stock by location, with the name of its product. Cover: how long it lasts if as much is shipped a day as in the last 30 days.
create view report.stock_now as
select v.store, p.id as product, p.title, v.sku, s.variant, s.location, s.on_hand, s.reserved, s.available,
    coalesce(m.shipped, 0) as shipped_30_days,
    case when m.shipped > 0 then round(s.available * 30 / m.shipped, 1) end as days_of_cover, s.at_height
from pss.stock s
join pss.variant v on v.id = s.variant
join pss.product p on p.id = v.product
left join (
    select variant, location, -sum(on_hand_change) as shipped from pss.stock_movement
    where cause = 'shipped' and time_ms >= (extract(epoch from now()) - 30 * 86400) * 1000
    group by variant, location
) m on m.variant = s.variant and m.location = s.location;

-- Stock at a moment: after the last block that is not younger.
create function report.stock_asof(at timestamptz)
returns table (
    store numeric, product numeric, title text, sku text, variant numeric, location numeric, on_hand numeric,
    reserved numeric, available numeric, at_height bigint
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select v.store, p.id, p.title, v.sku, m.variant, m.location, m.on_hand, m.reserved, m.on_hand - m.reserved, m.at_height
    from (
        select distinct on (variant, location) * from pss.stock_movement
        where time_ms <= floor(extract(epoch from at) * 1000) order by variant, location, n desc
    ) m
    join pss.variant v on v.id = m.variant
    join pss.product p on p.id = v.product
$$;

-- Orders by the day on which they were placed, and money that left their escrow by the day on which it did.
create view report.sales_daily as
select s.store, s.asset, s.day, sum(s.orders) as orders, sum(s.pieces) as pieces, sum(s.ordered) as ordered,
    sum(s.paid) as paid, sum(s.refunded) as refunded, sum(s.fees) as fees,
    sum(s.ordered) / power(10::numeric, a.decimals) as ordered_main,
    sum(s.paid) / power(10::numeric, a.decimals) as paid_main
from (
    select o.store, o.asset, (to_timestamp((w.placed_ms / 1000)::double precision) at time zone 'UTC')::date as day,
        1 as orders, coalesce(l.pieces, 0) as pieces, o.funded as ordered, 0 as paid, 0 as refunded, 0 as fees
    from emo.sub_order o
    join emo."order" w on w.id = o.order_id
    left join (select sub_order, sum(ordered) as pieces from emo.order_line group by sub_order) l on l.sub_order = o.id
    union all
    select o.store, o.asset, (to_timestamp(p.time_ms / 1000.0) at time zone 'UTC')::date, 0, 0, 0, p.paid, p.refunded, p.fee
    from emo.escrow_payment p join emo.sub_order o on o.id = p.sub_order
) s
join emo.asset a on a.id = s.asset
group by s.store, s.asset, s.day, a.decimals;

-- The same of all stores together.
create view report.market_daily as
select s.asset, s.day, count(*) as stores, sum(s.orders) as orders, sum(s.pieces) as pieces, sum(s.ordered) as ordered,
    sum(s.paid) as paid, sum(s.refunded) as refunded, sum(s.fees) as fees, sum(s.ordered_main) as ordered_main,
    sum(s.paid_main) as paid_main
from report.sales_daily s group by s.asset, s.day;

-- Products by the month in which they were ordered.
create view report.top_products as
select o.store, v.product, p.title, o.asset,
    date_trunc('month', to_timestamp((w.placed_ms / 1000)::double precision) at time zone 'UTC')::date as month,
    count(distinct o.id) as orders, sum(l.ordered) as ordered, sum(l.shipped) as shipped, sum(l.returned) as returned,
    sum(l.ordered * l.unit_price) as amount,
    sum(l.ordered * l.unit_price) / power(10::numeric, a.decimals) as amount_main
from emo.order_line l
join emo.sub_order o on o.id = l.sub_order
join emo."order" w on w.id = o.order_id
join pss.variant v on v.id = l.variant
join pss.product p on p.id = v.product
join emo.asset a on a.id = o.asset
group by o.store, v.product, p.title, o.asset, a.decimals, 5;

-- How many orders of a store reached a state, and how long that took from placing on.
create view report.order_funnel as
select p.store, r.state, count(*) as orders,
    round(100.0 * count(*) / max(p.placed), 1) as percent_of_placed,
    percentile_cont(0.5) within group (order by r.after) as median,
    percentile_cont(0.9) within group (order by r.after) as percentile_90
from (
    select id, store, count(*) over (partition by store) as placed from emo.sub_order
) p
join (
    select sub_order, state, make_interval(secs => (min(time_ms) - min(min(time_ms)) over (partition by sub_order)) / 1000.0) as after
    from emo.order_step group by sub_order, state
) r on r.sub_order = p.id
group by p.store, r.state;

-- Goods that buyers want to give back, or gave back.
create view report.returns as
select r.sub_order, o.store, o.buyer, to_timestamp(q.time_ms / 1000.0) as requested, o.state, r.reason,
    coalesce(c.pieces, 0) as pieces, coalesce(c.value, 0) as value, o.asset,
    coalesce(c.value, 0) / power(10::numeric, a.decimals) as value_main,
    r.carrier, r.tracking, r.received, r.restocked, r.at_height
from emo.return_case r
join emo.sub_order o on o.id = r.sub_order
join emo.asset a on a.id = o.asset
left join (
    select sub_order, min(time_ms) as time_ms from emo.order_step where state = 'return-requested' group by sub_order
) q on q.sub_order = r.sub_order
left join (
    select p.sub_order, sum(p.quantity) as pieces, sum(p.quantity * l.unit_price) as value
    from emo.return_line p join emo.order_line l on l.sub_order = p.sub_order and l.line = p.line
    group by p.sub_order
) c on c.sub_order = r.sub_order;

-- Sub-orders that are not final, and how late they are by their deadline.
create view report.orders_open as
select o.id as sub_order, o.order_id, o.store, o.organisation, o.buyer, o.state, o.asset,
    o.funded / power(10::numeric, a.decimals) as total_main,
    (o.funded - o.refunded - o.paid) / power(10::numeric, a.decimals) as unsettled_main,
    case when o.deadline_ms <= 32503680000000 then to_timestamp((o.deadline_ms / 1000)::double precision) end
        as deadline,
    o.deadline_ms < extract(epoch from now()) * 1000 as is_late,
    case when o.deadline_ms < extract(epoch from now()) * 1000
        then date_trunc('second', now() - to_timestamp((o.deadline_ms / 1000)::double precision)) end as late,
    case
        when o.state in ('delivered', 'return-approved', 'return-declined') then 'buyer'
        when o.state = 'shipped' then 'carrier or buyer'
        when o.state = 'disputed' then 'parties or arbiter'
        else 'store'
    end as must_act,
    o.at_height
from emo.sub_order o join emo.asset a on a.id = o.asset
where o.state not in ('declined', 'expired', 'cancelled', 'undelivered', 'completed',
    'returned', 'resolved', 'hold-expired');

create view report.disputes_open as
select module, id as dispute, item_id, payer, payee, claimant, amount, reason, state,
    case when deadline_ms <= 32503680000000 then to_timestamp((deadline_ms / 1000)::double precision) end
        as deadline,
    at_height
from emo.dispute where state <> 'final';

-- Postings that take applications or are decided.
create view report.jobs_open as
select p.id as posting, p.client, p.title, p.state, p.visibility, p.positions, p.hired, p.asset,
    p.budget / power(10::numeric, a.decimals) as budget_main,
    to_timestamp((least(p.apply_until_ms, 32503680000000) / 1000)::double precision) as apply_until, p.at_height
from emo.posting p join emo.asset a on a.id = p.asset
where p.state in ('open', 'deciding');

-- How far each posting's hiring is. An application is counted in the state that it has now.
create view report.hiring_funnel as
select p.id as posting, p.client, p.title, p.state, p.positions, coalesce(a.applications, 0) as applications,
    coalesce(a.shortlisted, 0) as shortlisted, coalesce(a.rejected, 0) as rejected, coalesce(a.withdrawn, 0) as withdrawn,
    coalesce(o.offers, 0) as offers, coalesce(o.accepted, 0) as offers_accepted, p.hired,
    case when p.positions > 0 then round(100 * p.hired / p.positions, 1) end as filled_percent, p.at_height
from emo.posting p
left join (
    select posting, count(*) as applications, count(*) filter (where state in ('shortlisted', 'hired')) as shortlisted,
        count(*) filter (where state = 'rejected') as rejected, count(*) filter (where state = 'withdrawn') as withdrawn
    from emo.application group by posting
) a on a.posting = p.id
left join (
    select posting, count(*) as offers, count(*) filter (where state = 'accepted') as accepted
    from emo.offer group by posting
) o on o.posting = p.id;

-- Milestones that have not ended, and who must act until when.
create view report.milestones_due as
select m.contract, m.id as milestone, m.title, c.client, c.contractor, m.state,
    case
        when m.state in ('funded', 'revising') then 'contractor'
        when m.state = 'disputed' then 'parties or arbiter'
        else 'client'
    end as must_act,
    c.asset, m.amount, m.amount / power(10::numeric, a.decimals) as amount_main,
    case when m.due_ms between 1 and 32503680000000 then to_timestamp((m.due_ms / 1000)::double precision) end as due,
    case when m.deadline_ms <= 32503680000000 then to_timestamp((m.deadline_ms / 1000)::double precision) end
        as deadline,
    coalesce(m.deadline_ms < extract(epoch from now()) * 1000, false) as is_late, m.at_height
from emo.milestone m
join emo.contract c on c.id = m.contract
join emo.asset a on a.id = c.asset
where m.state in ('pending', 'funded', 'submitted', 'revising', 'approved', 'disputed');

-- What contractors were paid, by month.
create view report.contractor_earnings as
select c.contractor, c.asset, date_trunc('month', to_timestamp(s.time_ms / 1000.0) at time zone 'UTC')::date as month,
    count(distinct c.client) as clients, count(distinct s.milestone) as milestones,
    sum(s.paid) as paid, sum(s.fee) as fees, sum(s.paid) / power(10::numeric, a.decimals) as paid_main
from (
    -- A step has what was paid so far.
    select milestone, time_ms, coalesce(paid, 0) - coalesce(lag(paid) over steps, 0) as paid,
        coalesce(fee, 0) - coalesce(lag(fee) over steps, 0) as fee
    from emo.milestone_step window steps as (partition by milestone order by n)
) s
join emo.milestone m on m.id = s.milestone
join emo.contract c on c.id = m.contract
join emo.asset a on a.id = c.asset
where s.paid > 0
group by c.contractor, c.asset, a.decimals, 3;

-- Captured usage by the day on which it was authorised, or its report delivered.
create view report.credit_usage_daily as
select u.programme, p.name as programme_name, u.account, u.service,
    (to_timestamp((u.at_ms / 1000)::double precision) at time zone 'UTC')::date as day,
    count(*) as usages, sum(u.quantity) as quantity, sum(u.credits) as credits
from emo.usage u join emo.programme p on p.id = u.programme
where u.state = 'captured'
group by u.programme, p.name, u.account, u.service, 5;

-- The same of all accounts and services together.
create view report.credit_daily as
select u.programme, u.programme_name, u.day, count(distinct u.account) as accounts, sum(u.usages) as usages,
    sum(u.credits) as credits
from report.credit_usage_daily u group by u.programme, u.programme_name, u.day;

-- Credits that issuers owe: those of open grants that are not used. Of sold ones, the part of the price that is neither
-- paid out nor returned.
create view report.credit_liability as
select g.programme, p.name as programme_name, p.issuer, g.buyer is not null as sold, g.asset, count(*) as grants,
    count(distinct g.account) as accounts, sum(g.amount) as granted, sum(g.used) as used, sum(g.held) as held,
    sum(g.amount - g.used) as unused,
    sum(g.price - coalesce(g.settled, 0) - coalesce(g.returned, 0)) as unsettled,
    sum(g.price - coalesce(g.settled, 0) - coalesce(g.returned, 0)) / power(10::numeric, a.decimals) as unsettled_main
from emo."grant" g
join emo.programme p on p.id = g.programme
left join emo.asset a on a.id = g.asset
where g.state = 'open'
group by g.programme, p.name, p.issuer, 4, g.asset, a.decimals;

-- Credit lines that are not over: what is drawn, and how late their bill is.
create view report.credit_lines as
select l.id as credit_line, l.programme, l.account, l.asset, l.state, l.suspended, l."limit" as credit_limit,
    l.held, l.unbilled, l.billed, l.held + l.unbilled + l.billed as drawn,
    greatest(l."limit" - l.held - l.unbilled - l.billed, 0) as free,
    coalesce(b.amount - b.paid, 0) as open, coalesce(b.amount - b.paid, 0) / power(10::numeric, a.decimals) as open_main,
    case
        when b.id is null then null
        when late <= 0 then 'not due' when late <= 30 then '1-30' when late <= 60 then '31-60'
        when late <= 90 then '61-90' else 'over 90'
    end as days_late,
    l.at_height
from emo.credit_line l
join emo.asset a on a.id = l.asset
left join emo.bill b on b.id = l.bill
cross join lateral (
    select ceil((extract(epoch from now()) * 1000 - b.due_ms) / 86400000) as late
) age
where l.state not in ('declined', 'withdrawn', 'expired', 'closed', 'written-off');

-- What treasurers and clerks may give, and gave today (UTC).
create view report.role_limits_today as
select t.module, t.role, t.subject, t.asset, t.single_max, t.daily_max, u.used_today,
    case when t.daily_max is not null then greatest(t.daily_max - u.used_today, 0) end as left_today, t.at_height
from emo.role_limit t
cross join lateral (
    select case when t.day = floor(extract(epoch from now()) / 86400) then t.used else 0 end as used_today
) u;

-- Bills of credit lines that are not paid in time.
create view report.bills_overdue as
select b.id as bill, b.credit_line, l.programme, l.account, l.asset, b.state, b.amount, b.paid, b.amount - b.paid as open,
    (b.amount - b.paid) / power(10::numeric, a.decimals) as open_main,
    to_timestamp((least(b.due_ms, 32503680000000) / 1000)::double precision) as due,
    greatest(ceil((extract(epoch from now()) * 1000 - b.due_ms) / 86400000), 0) as days_late, b.at_height
from emo.bill b
join emo.credit_line l on l.id = b.credit_line
join emo.asset a on a.id = l.asset
where b.state in ('due', 'overdue') and b.amount > b.paid and b.due_ms < extract(epoch from now()) * 1000;
