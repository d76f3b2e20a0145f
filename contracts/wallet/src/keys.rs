//! Where the module's state lies, and nowhere else.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Item, Key, Map, pack_record};

use crate::bindings::ehb::wallet::types::{Asset, Hold};

/// Assets by id.
pub const ASSETS: Map<AssetId, Asset> = Map::new(b'a');

/// What was issued and redeemed of each asset.
pub const SUPPLIES: Map<AssetId, Issued> = Map::new(b's');

/// What each account owns of each asset. Where both parts are 0 there is no entry.
pub const BALANCES: Map<(Address, AssetId), Parts> = Map::new(b'b');

/// The open holds by number. A resolved hold has no entry.
pub const HOLDS: Map<u64, Hold> = Map::new(b'h');

/// The numbers of the open holds of each payer.
pub const HOLDS_OF_PAYER: Map<(Address, u64), ()> = Map::new(b'p');

/// The number of the latest hold.
pub const LATEST_HOLD: Item<u64> = Item::new(b'n');

/// An asset's id that was checked, in the form in which keys hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetId {
    bytes: [u8; Self::BYTES_MAX],
    length: u8,
}

impl AssetId {
    /// The longest id, bytes.
    pub const BYTES_MAX: usize = 12;

    /// Checks a text; `None` when it is no asset id.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.bytes().next()?;
        let rest = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-');
        if !first.is_ascii_uppercase() || !text.bytes().all(rest) {
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

/// What was issued and redeemed of an asset, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// All that was ever minted.
    pub issued: u64,
    /// All that was ever burned; at most `issued`.
    pub redeemed: u64,
}

/// The two parts of a balance, in base units. All balances of an asset together are what is in
/// circulation, so their sums fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What the account can spend.
    pub available: u64,
    /// What its open holds have set aside.
    pub held: u64,
}

pack_record!(Issued { issued, redeemed });
pack_record!(Parts { available, held });
pack_record!(Asset { id, name, precision, issuer });
pack_record!(Hold {
    id,
    payer,
    controller,
    payee,
    asset,
    amount,
    remaining,
    expires_ms,
    reference,
});
