//! Compares the tables with the answers of the chain's modules, to verify the mirror.

use std::collections::BTreeMap;
use std::time::Duration;

use ehb_sdk::{Client, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::time::{Instant, sleep};

use crate::project::money::MODULE;

/// The number of balances in one page: the module's own limit.
const PAGE: u32 = 100;
/// How often the list is restarted because a block was committed between two pages.
const TRIES_MAX: u32 = 50;
/// Interval between reads of the cursor while it lags.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// The maximum number of differences in a report.
const DIFFERENCES_MAX: usize = 100;

/// Why the comparison failed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The node did not answer, or returned an error.
    #[error(transparent)]
    Node(#[from] Error),
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The answer is not a page of balances.
    #[error("cannot parse the node's page of balances: {0}")]
    Page(String),
    /// Blocks are committed faster than the list can be read.
    #[error(
        "in each of {TRIES_MAX} attempts a block was committed while the balances were read: try again when the chain is less busy"
    )]
    Moving,
    /// The tables do not reach the height.
    #[error("the tables are at height {at:?} and do not reach {height} within {} s", .patience.as_secs())]
    Behind {
        /// The height of the tables.
        at: Option<i64>,
        /// The required height.
        height: i64,
        /// How long it waited.
        patience: Duration,
    },
}

/// What an account owns of an asset, in base units as decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as the wallet's record `owned`")]
pub struct Owned {
    pub account: String,
    pub asset: String,
    pub available: String,
    pub held: String,
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The height of the block after which the balances were compared.
    pub height: i64,
    /// The number of balances on the chain.
    pub compared: usize,
    /// What differs, 100 at most: the balance, the chain's value and the tables' value.
    pub differences: Vec<String>,
}

/// All balances according to the wallet, and the height of the block after which they were read.
pub async fn read_owned(client: &Client) -> Result<(i64, Vec<Owned>), VerifyError> {
    for _ in 0..TRIES_MAX {
        if let Some(read) = read_at_one_height(client).await? {
            return Ok(read);
        }
    }
    Err(VerifyError::Moving)
}

async fn read_at_one_height(client: &Client) -> Result<Option<(i64, Vec<Owned>)>, VerifyError> {
    #[derive(Deserialize)]
    struct Page {
        owned: Vec<Line>,
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
    let (mut owned, mut after, mut height) = (Vec::new(), Value::Null, None);
    loop {
        let arguments = json!({"after": after, "limit": PAGE});
        let answer = client.read(MODULE, "list-owned", &arguments).await?;
        if *height.get_or_insert(answer.height) != answer.height {
            return Ok(None);
        }
        let page = serde_json::from_value::<Page>(answer.value);
        let page = page.map_err(|error| VerifyError::Page(error.to_string()))?;
        owned.extend(page.owned.into_iter().map(|it| Owned {
            account: it.account,
            asset: it.balance.asset,
            available: it.balance.available,
            held: it.balance.held,
        }));
        match page.next {
            Some(next) => after = next,
            None => {
                let height = i64::try_from(answer.height);
                let height = height.map_err(|error| VerifyError::Page(error.to_string()))?;
                return Ok(Some((height, owned)));
            }
        }
    }
}

/// Waits until the tables have the block at a height.
pub async fn wait_for(
    connection: &mut PgConnection,
    height: i64,
    patience: Duration,
) -> Result<(), VerifyError> {
    let deadline = Instant::now() + patience;
    loop {
        let at: Option<Option<i64>> = sqlx::query_scalar("select height from chain.cursor")
            .fetch_optional(&mut *connection)
            .await?;
        let at = at.flatten();
        if at.is_some_and(|at| at >= height) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(VerifyError::Behind { at, height, patience });
        }
        sleep(ASK_EVERY).await;
    }
}

/// Compares balances of the chain with those computed from the entries at the same height.
pub async fn balances(
    connection: &mut PgConnection,
    height: i64,
    owned: &[Owned],
) -> Result<Report, VerifyError> {
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
    let mut differences = Vec::new();
    for it in owned {
        let found = ours.remove(&(it.account.clone(), it.asset.clone()));
        let (available, held) = found.unwrap_or_else(|| ("0".to_owned(), "0".to_owned()));
        if (&available, &held) != (&it.available, &it.held) {
            differences.push(format!(
                "{} {}: the chain has {} available and {} held, the tables {available} and {held}",
                it.account, it.asset, it.available, it.held
            ));
        }
    }
    differences.extend(ours.into_iter().map(|((account, asset), (available, held))| {
        format!("{account} {asset}: the chain has nothing, the tables {available} available and {held} held")
    }));
    differences.truncate(DIFFERENCES_MAX);
    Ok(Report { height, compared: owned.len(), differences })
}
