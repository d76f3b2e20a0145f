//! Passphrases in a normal form, so that the same characters match on every system.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A passphrase in its normal form. Wiped from memory when dropped; never shown.
pub struct Passphrase(Zeroizing<String>);

/// Why a text is not a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// The text is empty.
    #[error("the passphrase is empty")]
    Empty,
    /// Longer than [`Passphrase::BYTES_MAX`].
    #[error("the passphrase is longer than {max} bytes", max = Passphrase::BYTES_MAX)]
    Long,
    /// Tabs, line breaks and similar characters, which a prompt cannot read.
    #[error("the passphrase contains a control character; it must be one line of text")]
    Control,
}

impl Passphrase {
    /// The maximum length of a passphrase, bytes of UTF-8.
    pub const BYTES_MAX: usize = 1_024;

    /// Normalises a text to Unicode's form NFKC: the same characters typed on another system, which may
    /// compose them differently, result in the same passphrase.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        if text.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(PassphraseError::Long);
        }
        if text.chars().any(char::is_control) {
            return Err(PassphraseError::Control);
        }
        // Allocated in full size first: a growing string leaves copies that are not wiped.
        let bytes = text.nfkc().map(char::len_utf8).sum();
        let mut normal = Zeroizing::new(String::with_capacity(bytes));
        normal.extend(text.nfkc());
        Ok(Self(normal))
    }

    /// The number of characters.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether two are equal, for a repeated entry.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.as_bytes() == other.0.as_bytes()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
