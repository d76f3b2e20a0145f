//! Queries of assets, balances, holds, policies, allowances, payments and requests.

use alloc::string::String;

use ehb_contract::page::{listed, page, values};
use ehb_contract::{Address, Host};

use super::holds::open_hold;
use super::{allowance_use, assets, balances, payments, permits, policy_records, requests, tiers};
use crate::bindings::ehb::wallet::types::{
    Allowance, ApproverRole, Asset, Balance, BalanceKey, Error, Freeze, Hold, PendingPayment,
    Permit, PolicyStatus, Request, Supply,
};
use crate::bindings::exports::ehb::wallet::queries::{
    AccountBalance, AccountBalancePage, AllowancePage, AssetPage, BalancePage, HoldPage,
    PaymentPage, PermitPage, RequestPage,
};
use crate::checks;
use crate::keys::{
    ALLOWANCES, ALLOWANCES_OF, ASSETS, AssetId, BALANCES, HOLDS, HOLDS_OF_PAYER, NATIVE, OPEN,
    OVER, PAYMENTS, PAYMENTS_OF, PAYMENTS_OF_ROLE, PERMITS, PERMITS_OF, PERMITS_OF_ROLE, REQUESTS,
    REQUESTS_OF, SUPPLIES,
};
use crate::records::{Parts, Rulebook};
use crate::states::AllowanceAction;

/// See `queries.get-asset`.
pub fn get_asset(host: &Host, asset: String) -> Result<Asset, Error> {
    let id = checks::asset_id(&asset)?;
    ASSETS.get(host, &id).ok_or(Error::UnknownAsset(asset))
}

/// See `queries.list-assets`.
pub fn list_assets(host: &Host, after: Option<String>, limit: u32) -> Result<AssetPage, Error> {
    let after = checks::cursor(after)?;
    let (found, next) = page(limit, |limit| ASSETS.scan(host, after.as_ref(), limit))?;
    Ok(AssetPage { assets: values(found), next: next.map(AssetId::to_text) })
}

/// See `queries.get-native-asset`.
pub fn get_native_asset(host: &Host) -> Result<Option<Asset>, Error> {
    Ok(NATIVE.get(host).and_then(|asset| ASSETS.get(host, &super::asset_of(&asset))))
}

/// See `queries.get-supply`.
pub fn get_supply(host: &Host, asset: String) -> Result<Supply, Error> {
    let id = checks::asset_id(&asset)?;
    let supply = SUPPLIES.get(host, &id).ok_or(Error::UnknownAsset(asset))?;
    Ok(Supply {
        minted: supply.minted,
        burned: supply.burned,
        circulating: supply.minted - supply.burned,
    })
}

/// See `queries.get-balance`.
pub fn get_balance(host: &Host, account: Address, asset: String) -> Result<Balance, Error> {
    let id = checks::asset_id(&asset)?;
    let found = balances::read(host, account, id);
    if found.is_none() && !ASSETS.contains(host, &id) {
        return Err(Error::UnknownAsset(asset));
    }
    let Parts { available, held, .. } = found.unwrap_or_default();
    Ok(Balance { asset, available, held })
}

/// See `queries.list-balances`.
pub fn list_balances(
    host: &Host,
    account: Address,
    after: Option<String>,
    limit: u32,
) -> Result<BalancePage, Error> {
    let after = checks::cursor(after)?;
    let scan = |limit| BALANCES.scan_under(host, &account, after.as_ref(), limit);
    let (found, next) = page(limit, scan)?;
    let next = next.map(AssetId::to_text);
    let balance = |(asset, Parts { available, held, .. }): (AssetId, Parts)| Balance {
        asset: asset.to_text(),
        available,
        held,
    };
    let some = found.into_iter().filter(|(_, parts)| parts.owned() > 0);
    Ok(BalancePage { balances: some.map(balance).collect(), next })
}

/// See `queries.list-all-balances`.
pub fn list_all_balances(
    host: &Host,
    after: Option<BalanceKey>,
    limit: u32,
) -> Result<AccountBalancePage, Error> {
    let after = match after {
        Some(BalanceKey { account, asset }) => Some((account, checks::asset_id(&asset)?)),
        None => None,
    };
    let (found, next) = page(limit, |limit| BALANCES.scan(host, after.as_ref(), limit))?;
    let next = next.map(|(account, asset)| BalanceKey { account, asset: asset.to_text() });
    let some = found.into_iter().filter(|(_, parts)| parts.owned() > 0);
    let balance =
        |((account, asset), Parts { available, held, .. }): ((Address, AssetId), Parts)| {
            AccountBalance { account, balance: Balance { asset: asset.to_text(), available, held } }
        };
    Ok(AccountBalancePage { balances: some.map(balance).collect(), next })
}

/// See `queries.get-hold`.
pub fn get_hold(host: &Host, id: u64) -> Result<Hold, Error> {
    open_hold(host, id, "read")
}

/// See `queries.list-holds`.
pub fn list_holds(
    host: &Host,
    payer: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<HoldPage, Error> {
    let scan = |limit| HOLDS_OF_PAYER.scan_under(host, &payer, after.as_ref(), limit);
    let (holds, next) = listed(host, &HOLDS, limit, scan)?;
    Ok(HoldPage { holds, next })
}

/// See `queries.get-freeze`.
pub fn get_freeze(host: &Host, account: Address, asset: String) -> Result<Option<Freeze>, Error> {
    Ok(assets::freeze_of(host, account, checks::asset_id(&asset)?))
}

/// See `queries.get-policy`.
pub fn get_policy(host: &Host, account: Address, asset: String) -> Result<PolicyStatus, Error> {
    let rules = policy_records::rulebook(host, account, checks::asset_id(&asset)?);
    let Rulebook { policy, version, next, spent, requested, .. } = rules;
    Ok(PolicyStatus { policy, version, next, spent_today: spent, requested_today: requested })
}

/// See `queries.get-allowance`.
pub fn get_allowance(host: &Host, id: u64) -> Result<Allowance, Error> {
    allowance_use::active(host, id, AllowanceAction::Read)
}

/// See `queries.list-allowances`.
pub fn list_allowances(
    host: &Host,
    party: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<AllowancePage, Error> {
    let scan = |limit| ALLOWANCES_OF.scan_under(host, &party, after.as_ref(), limit);
    let (allowances, next) = listed(host, &ALLOWANCES, limit, scan)?;
    Ok(AllowancePage { allowances, next })
}

/// See `queries.get-payment`.
pub fn get_payment(host: &Host, id: u64) -> Result<PendingPayment, Error> {
    payments::known(host, id)
}

/// See `queries.list-payments`.
pub fn list_payments(
    host: &Host,
    party: Address,
    ended: bool,
    after: Option<u64>,
    limit: u32,
) -> Result<PaymentPage, Error> {
    let of = (party, if ended { OVER } else { OPEN });
    let scan = |limit| PAYMENTS_OF.scan_under(host, &of, after.as_ref(), limit);
    let (payments, next) = listed(host, &PAYMENTS, limit, scan)?;
    Ok(PaymentPage { payments, next })
}

/// See `queries.list-payments-of-role`.
pub fn list_payments_of_role(
    host: &Host,
    organisation: String,
    role: String,
    after: Option<u64>,
    limit: u32,
) -> Result<PaymentPage, Error> {
    let place = tiers::place(host, &ApproverRole { organisation, role });
    let scan = |limit| PAYMENTS_OF_ROLE.scan_under(host, &place, after.as_ref(), limit);
    let (payments, next) = listed(host, &PAYMENTS, limit, scan)?;
    Ok(PaymentPage { payments, next })
}

/// See `queries.get-permit`.
pub fn get_permit(host: &Host, id: u64) -> Result<Permit, Error> {
    permits::known(host, id)
}

/// See `queries.list-permits`.
pub fn list_permits(
    host: &Host,
    party: Address,
    ended: bool,
    after: Option<u64>,
    limit: u32,
) -> Result<PermitPage, Error> {
    let of = (party, if ended { OVER } else { OPEN });
    let scan = |limit| PERMITS_OF.scan_under(host, &of, after.as_ref(), limit);
    let (permits, next) = listed(host, &PERMITS, limit, scan)?;
    Ok(PermitPage { permits, next })
}

/// See `queries.list-permits-of-role`.
pub fn list_permits_of_role(
    host: &Host,
    organisation: String,
    role: String,
    after: Option<u64>,
    limit: u32,
) -> Result<PermitPage, Error> {
    let place = tiers::place(host, &ApproverRole { organisation, role });
    let scan = |limit| PERMITS_OF_ROLE.scan_under(host, &place, after.as_ref(), limit);
    let (permits, next) = listed(host, &PERMITS, limit, scan)?;
    Ok(PermitPage { permits, next })
}

/// See `queries.get-request`.
pub fn get_request(host: &Host, id: u64) -> Result<Request, Error> {
    requests::known(host, id)
}

/// See `queries.list-requests`.
pub fn list_requests(
    host: &Host,
    party: Address,
    ended: bool,
    after: Option<u64>,
    limit: u32,
) -> Result<RequestPage, Error> {
    let of = (party, if ended { OVER } else { OPEN });
    let scan = |limit| REQUESTS_OF.scan_under(host, &of, after.as_ref(), limit);
    let (requests, next) = listed(host, &REQUESTS, limit, scan)?;
    Ok(RequestPage { requests, next })
}
