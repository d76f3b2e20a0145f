//! Assets: creating, minting and burning them, restricting their supply, and freezing balances.

use alloc::string::String;

use ehb_contract::common::{LimitUsage, Party};
use ehb_contract::parties::{PLATFORM_ADMIN, check_role};
use ehb_contract::{Address, Host, packed};

use super::{balances, flags};
use crate::bindings::ehb::wallet::events::{Event, Issuance, IssuerChange, SupplyRestriction};
use crate::bindings::ehb::wallet::types::{
    Asset, AssetKind, AssetTerms, BalanceKey, Error, Freeze, SupplyExcess, SupplyPolicy,
};
use crate::checks::{
    self, DECIMALS_MAX, FREEZE_DURATION_MS_MAX, NAME_BYTES_MAX, REFERENCE_BYTES_MAX,
};
use crate::keys::{ASSETS, AssetId, FREEZES, KEYS, NATIVE, SCHEMA, SUPPLIES};
use crate::records::{FROZEN, Minted};
use crate::states::{SUPPLY, SupplyAction, SupplyState};

/// The role that lets an account create assets.
const ISSUER_ROLE: &str = "issuer";

/// See `assets.create-asset`.
pub fn create_asset(
    host: &mut Host,
    asset: String,
    name: String,
    decimals: u8,
    issuer: Address,
) -> Result<(), Error> {
    let terms =
        AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false };
    create(host, asset, name, decimals, issuer, terms)
}

/// See `assets.create-asset-with-terms`.
pub fn create_asset_with_terms(
    host: &mut Host,
    asset: String,
    name: String,
    decimals: u8,
    issuer: Address,
    terms: AssetTerms,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(asset, name, decimals, issuer, terms);
    KEYS.run(host, &key, "create-asset-with-terms", &arguments, |host| {
        create(host, asset, name, decimals, issuer, terms)
    })
}

fn create(
    host: &mut Host,
    asset: String,
    name: String,
    decimals: u8,
    issuer: Address,
    terms: AssetTerms,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::text("name", &name, 1, NAME_BYTES_MAX)?;
    checks::range("decimals", u64::from(decimals), 0, u64::from(DECIMALS_MAX))?;
    match terms.supply {
        SupplyPolicy::Unlimited => {}
        SupplyPolicy::Capped(cap) => checks::amount(cap)?,
        SupplyPolicy::Closed => return Err(Error::SupplyClosed(asset)),
    }
    let role = match terms.kind {
        AssetKind::Issued => ISSUER_ROLE,
        AssetKind::Native => PLATFORM_ADMIN,
    };
    check_role(host, &[role])?;
    super::check_active(host, issuer)?;
    if ASSETS.contains(host, &id) {
        return Err(Error::AssetExists(asset));
    }
    if terms.kind == AssetKind::Native {
        if let Some(native) = NATIVE.get(host) {
            return Err(Error::NativeExists(native));
        }
        NATIVE.set(host, &asset);
    }
    // Without an asset there is nothing in the state, so this is where its first entry is written.
    SCHEMA.mark(host);
    let created = Asset { id: asset, name, decimals, issuer, terms };
    ASSETS.set(host, &id, &created);
    SUPPLIES.set(host, &id, &Minted::default());
    host.emit(Event::AssetCreated(created));
    Ok(())
}

/// See `assets.set-issuer`.
pub fn set_issuer(host: &mut Host, asset: String, issuer: Address) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    let known = issued_by_caller(host, id)?;
    super::check_active(host, issuer)?;
    let before = known.issuer;
    ASSETS.set(host, &id, &Asset { issuer, ..known });
    host.emit(Event::IssuerChanged(IssuerChange { asset, before, after: issuer }));
    Ok(())
}

/// See `assets.restrict-supply`.
pub fn restrict_supply(host: &mut Host, asset: String, supply: SupplyPolicy) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    let mut known = issued_by_caller(host, id)?;
    let action = match supply {
        SupplyPolicy::Unlimited => return Err(Error::NotNarrower(asset)),
        SupplyPolicy::Capped(_) => SupplyAction::Cap,
        SupplyPolicy::Closed => SupplyAction::Close,
    };
    if SUPPLY.after(SupplyState::of(&known.terms.supply), action).is_none() {
        return Err(Error::SupplyClosed(asset));
    }
    if let SupplyPolicy::Capped(cap) = supply {
        checks::amount(cap)?;
        if matches!(known.terms.supply, SupplyPolicy::Capped(before) if before <= cap) {
            return Err(Error::NotNarrower(asset));
        }
        let Minted { minted, burned } = SUPPLIES.get(host, &id).unwrap_or_default();
        let circulating = minted - burned;
        if circulating > cap {
            return Err(Error::SupplyCapped(LimitUsage::new(cap, circulating, 0)));
        }
    }
    known.terms.supply = supply;
    ASSETS.set(host, &id, &known);
    host.emit(Event::SupplyRestricted(SupplyRestriction { asset, supply }));
    Ok(())
}

/// See `assets.mint`.
pub fn mint(host: &mut Host, asset: String, to: Address, amount: u64) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    let known = issued_by_caller(host, id)?;
    super::check_active(host, to)?;
    let supply = SUPPLIES.get(host, &id).unwrap_or_default();
    let Some(minted) = supply.minted.checked_add(amount) else {
        let excess = SupplyExcess { asset, minted: supply.minted, added: amount };
        return Err(Error::SupplyOverflow(excess));
    };
    match known.terms.supply {
        SupplyPolicy::Unlimited => {}
        SupplyPolicy::Capped(cap) => {
            let circulating = supply.minted - supply.burned;
            if minted - supply.burned > cap {
                return Err(Error::SupplyCapped(LimitUsage::new(cap, circulating, amount)));
            }
        }
        SupplyPolicy::Closed => return Err(Error::SupplyClosed(asset)),
    }
    SUPPLIES.set(host, &id, &Minted { minted, ..supply });
    balances::receive(host, to, id, amount)?;
    host.emit(Event::Minted(Issuance { asset, account: to, amount }));
    Ok(())
}

/// See `assets.burn`.
pub fn burn(host: &mut Host, asset: String, amount: u64) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    let issuer = issued_by_caller(host, id)?.issuer;
    balances::debit(host, issuer, id, amount, None)?;
    let supply = SUPPLIES.get(host, &id).unwrap_or_default();
    // The debit went through, so that much circulates.
    let burned = supply.burned + amount;
    SUPPLIES.set(host, &id, &Minted { burned, ..supply });
    host.emit(Event::Burned(Issuance { asset, account: issuer, amount }));
    Ok(())
}

/// See `assets.freeze-balance`.
pub fn freeze_balance(
    host: &mut Host,
    asset: String,
    account: Address,
    expires_ms: u64,
    reason: String,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::future("expires-ms", expires_ms, host.time_ms(), FREEZE_DURATION_MS_MAX)?;
    checks::text("reason", &reason, 1, REFERENCE_BYTES_MAX)?;
    if !issued_by_caller(host, id)?.terms.freezable {
        return Err(Error::NotFreezable(asset));
    }
    super::check_registered(host, account)?;
    let freeze = Freeze { account, asset, expires_ms, reason };
    FREEZES.set(host, &(account, id), &freeze);
    flags::set(host, account, id, FROZEN, true);
    host.emit(Event::BalanceFrozen(freeze));
    Ok(())
}

/// See `assets.unfreeze-balance`.
pub fn unfreeze_balance(host: &mut Host, asset: String, account: Address) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    issued_by_caller(host, id)?;
    if freeze_of(host, account, id).is_none() {
        return Err(Error::NotFrozen(account));
    }
    FREEZES.remove(host, &(account, id));
    flags::set(host, account, id, FROZEN, false);
    host.emit(Event::BalanceUnfrozen(BalanceKey { account, asset }));
    Ok(())
}

/// The freeze of a balance, while it lasts.
pub(super) fn freeze_of(host: &Host, account: Address, asset: AssetId) -> Option<Freeze> {
    FREEZES.get(host, &(account, asset)).filter(|freeze| host.time_ms() < freeze.expires_ms)
}

/// The asset, where it is the caller who issues it.
fn issued_by_caller(host: &Host, id: AssetId) -> Result<Asset, Error> {
    let asset = ASSETS.get(host, &id).ok_or_else(|| Error::UnknownAsset(id.to_text()))?;
    if asset.issuer != host.caller() {
        return Err(Error::WrongParty(Party::account(asset.issuer)));
    }
    Ok(asset)
}
