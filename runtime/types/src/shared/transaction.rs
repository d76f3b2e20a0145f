//! A signed transaction with its id and encoding, as the parts of a node pass it on.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::Hash;

use crate::{SignedTransaction, encode};

/// A signed transaction inside a node: clones share it, and its id and canonical encoding are computed once.
/// On the wire and on disk it is the [`SignedTransaction`].
#[derive(Clone)]
pub struct SharedTransaction(Arc<Shared>);

struct Shared {
    signed: SignedTransaction,
    id: Hash,
    encoded: Box<[u8]>,
}

impl SharedTransaction {
    /// The transaction's id.
    pub fn id(&self) -> Hash {
        self.0.id
    }

    /// The canonical encoding of the signed transaction.
    pub fn encoded(&self) -> &[u8] {
        &self.0.encoded
    }

    /// The signed transaction.
    pub fn signed(&self) -> &SignedTransaction {
        &self.0.signed
    }
}

impl From<SignedTransaction> for SharedTransaction {
    fn from(signed: SignedTransaction) -> Self {
        let (id, encoded) = (signed.id(), encode(&signed).into_boxed_slice());
        Self(Arc::new(Shared { signed, id, encoded }))
    }
}

impl Deref for SharedTransaction {
    type Target = SignedTransaction;

    fn deref(&self) -> &SignedTransaction {
        &self.0.signed
    }
}

impl fmt::Debug for SharedTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.signed.fmt(f)
    }
}

impl PartialEq for SharedTransaction {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.encoded == other.0.encoded
    }
}

impl Eq for SharedTransaction {}

impl BorshSerialize for SharedTransaction {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&self.0.encoded)
    }
}

impl BorshDeserialize for SharedTransaction {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        SignedTransaction::deserialize_reader(reader).map(Self::from)
    }
}
