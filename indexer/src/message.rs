//! An event as a JSON message, in which form webhooks and the outbox send it.

/// The message of an event `e` of `chain.event`, with the tables of [`JOINS`].
pub(crate) const BODY: &str = "jsonb_build_object(
    'id', e.height || '-' || e.index || '-' || e.event, 'height', e.height, 'index', e.index, 'event', e.event,
    'module', e.module, 'name', e.name, 'subject', s.subject, 'value', e.value, 'transaction', t.id,
    'time', to_char(e.time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text";

/// What a statement with [`JOINS`] begins with: the name of the first field of each event's record, which is read once for all
/// events, because interfaces are large.
pub(crate) const FIELDS: &str = "with field as materialized (
    select v.module, v.from_height, v.from_index, c ->> 'name' as event, c -> 'type' -> 'record' -> 0 ->> 'name' as name
    from chain.module_version v, jsonb_path_query(v.interface, '$.event.variant[*]') c
)";

/// What is joined to an event `e`: its transaction `t`, and its subject `s`, which is the module and what the first field of
/// the event's record says, by the interface at that height: the order, hold or account that the event is about.
pub(crate) const JOINS: &str = "
    join chain.transaction t on t.height = e.height and t.index = e.index
    left join lateral (
        select field.name from field
        where field.module = e.module and field.event = e.name and field.from_height <= e.height
        order by field.from_height desc, field.from_index desc limit 1
    ) f on true
    cross join lateral (
        select e.module || coalesce('/' || (e.value ->> f.name), '') as subject
    ) s";
