//! Organisations: how many accounts each has, the list of their accounts, and their own limits.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{ADMINISTRATOR, Account, Address, Name, Roles, Status, decode};

use crate::quota::{OwnLimits, QuotaKind};
use crate::{accounts, keys, record};

/// An organisation that takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Organisation {
    /// The number of its accounts, closed ones included.
    pub accounts: u32,
    /// The number of its active administrators.
    pub administrators: u32,
    /// Whether it takes part.
    pub status: OrganisationStatus,
    /// The limits that governance set for it.
    pub limits: OwnLimits,
}

/// Whether the accounts of an organisation can send transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum OrganisationStatus {
    /// They can.
    #[default]
    Active,
    /// The network suspended it: its accounts count as suspended until it is reinstated.
    Suspended,
    /// The network removed it: its accounts count as closed and have no roles, for good.
    Removed,
}

impl OrganisationStatus {
    /// The name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// The organisation with a name.
pub fn organisation(overlay: &Overlay, name: &Name) -> Result<Option<Organisation>, StoreError> {
    record::read(overlay, &keys::organisation(name))
}

/// Adds an organisation without accounts.
pub fn add(overlay: &mut Overlay, name: &Name) {
    record::write(overlay, keys::organisation(name), &Organisation::default());
}

/// Changes the status of an organisation.
pub fn set_status(
    overlay: &mut Overlay,
    name: &Name,
    status: OrganisationStatus,
) -> Result<(), StoreError> {
    let known = organisation(overlay, name)?.unwrap_or_default();
    record::write(overlay, keys::organisation(name), &Organisation { status, ..known });
    Ok(())
}

/// Sets the limit of an organisation for a kind, or lets the parameter count again.
pub fn set_limit(
    overlay: &mut Overlay,
    name: &Name,
    kind: QuotaKind,
    limit: Option<u64>,
) -> Result<(), StoreError> {
    let mut known = organisation(overlay, name)?.unwrap_or_default();
    known.limits.set(kind, limit);
    record::write(overlay, keys::organisation(name), &known);
    Ok(())
}

/// The account at an address with what its organisation may do now: the account of a suspended organisation is
/// suspended, and that of a removed one is closed and has no roles.
pub fn acting_account(overlay: &Overlay, address: &Address) -> Result<Option<Account>, StoreError> {
    let Some(mut account) = accounts::account(overlay, address)? else { return Ok(None) };
    match organisation(overlay, &account.organisation)?.unwrap_or_default().status {
        OrganisationStatus::Active => {}
        OrganisationStatus::Suspended => {
            if account.status == Status::Active {
                account.status = Status::Suspended;
            }
        }
        OrganisationStatus::Removed => {
            (account.status, account.roles) = (Status::Closed, Roles::default());
        }
    }
    Ok(Some(account))
}

/// The organisations whose accounts no longer send transactions, among those that a block's changes wrote.
pub fn stopped(changes: &Changes) -> impl Iterator<Item = Name> {
    let from = changes.entries.partition_point(|(key, _)| key.as_slice() < keys::ORGANISATIONS);
    changes.entries[from..]
        .iter()
        .map_while(|(key, value)| Some((key.strip_prefix(keys::ORGANISATIONS)?, value)))
        .filter_map(|(name, value)| {
            let written: Organisation = decode(value.as_deref()?).ok()?;
            let name = std::str::from_utf8(name).ok().and_then(|name| Name::new(name).ok())?;
            (written.status != OrganisationStatus::Active).then_some(name)
        })
}

/// Adds an account to its organisation. The caller has checked that the address is free.
pub fn register(
    overlay: &mut Overlay,
    address: &Address,
    account: &Account,
) -> Result<(), StoreError> {
    let mut organisation = organisation(overlay, &account.organisation)?.unwrap_or_default();
    organisation.accounts = organisation.accounts.saturating_add(1);
    let administers = u32::from(is_administrator(account));
    organisation.administrators = organisation.administrators.saturating_add(administers);
    record::write(overlay, keys::organisation(&account.organisation), &organisation);
    overlay.set(keys::member(&account.organisation, address), Vec::new());
    accounts::put_account(overlay, address, account);
    Ok(())
}

/// Changes an account, which stays in its organisation. Returns whether it did: the last active administrator of an
/// organisation stays one, because nobody could make another.
pub fn change(
    overlay: &mut Overlay,
    address: &Address,
    (before, after): (&Account, &Account),
) -> Result<bool, StoreError> {
    let (was, is) = (is_administrator(before), is_administrator(after));
    if was != is {
        let mut organisation = organisation(overlay, &after.organisation)?.unwrap_or_default();
        if was && organisation.administrators <= 1 {
            return Ok(false);
        }
        organisation.administrators = match is {
            true => organisation.administrators.saturating_add(1),
            false => organisation.administrators.saturating_sub(1),
        };
        record::write(overlay, keys::organisation(&after.organisation), &organisation);
    }
    accounts::put_account(overlay, address, after);
    Ok(true)
}

/// Whether an account administers its organisation. This role never ends by time, so that the count stays right.
fn is_administrator(account: &Account) -> bool {
    account.status == Status::Active && account.roles.hold(ADMINISTRATOR, u64::MAX)
}

/// The addresses of an organisation's accounts, ascending, from the one after `after` on; at most `count`.
pub fn members(
    overlay: &Overlay,
    organisation: &Name,
    after: Option<&Address>,
    count: usize,
) -> Result<Vec<Address>, StoreError> {
    let prefix = keys::members(organisation);
    let after = after.map(|after| keys::member(organisation, after));
    let entries = overlay.scan(&prefix, after.as_deref(), count)?;
    let address =
        |(key, _): (Vec<u8>, Vec<u8>)| record::parse(&key, &key[prefix.len()..]).map(Address);
    entries.into_iter().map(address).collect()
}
