//! The SQL statements that insert the rows of a batch of blocks into the tables of the schema `chain`.

use serde_json::Value;
use sqlx::PgConnection;

use crate::project::{
    BlockRow, CallRow, EventRow, MentionRow, MissedVoteRow, ModuleVersionRow, ParameterRow, Rows,
    TransactionRow, ValidatorRow,
};

/// Inserts the rows, one statement a table.
pub(super) async fn insert(to: &mut PgConnection, rows: &Rows) -> Result<(), sqlx::Error> {
    blocks(to, &rows.blocks).await?;
    transactions(to, &rows.transactions).await?;
    calls(to, &rows.calls).await?;
    events(to, &rows.events).await?;
    mentions(to, &rows.mentions).await?;
    missed_votes(to, &rows.missed_votes).await?;
    module_versions(to, &rows.module_versions).await?;
    validators(to, &rows.validators).await?;
    parameters(to, &rows.parameters).await
}

/// One column of the rows.
fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// A column of JSON, as text.
fn json<R>(rows: &[R], of: impl Fn(&R) -> Option<&Value>) -> Vec<Option<String>> {
    rows.iter().map(|row| of(row).map(Value::to_string)).collect()
}

async fn blocks(to: &mut PgConnection, rows: &[BlockRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.block (height, hash, parent, time, timestamp_ms, round, proposer, transactions, events,
             gas_used, parent_state_root, parent_receipts_root, transactions_root, validators_hash)
         select height, hash, parent, to_timestamp(ms / 1000.0), ms, round, proposer, transactions, events,
             gas::numeric, state_root, receipts_root, transactions_root, validators
         from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::integer[],
             $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
             as t(height, hash, parent, ms, round, proposer, transactions, events, gas, state_root, receipts_root,
                 transactions_root, validators)",
    )
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.hash.clone()))
    .bind(column(rows, |it| it.parent.clone()))
    .bind(column(rows, |it| it.timestamp_ms))
    .bind(column(rows, |it| it.round))
    .bind(column(rows, |it| it.proposer.clone()))
    .bind(column(rows, |it| it.transactions))
    .bind(column(rows, |it| it.events))
    .bind(column(rows, |it| it.gas_used.clone()))
    .bind(column(rows, |it| it.parent_state_root.clone()))
    .bind(column(rows, |it| it.parent_receipts_root.clone()))
    .bind(column(rows, |it| it.transactions_root.clone()))
    .bind(column(rows, |it| it.validators_hash.clone()))
    .execute(to)
    .await
    .map(drop)
}

async fn transactions(to: &mut PgConnection, rows: &[TransactionRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.transaction (height, index, id, kind, time, sender, lane, sequence, valid_until_ms,
             gas_limit, gas_used, memo, succeeded, failed_call, code, message, error, calls, events)
         select height, index, id, kind, to_timestamp(ms / 1000.0), sender, lane, sequence::numeric,
             valid_until_ms::numeric, gas_limit::numeric, gas_used::numeric, memo, succeeded, failed_call, code,
             message, error::jsonb, calls, events
         from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[],
             $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[], $14::integer[],
             $15::text[], $16::text[], $17::text[], $18::integer[], $19::integer[])
             as t(height, index, id, kind, ms, sender, lane, sequence, valid_until_ms, gas_limit, gas_used, memo,
                 succeeded, failed_call, code, message, error, calls, events)",
    )
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.index))
    .bind(column(rows, |it| it.id.clone()))
    .bind(column(rows, |it| it.kind))
    .bind(column(rows, |it| it.timestamp_ms))
    .bind(column(rows, |it| it.sender.clone()))
    .bind(column(rows, |it| it.lane))
    .bind(column(rows, |it| it.sequence.clone()))
    .bind(column(rows, |it| it.valid_until_ms.clone()))
    .bind(column(rows, |it| it.gas_limit.clone()))
    .bind(column(rows, |it| it.gas_used.clone()))
    .bind(column(rows, |it| it.memo.clone()))
    .bind(column(rows, |it| it.succeeded))
    .bind(column(rows, |it| it.failed_call))
    .bind(column(rows, |it| it.code))
    .bind(column(rows, |it| it.message.clone()))
    .bind(json(rows, |it| it.error.as_ref()))
    .bind(column(rows, |it| it.calls))
    .bind(column(rows, |it| it.events))
    .execute(to)
    .await
    .map(drop)
}

async fn calls(to: &mut PgConnection, rows: &[CallRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.call (height, index, call, module, function, arguments, undecoded, result)
         select height, index, call, module, function, arguments::jsonb, undecoded, result::jsonb
         from unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[],
             $8::text[]) as t(height, index, call, module, function, arguments, undecoded, result)",
    )
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.index))
    .bind(column(rows, |it| it.call))
    .bind(column(rows, |it| it.module.clone()))
    .bind(column(rows, |it| it.function.clone()))
    .bind(json(rows, |it| it.arguments.as_ref()))
    .bind(column(rows, |it| it.undecoded.clone()))
    .bind(json(rows, |it| it.result.as_ref()))
    .execute(to)
    .await
    .map(drop)
}

async fn events(to: &mut PgConnection, rows: &[EventRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.event (height, index, event, call, module, name, time, value)
         select height, index, event, call, module, name, to_timestamp(ms / 1000.0), value::jsonb
         from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::text[], $6::text[],
             $7::bigint[], $8::text[]) as t(height, index, event, call, module, name, ms, value)",
    )
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.index))
    .bind(column(rows, |it| it.event))
    .bind(column(rows, |it| it.call))
    .bind(column(rows, |it| it.module.clone()))
    .bind(column(rows, |it| it.name.clone()))
    .bind(column(rows, |it| it.timestamp_ms))
    .bind(json(rows, |it| it.value.as_ref()))
    .execute(to)
    .await
    .map(drop)
}

async fn mentions(to: &mut PgConnection, rows: &[MentionRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.mention (address, height, index)
         select * from unnest($1::text[], $2::bigint[], $3::integer[])",
    )
    .bind(column(rows, |it| it.address.clone()))
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.index))
    .execute(to)
    .await
    .map(drop)
}

async fn missed_votes(to: &mut PgConnection, rows: &[MissedVoteRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.missed_vote (height, validator, name)
         select * from unnest($1::bigint[], $2::text[], $3::text[])",
    )
    .bind(column(rows, |it| it.height))
    .bind(column(rows, |it| it.validator.clone()))
    .bind(column(rows, |it| it.name.clone()))
    .execute(to)
    .await
    .map(drop)
}

async fn module_versions(
    to: &mut PgConnection,
    rows: &[ModuleVersionRow],
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.module_version (module, from_height, from_index, from_event, code, interface, wit)
         select module, height, index, event, code, interface::jsonb, wit
         from unnest($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[])
             as t(module, height, index, event, code, interface, wit)",
    )
    .bind(column(rows, |it| it.module.clone()))
    .bind(column(rows, |it| it.from_height))
    .bind(column(rows, |it| it.from_index))
    .bind(column(rows, |it| it.from_event))
    .bind(column(rows, |it| it.code.clone()))
    .bind(json(rows, |it| Some(&it.interface)))
    .bind(column(rows, |it| it.wit.clone()))
    .execute(to)
    .await
    .map(drop)
}

async fn validators(to: &mut PgConnection, rows: &[ValidatorRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.validator (key, from_height, name, node_key, power)
         select key, height, name, node_key, power::numeric
         from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
             as t(key, height, name, node_key, power)",
    )
    .bind(column(rows, |it| it.key.clone()))
    .bind(column(rows, |it| it.from_height))
    .bind(column(rows, |it| it.name.clone()))
    .bind(column(rows, |it| it.node_key.clone()))
    .bind(column(rows, |it| it.power.clone()))
    .execute(to)
    .await
    .map(drop)
}

async fn parameters(to: &mut PgConnection, rows: &[ParameterRow]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into chain.parameter (name, from_height, value)
         select name, height, value::jsonb
         from unnest($1::text[], $2::bigint[], $3::text[]) as t(name, height, value)",
    )
    .bind(column(rows, |it| it.name.clone()))
    .bind(column(rows, |it| it.from_height))
    .bind(json(rows, |it| Some(&it.value)))
    .execute(to)
    .await
    .map(drop)
}
