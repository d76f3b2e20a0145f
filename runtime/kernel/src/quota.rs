//! Quotas of organisations: how much each of them has of what is bounded, and the limits in force.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Name, QuotaParameters};

use crate::{chain, keys, organisations, record};

/// Something of which each organisation can have a limited amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum QuotaKind {
    /// Its accounts, closed ones included.
    Accounts,
    /// Its nodes that are those of no validator and no candidate.
    Observers,
    /// The bytes of code that its accounts are uploading, or have uploaded and not installed.
    CodeBytes,
}

/// The limits that governance set for one organisation. Where there is none, the parameter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct OwnLimits {
    /// The limit of its accounts.
    pub accounts: Option<u64>,
    /// The limit of its observers.
    pub observers: Option<u64>,
    /// The limit of its bytes of code.
    pub code_bytes: Option<u64>,
}

/// How much of one kind an organisation has, and can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct QuotaUse {
    /// What is limited.
    pub kind: QuotaKind,
    /// How much it has.
    pub used: u64,
    /// How much it can have. It can have more already: of genesis, or because the limit was lowered.
    pub limit: u64,
    /// Whether governance set the limit for this organisation; otherwise it is the parameter.
    pub is_own: bool,
}

impl QuotaKind {
    /// All kinds, in the order of their encoding.
    pub const ALL: [Self; 3] = [Self::Accounts, Self::Observers, Self::CodeBytes];

    /// The name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Observers => "observers",
            Self::CodeBytes => "code-bytes",
        }
    }

    /// The limit of organisations without one of their own.
    pub const fn default_limit(self, parameters: &QuotaParameters) -> u64 {
        match self {
            Self::Accounts => parameters.accounts,
            Self::Observers => parameters.observers,
            Self::CodeBytes => parameters.code_bytes,
        }
    }

    /// The highest limit that can be set.
    pub const fn limit_max(self) -> u64 {
        match self {
            Self::Accounts => QuotaParameters::ACCOUNTS_MAX,
            Self::Observers => QuotaParameters::OBSERVERS_MAX,
            Self::CodeBytes => QuotaParameters::CODE_BYTES_MAX,
        }
    }
}

impl OwnLimits {
    /// The limit of a kind.
    pub const fn get(&self, kind: QuotaKind) -> Option<u64> {
        match kind {
            QuotaKind::Accounts => self.accounts,
            QuotaKind::Observers => self.observers,
            QuotaKind::CodeBytes => self.code_bytes,
        }
    }

    /// Sets the limit of a kind, or removes it.
    pub const fn set(&mut self, kind: QuotaKind, limit: Option<u64>) {
        match kind {
            QuotaKind::Accounts => self.accounts = limit,
            QuotaKind::Observers => self.observers = limit,
            QuotaKind::CodeBytes => self.code_bytes = limit,
        }
    }
}

/// How much of one kind an organisation has, and can have.
pub fn of(
    overlay: &Overlay,
    parameters: &QuotaParameters,
    organisation: &Name,
    kind: QuotaKind,
) -> Result<QuotaUse, StoreError> {
    let known = organisations::organisation(overlay, organisation)?.unwrap_or_default();
    let used = match kind {
        QuotaKind::Accounts => u64::from(known.accounts),
        QuotaKind::Observers => chain::observers(overlay, organisation)?.len() as u64,
        QuotaKind::CodeBytes => code_bytes(overlay, organisation)?,
    };
    let own = known.limits.get(kind);
    let limit = own.unwrap_or_else(|| kind.default_limit(parameters));
    Ok(QuotaUse { kind, used, limit, is_own: own.is_some() })
}

/// The size of the uploads of an organisation's accounts, as they were announced.
pub fn code_bytes(overlay: &Overlay, organisation: &Name) -> Result<u64, StoreError> {
    Ok(record::read(overlay, &keys::code_bytes(organisation))?.unwrap_or(0))
}

/// Sets the size of the uploads of an organisation's accounts.
pub fn put_code_bytes(overlay: &mut Overlay, organisation: &Name, bytes: u64) {
    match bytes {
        0 => overlay.remove(keys::code_bytes(organisation)),
        bytes => record::write(overlay, keys::code_bytes(organisation), &bytes),
    }
}
