//! Parses and writes content identifiers (CIDs) in the one form that modules accept.

use alloc::string::String;

use crate::Hash;

#[cfg(test)]
mod tests;

/// The content identifier of a document outside the chain: its type and hash.
///
/// Of the forms that CIDs have (<https://github.com/multiformats/cid>) modules accept one, so that one
/// document has one name: version 1, in base32 with lower-case letters, hashed by SHA-256. Such a text has
/// 59 characters and begins with `baf` for the usual codecs: `bafkrei` for plain bytes, `bafybei` for
/// files and folders of IPFS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cid {
    /// How the hashed bytes are to be read, a code of the multicodec table below 128: 0x55 for plain
    /// bytes, 0x70 for DAG-PB, 0x71 for DAG-CBOR.
    pub codec: u8,
    /// The document's SHA-256 hash, without any domain.
    pub digest: [u8; 32],
}

/// Bytes of a CID: version, codec, hash function, hash length, hash.
const BYTES: usize = 4 + 32;

/// The letter that names base32 with lower-case letters and without padding.
const MULTIBASE: char = 'b';

/// The code of version 1.
const VERSION: u8 = 1;

/// The code of SHA-256 in the multicodec table.
const SHA2_256: u8 = 0x12;

/// The length of its hash, bytes.
const DIGEST_BYTES: u8 = 32;

/// The letters of base32, RFC 4648, section 6, in lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl Cid {
    /// How long the text is, bytes.
    pub const TEXT_BYTES: usize = 1 + (BYTES * 8).div_ceil(5);

    /// Reads a CID; `None` when the text is not one of the accepted form.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(MULTIBASE)?.as_bytes();
        if text.len() != Self::TEXT_BYTES {
            return None;
        }
        let mut bytes = [0; BYTES];
        let mut places = bytes.iter_mut();
        let (mut bits, mut count) = (0u32, 0);
        for letter in letters {
            bits = bits << 5 | value(*letter)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                *places.next()? = (bits >> count).to_le_bytes()[0];
                bits &= (1 << count) - 1;
            }
        }
        // The last letter's unused bits are 0, or two texts would name the same document.
        if bits != 0 {
            return None;
        }
        let [VERSION, codec @ 0..0x80, SHA2_256, DIGEST_BYTES, digest @ ..] = bytes else {
            return None;
        };
        Some(Self { codec, digest })
    }

    /// The CID in base 32 with the prefix `b`, as documents name it.
    pub fn to_text(self) -> String {
        let mut text = String::with_capacity(Self::TEXT_BYTES);
        text.push(MULTIBASE);
        let (mut bits, mut count) = (0u32, 0);
        for byte in [VERSION, self.codec, SHA2_256, DIGEST_BYTES].into_iter().chain(self.digest) {
            bits = bits << 8 | u32::from(byte);
            count += 8;
            while count >= 5 {
                count -= 5;
                text.push(letter(bits >> count));
                bits &= (1 << count) - 1;
            }
        }
        if count > 0 {
            text.push(letter(bits << (5 - count)));
        }
        text
    }

    /// The digest in the form in which WIT passes hashes.
    pub fn hash(self) -> Hash {
        Hash::from_bytes(&self.digest)
    }
}

fn value(letter: u8) -> Option<u32> {
    match letter {
        b'a'..=b'z' => Some(u32::from(letter - b'a')),
        b'2'..=b'7' => Some(u32::from(letter - b'2') + 26),
        _ => None,
    }
}

fn letter(value: u32) -> char {
    char::from(ALPHABET[value as usize & 31])
}
