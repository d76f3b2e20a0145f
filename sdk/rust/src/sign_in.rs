//! Sign-in at a server that reads the chain, such as the indexer: the server returns a text, which the account's keys sign.

use std::fmt;
use std::str::FromStr;

use ehb_crypto::{Domain, SignatureError};
use ehb_types::{Hash, Policy, PolicyError, PublicKey, SecretKey, TransactionSignature};

/// The maximum length of the text, bytes.
const TEXT_BYTES_MAX: usize = 1_024;

/// A server's challenge: an account proves by signing it that it wants to sign in there. The signature has a domain of its
/// own, so it is never one of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The host and port under which the client addresses the server.
    pub host: String,
    /// The account, in bech32m.
    pub account: String,
    /// The genesis hash of the server's chain.
    pub chain: Hash,
    /// Until when the challenge can be answered, seconds since 1970 (UTC).
    pub expires_s: u64,
    /// The server's proof that it made the challenge.
    pub nonce: String,
}

/// Why a challenge or its answer is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Not the text of a challenge.
    #[error("this is not a challenge of a server: {0}")]
    Text(&'static str),
    /// The keys that signed are not those that sign for the account.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Two signatures of one key.
    #[error("the key {0} signed twice")]
    Twice(PublicKey),
    /// A signature that does not verify.
    #[error("the signature of the key {0} does not verify for this challenge")]
    Signature(PublicKey),
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, account, chain, expires_s, nonce } = self;
        writeln!(f, "{host} asks you to sign in.")?;
        writeln!(f, "Account: {account}")?;
        writeln!(f, "Chain: {chain}")?;
        writeln!(f, "Expires: {expires_s}")?;
        write!(f, "Nonce: {nonce}")
    }
}

impl FromStr for SignIn {
    type Err = SignInError;

    fn from_str(text: &str) -> Result<Self, SignInError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(SignInError::Text("it is too long"));
        }
        let mut lines = text.split('\n');
        let mut next = |before: &str, after: &str| {
            let line = lines.next()?.strip_prefix(before)?.strip_suffix(after)?;
            let is_word = !line.is_empty() && line.bytes().all(|it| it.is_ascii_graphic());
            is_word.then(|| line.to_owned())
        };
        let mut read = |before, after, what| next(before, after).ok_or(SignInError::Text(what));
        let host = read("", " asks you to sign in.", "its first line does not name the server")?;
        let account = read("Account: ", "", "it has no account")?;
        let chain = read("Chain: ", "", "it has no chain")?;
        let expires = read("Expires: ", "", "it has no end")?;
        let nonce = read("Nonce: ", "", "it has no nonce")?;
        let found = Self {
            host,
            account,
            chain: chain.parse().map_err(|_| SignInError::Text("its chain is no hash"))?,
            expires_s: expires.parse().map_err(|_| SignInError::Text("its end is no number"))?,
            nonce,
        };
        // One challenge has one text: nothing can be hidden in what a person does not see.
        if found.to_string() != text {
            return Err(SignInError::Text("it has other lines"));
        }
        Ok(found)
    }
}

impl SignIn {
    /// Signs with keys of the account.
    pub(crate) fn sign(&self, keys: &[&SecretKey]) -> Vec<TransactionSignature> {
        let payload = self.to_string();
        let signature = |key: &&SecretKey| TransactionSignature {
            key: key.public_key(),
            signature: key.sign(Domain::SignIn, &self.chain, payload.as_bytes()),
        };
        keys.iter().map(signature).collect()
    }

    /// Checks that an account with this policy signed: the same keys that authorise its transactions.
    pub fn verify(
        &self,
        policy: &Policy,
        signatures: &[TransactionSignature],
    ) -> Result<(), SignInError> {
        let signers: Vec<PublicKey> = signatures.iter().map(|it| it.key).collect();
        let twice = signers.iter().enumerate().find(|(place, key)| signers[..*place].contains(key));
        if let Some((_, key)) = twice {
            return Err(SignInError::Twice(*key));
        }
        policy.authorise(&signers)?;
        let payload = self.to_string();
        signatures.iter().try_for_each(|TransactionSignature { key, signature }| {
            let verified = key.verify(Domain::SignIn, &self.chain, payload.as_bytes(), signature);
            verified.map_err(|SignatureError| SignInError::Signature(*key))
        })
    }
}
