use alloc::string::String;

use ehb_contract::{Address, Host};

use super::balances;
use crate::bindings::ehb::wallet::events::{Event, Issuance, IssuerChange};
use crate::bindings::ehb::wallet::types::{Asset, Error, Excess};
use crate::checks::{self, NAME_BYTES_MAX, PRECISION_MAX};
use crate::keys::{ASSETS, AssetId, Issued, SUPPLIES};

/// The role that lets an account create assets.
const ISSUER_ROLE: &str = "issuer";

/// See `assets.create-asset`.
pub fn create_asset(
    host: &mut Host,
    asset: String,
    name: String,
    precision: u8,
    issuer: Address,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::text("name", &name, 1, NAME_BYTES_MAX)?;
    checks::range("precision", u64::from(precision), 0, u64::from(PRECISION_MAX))?;
    if !host.has_role(host.caller(), ISSUER_ROLE) {
        return Err(Error::MissingRole(String::from(ISSUER_ROLE)));
    }
    super::check_active(host, issuer)?;
    if ASSETS.contains(host, &id) {
        return Err(Error::AssetExists(asset));
    }
    let created = Asset { id: asset, name, precision, issuer };
    ASSETS.set(host, &id, &created);
    SUPPLIES.set(host, &id, &Issued::default());
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

/// See `assets.mint`.
pub fn mint(host: &mut Host, asset: String, to: Address, amount: u64) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    issued_by_caller(host, id)?;
    super::check_active(host, to)?;
    let supply = SUPPLIES.get(host, &id).unwrap_or_default();
    let Some(issued) = supply.issued.checked_add(amount) else {
        let excess = Excess { asset, issued: supply.issued, added: amount };
        return Err(Error::SupplyOverflow(excess));
    };
    SUPPLIES.set(host, &id, &Issued { issued, ..supply });
    balances::credit(host, to, id, amount);
    host.emit(Event::Minted(Issuance { asset, account: to, amount }));
    Ok(())
}

/// See `assets.burn`.
pub fn burn(host: &mut Host, asset: String, amount: u64) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    let issuer = issued_by_caller(host, id)?.issuer;
    balances::debit(host, issuer, id, amount)?;
    let supply = SUPPLIES.get(host, &id).unwrap_or_default();
    // The debit went through, so that much circulates.
    let redeemed = supply.redeemed + amount;
    SUPPLIES.set(host, &id, &Issued { redeemed, ..supply });
    host.emit(Event::Burned(Issuance { asset, account: issuer, amount }));
    Ok(())
}

/// The asset, where it is the caller who issues it.
fn issued_by_caller(host: &Host, id: AssetId) -> Result<Asset, Error> {
    let asset = ASSETS.get(host, &id).ok_or_else(|| Error::UnknownAsset(id.to_text()))?;
    if asset.issuer != host.caller() {
        return Err(Error::NotIssuer(asset.issuer));
    }
    Ok(asset)
}
