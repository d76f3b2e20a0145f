//! Addresses: how they derive from policies and names, and their text in bech32m.

use std::fmt;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, hash};
use serde::{Deserialize, Serialize};

use crate::{Name, Policy, encode};

/// The address of an account or of a module: 32 bytes, shown in bech32m (BIP-350) under the
/// network's prefix, so that an address of a test network cannot be used on a main one.
///
/// One address has one text, in lower case; [`Address::from_text`] rejects every other spelling.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Address(pub [u8; 32]);

/// The class of a network, which the prefix of its addresses shows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// A network with real value; prefix `ehb`.
    Main,
    /// A network for tests and demonstrations; prefix `ehbt`.
    Test,
}

/// The text is not an address of this network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not bech32m, or a typing error: the checksum does not match.
    #[error(
        "{0:?} is not an address: a letter or the checksum is wrong; check it for typing errors"
    )]
    Text(String),
    /// An address of a network of the other class.
    #[error("{0:?} belongs to another network: addresses here start with {1:?}")]
    Network(String, String),
    /// Well formed, but not 32 bytes long.
    #[error("{0:?} is not an address: it has {1} bytes, not 32")]
    Length(String, usize),
    /// Upper case, or non-zero padding bits.
    #[error("{0:?} is another spelling of the address {1}: use that one")]
    Spelling(String, String),
}

impl Network {
    /// The human-readable part of the network's addresses.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Main => "ehb",
            Self::Test => "ehbt",
        }
    }
}

impl Address {
    /// The address of an account created with this policy. It stays when the policy changes.
    pub fn of_account(policy: &Policy) -> Self {
        Self(hash(Domain::AccountAddress, &encode(policy)).0)
    }

    /// The address of a module.
    pub fn of_module(name: &Name) -> Self {
        Self(hash(Domain::ModuleAddress, name.as_str().as_bytes()).0)
    }

    /// The text form on a network.
    pub fn to_text(&self, network: Network) -> String {
        let hrp = Hrp::parse_unchecked(network.prefix());
        bech32::encode::<Bech32m>(hrp, &self.0)
            .unwrap_or_else(|error| unreachable!("32 bytes fit bech32m: {error}"))
    }

    /// Reads the text form on a network: exactly what [`Address::to_text`] writes.
    pub fn from_text(network: Network, text: &str) -> Result<Self, AddressError> {
        let shown = || text.chars().take(80).collect::<String>();
        let checked =
            CheckedHrpstring::new::<Bech32m>(text).map_err(|_| AddressError::Text(shown()))?;
        if checked.hrp().to_lowercase() != network.prefix() {
            return Err(AddressError::Network(shown(), network.prefix().to_owned()));
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let length = bytes.len();
        let address =
            bytes.try_into().map(Self).map_err(|_| AddressError::Length(shown(), length))?;
        // The library accepts upper case, and ignores the padding bits, which must be zero according to
        // BIP-350.
        let canonical = address.to_text(network);
        if text == canonical {
            Ok(address)
        } else {
            Err(AddressError::Spelling(shown(), canonical))
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
