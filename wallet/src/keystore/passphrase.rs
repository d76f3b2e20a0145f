use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A passphrase in its normal form. Wiped from memory when dropped; never shown.
pub struct Passphrase(Zeroizing<String>);

/// Why a text is no passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing was given.
    #[error("the passphrase is empty")]
    Empty,
    /// Longer than [`Passphrase::BYTES_MAX`].
    #[error("the passphrase is longer than {max} bytes", max = Passphrase::BYTES_MAX)]
    Long,
    /// Tabs, line breaks and the like, which no prompt can take.
    #[error("the passphrase holds a control character; it is one line of text")]
    Control,
}

impl Passphrase {
    /// The longest passphrase, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 1_024;

    /// Takes a text, in Unicode's normal form NFKC: the same characters typed on another system,
    /// which may compose them differently, give the same passphrase.
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
        // Sized first: a string that grows leaves copies behind that nobody wipes.
        let bytes = text.nfkc().map(char::len_utf8).sum();
        let mut normal = Zeroizing::new(String::with_capacity(bytes));
        normal.extend(text.nfkc());
        Ok(Self(normal))
    }

    /// How many characters it has.
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether two are the same, as when one is typed twice.
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
