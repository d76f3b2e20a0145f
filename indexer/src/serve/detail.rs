//! Single items with what belongs to them, and the search over everything that has text.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::api::rows;
use super::failure::Failure;
use crate::project::text::escape;

/// The maximum length of a search text, bytes.
pub(crate) const SEARCH_BYTES_MAX: usize = 200;
/// The maximum number of hits of each kind.
const HITS_MAX: usize = 20;

/// Products with some words, the best first. Of words that very many products have, some products are ranked: each hit costs
/// a look at its row.
const PRODUCTS: &str = "select 'product' as kind, id::text as id, title from (
        select id, title, words from pss.product
        where words @@ websearch_to_tsquery('simple', $1::text) and state = 'listed' limit 1000
    ) hit order by ts_rank(words, websearch_to_tsquery('simple', $1::text)) desc, hit.id desc";

/// Stores with some words in their name.
const STORES: &str = "select 'store' as kind, s.id::text as id, s.name as title from pss.store s
    where s.words @@ websearch_to_tsquery('simple', $1::text) order by s.id desc";

/// Open postings that everybody may see, in the same way.
const POSTINGS: &str = "select 'posting' as kind, id::text as id, title from (
        select id, title, words from emo.posting
        where words @@ websearch_to_tsquery('simple', $1::text) and state = 'open' and visibility = 'public' limit 1000
    ) hit order by ts_rank(words, websearch_to_tsquery('simple', $1::text)) desc, hit.id desc";

/// What the chain knows about some addresses, separated by commas: accounts that it does not know are left out.
pub(crate) async fn names(
    connection: &mut PgConnection,
    addresses: &str,
) -> Result<Value, Failure> {
    let sql = "select address, kind, label, organisation, status from edr.account
         where address = any(string_to_array($1::text, ','))";
    Ok(json!({"data": rows(connection, sql, &[addresses]).await?}))
}

/// A block by its height or hash.
pub(crate) async fn block(connection: &mut PgConnection, id: &str) -> Result<Value, Failure> {
    let column = if id.len() <= 19 && id.parse::<i64>().is_ok() { "height" } else { "hash" };
    let kind = if column == "height" { "bigint" } else { "text" };
    let sql = format!(
        "select height, hash, parent, time, round, proposer, transactions, events, gas_used::text as \"gasUsed\",
             parent_state_root as \"parentStateRoot\", parent_receipts_root as \"parentReceiptsRoot\",
             transactions_root as \"transactionsRoot\", validators_hash as \"validatorsHash\"
         from chain.block where {column} = $1::text::{kind}"
    );
    Ok(json!({"data": first(rows(connection, &sql, &[id]).await?, "block", id)?}))
}

/// A transaction by its id, with its calls and events.
pub(crate) async fn transaction(connection: &mut PgConnection, id: &str) -> Result<Value, Failure> {
    let sql = "select height, index, id, kind, time, sender, lane, sequence::text as sequence,
             valid_until_ms::text as \"validUntilMs\", gas_limit::text as \"gasLimit\", gas_used::text as \"gasUsed\",
             memo, succeeded, failed_call as \"failedCall\", code, message, error
         from chain.transaction where id = $1::text order by height, index";
    let mut found = first(rows(connection, sql, &[id]).await?, "transaction", id)?;
    let place = |name: &str| found.get(name).map(Value::to_string).unwrap_or_default();
    let (height, index) = (place("height"), place("index"));
    let of = "where height = $1::text::bigint and index = $2::text::integer";
    let calls = format!(
        "select call, module, function, arguments, undecoded, result from chain.call {of} order by call"
    );
    let events =
        format!("select event, call, module, name, value from chain.event {of} order by event");
    found["calls"] = rows(connection, &calls, &[&height, &index]).await?;
    found["events"] = rows(connection, &events, &[&height, &index]).await?;
    Ok(json!({"data": found}))
}

/// An account: what it owns, and its first and last transaction.
pub(crate) async fn account(
    connection: &mut PgConnection,
    address: &str,
) -> Result<Value, Failure> {
    let seen = "select min(height) as \"firstHeight\", max(height) as \"lastHeight\"
         from chain.mention where address = $1::text";
    let mut found = first(rows(connection, seen, &[address]).await?, "account", address)?;
    if found["firstHeight"].is_null() {
        return Err(Failure::NotFound(format!("account {address}")));
    }
    let balances = "select asset, available::text as available, held::text as held, entries
         from emo.balance where account = $1::text order by asset";
    let holds = "select asset, sum(remaining)::text as held, count(*) as holds
         from emo.hold where payer = $1::text and state = 'open' group by asset order by asset";
    found["address"] = address.into();
    found["balances"] = rows(connection, balances, &[address]).await?;
    found["openHolds"] = rows(connection, holds, &[address]).await?;
    Ok(json!({"data": found}))
}

fn first(rows: Value, what: &str, id: &str) -> Result<Value, Failure> {
    let found = match rows {
        Value::Array(rows) => rows.into_iter().next(),
        _ => None,
    };
    found.ok_or_else(|| Failure::NotFound(format!("{what} {id}")))
}

/// Searches for a text: the exact height, hash, id, address or name, and the words of memos, names and references.
pub(crate) async fn search(connection: &mut PgConnection, text: &str) -> Result<Value, Failure> {
    let text = text.trim();
    if text.is_empty() || text.len() > SEARCH_BYTES_MAX {
        return Err(Failure::Value {
            name: "q".to_owned(),
            value: text.chars().take(SEARCH_BYTES_MAX).collect(),
            expected: "a text of 1 to 200 bytes",
        });
    }
    let text = escape(text);
    let queries = [
        "select 'block' as kind, height::text as id, hash as title from chain.block
         where hash = $1::text or height = case when $1::text ~ '^[0-9]{1,18}$' then $1::text::bigint end",
        "select 'transaction' as kind, id, coalesce(memo, kind) as title from chain.transaction where id = $1::text",
        "select 'account' as kind, address as id, null as title from chain.mention where address = $1::text limit 1",
        "select 'module' as kind, module as id, null as title from chain.module_version
         where module = lower($1::text) limit 1",
        "select 'asset' as kind, id, name as title from emo.asset
         where lower(id) = lower($1::text) or to_tsvector('simple', name) @@ websearch_to_tsquery('simple', $1::text)
         order by id",
        "select 'organisation' as kind, name as id, null as title from edr.organisation where name = lower($1::text)",
        PRODUCTS,
        STORES,
        POSTINGS,
        "select 'transaction' as kind, id, memo as title from chain.transaction
         where memo <> '' and to_tsvector('simple', memo) @@ websearch_to_tsquery('simple', $1::text)
         order by height desc, index desc",
        "select 'entry' as kind, account || '/' || asset || '/' || n as id, reference as title from emo.entry
         where reference <> '' and to_tsvector('simple', reference) @@ websearch_to_tsquery('simple', $1::text)
         order by at_height desc",
    ];
    // Each query has an index for its words. Without this, Postgres reads the table where it expects many hits, which takes long
    // if they are at its end.
    sqlx::raw_sql("set local enable_seqscan = off").execute(&mut *connection).await?;
    let mut hits = Vec::new();
    for query in queries {
        let sql = format!("select * from ({query}) found limit {HITS_MAX}");
        if let Value::Array(mut found) = rows(connection, &sql, &[&text]).await? {
            hits.append(&mut found);
        }
    }
    Ok(json!({"data": hits}))
}
