//! `ehb wallet balance`: the balances of an account.

use ehb_sdk::api::At;
use ehb_sdk::{Client, Error};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asset::{Asset, Balance, read_at};
use crate::accounts::Accounts;
use crate::failure::Failure;
use crate::options::State;
use crate::output::Output;

/// The number of balances in one page, the module's maximum.
const PAGE_BALANCES: u32 = 100;

/// The maximum number of pages.
const PAGES_MAX: usize = 1_000;

#[derive(Deserialize)]
struct Page {
    balances: Vec<Balance>,
    next: Option<String>,
}

pub(super) async fn show(
    client: &Client,
    accounts: &Accounts,
    account: &str,
    asset: Option<&str>,
    State { at }: State,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let address = accounts.party(network, account)?.address.to_text(network);
    let (height, balances) = match asset {
        Some(asset) => {
            let arguments = json!({ "account": address, "asset": asset });
            let (height, balance) = read_at(client, "get-balance", &arguments, at).await?;
            (height, vec![balance])
        }
        None => all(client, &address, at).await?,
    };
    let (mut rows, mut views) = (Vec::new(), Vec::new());
    for balance in &balances {
        let asset = Asset::get(client, &balance.asset).await?;
        let (available, held) = (asset.format(balance.available.0), asset.format(balance.held.0));
        views.push(view(&asset, balance, &available, &held));
        rows.push(vec![asset.id, available, held]);
    }
    if rows.is_empty() {
        output.talk("the account owns nothing");
    }
    output.result(&rows, &json!({ "account": address, "height": height, "balances": views }))
}

/// All balances of an account in one state, and its height.
async fn all(
    client: &Client,
    address: &str,
    mut at: Option<At>,
) -> Result<(u64, Vec<Balance>), Failure> {
    let mut balances = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let arguments = json!({ "account": address, "after": after, "limit": PAGE_BALANCES });
        let (height, page): (u64, Page) = read_at(client, "list-balances", &arguments, at).await?;
        // All pages are of the same state.
        at = Some(At::Height(height));
        balances.extend(page.balances);
        match page.next {
            // A page that makes no progress would be requested forever.
            Some(next) if after.as_ref().is_none_or(|before| *before < next) => after = Some(next),
            Some(_) => break,
            None => return Ok((height, balances)),
        }
    }
    Err(Error::Protocol("the list of balances does not end".to_owned()).into())
}

fn view(asset: &Asset, balance: &Balance, available: &str, held: &str) -> Value {
    json!({
        "asset": asset.id,
        "name": asset.name,
        "decimals": asset.decimals,
        "available": available,
        "held": held,
        "availableUnits": balance.available,
        "heldUnits": balance.held,
    })
}
