//! The opaque cursors of lists: the key of the last row, signed together with the list and its filters.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::failure::Failure;

/// The bytes of a cursor that prove where it comes from.
const TAG_BYTES: usize = 16;
/// The maximum length of a cursor, bytes.
const CURSOR_BYTES_MAX: usize = 4_096;

/// The key that signs cursors. All servers of a database share it, so each accepts the cursors of the others.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// The key with these bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The cursor after the row with a key. `list` names the list and its filters.
    pub(crate) fn cursor(&self, list: &str, key: &[String]) -> String {
        let text = serde_json::Value::from(key.to_vec()).to_string();
        let mut bytes = self.tag(list, text.as_bytes()).to_vec();
        bytes.extend(text.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The key in a cursor that this list returned with these filters.
    pub(crate) fn key(&self, list: &str, cursor: &str) -> Result<Vec<String>, Failure> {
        if cursor.len() > CURSOR_BYTES_MAX {
            return Err(Failure::Cursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Failure::Cursor)?;
        let (tag, text) = bytes.split_at_checked(TAG_BYTES).ok_or(Failure::Cursor)?;
        let mac = self.mac(list, text);
        mac.verify_truncated_left(tag).map_err(|_| Failure::Cursor)?;
        serde_json::from_slice(text).map_err(|_| Failure::Cursor)
    }

    fn tag(&self, list: &str, text: &[u8]) -> [u8; TAG_BYTES] {
        let whole = self.mac(list, text).finalize().into_bytes();
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&whole[..TAG_BYTES]);
        tag
    }

    fn mac(&self, list: &str, text: &[u8]) -> Hmac<Sha256> {
        // HMAC takes keys of any length.
        #[expect(clippy::expect_used, reason = "HMAC accepts keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        mac.update(&(list.len() as u64).to_le_bytes());
        mac.update(list.as_bytes());
        mac.update(text);
        mac
    }
}
