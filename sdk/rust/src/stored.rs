//! What a proven entry of the wallet module means: balances and assets (`docs/state.md`).

use ehb_rpc_api::{Bytes, StateKey, module_key};
use ehb_types::{Address, Name};

/// The module.
const WALLET: &str = "wallet";
/// The first byte of a key of a balance.
const BALANCES: u8 = b'b';
/// The first byte of a key of an asset.
const ASSETS: u8 = b'a';
/// The version of the layout of both.
const LAYOUT: u8 = 1;
/// The bytes of a balance: the version, available, held, flags, month, opening and entries.
const BALANCE_BYTES: usize = 1 + 8 + 8 + 1 + 4 + 8 + 8;

/// An entry of the wallet module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredEntry {
    /// The balance of an account in an asset. An account that never had one has no entry, and owns nothing.
    Balance {
        /// The account.
        account: Address,
        /// The id of the asset.
        asset: String,
        /// What the account can spend, base units.
        available: u64,
        /// The sum of its open holds and pending payments, base units.
        held: u64,
    },
    /// An asset.
    Asset {
        /// Its id.
        asset: String,
        /// How many decimal places its main unit has; none if there is no such asset.
        decimals: Option<u8>,
    },
}

impl StoredEntry {
    /// The key of a balance.
    pub fn balance_key(account: &Address, asset: &str) -> StateKey {
        key([&[BALANCES], account.0.as_slice(), asset.as_bytes()].concat())
    }

    /// The key of an asset.
    pub fn asset_key(asset: &str) -> StateKey {
        key([&[ASSETS], asset.as_bytes()].concat())
    }

    /// The meaning of an entry, by its key in the whole state and its value; none for an entry of another kind, or in a
    /// layout that this version does not know.
    pub fn read(key: &[u8], value: Option<&[u8]>) -> Option<Self> {
        let key = key.strip_prefix(module_key(&wallet(), &[]).as_slice())?;
        let (table, key) = key.split_first()?;
        match *table {
            BALANCES => {
                let (account, asset) = key.split_first_chunk::<32>()?;
                let [available, held] = match value {
                    None => [0, 0],
                    Some(value) => balance(value)?,
                };
                Some(Self::Balance {
                    account: Address(*account),
                    asset: id(asset)?,
                    available,
                    held,
                })
            }
            ASSETS => {
                let asset = id(key)?;
                let decimals = match value {
                    None => None,
                    Some(value) => Some(decimals(value, &asset)?),
                };
                Some(Self::Asset { asset, decimals })
            }
            _ => None,
        }
    }
}

fn wallet() -> Name {
    Name::new(WALLET).unwrap_or_else(|error| unreachable!("a constant: {error}"))
}

fn key(key: Vec<u8>) -> StateKey {
    StateKey { module: Some(wallet()), key: Bytes(key) }
}

/// The id of an asset: upper-case letters and digits, or another readable text.
fn id(bytes: &[u8]) -> Option<String> {
    let readable = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic);
    readable.then(|| String::from_utf8_lossy(bytes).into_owned())
}

/// The available and the held amount of a balance.
fn balance(value: &[u8]) -> Option<[u64; 2]> {
    if value.len() != BALANCE_BYTES {
        return None;
    }
    let (available, rest) = body(value)?.split_first_chunk::<8>()?;
    let (held, _) = rest.split_first_chunk::<8>()?;
    Some([u64::from_le_bytes(*available), u64::from_le_bytes(*held)])
}

/// The decimals of an asset, after its id and name.
fn decimals(value: &[u8], asset: &str) -> Option<u8> {
    let (stored, rest) = text(body(value)?)?;
    let (_, rest) = text(rest)?;
    (stored == asset.as_bytes()).then_some(())?;
    rest.first().copied()
}

/// A value without the version of its layout.
fn body(value: &[u8]) -> Option<&[u8]> {
    value.split_first().filter(|(version, _)| **version == LAYOUT).map(|(_, body)| body)
}

/// The bytes of a text, and what follows it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
