//! Texts that a server returns to a client and must recognise later: cursors of lists, the key of the last row signed
//! together with the list and its filters, challenges and sessions.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::failure::Failure;

/// The bytes that prove where a sealed text comes from.
const TAG_BYTES: usize = 16;
/// The maximum length of a sealed text, bytes.
const SEALED_BYTES_MAX: usize = 4_096;

/// The key that signs them. All servers of a database share it, so each accepts what the others sealed.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// The key with these bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The cursor after the row with a key. `list` names the list and its filters.
    pub(crate) fn cursor(&self, list: &str, key: &[String]) -> String {
        self.seal(list, serde_json::Value::from(key.to_vec()).to_string().as_bytes())
    }

    /// The key in a cursor that this list returned with these filters.
    pub(crate) fn key(&self, list: &str, cursor: &str) -> Result<Vec<String>, Failure> {
        let text = self.open(list, cursor).ok_or(Failure::Cursor)?;
        serde_json::from_slice(&text).map_err(|_| Failure::Cursor)
    }

    /// Content together with the proof that this server wrote it for a purpose, as text.
    pub(crate) fn seal(&self, purpose: &str, content: &[u8]) -> String {
        let mut bytes = self.tag(purpose, content).to_vec();
        bytes.extend(content);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Proves that this server wrote content, without the content.
    pub(crate) fn proof(&self, purpose: &str, content: &[u8]) -> String {
        hex::encode(self.tag(purpose, content))
    }

    /// Whether a proof is that of [`Self::proof`].
    pub(crate) fn proves(&self, purpose: &str, content: &[u8], proof: &str) -> bool {
        let tag = hex::decode(proof).ok().filter(|it| it.len() == TAG_BYTES);
        tag.is_some_and(|tag| self.mac(purpose, content).verify_truncated_left(&tag).is_ok())
    }

    /// The content that [`Self::seal`] sealed for the purpose; none of any other text.
    pub(crate) fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        if sealed.len() > SEALED_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (tag, content) = bytes.split_at_checked(TAG_BYTES)?;
        self.mac(purpose, content).verify_truncated_left(tag).ok()?;
        Some(content.to_vec())
    }

    fn tag(&self, purpose: &str, content: &[u8]) -> [u8; TAG_BYTES] {
        let whole = self.mac(purpose, content).finalize().into_bytes();
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&whole[..TAG_BYTES]);
        tag
    }

    fn mac(&self, purpose: &str, content: &[u8]) -> Hmac<Sha256> {
        // HMAC takes keys of any length.
        #[expect(clippy::expect_used, reason = "HMAC accepts keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        mac.update(&(purpose.len() as u64).to_le_bytes());
        mac.update(purpose.as_bytes());
        mac.update(content);
        mac
    }
}
