//! Contains the loops of the worker threads: verify, execute, compile, and serve blocks to peers.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use ehb_crypto::{Batch, Domain};
use ehb_executor::{Executor, Library, Parent, completed_uploads};
use ehb_network::Network;
use ehb_replica::{BLOCKS_BYTES_MAX, CertifiedBlock, Commit, Event, Message};
use ehb_state::Overlay;
use ehb_store::{Store, StoreError};
use ehb_types::{Address, Hash, Name, PublicKey, SharedBlock, SharedTransaction, decode};

use crate::{unreadable, wire};

/// Transactions for the mempool whose signatures are to be verified together.
pub(crate) struct Verification {
    pub(crate) batch: u64,
    pub(crate) transactions: Vec<SharedTransaction>,
}

/// Transactions of a proposed block whose signatures are to be verified.
pub(crate) struct BodyVerification {
    pub(crate) block: Hash,
    pub(crate) transactions: Vec<SharedTransaction>,
    /// The peer that sent the block.
    pub(crate) source: Option<PublicKey>,
}

/// The number of transactions of a block that are verified together: with a wrong signature among them, later ones are not
/// verified.
const SLICE: usize = 256;

/// Work of the thread that executes blocks.
pub(crate) enum ExecutorWork {
    Execute { hash: Hash, block: SharedBlock, parent: Parent },
    Committed(Arc<Commit>),
}

/// A request of a peer for stored data.
pub(crate) enum Request {
    Blocks { peer: PublicKey, from: u64, count: u16 },
    Body { peer: PublicKey, height: u64, block: Hash },
}

/// Verifies signatures for the mempool in batches.
pub(crate) fn verify(work: &Receiver<Verification>, answers: &Sender<Event>) {
    for Verification { batch, transactions } in work {
        let valid = verify_batch(&transactions);
        let _ = answers.send(Event::Verified { batch, valid });
    }
}

/// Verifies the signatures of proposed blocks, on a thread of their own: no block delays the transactions of clients.
/// `charge` is called with a sender of wrong signatures, and the time that they took.
pub(crate) fn verify_bodies(
    work: &Receiver<BodyVerification>,
    answers: &Sender<Event>,
    charge: impl Fn(&PublicKey, Duration),
) {
    for BodyVerification { block, transactions, source } in work {
        let begun = Instant::now();
        let valid = transactions.chunks(SLICE).all(are_all_valid);
        if let Some(source) = source.filter(|_| !valid) {
            charge(&source, begun.elapsed());
        }
        let _ = answers.send(Event::BodyVerified { block, valid });
    }
}

fn are_all_valid(transactions: &[SharedTransaction]) -> bool {
    verify_batch(transactions).into_iter().all(|valid| valid)
}

/// Whether all signatures of each transaction are valid.
fn verify_batch(transactions: &[SharedTransaction]) -> Vec<bool> {
    let mut batch = Batch::new();
    for signed in transactions {
        let id = signed.id();
        let chain = &signed.transaction.chain;
        for it in &signed.signatures {
            batch.push(Domain::Transaction, chain, id.as_bytes(), &it.key, &it.signature);
        }
    }
    let mut verdicts = batch.verify().into_iter();
    transactions
        .iter()
        .map(|signed| {
            let own: Vec<bool> = verdicts.by_ref().take(signed.signatures.len()).collect();
            own.into_iter().all(|valid| valid)
        })
        .collect()
}

/// Executes blocks. Uploads that a committed block completes go to `compiler`.
pub(crate) fn execute(
    mut executor: Executor,
    work: &Receiver<ExecutorWork>,
    answers: &Sender<Event>,
    compiler: &Sender<(Address, Name)>,
) {
    for work in work {
        match work {
            ExecutorWork::Execute { hash, block, parent } => {
                let answer = match executor.execute(&parent, &block) {
                    Ok(execution) => {
                        Event::Executed { block: hash, execution: Arc::new(execution) }
                    }
                    Err(error) => Event::Failed(error.to_string()),
                };
                let _ = answers.send(answer);
            }
            ExecutorWork::Committed(commit) => {
                let changes = &commit.execution.changes;
                executor.committed(changes);
                for upload in completed_uploads(changes) {
                    // Code that is not prepared is compiled at installation.
                    let _ = compiler.try_send(upload);
                }
            }
        }
    }
}

/// Compiles uploaded code in the state before its installation.
pub(crate) fn compile(library: &Library, store: &Store, uploads: &Receiver<(Address, Name)>) {
    for (owner, module) in uploads {
        match library.prepare(&Overlay::new(store.state()), &owner, &module) {
            Ok(None) => {}
            Ok(Some(refused)) => {
                tracing::warn!(reason = refused.for_log(), "uploaded code cannot be installed");
            }
            Err(error) => unreadable::met_in_state(&error, "cannot read uploaded code"),
        }
    }
}

/// Sends peers the blocks that they request.
pub(crate) fn serve(store: &Store, network: &Network, requests: &Receiver<Request>) {
    for request in requests {
        let (peer, kind) = match &request {
            Request::Blocks { peer, .. } => (*peer, &wire::BLOCKS),
            Request::Body { peer, .. } => (*peer, &wire::BODY),
        };
        // A peer that has not read its last answers gets no further ones, and asks again.
        if !network.has_room(&peer, kind) {
            continue;
        }
        let message = match request {
            Request::Blocks { from, count, .. } => {
                read_blocks(store, from, count).map(|blocks| Some(Message::Blocks(blocks)))
            }
            Request::Body { height, block, .. } => read_body(store, height, &block),
        };
        match message {
            Ok(Some(message)) => {
                let _ = network.send(&peer, kind, wire::content(&message));
            }
            Ok(None) => {}
            Err(error) => unreadable::met(&error, "cannot read blocks for a peer"),
        }
    }
}

fn read_blocks(store: &Store, from: u64, count: u16) -> Result<Vec<CertifiedBlock>, StoreError> {
    let mut blocks = Vec::new();
    let mut bytes = 0;
    for height in from.max(1)..from.saturating_add(count.into()) {
        let (Some(body), Some(certificate)) =
            (store.block_bytes_at(height)?, store.certificate(height)?)
        else {
            break;
        };
        bytes += body.len();
        if bytes > BLOCKS_BYTES_MAX && !blocks.is_empty() {
            break;
        }
        let block = decode(&body).map_err(|error| StoreError::Damaged(error.to_string()))?;
        blocks.push(CertifiedBlock { block, certificate });
    }
    Ok(blocks)
}

fn read_body(store: &Store, height: u64, block: &Hash) -> Result<Option<Message>, StoreError> {
    let Some(body) = store.body(height, block)? else { return Ok(None) };
    let block = decode(&body).map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(Some(Message::Body(block)))
}
