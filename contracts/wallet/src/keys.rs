//! Where the module's state is stored, and nowhere else.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::checks::{ASSET_BYTES_MAX, is_asset_id};
use ehb_contract::{Address, Deadlines, FixedKey, Hash, Item, Key, Map, Named, Once, Schema};

use crate::bindings::ehb::wallet::types::{
    Allowance, Asset, Freeze, Hold, PendingPayment, Permit, Request,
};
use crate::records::{Books, Draws, Minted, Parts, Rulebook, TransactionLimit};

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
pub enum Kind {
    /// A hold.
    Hold,
    /// A payment that waits for approval, or waited.
    Payment,
    /// A payment request.
    Request,
    /// An allowance.
    Allowance,
    /// A permit.
    Permit,
}

/// The version of what is stored, and the steps from the versions before: none yet.
pub const SCHEMA: Schema = Schema::new(&[]);

/// Assets by id.
pub const ASSETS: Map<AssetId, Asset> = Map::new(b'a');

/// The network's own asset.
pub const NATIVE: Item<String> = Item::new(b'c');

/// The minted and burned amounts of each asset.
pub const SUPPLIES: Map<AssetId, Minted> = Map::new(b's');

/// Each account's balance of each asset. An account that once had a balance keeps its entry.
pub const BALANCES: Map<(Address, AssetId), Parts> = Map::new(b'b');

/// The books of past months, where something was credited or debited in the month.
pub const STATEMENTS: Map<(Address, AssetSlot, u32), Books> = Map::new(b'm');

/// The frozen balances; one whose time is over can still be here.
pub const FREEZES: Map<(Address, AssetId), Freeze> = Map::new(b'f');

/// The transaction limits of balances; one whose transaction is over can still be here.
pub const TRANSACTION_LIMITS: Map<(Address, AssetId), TransactionLimit> = Map::new(b'g');

/// The policies of each account; one that was lifted leaves its entry.
pub const POLICIES: Map<(Address, AssetId), Rulebook> = Map::new(b'l');

/// The open holds by number. A resolved hold has no entry.
pub const HOLDS: Map<u64, Hold> = Map::new(b'h');

/// The numbers of the open holds of each payer.
pub const HOLDS_OF_PAYER: Map<(Address, u64), ()> = Map::new(b'p');

/// The number of the latest hold.
pub const LATEST_HOLD: Item<u64> = Item::new(b'n');

/// The allowances by number. One that is closed has no entry.
pub const ALLOWANCES: Map<u64, Allowance> = Map::new(b'w');

/// The numbers of the allowances of each owner and each spender. That of a spender is stored with the part of the key by
/// which [`ALLOWANCES_OPEN`] counts it.
pub const ALLOWANCES_OF: Map<(Address, u64), Option<Hash>> = Map::new(b'W');

/// How many allowances each spender has, by the hash of the name of the owner's organisation when it was granted, or of
/// the owner's address where it is of none.
pub const ALLOWANCES_OPEN: Map<(Address, Hash), u32> = Map::new(b'X');

/// The number of the latest allowance.
pub const LATEST_ALLOWANCE: Item<u64> = Item::new(b'x');

/// The allowances on which the latest transaction that drew on any draws.
pub const DRAWS: Item<Draws> = Item::new(b'v');

/// The payments that wait for approval, or waited.
pub const PAYMENTS: Map<u64, PendingPayment> = Map::new(b'y');

/// The numbers of the payments of each payer, [`OPEN`] or [`OVER`], and of those that wait for each approver, with the
/// part of the key by which [`APPROVALS_OPEN`] counts it.
pub const PAYMENTS_OF: Map<(Address, u8, u64), Option<Hash>> = Map::new(b'Y');

/// How many open payments and permits wait for each approver that is of another organisation than their payer, by the
/// hash of the name of the payer's, or of the payer's address where it is of none.
pub const APPROVALS_OPEN: Map<(Address, Hash), u32> = Map::new(b'V');

/// The numbers of the payments that wait for those with a role in an organisation, by the hash of the organisation and the role.
pub const PAYMENTS_OF_ROLE: Map<(Hash, u64), ()> = Map::new(b'o');

/// The number of the latest payment that waited for approval.
pub const LATEST_PAYMENT: Item<u64> = Item::new(b'z');

/// The part of an index of what is not over.
pub const OPEN: u8 = 0;

/// The part of an index of what is over and was not removed yet.
pub const OVER: u8 = 1;

/// The payment requests.
pub const REQUESTS: Map<u64, Request> = Map::new(b'r');

/// The numbers of the requests of each payee, and of each payer whom one names, [`OPEN`] or [`OVER`]. An open one of a
/// payer is stored with the part of the key by which [`REQUESTS_OPEN`] counts it.
pub const REQUESTS_OF: Map<(Address, u8, u64), Option<Hash>> = Map::new(b'R');

/// How many open requests name each payer, by the hash of the name of the payee's organisation when it was made, or of
/// the payee's address where it is of none.
pub const REQUESTS_OPEN: Map<(Address, Hash), u32> = Map::new(b'i');

/// The number of the latest request.
pub const LATEST_REQUEST: Item<u64> = Item::new(b'q');

/// The permits.
pub const PERMITS: Map<u64, Permit> = Map::new(b't');

/// The numbers of the permits of each payer, [`OPEN`] or [`OVER`], and of those that are not over of each approver, as in
/// [`PAYMENTS_OF`].
pub const PERMITS_OF: Map<(Address, u8, u64), Option<Hash>> = Map::new(b'T');

/// The numbers of the permits that are not over, of those with a role in an organisation, by the hash of the organisation and
/// the role.
pub const PERMITS_OF_ROLE: Map<(Hash, u64), ()> = Map::new(b'O');

/// The numbers of the approved permits that can be used, by payer, asset and payee.
pub const PERMITS_FOR: Map<((Address, AssetSlot), Address, u64), ()> = Map::new(b'u');

/// The number of the latest permit.
pub const LATEST_PERMIT: Item<u64> = Item::new(b'U');

/// The deadlines of payments, requests, allowances and permits that are not over, and when those that are over leave
/// the state.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'd');

/// The idempotency keys.
pub const KEYS: Once = Once::new(b'k');

/// An asset's id that was checked, in the form in which keys hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetId {
    bytes: [u8; Self::BYTES_MAX],
    length: u8,
}

impl AssetId {
    /// The longest id, bytes.
    pub const BYTES_MAX: usize = ASSET_BYTES_MAX;

    /// Checks a text; `None` when it is no asset id.
    pub fn parse(text: &str) -> Option<Self> {
        if !is_asset_id(text) {
            return None;
        }
        let mut bytes = [0; Self::BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The id as text.
    pub fn to_text(self) -> String {
        // All bytes are ASCII, so each is a character.
        self.as_bytes().iter().map(|byte| char::from(*byte)).collect()
    }
}

impl Key for AssetId {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Self::parse(core::str::from_utf8(bytes).ok()?)
    }
}

/// An asset's id with zeros up to its longest length, so that more can follow it in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetSlot(pub AssetId);

impl Key for AssetSlot {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.bytes);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        AssetId::read(bytes.get(..length)?).map(Self)
    }
}

impl FixedKey for AssetSlot {
    const LENGTH: usize = AssetId::BYTES_MAX;
}
