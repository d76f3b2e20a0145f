use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Host, trap};

use super::balances;
use super::holds::open_hold;
use crate::bindings::ehb::wallet::types::{Asset, Balance, Error, Hold, Supply};
use crate::bindings::exports::ehb::wallet::queries::{AssetPage, BalancePage, HoldPage};
use crate::checks;
use crate::keys::{ASSETS, AssetId, BALANCES, HOLDS, HOLDS_OF_PAYER, Parts, SUPPLIES};

/// See `queries.get-asset`.
pub fn get_asset(host: &Host, asset: String) -> Result<Asset, Error> {
    let id = checks::asset_id(&asset)?;
    ASSETS.get(host, &id).ok_or(Error::UnknownAsset(asset))
}

/// See `queries.list-assets`.
pub fn list_assets(host: &Host, after: Option<String>, limit: u32) -> Result<AssetPage, Error> {
    checks::page(limit)?;
    let after = checks::cursor(after)?;
    let mut found = ASSETS.scan(host, after.as_ref(), limit + 1);
    let next = cut(&mut found, limit).map(AssetId::to_text);
    let assets = found.into_iter().map(|(_, asset)| asset).collect();
    Ok(AssetPage { assets, next })
}

/// See `queries.get-supply`.
pub fn get_supply(host: &Host, asset: String) -> Result<Supply, Error> {
    let id = checks::asset_id(&asset)?;
    let supply = SUPPLIES.get(host, &id).ok_or(Error::UnknownAsset(asset))?;
    Ok(Supply {
        issued: supply.issued,
        redeemed: supply.redeemed,
        circulating: supply.issued - supply.redeemed,
    })
}

/// See `queries.get-balance`.
pub fn get_balance(host: &Host, account: Address, asset: String) -> Result<Balance, Error> {
    let id = checks::asset_id(&asset)?;
    let Parts { available, held } = balances::read(host, account, id);
    if available == 0 && held == 0 && !ASSETS.contains(host, &id) {
        return Err(Error::UnknownAsset(asset));
    }
    Ok(Balance { asset, available, held })
}

/// See `queries.list-balances`.
pub fn list_balances(
    host: &Host,
    account: Address,
    after: Option<String>,
    limit: u32,
) -> Result<BalancePage, Error> {
    checks::page(limit)?;
    let after = checks::cursor(after)?;
    let mut found = BALANCES.scan_under(host, &account, after.as_ref(), limit + 1);
    let next = cut(&mut found, limit).map(AssetId::to_text);
    let balance = |(asset, Parts { available, held }): (AssetId, Parts)| Balance {
        asset: asset.to_text(),
        available,
        held,
    };
    Ok(BalancePage { balances: found.into_iter().map(balance).collect(), next })
}

/// See `queries.get-hold`.
pub fn get_hold(host: &Host, id: u64) -> Result<Hold, Error> {
    open_hold(host, id)
}

/// See `queries.list-holds`.
pub fn list_holds(
    host: &Host,
    payer: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<HoldPage, Error> {
    checks::page(limit)?;
    let mut found = HOLDS_OF_PAYER.scan_under(host, &payer, after.as_ref(), limit + 1);
    let next = cut(&mut found, limit);
    let hold = |(id, ()): (u64, ())| match HOLDS.get(host, &id) {
        Some(hold) => hold,
        None => trap("a payer's list names a hold that is not open"),
    };
    Ok(HoldPage { holds: found.into_iter().map(hold).collect(), next })
}

/// Cuts a scan of one entry more than a page holds to the page, and returns the key behind which
/// the next page starts, if there is one.
fn cut<K: Copy, V>(found: &mut Vec<(K, V)>, limit: u32) -> Option<K> {
    let limit = limit as usize;
    if found.len() <= limit {
        return None;
    }
    found.truncate(limit);
    found.last().map(|(key, _)| *key)
}
