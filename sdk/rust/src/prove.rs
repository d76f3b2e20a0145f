//! Makes proofs as files, from the answers of a node.

use std::time::Duration;

use ehb_rpc_api::{At, ChainClient, SignedHeaderView, StateClient, StateKey, TransactionClient};
use ehb_types::{Code, Hash};

use crate::{Client, Error, ProofError, ProofFile, SetChange, Trust};

/// How long to wait for the header that has the roots: an idle chain decides one each heartbeat.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);

impl Client {
    /// Proves a decided header, by default that of the head. Like all proofs of this library it is verified before it is
    /// returned: `trust` has the validators of the genesis.
    pub async fn prove_header(&self, trust: &Trust, at: Option<At>) -> Result<ProofFile, Error> {
        let header = self.answer(ChainClient::header(self.rpc(), at)).await?;
        if header.header.height == 0 {
            let text = "no validators decided block 0, the genesis: its hash proves it";
            return Err(Error::refused(Code::InvalidRequest, text));
        }
        self.proof_under(trust, header, |_| ()).await
    }

    /// Proves entries of one state, by default that of the head, or their absence. Nothing proves that there are no other
    /// entries of a kind: ask for each key.
    pub async fn prove_entries(
        &self,
        trust: &Trust,
        keys: &[StateKey],
        mut at: Option<At>,
    ) -> Result<ProofFile, Error> {
        let mut entries = Vec::new();
        for key in keys {
            let proof = self.answer(StateClient::proof(self.rpc(), key.clone(), at)).await?;
            if proof.key.0 != key.full() {
                return Err(ProofError::OtherKey.into());
            }
            at = Some(At::Height(proof.height));
            entries.push(proof);
        }
        let Some(first) = entries.first() else {
            return Err(Error::refused(Code::InvalidRequest, "a proof needs at least one key"));
        };
        let header = self.header(first.height.saturating_add(1), HEADER_TIMEOUT).await?;
        self.proof_under(trust, header, |file| file.entries = entries).await
    }

    /// Proves the receipt of a final transaction, or of genesis by its own id.
    pub async fn prove_receipt(&self, trust: &Trust, id: &Hash) -> Result<ProofFile, Error> {
        let proof = self.answer(TransactionClient::proof(self.rpc(), *id)).await?;
        let header = self.header(proof.position.height.saturating_add(1), HEADER_TIMEOUT).await?;
        let file = self.proof_under(trust, header, |file| file.receipts = vec![proof]).await?;
        let proven = file.verify(trust.clone())?;
        match proven.receipts.first().map(|it| it.receipt.transaction) {
            Some(found) if found != *id => Err(ProofError::OtherTransaction(found).into()),
            _ => Ok(file),
        }
    }

    /// The file with what is proven under a header, verified.
    async fn proof_under(
        &self,
        trust: &Trust,
        header: SignedHeaderView,
        fill: impl FnOnce(&mut ProofFile),
    ) -> Result<ProofFile, Error> {
        let mut file = ProofFile {
            format: ProofFile::FORMAT.to_owned(),
            genesis_hash: trust.chain(),
            changes: self.changes(trust.clone(), &header).await?,
            header,
            entries: Vec::new(),
            receipts: Vec::new(),
        };
        fill(&mut file);
        file.verify(trust.clone())?;
        Ok(file)
    }

    /// The changes of the validators from the trusted ones, which decide height 1, to those of a header.
    async fn changes(
        &self,
        mut trust: Trust,
        header: &SignedHeaderView,
    ) -> Result<Vec<SetChange>, Error> {
        let mut changes = Vec::new();
        let mut low = 1;
        loop {
            let trusted = trust.validators().hash();
            if header.header.validators == trusted {
                return Ok(changes);
            }
            // Headers that did not have the trusted set, above `low`, which has it. Somewhere between the set changes.
            let mut high = header.header.height;
            while high.saturating_sub(low) > 1 {
                let middle = low + (high - low) / 2;
                match self.header_at(middle).await?.header.validators == trusted {
                    true => low = middle,
                    false => high = middle,
                }
            }
            if high <= low || changes.len() == ProofFile::CHANGES_MAX {
                return Err(ProofError::Validators.into());
            }
            let last = self.header_at(low).await?;
            let next = match high == header.header.height {
                true => header.validators.clone(),
                false => self.header_at(high).await?.validators,
            };
            trust.advance(last.clone(), next.clone())?;
            changes.push(SetChange { header: last, next });
            low = high;
        }
    }

    async fn header_at(&self, height: u64) -> Result<SignedHeaderView, Error> {
        self.answer(ChainClient::header(self.rpc(), Some(At::Height(height)))).await
    }
}
