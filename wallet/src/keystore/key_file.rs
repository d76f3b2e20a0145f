//! The format of a key file: its JSON, its encryption, and the checks when it is read.

use borsh::BorshSerialize;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ehb_types::{Address, Name, Network, Policy, PublicKey, SecretKey, encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{KdfCost, Passphrase};

const VERSION: u32 = 1;
const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20-poly1305";

/// The seed and Poly1305's tag.
const CIPHERTEXT_BYTES: usize = 48;

/// A secret key encrypted with a passphrase, with its public data.
///
/// The data that is readable without the passphrase (name, address, public key) is consistent, but only
/// [`KeyFile::open`] proves that it was not replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    version: u32,
    id: String,
    name: Name,
    address: String,
    public_key: PublicKey,
    created_ms: u64,
    crypto: Crypto,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Crypto {
    kdf: Kdf,
    cipher: Cipher,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    function: String,
    params: KdfParams,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KdfParams {
    m_kib: u32,
    t: u32,
    p: u32,
    #[serde(with = "hex_bytes")]
    salt: [u8; 16],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cipher {
    function: String,
    #[serde(with = "hex_bytes")]
    nonce: [u8; 24],
    #[serde(with = "hex_bytes")]
    ciphertext: [u8; CIPHERTEXT_BYTES],
}

/// Everything in a file except the ciphertext, in canonical encoding: the cipher's associated data.
#[derive(BorshSerialize)]
struct Header<'a> {
    version: u32,
    id: &'a str,
    name: &'a str,
    address: &'a str,
    public_key: PublicKey,
    created_ms: u64,
    kdf: &'a str,
    m_kib: u32,
    t: u32,
    p: u32,
    salt: [u8; 16],
    cipher: &'a str,
    nonce: [u8; 24],
}

/// Why a key file cannot be written, read or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file is not JSON of this format.
    #[error("this is no key file")]
    Json(#[from] serde_json::Error),
    /// Written by a later version of this program.
    #[error("the key file has version {0}; this program reads version {VERSION}")]
    Version(u64),
    /// An unknown function.
    #[error("the key file uses {0:?}; this program knows {KDF} and {CIPHER}")]
    Function(String),
    /// Parameters that are impossible, or too expensive to try.
    #[error(
        "the key derivation asks for m_kib {m}, t {t}, p {p}: memory must be {min} KiB a lane to \
         {max} KiB, passes at least 1, lanes 1 to {lanes}, and memory times passes at most {work} \
         KiB",
        m = .0.m_kib, t = .0.t, p = .0.p, min = 8, max = KdfCost::MEMORY_MAX_KIB,
        lanes = KdfCost::LANES_MAX, work = KdfCost::WORK_MAX_KIB
    )]
    Cost(KdfCost),
    /// Public key and address do not match.
    #[error("the key file was edited: its address is not that of its public key")]
    Address,
    /// The passphrase does not open it.
    #[error("the passphrase is wrong, or the key file was edited")]
    Passphrase,
    /// The operating system returned no random numbers.
    #[error("the system returned no random numbers")]
    Random(#[from] getrandom::Error),
}

impl KeyFile {
    /// The maximum length of a file, bytes; a real one has about 800.
    pub const BYTES_MAX: usize = 16 * 1024;

    /// Encrypts a key. `created_ms` counts milliseconds since 1970 (UTC).
    pub fn seal(
        name: Name,
        secret: &SecretKey,
        network: Network,
        created_ms: u64,
        passphrase: &Passphrase,
        cost: KdfCost,
    ) -> Result<Self, KeyFileError> {
        let (mut id, mut salt, mut nonce) = ([0; 16], [0; 16], [0; 24]);
        for bytes in [id.as_mut_slice(), &mut salt, &mut nonce] {
            getrandom::fill(bytes)?;
        }
        let public_key = secret.public_key();
        let KdfCost { m_kib, t, p } = cost;
        let params = KdfParams { m_kib, t, p, salt };
        let cipher =
            Cipher { function: CIPHER.to_owned(), nonce, ciphertext: [0; CIPHERTEXT_BYTES] };
        let mut file = Self {
            version: VERSION,
            id: uuid(id),
            name,
            address: Address::of_account(&Policy::Key(public_key)).to_text(network),
            public_key,
            created_ms,
            crypto: Crypto { kdf: Kdf { function: KDF.to_owned(), params }, cipher },
        };
        let seed = secret.to_seed();
        let ciphertext = file
            .aead(passphrase)?
            .encrypt(
                &XNonce::from(nonce),
                Payload { msg: seed.as_slice(), aad: &encode(&file.header()) },
            )
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .unwrap_or_else(|| unreachable!("32 bytes give {CIPHERTEXT_BYTES}"));
        file.crypto.cipher.ciphertext = ciphertext;
        Ok(file)
    }

    /// Decrypts the key, which proves that nothing in the file was changed.
    pub fn open(&self, passphrase: &Passphrase) -> Result<SecretKey, KeyFileError> {
        let Cipher { nonce, ciphertext, .. } = &self.crypto.cipher;
        let payload = Payload { msg: ciphertext, aad: &encode(&self.header()) };
        let seed = self
            .aead(passphrase)?
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| KeyFileError::Passphrase)?;
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| KeyFileError::Passphrase)?;
        let secret = SecretKey::from_seed(seed);
        if secret.public_key() != self.public_key {
            return Err(KeyFileError::Address);
        }
        Ok(secret)
    }

    /// Parses a file's text and performs all checks that need no passphrase.
    pub fn from_json(text: &str) -> Result<Self, KeyFileError> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        let Version { version } = serde_json::from_str(text)?;
        if version != u64::from(VERSION) {
            return Err(KeyFileError::Version(version));
        }
        let file: Self = serde_json::from_str(text)?;
        let Crypto { kdf, cipher } = &file.crypto;
        for (function, known) in [(&kdf.function, KDF), (&cipher.function, CIPHER)] {
            if function != known {
                return Err(KeyFileError::Function(function.chars().take(32).collect()));
            }
        }
        file.cost().check()?;
        if file.address != file.account().to_text(file.network()) {
            return Err(KeyFileError::Address);
        }
        Ok(file)
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String, KeyFileError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The key's name, which is also the file's.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The address of the account with this key as its only key, in bech32m.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same address in bytes.
    pub fn account(&self) -> Address {
        Address::of_account(&Policy::Key(self.public_key))
    }

    /// The class of networks of the key.
    pub fn network(&self) -> Network {
        let prefix = self.address.split_once('1').map(|(prefix, _)| prefix);
        if prefix == Some(Network::Main.prefix()) { Network::Main } else { Network::Test }
    }

    /// The public half of the key.
    pub fn public_key(&self) -> PublicKey {
        self.public_key
    }

    /// When the file was created, milliseconds since 1970 (UTC).
    pub fn created_ms(&self) -> u64 {
        self.created_ms
    }

    fn cost(&self) -> KdfCost {
        let KdfParams { m_kib, t, p, .. } = self.crypto.kdf.params;
        KdfCost { m_kib, t, p }
    }

    fn aead(&self, passphrase: &Passphrase) -> Result<XChaCha20Poly1305, KeyFileError> {
        let key = self.cost().derive(passphrase, &self.crypto.kdf.params.salt)?;
        Ok(XChaCha20Poly1305::new_from_slice(key.as_slice())
            .unwrap_or_else(|_| unreachable!("the key has 32 bytes")))
    }

    fn header(&self) -> Header<'_> {
        let Crypto { kdf, cipher } = &self.crypto;
        Header {
            version: self.version,
            id: &self.id,
            name: self.name.as_str(),
            address: &self.address,
            public_key: self.public_key,
            created_ms: self.created_ms,
            kdf: &kdf.function,
            m_kib: kdf.params.m_kib,
            t: kdf.params.t,
            p: kdf.params.p,
            salt: kdf.params.salt,
            cipher: &cipher.function,
            nonce: cipher.nonce,
        }
    }
}

/// A random UUID (RFC 9562, version 4).
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Bytes as hexadecimal text.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text.as_bytes(), &mut bytes)
            .map_err(|_| serde::de::Error::custom(format!("expected {} hex digits", N * 2)))?;
        Ok(bytes)
    }
}
