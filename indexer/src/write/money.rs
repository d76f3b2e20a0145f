//! Updates the money tables by the wallet's events, in the database transaction that writes the blocks.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use super::WriteError;
use crate::project::money::{
    AllowanceRow, Amount, AssetRow, BalanceRow, FreezeRow, HoldRow, Money, MoneyEvents, Owner,
    PendingPaymentRow, RequestRow, SupplyRow,
};

/// Loads the rows that money events change, applies the events and writes the rows.
pub(super) async fn apply(to: &mut PgConnection, events: &MoneyEvents) -> Result<(), WriteError> {
    if events.is_empty() {
        return Ok(());
    }
    let mut money = load(to, events).await?;
    money.enter(events)?;
    store(to, &money).await
}

async fn load(from: &mut PgConnection, events: &MoneyEvents) -> Result<Money, WriteError> {
    let needs = events.needs();
    let mut money = Money::default();
    for row in by_text(from, "asset", "id", &needs.assets).await? {
        let row: AssetRow = row;
        money.assets.insert(row.id.clone(), row);
    }
    for row in by_text(from, "supply", "asset", &needs.assets).await? {
        let row: SupplyRow = row;
        money.supplies.insert(row.asset.clone(), row);
    }
    for row in by_number(from, "hold", &needs.holds).await? {
        let row: HoldRow = row;
        money.holds.insert(row.id, row);
    }
    for row in by_number(from, "allowance", &needs.allowances).await? {
        let row: AllowanceRow = row;
        money.allowances.insert(row.id, row);
    }
    for row in by_number(from, "pending_payment", &needs.payments).await? {
        let row: PendingPaymentRow = row;
        money.payments.insert(row.id, row);
    }
    for row in by_number(from, "request", &needs.requests).await? {
        let row: RequestRow = row;
        money.requests.insert(row.id, row);
    }
    for row in by_owner(from, "freeze", &needs.freezes).await? {
        let row: FreezeRow = row;
        money.freezes.insert((row.account.clone(), row.asset.clone()), row);
    }
    let balances = needs.balances(events, &money);
    for row in by_owner(from, "balance", &balances).await? {
        let row: BalanceRow = row;
        money.balances.insert((row.account.clone(), row.asset.clone()), row);
    }
    Ok(money)
}

async fn store(to: &mut PgConnection, money: &Money) -> Result<(), WriteError> {
    upsert(to, "asset", "id", money.assets.values()).await?;
    upsert(to, "supply", "asset", money.supplies.values()).await?;
    upsert(to, "balance", "account, asset", money.balances.values()).await?;
    upsert(to, "hold", "id", money.holds.values()).await?;
    upsert(to, "freeze", "account, asset", money.freezes.values()).await?;
    upsert(to, "allowance", "id", money.allowances.values()).await?;
    upsert(to, "pending_payment", "id", money.payments.values()).await?;
    upsert(to, "request", "id", money.requests.values()).await?;
    insert(to, "entry", money.entries.iter(), "").await?;
    insert(to, "allowance_use", money.allowance_uses.iter(), "").await?;
    insert(to, "approval", money.approvals.iter(), "").await?;
    insert(to, "request_payment", money.request_payments.iter(), "").await
}

async fn by_text<T: DeserializeOwned>(
    from: &mut PgConnection,
    table: &str,
    column: &str,
    keys: &BTreeSet<String>,
) -> Result<Vec<T>, WriteError> {
    let sql = format!("select to_jsonb(t)::text from emo.{table} t where {column} = any($1)");
    rows(from, sql, keys.iter().cloned().collect(), Vec::new()).await
}

async fn by_number<T: DeserializeOwned>(
    from: &mut PgConnection,
    table: &str,
    keys: &BTreeSet<Amount>,
) -> Result<Vec<T>, WriteError> {
    let sql = format!("select to_jsonb(t)::text from emo.{table} t where id = any($1::numeric[])");
    rows(from, sql, keys.iter().map(|key| key.0.to_string()).collect(), Vec::new()).await
}

async fn by_owner<T: DeserializeOwned>(
    from: &mut PgConnection,
    table: &str,
    keys: &BTreeSet<Owner>,
) -> Result<Vec<T>, WriteError> {
    let sql = format!(
        "select to_jsonb(t)::text from emo.{table} t
         join unnest($1::text[], $2::text[]) as k(account, asset) using (account, asset)"
    );
    let (accounts, assets) = keys.iter().cloned().unzip();
    rows(from, sql, accounts, assets).await
}

async fn rows<T: DeserializeOwned>(
    from: &mut PgConnection,
    sql: String,
    first: Vec<String>,
    second: Vec<String>,
) -> Result<Vec<T>, WriteError> {
    if first.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).bind(first);
    if !second.is_empty() {
        query = query.bind(second);
    }
    let texts = query.fetch_all(from).await?;
    let read = |text: &String| {
        serde_json::from_str(text)
            .map_err(|error| WriteError::Damaged(format!("a row of money: {error}")))
    };
    texts.iter().map(read).collect()
}

async fn upsert<'a, T: Serialize + 'a>(
    to: &mut PgConnection,
    table: &str,
    key: &str,
    rows: impl Iterator<Item = &'a T>,
) -> Result<(), WriteError> {
    let rows: Vec<&T> = rows.collect();
    let Some(first) = rows.first() else { return Ok(()) };
    let first = serde_json::to_value(first);
    let first = first.map_err(|error| WriteError::Damaged(error.to_string()))?;
    let keys: Vec<&str> = key.split(", ").collect();
    let columns = first.as_object().into_iter().flat_map(|it| it.keys());
    let set = columns.filter(|name| !keys.contains(&name.as_str()));
    let set: Vec<String> = set.map(|name| format!("\"{name}\" = excluded.\"{name}\"")).collect();
    let conflict = format!("on conflict ({key}) do update set {}", set.join(", "));
    insert(to, table, rows.into_iter(), &conflict).await
}

async fn insert<'a, T: Serialize + 'a>(
    to: &mut PgConnection,
    table: &str,
    rows: impl Iterator<Item = &'a T>,
    conflict: &str,
) -> Result<(), WriteError> {
    let rows: Vec<&T> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(&rows);
    let json = json.map_err(|error| WriteError::Damaged(error.to_string()))?;
    let sql = format!(
        "insert into emo.{table} select * from jsonb_populate_recordset(null::emo.{table}, $1::jsonb) {conflict}"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(json).execute(to).await?;
    Ok(())
}
