//! Answers the methods of `tx`; the search for a subscription's receipts is in `receipts.rs`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ehb_crypto::merkle;
use ehb_rpc_api::{
    Base64, Bytes, FateView, LocatedReceipt, Position, ReceiptFilter, ReceiptProof, ReceiptView,
    SUBMIT_BATCH_TRANSACTIONS_MAX, SubmitResult, TransactionServer, WAIT_DEFAULT_MS, WAIT_MAX_MS,
    error,
};
use ehb_types::{Code, Hash, SharedTransaction, SignedTransaction, Transaction};
use jsonrpsee::core::{RpcResult, SubscriptionResult, async_trait};
use jsonrpsee::{Extensions, PendingSubscriptionSink};
use tokio::time::timeout;

use super::Answers;
use crate::backend::{Backend, DecidedBlock, Fate, Refusal, Simulation};
use crate::call_source::CallSource;
use crate::follow::Follower;
use crate::limits::Limits;
use crate::waiters::Notice;
use crate::workers::submission;

/// The interval at which a call that waits for a transaction that this node does not have checks whether the
/// content shows its final status.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

#[async_trait]
impl TransactionServer for Answers {
    async fn submit(&self, transaction: Base64) -> RpcResult<Hash> {
        let signed = read(&transaction).map_err(|refusal| self.views().error(&refusal))?;
        let id = signed.id();
        let result = self.offer(vec![signed]).await?.pop();
        self.shown(result.unwrap_or_else(|| Err(no_answer())))?;
        Ok(id)
    }

    async fn submit_batch(&self, transactions: Vec<Base64>) -> RpcResult<Vec<SubmitResult>> {
        if transactions.len() > SUBMIT_BATCH_TRANSACTIONS_MAX {
            let text =
                format!("a batch holds at most {SUBMIT_BATCH_TRANSACTIONS_MAX} transactions");
            return Err(error(Code::LimitExceeded, text));
        }
        let mut offered = Vec::with_capacity(transactions.len());
        let ids = transactions.iter().map(|bytes| {
            let signed = read(bytes)?;
            let id = signed.id();
            offered.push(signed);
            Ok(id)
        });
        let ids: Vec<Result<Hash, Refusal>> = ids.collect();
        let mut admitted = self.offer(offered).await?.into_iter();
        let results = ids.into_iter().map(|id| {
            let result =
                id.and_then(|id| admitted.next().unwrap_or_else(|| Err(no_answer())).map(|()| id));
            match result {
                Ok(id) => SubmitResult::Id(id),
                Err(refusal) => SubmitResult::Error(self.views().error_data(&refusal)),
            }
        });
        Ok(results.collect())
    }

    async fn get(&self, id: Hash, transaction: Option<Base64>) -> RpcResult<FateView> {
        let content = self.shown(content_of(&id, transaction))?;
        self.fate(id, content).await
    }

    async fn receipt(&self, id: Hash) -> RpcResult<LocatedReceipt> {
        self.run(move |views| {
            let (block, index) = final_of(views.backend(), &id)?;
            let modules = views.backend().modules_of_block(block.block.header.height)?;
            views.within(&modules).located(&block, index, true).ok_or_else(|| not_final(&id))
        })
        .await
    }

    async fn wait(
        &self,
        id: Hash,
        timeout_ms: Option<u64>,
        transaction: Option<Base64>,
    ) -> RpcResult<FateView> {
        let timeout_ms = timeout_ms.unwrap_or(WAIT_DEFAULT_MS);
        if timeout_ms > WAIT_MAX_MS {
            let text = format!("timeoutMs is {timeout_ms}; it can be {WAIT_MAX_MS} at most");
            return Err(error(Code::InvalidRequest, text));
        }
        let content = self.shown(content_of(&id, transaction))?;
        let deadline = Instant::now() + Duration::from_millis(timeout_ms);
        loop {
            // The wait begins before the check, so that nothing is missed in between.
            let mut waiter = self.shown(self.waiters.wait(id))?;
            let status = self.fate(id, content.clone()).await?;
            let left = deadline.saturating_duration_since(Instant::now());
            let is_over =
                status.is_settled() || matches!(status, FateView::Unknown { dropped: Some(_) });
            if is_over || left.is_zero() {
                return Ok(status);
            }
            // There are no notifications for transactions that this node does not have, so it polls.
            let is_pending = matches!(status, FateView::Pending { .. });
            let looks_again = content.is_some() && !is_pending;
            let rest = if looks_again { left.min(LOOK_AGAIN) } else { left };
            if let Ok(Ok(Notice::Final(block, index))) = timeout(rest, &mut waiter.notice).await {
                return self.shown(self.views().fate(&id, Fate::Final(block, index)));
            }
        }
    }

    async fn simulate(&self, transaction: Base64) -> RpcResult<ReceiptView> {
        let simulation = self.shown(simulation_of(&transaction))?;
        self.run(move |views| {
            let calls = simulation.transaction().calls.clone();
            let receipt = views.backend().simulate(simulation)?;
            Ok(views.receipt(&receipt, &calls))
        })
        .await
    }

    async fn proof(&self, id: Hash) -> RpcResult<ReceiptProof> {
        self.run(move |views| {
            let (block, index) = final_of(views.backend(), &id)?;
            let leaves = block.receipts.leaves();
            let proof = merkle::prove(&leaves, index).ok_or_else(|| not_final(&id))?;
            let receipt = leaves.get(index).ok_or_else(|| not_final(&id))?.to_vec();
            let index = u32::try_from(index).map_err(|_| not_final(&id))?;
            let position = Position { height: block.block.header.height, index };
            Ok(ReceiptProof { position, receipt: Bytes(receipt), proof })
        })
        .await
    }

    async fn subscribe_receipts(
        &self,
        pending: PendingSubscriptionSink,
        extensions: &Extensions,
        filter: Option<ReceiptFilter>,
        from: Option<Position>,
    ) -> SubscriptionResult {
        let wanted = match self.wanted(filter.unwrap_or_default()) {
            Ok(wanted) => wanted,
            Err(error) => {
                pending.reject(error).await;
                return Ok(());
            }
        };
        let follower = Follower::new(self.backend.clone(), from.map(|position| position.height));
        let source = CallSource::of(extensions)?;
        let begin = match follower {
            Ok(follower) => self.check_position(&source, from).await.map(|()| follower),
            Err(error) => Err(error),
        };
        let follower = match begin {
            Ok(follower) => follower,
            Err(error) => {
                pending.reject(error).await;
                return Ok(());
            }
        };
        let sink = pending.accept().await?;
        let wanted = Arc::new(wanted);
        Ok(self.notify_of_receipts(&source, &sink, follower, &wanted, from).await?)
    }
}

impl Answers {
    /// Submits transactions to the node once the caller has few enough in progress. They count until the node
    /// has answered, even if the caller disconnects before.
    async fn offer(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> RpcResult<Vec<Result<(), Refusal>>> {
        let places = transactions.iter().map(|it| places_of(it.encoded().len())).sum();
        let place = self.shown(submission(places).await)?;
        let submitted = self.backend.submit(transactions);
        let offered = tokio::spawn(async move {
            let results = submitted.await;
            drop(place);
            results
        });
        self.shown(offered.await.map_err(|_| no_answer()))
    }

    /// The view of a transaction's status.
    async fn fate(&self, id: Hash, content: Option<SharedTransaction>) -> RpcResult<FateView> {
        self.run(move |views| {
            let content = content.as_ref().map(|signed| &signed.transaction);
            views.fate(&id, views.backend().fate(&id, content)?)
        })
        .await
    }
}

/// The number of places that a transaction of this size takes.
fn places_of(bytes: usize) -> usize {
    bytes.div_ceil(Limits::SUBMISSION_BYTES)
}

/// Decodes the canonical bytes of a signed transaction.
fn read(bytes: &Base64) -> Result<SharedTransaction, Refusal> {
    match SignedTransaction::from_bytes(&bytes.0) {
        Ok(signed) => Ok(signed.into()),
        Err(refused) => Err(Refusal::new(refused.code, refused.message)),
    }
}

/// Decodes the canonical bytes of a transaction to simulate, signed or unsigned. No bytes are valid as both.
fn simulation_of(bytes: &Base64) -> Result<Simulation, Refusal> {
    if let Ok(signed) = read(bytes) {
        return Ok(Simulation::Signed(signed));
    }
    let read = Transaction::from_bytes(&bytes.0);
    read.map(Simulation::Unsigned).map_err(|refused| Refusal::new(refused.code, refused.message))
}

fn no_answer() -> Refusal {
    Refusal::new(Code::Internal, "the node failed to answer")
}

/// Decodes the canonical bytes of a transaction whose status a client requests.
fn content_of(
    id: &Hash,
    transaction: Option<Base64>,
) -> Result<Option<SharedTransaction>, Refusal> {
    let Some(bytes) = transaction else { return Ok(None) };
    let signed = read(&bytes)?;
    if signed.id() != *id {
        let text = format!("the transaction that is given has the id {}, not {id}", signed.id());
        return Err(Refusal::new(Code::InvalidRequest, text));
    }
    Ok(Some(signed))
}

/// The block of a final transaction, and its index there.
fn final_of(backend: &dyn Backend, id: &Hash) -> Result<(Arc<DecidedBlock>, usize), Refusal> {
    match backend.fate(id, None)? {
        Fate::Final(block, index) => Ok((block, index)),
        _ => Err(not_final(id)),
    }
}

fn not_final(id: &Hash) -> Refusal {
    Refusal::new(Code::NotFound, format!("this node knows no final transaction {id}"))
}
