//! The one conversion between the canonical types and their views.

use ehb_types::{
    Account, Address, AddressError, Block, Call, CommitCertificate, CommitSignature, DecodeError,
    Evidence, Header, Network, Receipt, SignedTransaction, Transaction, TransactionSignature,
    Validator, ValidatorSet, ValidatorSetError, decode, encode,
};
use serde_json::Value;

use crate::{
    AccountView, Bytes, CallView, CanonicalView, CertificateView, CommitSignatureView, Decimal,
    EvidenceView, HeaderView, RoleView, SignatureView, TransactionView, ValidatorView,
};

/// A view that corresponds to no canonical value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// A text that is not an address of the network.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Validators that do not form a set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
}

impl From<&Header> for HeaderView {
    fn from(header: &Header) -> Self {
        Self {
            version: header.version,
            chain: header.chain,
            height: header.height,
            timestamp_ms: header.timestamp_ms,
            parent: header.parent,
            round: header.round,
            proposer: header.proposer,
            transactions_count: header.transactions_count,
            transactions_root: header.transactions_root,
            state_root: header.state_root,
            receipts_count: header.receipts_count,
            receipts_root: header.receipts_root,
            validators: header.validators,
            next_validators: header.next_validators,
            certificate: header.certificate,
            evidence: header.evidence,
        }
    }
}

impl From<HeaderView> for Header {
    fn from(view: HeaderView) -> Self {
        Self {
            version: view.version,
            chain: view.chain,
            height: view.height,
            timestamp_ms: view.timestamp_ms,
            parent: view.parent,
            round: view.round,
            proposer: view.proposer,
            transactions_count: view.transactions_count,
            transactions_root: view.transactions_root,
            state_root: view.state_root,
            receipts_count: view.receipts_count,
            receipts_root: view.receipts_root,
            validators: view.validators,
            next_validators: view.next_validators,
            certificate: view.certificate,
            evidence: view.evidence,
        }
    }
}

impl From<&CommitCertificate> for CertificateView {
    fn from(certificate: &CommitCertificate) -> Self {
        let signatures = certificate.signatures.iter();
        Self {
            height: certificate.height,
            round: certificate.round,
            block: certificate.block,
            signatures: signatures
                .map(|it| CommitSignatureView { validator: it.validator, signature: it.signature })
                .collect(),
        }
    }
}

impl From<CertificateView> for CommitCertificate {
    fn from(view: CertificateView) -> Self {
        let signatures = view.signatures.into_iter();
        Self {
            height: view.height,
            round: view.round,
            block: view.block,
            signatures: signatures
                .map(|it| CommitSignature { validator: it.validator, signature: it.signature })
                .collect(),
        }
    }
}

impl ValidatorView {
    /// The views of a set, in its order.
    pub fn all(set: &ValidatorSet) -> Vec<Self> {
        set.validators()
            .iter()
            .map(|validator| Self {
                name: validator.name.clone(),
                consensus_key: validator.consensus_key,
                node_key: validator.node_key,
                power: Decimal(validator.power),
            })
            .collect()
    }

    /// The set of these validators.
    pub fn to_set(views: Vec<Self>) -> Result<ValidatorSet, ViewError> {
        let validators = views.into_iter().map(|view| Validator {
            name: view.name,
            consensus_key: view.consensus_key,
            node_key: view.node_key,
            power: view.power.0,
        });
        Ok(ValidatorSet::new(validators.collect())?)
    }
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> Self {
        Self {
            validator: evidence.validator(),
            height: evidence.height(),
            data: Bytes(encode(evidence)),
        }
    }
}

impl CanonicalView {
    /// The block with its receipts and the certificate that decided it. Nothing is verified.
    pub fn decode(&self) -> Result<(Block, Vec<Receipt>, Option<CommitCertificate>), DecodeError> {
        let certificate = self.certificate.as_ref().map(|bytes| decode(&bytes.0)).transpose()?;
        Ok((decode(&self.block.0)?, decode(&self.receipts.0)?, certificate))
    }
}

impl AccountView {
    /// The view of the account at an address, after a height.
    pub fn new(height: u64, address: &Address, account: Account, network: Network) -> Self {
        Self {
            height,
            address: address.to_text(network),
            policy: account.policy,
            organisation: account.organisation,
            roles: account
                .roles
                .iter()
                .map(|(role, until_ms)| RoleView { role: role.clone(), until_ms })
                .collect(),
            status: account.status,
        }
    }
}

impl TransactionView {
    /// The view of a transaction, its calls' arguments still undecoded.
    pub fn new(signed: &SignedTransaction, network: Network) -> Self {
        let transaction = &signed.transaction;
        Self {
            id: transaction.id(),
            version: transaction.version,
            chain: transaction.chain,
            sender: transaction.sender.to_text(network),
            lane: transaction.lane,
            sequence: Decimal(transaction.sequence),
            valid_until_ms: transaction.valid_until_ms,
            gas_limit: Decimal(transaction.gas_limit),
            calls: transaction.calls.iter().map(CallView::new).collect(),
            memo: transaction.memo.clone(),
            signatures: signed
                .signatures
                .iter()
                .map(|it| SignatureView { key: it.key, signature: it.signature })
                .collect(),
        }
    }

    /// The canonical transaction; its id is computed from its content.
    pub fn to_signed(self, network: Network) -> Result<SignedTransaction, ViewError> {
        let calls = self.calls.into_iter().map(|call| Call {
            module: call.module,
            function: call.function,
            arguments: call.data.0,
        });
        let signatures = self
            .signatures
            .into_iter()
            .map(|it| TransactionSignature { key: it.key, signature: it.signature });
        Ok(SignedTransaction {
            transaction: Transaction {
                version: self.version,
                chain: self.chain,
                sender: Address::from_text(network, &self.sender)?,
                lane: self.lane,
                sequence: self.sequence.0,
                valid_until_ms: self.valid_until_ms,
                gas_limit: self.gas_limit.0,
                calls: calls.collect(),
                memo: self.memo,
            },
            signatures: signatures.collect(),
        })
    }
}

impl CallView {
    fn new(call: &Call) -> Self {
        Self {
            module: call.module.clone(),
            function: call.function.clone(),
            data: Bytes(call.arguments.clone()),
            arguments: Value::Null,
        }
    }
}
