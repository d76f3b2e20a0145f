//! Keys from words: BIP-39 in English and SLIP-0010 for Ed25519, as in the TypeScript SDK.
//!
//! Words are a backup that a person can write down. The key of an account is at the path `m/44'/9650'/index'`.

use ehb_types::SecretKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The list of BIP-39, ascending: word by word what other wallets have.
const LIST: &str = include_str!("words/english.txt");
/// The bits that a word holds.
const WORD_BITS: usize = 11;
/// The rounds of the derivation of a seed (BIP-39).
const ROUNDS: u32 = 2_048;
/// The first steps of an account's path (BIP-44). The coin type is not registered in SLIP-0044.
const PATH: [u32; 2] = [44, 9_650];
/// The bit of a hardened step, the only kind that Ed25519 has.
const HARDENED: u32 = 1 << 31;
/// More than 24 words of at most 8 letters need.
const TEXT_BYTES: usize = 24 * 9;

/// Words that a key is made of, with a correct checksum.
pub struct Words(Zeroizing<String>);

/// Why a text is not words of a key. No error contains a word.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// Too few or too many.
    #[error("there are 12, 15, 18, 21 or 24 words, not {0}")]
    Count(usize),
    /// A word, by its position from 1, that is not in the list.
    #[error("word {0} is not in the list of BIP-39: check its spelling (lower case, English)")]
    Unknown(usize),
    /// All words are in the list, but they do not belong together.
    #[error("the checksum of the words is wrong: a word is another one, or two changed places")]
    Checksum,
    /// The system has no random numbers.
    #[error("the system gave no randomness: {0}")]
    Random(#[from] getrandom::Error),
}

impl Words {
    /// 24 new words, from the system's generator.
    pub fn generate() -> Result<Self, WordsError> {
        let mut entropy = Zeroizing::new([0; 32]);
        getrandom::fill(entropy.as_mut())?;
        Ok(Self::of_entropy(entropy.as_ref()))
    }

    /// Reads words; spaces of any kind are between them.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        // Sized first: a string that grows leaves copies that nobody wipes.
        let mut normal = Zeroizing::new(String::with_capacity(4 * text.len()));
        normal.extend(text.nfkd());
        let count = normal.split_whitespace().count();
        if ![12, 15, 18, 21, 24].contains(&count) {
            return Err(WordsError::Count(count));
        }
        let list = list();
        let mut indexes = Zeroizing::new(Vec::with_capacity(count));
        for (position, word) in (1..).zip(normal.split_whitespace()) {
            let index = list.binary_search(&word).map_err(|_| WordsError::Unknown(position))?;
            indexes.push(index);
        }
        // Each 32 bits have one bit of the checksum after all of them.
        let entropy_bytes = count * WORD_BITS / 33 * 32 / 8;
        let bit = |at: usize| indexes[at / WORD_BITS] >> (WORD_BITS - 1 - at % WORD_BITS) & 1;
        let mut entropy = Zeroizing::new(Vec::with_capacity(entropy_bytes));
        for byte in 0..entropy_bytes {
            let bits = (0..8).filter(|at| bit(8 * byte + at) == 1);
            entropy.push(bits.fold(0u8, |all, at| all | 0x80 >> at));
        }
        match *self::indexes(&entropy) == *indexes {
            true => Ok(Self::of_entropy(&entropy)),
            false => Err(WordsError::Checksum),
        }
    }

    fn of_entropy(entropy: &[u8]) -> Self {
        let list = list();
        let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES));
        for index in indexes(entropy).iter() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(list[*index]);
        }
        Self(text)
    }

    /// The words with single spaces between them. They are as secret as the key.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The key of an account of these words; `index` is below 2^31.
    pub fn secret_key(&self, index: u32) -> SecretKey {
        let [purpose, coin] = PATH;
        SecretKey::from_seed(&derived(self.seed("").as_ref(), &[purpose, coin, index]))
    }

    /// The seed of BIP-39: PBKDF2 (RFC 8018) with HMAC-SHA512.
    fn seed(&self, passphrase: &str) -> Zeroizing<[u8; 64]> {
        let key = self.0.as_bytes();
        let first_block = 1u32.to_be_bytes();
        let mut last = mac(key, &[b"mnemonic", passphrase.as_bytes(), &first_block]);
        let mut seed = last.clone();
        for _ in 1..ROUNDS {
            last = mac(key, &[last.as_ref()]);
            seed.iter_mut().zip(last.iter()).for_each(|(sum, byte)| *sum ^= byte);
        }
        seed
    }
}

fn list() -> Vec<&'static str> {
    LIST.lines().collect()
}

/// The positions of the words for some entropy, with its checksum: the first bits of its hash.
fn indexes(entropy: &[u8]) -> Zeroizing<Vec<usize>> {
    let checksum = Sha256::digest(entropy);
    let bits = 8 * entropy.len();
    let bit = |at: usize| {
        let (byte, at) =
            if at < bits { (entropy[at / 8], at % 8) } else { (checksum[0], at - bits) };
        usize::from(byte >> (7 - at) & 1)
    };
    let word = |at: usize| (0..WORD_BITS).fold(0, |all, next| 2 * all + bit(WORD_BITS * at + next));
    Zeroizing::new((0..bits / 32 * 33 / WORD_BITS).map(word).collect())
}

/// The key at a path of hardened steps (SLIP-0010).
fn derived(seed: &[u8], path: &[u32]) -> Zeroizing<[u8; 32]> {
    let mut node = mac(b"ed25519 seed", &[seed]);
    for step in path {
        let (key, chain) = node.split_at(32);
        node = mac(chain, &[&[0], key, &(step | HARDENED).to_be_bytes()]);
    }
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&node[..32]);
    key
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 64]> {
    #[expect(clippy::expect_used, reason = "HMAC accepts keys of any length")]
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    let mut output = Zeroizing::new([0; 64]);
    output.copy_from_slice(&mac.finalize().into_bytes());
    output
}

#[cfg(test)]
mod tests;
