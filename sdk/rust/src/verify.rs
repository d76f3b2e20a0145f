//! Verifies a node's answers with the trusted validators.

use ehb_rpc_api::{ReceiptProof, SignedHeaderView, StateProofView, ValidatorView, ViewError};
use ehb_types::{
    CertificateError, CommitCertificate, Genesis, Hash, Header, Receipt, ValidatorSet,
    ValidatorSetError, decode,
};

/// The trusted validators of a chain. When the set changes, [`Trust::advance`] follows it by headers alone.
///
/// ```
/// use ehb_sdk::{Client, Draft, Genesis, Signer, Trust};
/// use serde_json::json;
/// use std::time::Duration;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let net = ehb_devnet::DevNet::start()?;
/// # let genesis_file = serde_json::to_string(net.genesis())?;
/// # let client = Client::connect(net.url()).await?;
/// # let alice = Signer::of_key(net.account("alice")?.key.clone());
/// # let payment = json!({"to": net.account("bob")?.text(), "asset": "EUR", "amount": "1"});
/// # let draft = Draft::new(client.call("wallet", "transfer", &payment).await?);
/// # let id = client.execute(&alice, draft).await?.receipt.transaction;
/// # net.produce_block()?;
/// // The genesis file comes from somebody who is trusted, and everything else from any node.
/// let trust = Trust::of_genesis(&Genesis::from_json(&genesis_file)?)?;
/// let receipt = client.proven_receipt(&trust, &id, Duration::from_secs(30)).await?;
/// assert_eq!(receipt.transaction, id);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Trust {
    /// The genesis hash, which every signature covers.
    chain: Hash,
    validators: ValidatorSet,
}

/// Why an answer of a node is not proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The header has another hash than the answer claims.
    #[error("the header's hash is {actual}, not {claimed}")]
    HeaderHash {
        /// The claimed hash.
        claimed: Hash,
        /// The hash of the header's content.
        actual: Hash,
    },
    /// A header of another chain.
    #[error("the header belongs to the chain with genesis {0}")]
    Chain(Hash),
    /// Another header than the proof needs.
    #[error("the proof needs the header at height {needed}, and this is {given}")]
    Height {
        /// The height whose header contains the root.
        needed: u64,
        /// The height of the header given.
        given: u64,
    },
    /// The answer has no certificate.
    #[error("the header comes without a certificate")]
    NoCertificate,
    /// The certificate is for another block.
    #[error("the certificate is for another block")]
    OtherBlock,
    /// The certificate is not one of the trusted validators.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The header names other validators than the trusted ones.
    #[error("the header was decided by validators that are not the trusted ones")]
    Validators,
    /// The given set is not the one that the header names as the next.
    #[error("the validators given are not those that the header names for the next height")]
    NextValidators,
    /// Validators that do not form a set.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The receipt is not the header's.
    #[error("the receipt is not under the header's receipts root")]
    Receipt,
    /// The receipt is another transaction's.
    #[error("the receipt is that of the transaction {0}")]
    OtherTransaction(Hash),
    /// The entry is not the header's.
    #[error("the entry is not under the header's state root")]
    Entry,
    /// The entry is another key's.
    #[error("the answer is about another key")]
    OtherKey,
    /// A file in another format.
    #[error("the file is not a proof: {0}")]
    File(String),
    /// A file whose changes of the validators are out of order, needless, or not below its header.
    #[error(
        "the changes of the validators in the file are not one for each change, ascending, and below its header"
    )]
    Changes,
}

impl Trust {
    /// Trusts the validators of a genesis, which must come from a trusted source.
    pub fn of_genesis(genesis: &Genesis) -> Result<Self, ValidatorSetError> {
        Ok(Self { chain: genesis.hash(), validators: genesis.validator_set()? })
    }

    /// Trusts a set of validators of the chain with this genesis hash, for example the stored set of an
    /// earlier [`Trust`].
    pub fn of_set(chain: Hash, validators: ValidatorSet) -> Self {
        Self { chain, validators }
    }

    /// The genesis hash of the chain.
    pub fn chain(&self) -> Hash {
        self.chain
    }

    /// The validators that are trusted: those of the next header to check.
    pub fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    /// Checks that the trusted validators decided a header, and returns its hash.
    pub fn decided(
        &self,
        header: &Header,
        certificate: &CommitCertificate,
    ) -> Result<Hash, ProofError> {
        let hash = header.hash();
        if header.chain != self.chain {
            return Err(ProofError::Chain(header.chain));
        }
        if header.validators != self.validators.hash() {
            return Err(ProofError::Validators);
        }
        let decides = (certificate.height, certificate.block) == (header.height, hash);
        if !decides || certificate.round < header.round {
            return Err(ProofError::OtherBlock);
        }
        certificate.verify(&self.chain, &self.validators)?;
        Ok(hash)
    }

    /// Switches to the validators of the next height, if a [checked](Self::decided) header names other ones.
    /// `next` can come from any source, because the header contains the set's hash.
    pub fn follow(&mut self, header: &Header, next: ValidatorSet) -> Result<(), ProofError> {
        if next.hash() != header.next_validators {
            return Err(ProofError::NextValidators);
        }
        self.validators = next;
        Ok(())
    }

    /// Checks that the trusted validators decided a header, and returns it.
    pub fn header(&self, answer: SignedHeaderView) -> Result<Header, ProofError> {
        let header = Header::from(answer.header);
        let actual = header.hash();
        if actual != answer.hash {
            return Err(ProofError::HeaderHash { claimed: answer.hash, actual });
        }
        if header.chain != self.chain {
            return Err(ProofError::Chain(header.chain));
        }
        if answer.validators != ValidatorView::all(&self.validators) {
            return Err(ProofError::Validators);
        }
        let certificate =
            CommitCertificate::from(answer.certificate.ok_or(ProofError::NoCertificate)?);
        self.decided(&header, &certificate)?;
        Ok(header)
    }

    /// Checks a header like [`Self::header`], and switches to the validators of the next height if they
    /// differ: from then on, only headers above it are accepted. `next` can come from any source, because the
    /// header contains the set's hash. To follow the chain, pass every header whose `next_validators` differs
    /// from its `validators`, in order; headers between them can be skipped.
    pub fn advance(
        &mut self,
        answer: SignedHeaderView,
        next: Vec<ValidatorView>,
    ) -> Result<Header, ProofError> {
        let header = self.header(answer)?;
        self.follow(&header, ValidatorView::to_set(next)?)?;
        Ok(header)
    }

    /// Checks a transaction's receipt; `next` is the header one above the transaction's height.
    pub fn receipt(
        &self,
        id: &Hash,
        answer: &ReceiptProof,
        next: SignedHeaderView,
    ) -> Result<Receipt, ProofError> {
        let receipt = receipt_under(&self.header(next)?, answer)?;
        if receipt.transaction != *id {
            return Err(ProofError::OtherTransaction(receipt.transaction));
        }
        Ok(receipt)
    }

    /// Checks an entry of the state, or its absence; `next` is the header one above its height.
    pub fn entry(
        &self,
        key: &[u8],
        answer: &StateProofView,
        next: SignedHeaderView,
    ) -> Result<Option<Vec<u8>>, ProofError> {
        if answer.key.0 != key {
            return Err(ProofError::OtherKey);
        }
        entry_under(&self.header(next)?, answer)?;
        Ok(answer.value.as_ref().map(|value| value.0.clone()))
    }
}

/// Checks a receipt under a header that was checked.
pub(crate) fn receipt_under(header: &Header, answer: &ReceiptProof) -> Result<Receipt, ProofError> {
    check_above(header, answer.position.height)?;
    let count = u64::from(header.receipts_count);
    let proven = answer.proof.verify(&header.receipts_root, count, &answer.receipt.0)
        && answer.proof.index == u64::from(answer.position.index);
    if !proven {
        return Err(ProofError::Receipt);
    }
    decode(&answer.receipt.0).map_err(|_| ProofError::Receipt)
}

/// Checks an entry of the state, or its absence, under a header that was checked.
pub(crate) fn entry_under(header: &Header, answer: &StateProofView) -> Result<(), ProofError> {
    check_above(header, answer.height)?;
    let value = answer.value.as_ref().map(|value| value.0.as_slice());
    match answer.proof.verify(&header.state_root, &answer.key.0, value) {
        true => Ok(()),
        false => Err(ProofError::Entry),
    }
}

/// Checks that a header is the one above a height: it contains the roots after that height's block.
fn check_above(header: &Header, height: u64) -> Result<(), ProofError> {
    if header.height.checked_sub(1) != Some(height) {
        let needed = height.saturating_add(1);
        return Err(ProofError::Height { needed, given: header.height });
    }
    Ok(())
}
