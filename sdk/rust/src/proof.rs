//! A proof as a file, which anybody who has the genesis verifies without a network.

use ehb_rpc_api::{ReceiptProof, SignedHeaderView, StateProofView, ValidatorView};
use ehb_types::{Hash, Header, Receipt};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::verify::{entry_under, receipt_under};
use crate::{ProofError, Trust};

/// Entries of the state and receipts with all that their verification needs besides the genesis: the header that has
/// their roots, the certificate that decided it, and each change of the validators since genesis. Its JSON is described
/// in `docs/proofs.md`.
///
/// ```
/// use ehb_sdk::{Client, Draft, Genesis, ProofFile, Signer, Trust};
/// use serde_json::json;
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
/// let trust = Trust::of_genesis(&Genesis::from_json(&genesis_file)?)?;
/// let file = client.prove_receipt(&trust, &id).await?.to_json();
/// // Somewhere else, later, without a node:
/// let proven = ProofFile::from_json(&file)?.verify(trust)?;
/// assert_eq!(proven.receipts[0].receipt.transaction, id);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProofFile {
    /// The name and version of the format: [`ProofFile::FORMAT`].
    pub format: String,
    /// The genesis hash of the chain.
    pub genesis_hash: Hash,
    /// The changes of the validators since genesis, ascending; at most [`ProofFile::CHANGES_MAX`].
    pub changes: Vec<SetChange>,
    /// The header under which entries and receipts are proven: the one after their block.
    pub header: SignedHeaderView,
    /// Entries of the state after the block before the header, or their absence; at most [`ProofFile::ITEMS_MAX`].
    pub entries: Vec<StateProofView>,
    /// Receipts of the block before the header; at most [`ProofFile::ITEMS_MAX`].
    pub receipts: Vec<ReceiptProof>,
}

/// A change of the validators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetChange {
    /// The last header of the validators before.
    pub header: SignedHeaderView,
    /// The validators from the next height on, ascending by consensus key.
    pub next: Vec<ValidatorView>,
}

/// The content of a proof that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The header, which the validators decided.
    pub header: Header,
    /// The entries of the state after the block before the header.
    pub entries: Vec<ProvenEntry>,
    /// The receipts of the block before the header.
    pub receipts: Vec<ProvenReceipt>,
}

/// An entry of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The key in the whole state.
    pub key: Vec<u8>,
    /// The value; none if there is no entry.
    pub value: Option<Vec<u8>>,
}

/// A receipt and its place in its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenReceipt {
    /// Its index in the block, from 0.
    pub index: u32,
    /// The receipt.
    pub receipt: Receipt,
}

impl Proven {
    /// The height of the block to which entries and receipts belong.
    pub fn height(&self) -> u64 {
        self.header.height.saturating_sub(1)
    }
}

impl ProofFile {
    /// The name and version of the format.
    pub const FORMAT: &'static str = "ehb-proof/1";
    /// The maximum length of a file, bytes.
    pub const BYTES_MAX: usize = 64 << 20;
    /// The maximum number of changes of the validators in a file.
    pub const CHANGES_MAX: usize = 1_000;
    /// The maximum number of entries, and of receipts, in a file.
    pub const ITEMS_MAX: usize = 256;

    /// Parses a file; nothing is verified. Each member must be there, and no other: a file has one meaning.
    pub fn from_json(text: &str) -> Result<Self, ProofError> {
        if text.len() > Self::BYTES_MAX {
            let message = format!("it has more than {} bytes", Self::BYTES_MAX);
            return Err(ProofError::File(message));
        }
        let wrong = |error: serde_json::Error| ProofError::File(error.to_string());
        let file: Self = serde_json::from_str(text).map_err(wrong)?;
        if file.format != Self::FORMAT {
            let message = format!("its format is {:?}, not {:?}", file.format, Self::FORMAT);
            return Err(ProofError::File(message));
        }
        let limits = [
            ("changes", file.changes.len(), Self::CHANGES_MAX),
            ("entries", file.entries.len(), Self::ITEMS_MAX),
            ("receipts", file.receipts.len(), Self::ITEMS_MAX),
        ];
        if let Some((name, count, max)) = limits.into_iter().find(|(_, count, max)| count > max) {
            return Err(ProofError::File(format!("it has {count} {name}; at most {max} are read")));
        }
        // The views of a node's answers ignore members that a newer node adds, and read one that is absent as `null`.
        let given: Value = serde_json::from_str(text).map_err(wrong)?;
        if serde_json::to_value(&file).map_err(wrong)? != given {
            let message = "a member is missing, unknown, or written in another form".to_owned();
            return Err(ProofError::File(message));
        }
        Ok(file)
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.unwrap_or_else(|error| unreachable!("a proof is JSON: {error}")) + "\n"
    }

    /// Verifies the proof, trusting the validators of the genesis.
    pub fn verify(&self, mut trust: Trust) -> Result<Proven, ProofError> {
        if self.genesis_hash != trust.chain() {
            return Err(ProofError::Chain(self.genesis_hash));
        }
        let mut above = 0;
        for SetChange { header, next } in &self.changes {
            let checked = trust.advance(header.clone(), next.clone())?;
            if checked.height <= above || checked.next_validators == checked.validators {
                return Err(ProofError::Changes);
            }
            if *next != ValidatorView::all(trust.validators()) {
                return Err(ProofError::NextValidators);
            }
            above = checked.height;
        }
        let header = trust.header(self.header.clone())?;
        if header.height <= above {
            return Err(ProofError::Changes);
        }
        let entry = |it: &StateProofView| {
            entry_under(&header, it)?;
            let value = it.value.as_ref().map(|value| value.0.clone());
            Ok(ProvenEntry { key: it.key.0.clone(), value })
        };
        let receipt = |it: &ReceiptProof| {
            let receipt = receipt_under(&header, it)?;
            Ok(ProvenReceipt { index: it.position.index, receipt })
        };
        let entries = self.entries.iter().map(entry).collect::<Result<_, ProofError>>()?;
        let receipts = self.receipts.iter().map(receipt).collect::<Result<_, ProofError>>()?;
        Ok(Proven { header, entries, receipts })
    }
}
