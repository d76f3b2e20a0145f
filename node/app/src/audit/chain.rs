//! Checks the chain from genesis to head: links, certificates, bodies, receipts and holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::anyhow;
use ehb_executor::module_events;
use ehb_invariants::Resolutions;
use ehb_kernel::chain as kernel;
use ehb_state::Overlay;
use ehb_store::{Snapshot, Store};
use ehb_types::{
    Block, CommitCertificate, Hash, Header, Network, Outcome, Receipt, Receipts, ValidatorSet,
};

use super::{Audited, Findings};
use crate::interfaces::Interfaces;

/// A block, a header or a certificate does not match the others.
const CHAIN: &str = "CHAIN";
/// A receipt is not that of its transaction, or the receipts are not those of the header.
const RECEIPTS: &str = "RECEIPTS";

/// The number of blocks between two progress messages.
const BLOCKS_PER_MESSAGE: u64 = 10_000;
/// The module whose events report holds.
const WALLET: &str = "wallet";

/// The known facts when a block is checked.
struct Walk {
    /// The genesis hash, which signatures cover.
    chain: Hash,
    /// The set that decides the block.
    validators: ValidatorSet,
    /// The set that decided its parent.
    last_validators: ValidatorSet,
    /// The interfaces by which events are decoded, of each height.
    interfaces: Interfaces,
    snapshot: Arc<Snapshot>,
    network: Network,
    parent: Header,
    /// The number of receipts of the parent, and the root over them.
    receipts: (u32, Hash),
    holds: Resolutions,
}

/// Checks all blocks from the first to the head: each links to the previous one and is certified, its body
/// matches its header, the receipts match the next header, and no hold is resolved twice.
pub(super) fn check(
    store: &Store,
    audited: &mut Audited,
    findings: &mut Findings,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    let head = store.head();
    let state = Overlay::new(store.state());
    let identity = kernel::identity(&state)?;
    let Some(parent) = store.header_at(0)? else {
        findings.found(CHAIN, "block 0", "it is missing");
        return Ok(());
    };
    let receipts = store.receipts(0)?.unwrap_or_default();
    let snapshot = store.snapshot();
    let Some(validators) = snapshot.validators_at(1)? else {
        findings.found(CHAIN, "block 1", "its validators are missing");
        return Ok(());
    };
    let mut walk = Walk {
        chain: identity.genesis,
        last_validators: validators.clone(),
        validators,
        interfaces: Interfaces::new(None),
        snapshot,
        network: identity.network,
        receipts: (receipts.count(), receipts.root()),
        parent,
        holds: Resolutions::default(),
    };
    if walk.parent.parent != store.genesis() || identity.genesis != store.genesis() {
        findings.found(CHAIN, "block 0", "it does not follow the genesis");
    }
    walk.holds(0, &receipts, findings)?;
    for height in 1..=head.height() {
        if height % BLOCKS_PER_MESSAGE == 0 {
            progress(&format!("block {height} of {}", head.height()));
        }
        let Some(block) = store.block_at(height)? else {
            findings.found(CHAIN, format!("block {height}"), "it is missing");
            return Ok(());
        };
        audited.blocks += 1;
        audited.transactions += block.transactions.len() as u64;
        walk.decide(height, findings)?;
        walk.block(&block, store.certificate(height)?.as_ref(), findings);
        walk.receipts(&block, store.receipts(height)?, findings)?;
        walk.parent = block.header.clone();
    }
    if walk.parent.hash() != head.hash || walk.parent != head.header {
        findings.found(CHAIN, format!("block {}", head.height()), "it is not the head");
    }
    Ok(())
}

impl Walk {
    /// Continues with the set that decides a height. The header of the block before names its hash.
    fn decide(&mut self, height: u64, findings: &mut Findings) -> anyhow::Result<()> {
        self.last_validators = self.validators.clone();
        match self.snapshot.validators_at(height)? {
            Some(set) => self.validators = set,
            None => {
                findings.found(CHAIN, format!("block {height}"), "its validators are missing");
            }
        }
        Ok(())
    }

    fn block(
        &self,
        block: &Block,
        certificate: Option<&CommitCertificate>,
        findings: &mut Findings,
    ) {
        let header = &block.header;
        let height = self.parent.height + 1;
        let subject = || format!("block {height}");
        let hash = header.hash();
        let links: BTreeMap<&str, bool> = BTreeMap::from([
            ("its header has another version", header.version == Header::VERSION),
            ("it is of another chain", header.chain == self.chain),
            ("it says another height", header.height == height),
            ("it does not follow the block before", header.parent == self.parent.hash()),
            ("its time is not after that of the block before", {
                header.timestamp_ms > self.parent.timestamp_ms
            }),
            ("it is of other validators", header.validators == self.validators.hash()),
            ("its validators are not those that the block before names", {
                header.validators == self.parent.next_validators
            }),
            ("its body is not that of its header", block.body_matches_header()),
        ]);
        for (what, _) in links.into_iter().filter(|(_, holds)| !holds) {
            findings.found(CHAIN, subject(), what);
        }
        let (count, root) = self.receipts;
        if (header.receipts_count, header.receipts_root) != self.receipts {
            let message = format!(
                "the {count} receipts have the root {root}, but the next header carries {} and {}",
                header.receipts_count, header.receipts_root
            );
            findings.found(RECEIPTS, format!("block {}", self.parent.height), message);
        }
        if let Some(parent) = &block.certificate {
            let of_parent = (height - 1, header.parent, &self.last_validators);
            self.certificate(parent, of_parent, "the parent's", findings);
        } else if height > 1 {
            findings.found(CHAIN, subject(), "it carries no certificate of the block before");
        }
        match certificate {
            Some(own) if own.round < header.round => {
                findings.found(
                    CHAIN,
                    subject(),
                    "it was decided before the round it was built for",
                );
            }
            Some(own) => {
                self.certificate(own, (height, hash, &self.validators), "its", findings);
            }
            None => findings.found(CHAIN, subject(), "it has no certificate"),
        }
    }

    fn certificate(
        &self,
        certificate: &CommitCertificate,
        (height, block, validators): (u64, Hash, &ValidatorSet),
        whose: &str,
        findings: &mut Findings,
    ) {
        let subject = format!("block {height}");
        if (certificate.height, certificate.block) != (height, block) {
            findings.found(CHAIN, subject, format!("{whose} certificate is of another block"));
            return;
        }
        if let Err(error) = certificate.verify(&self.chain, validators) {
            findings.found(CHAIN, subject, format!("{whose} certificate: {error}"));
        }
    }

    fn receipts(
        &mut self,
        block: &Block,
        receipts: Option<Receipts>,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let subject = || format!("block {}", block.header.height);
        let Some(receipts) = receipts else {
            findings.found(RECEIPTS, subject(), "they are missing");
            return Ok(());
        };
        let ids = block.transactions.iter().map(|signed| signed.id());
        let (chain, height) = (&self.chain, block.header.height);
        let without = (block.transactions.len() as u64..).map_while(|index| {
            let index = u32::try_from(index).ok()?;
            Some(Receipt::id_without_transaction(chain, height, index))
        });
        let found = receipts.iter().map(|receipt| receipt.transaction);
        if receipts.len() < block.transactions.len()
            || !found.eq(ids.chain(without).take(receipts.len()))
        {
            findings.found(RECEIPTS, subject(), "they are not those of its transactions");
        }
        for receipt in &receipts {
            if matches!(receipt.outcome, Outcome::Failure(_)) && !receipt.events.is_empty() {
                let subject = format!("transaction {}", receipt.transaction);
                findings.found(RECEIPTS, subject, "it failed and has events");
            }
        }
        self.receipts = (receipts.count(), receipts.root());
        self.holds(height, &receipts, findings)
    }

    /// An event is decoded by the interface that its module had: an upgrade may append to it.
    fn holds(
        &mut self,
        height: u64,
        receipts: &Receipts,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let modules = self.interfaces.of_block(&self.snapshot, height);
        let modules = modules.map_err(|refusal| anyhow!("block {height}: {}", refusal.message))?;
        let interface =
            |index, call| modules.get(WALLET, index, call).map(|wallet| &wallet.interface);
        for (id, event) in module_events(receipts, (WALLET, self.network), interface) {
            match event {
                Ok(event) => {
                    if let Some(violation) = self.holds.event(&event) {
                        findings.report(violation);
                    }
                }
                Err(error) => findings.found(RECEIPTS, format!("transaction {id}"), error),
            }
        }
        Ok(())
    }
}
