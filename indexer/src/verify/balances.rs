//! Compares all balances of the chain with those that the entries lead to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Reads, Report, VerifyError};

/// The number of balances in one page: the module's own limit.
const PAGE: u32 = 100;
/// The module that has the balances.
const MODULE: &str = "wallet";

/// The balance of an account in an asset, in base units as decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as the wallet's record `account-balance`")]
pub struct Owned {
    pub account: String,
    pub asset: String,
    pub available: String,
    pub held: String,
}

#[derive(Deserialize)]
struct Page {
    balances: Vec<Line>,
    next: Option<Value>,
}

#[derive(Deserialize)]
struct Line {
    account: String,
    balance: Balance,
}

#[derive(Deserialize)]
struct Balance {
    asset: String,
    available: String,
    held: String,
}

/// All balances according to the wallet; none if the chain has no wallet.
pub async fn read_owned(reads: &dyn Reads) -> Result<Vec<Owned>, VerifyError> {
    let (mut owned, mut after) = (Vec::new(), Value::Null);
    loop {
        let arguments = json!({"after": after, "limit": PAGE});
        let page = match reads.read(MODULE, "list-all-balances", arguments).await {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => return Err(VerifyError::Page(error.to_string())),
            Err(error) if error.is_unknown_module() => return Ok(owned),
            Err(error) => return Err(error),
        };
        let page = serde_json::from_value::<Page>(page);
        let page = page.map_err(|error| VerifyError::Page(error.to_string()))?;
        owned.extend(page.balances.into_iter().map(|it| Owned {
            account: it.account,
            asset: it.balance.asset,
            available: it.balance.available,
            held: it.balance.held,
        }));
        match page.next {
            Some(next) => after = next,
            None => return Ok(owned),
        }
    }
}

/// Compares balances of the chain with those computed from the entries at the same height.
pub async fn compare(
    connection: &mut PgConnection,
    height: i64,
    owned: &[Owned],
    report: &mut Report,
) -> Result<(), VerifyError> {
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "select account, asset, available::text, held::text from (
             select distinct on (account, asset) account, asset, available, held from emo.entry
             where at_height <= $1 order by account, asset, n desc
         ) last where available <> 0 or held <> 0",
    )
    .bind(height)
    .fetch_all(connection)
    .await?;
    let mut ours: BTreeMap<(String, String), (String, String)> = rows
        .into_iter()
        .map(|(account, asset, available, held)| ((account, asset), (available, held)))
        .collect();
    for it in owned {
        report.compared = report.compared.saturating_add(1);
        let found = ours.remove(&(it.account.clone(), it.asset.clone()));
        let (available, held) = found.unwrap_or_else(|| ("0".to_owned(), "0".to_owned()));
        if (&available, &held) != (&it.available, &it.held) {
            report.differs(format!(
                "{} {}: the chain has {} available and {} held, the tables {available} and {held}",
                it.account, it.asset, it.available, it.held
            ));
        }
    }
    for ((account, asset), (available, held)) in ours {
        report.differs(format!(
            "{account} {asset}: the chain has nothing, the tables {available} available and {held} held"
        ));
    }
    Ok(())
}
