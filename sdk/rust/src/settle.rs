//! Submits a signed transaction and determines its outcome.

use std::time::Duration;

use ehb_rpc_api::{
    Base64, FateView, LocatedReceipt, OutcomeView, SubmitResult, TransactionClient, WAIT_MAX_MS,
};
use ehb_types::{Code, Hash, SignedTransaction, encode};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::was_never_sent;
use crate::{Client, Draft, Error, Patience, Signer};

/// The outcome of a transaction.
///
/// All except [`Outcome::Unknown`] are certain and never change. While it is unknown, only the same
/// transaction can be submitted again safely: another one for the same purpose could take effect in addition.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in a decided block and took effect.
    Final(Box<LocatedReceipt>),
    /// It is in a decided block and failed; its receipt has the error.
    Failed(Box<LocatedReceipt>),
    /// It can never be in a block: another transaction used its sequence.
    Superseded {
        /// That transaction, if the node remembers it.
        by: Option<Hash>,
    },
    /// It can never be in a block: a decided block is later than its validity.
    Expired,
    /// It may or may not become final.
    Unknown {
        /// Why the outcome is unknown.
        reason: String,
    },
}

impl Outcome {
    /// Whether this never changes.
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// The receipt of a transaction that took effect; any other outcome is an error.
    pub fn into_result(self, id: &Hash) -> Result<LocatedReceipt, Error> {
        match self {
            Self::Final(located) => Ok(*located),
            Self::Failed(located) => Err(Error::Failed(located)),
            Self::Superseded { by } => Err(Error::Superseded { id: *id, by }),
            Self::Expired => Err(Error::Expired { id: *id }),
            Self::Unknown { reason } => Err(Error::OutcomeUnknown { id: *id, reason }),
        }
    }

    /// The certain outcome in a node's answer; none if it is open.
    pub fn of_status(status: FateView) -> Option<Self> {
        match status {
            FateView::Final { receipt, .. } => Some(Self::of_receipt(receipt)),
            FateView::Superseded { by, .. } => Some(Self::Superseded { by }),
            FateView::Expired { .. } => Some(Self::Expired),
            FateView::Pending { .. } | FateView::Unknown { .. } => None,
        }
    }

    fn of_receipt(located: Box<LocatedReceipt>) -> Self {
        match located.receipt.outcome {
            OutcomeView::Success { .. } => Self::Final(located),
            OutcomeView::Failure { .. } => Self::Failed(located),
        }
    }
}

/// How long one request waits for the outcome before the next one, milliseconds.
const WAIT_STEP_MS: u64 = 20_000;
const _: () = assert!(WAIT_STEP_MS <= WAIT_MAX_MS);
/// The same if there are other nodes: then this one is asked whether it is ready.
const WAIT_STEP_OF_SEVERAL_MS: u64 = 3_000;
/// The time limit for an answer in addition to its wait.
const ANSWER_MARGIN: Duration = Duration::from_secs(5);
/// The pause before a transaction is submitted again, or queried again after an error.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// The longest such pause; each doubles.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How long [`Client::execute`] waits for a transaction to become final.
const EXECUTE_PATIENCE: Duration = Duration::from_secs(60);
/// The pauses of [`Client::execute`] before it tries another sequence: the programs that compete for one take turns.
const SEQUENCE_PAUSE_FIRST: Duration = Duration::from_millis(20);
/// The longest such pause.
const SEQUENCE_PAUSE_MAX: Duration = Duration::from_secs(1);

/// A node's answer about a transaction.
enum Answer {
    Certain(Outcome),
    /// It is in the node's mempool.
    Pending,
    /// The node does not have it, for this reason.
    Gone(String),
    /// The node did not answer.
    Nothing(Error),
}

impl Client {
    /// Submits a transaction and returns its id. A known or final transaction is not an error. Errors:
    /// [`Error::Refused`], and then this node does not have it; [`Error::OutcomeUnknown`] if it may have
    /// arrived.
    ///
    /// A rejection is certain for a transaction that was never submitted before. One that was submitted may
    /// be known to other nodes, or be final: [`Client::settle`] determines it.
    pub async fn submit(&self, signed: &SignedTransaction) -> Result<Hash, Error> {
        let id = signed.id();
        let silence = self.endpoints().patience().silence;
        let submitted = timeout(silence, self.rpc().submit(Base64(encode(signed)))).await;
        let error = match submitted {
            Ok(Ok(_)) => return Ok(id),
            Ok(Err(error)) => error,
            Err(_) => {
                let reason = Error::silent(self.endpoints().url(), silence).to_string();
                return Err(Error::OutcomeUnknown { id, reason });
            }
        };
        let never_sent = was_never_sent(&error);
        match self.error(error) {
            error if error.is(Code::AlreadyKnown) => Ok(id),
            error if error.is(Code::SequenceUsed) => self.unless_final(signed, error).await,
            Error::Unreachable { reason, .. } if !never_sent => {
                Err(Error::OutcomeUnknown { id, reason })
            }
            error if error.leaves_open() => {
                Err(Error::OutcomeUnknown { id, reason: error.to_string() })
            }
            error => {
                let transaction = &signed.transaction;
                self.forget_sequence(&transaction.sender, transaction.lane).await;
                Err(error)
            }
        }
    }

    /// A used sequence may be used by this very transaction: then it was submitted before. Errors: the
    /// rejection, if another transaction used it; [`Error::OutcomeUnknown`] if the node does not know.
    async fn unless_final(
        &self,
        signed: &SignedTransaction,
        refused: Error,
    ) -> Result<Hash, Error> {
        let id = signed.id();
        match self.follow(&id, Some(&encode(signed)), Instant::now()).await {
            Answer::Certain(Outcome::Final(_) | Outcome::Failed(_)) => Ok(id),
            Answer::Nothing(error) => Err(Error::OutcomeUnknown { id, reason: error.to_string() }),
            Answer::Certain(_) | Answer::Pending | Answer::Gone(_) => {
                let transaction = &signed.transaction;
                self.forget_sequence(&transaction.sender, transaction.lane).await;
                Err(refused)
            }
        }
    }

    /// Submits up to [`ehb_rpc_api::SUBMIT_BATCH_TRANSACTIONS_MAX`] transactions in one request. The results
    /// are in the same order. If the whole request fails, the outcome of each is unknown, unless the error is
    /// [`Error::Refused`] with another code than `INTERNAL` and `TIMEOUT`.
    pub async fn submit_batch(
        &self,
        signed: &[SignedTransaction],
    ) -> Result<Vec<SubmitResult>, Error> {
        let bytes = signed.iter().map(|signed| Base64(encode(signed))).collect();
        self.rpc().submit_batch(bytes).await.map_err(|error| self.error(error))
    }

    /// Determines the outcome of a transaction that may have been submitted before. As long as no node has it
    /// and its outcome is open, the same bytes are submitted again, so that it becomes final or expires.
    pub async fn settle(&self, signed: &SignedTransaction, patience: Duration) -> Outcome {
        self.settle_by(signed, Instant::now() + patience, false).await
    }

    async fn settle_by(
        &self,
        signed: &SignedTransaction,
        deadline: Instant,
        is_submitted: bool,
    ) -> Outcome {
        let (id, bytes) = (signed.id(), encode(signed));
        let (mut pause, mut is_submitted) = (PAUSE_FIRST, is_submitted);
        let outcome = loop {
            let refused = if std::mem::take(&mut is_submitted) {
                None
            } else {
                match timeout_at(deadline, self.submit(signed)).await {
                    Ok(submitted) => submitted.err(),
                    Err(_) => break unknown("the node did not answer in time"),
                }
            };
            let answer = match refused {
                Some(error @ Error::Unreachable { .. }) => Answer::Nothing(error),
                Some(error @ Error::OutcomeUnknown { .. }) => {
                    self.follow_unanswered(&id, &bytes, deadline, error).await
                }
                refused => match self.follow(&id, Some(&bytes), deadline).await {
                    // The reason why the node rejects it is more specific than that it does not have it.
                    Answer::Gone(reason) => {
                        Answer::Gone(refused.map_or(reason, |error| error.to_string()))
                    }
                    answer => answer,
                },
            };
            let reason = match answer {
                Answer::Certain(outcome) => break outcome,
                Answer::Pending => "it was not final in time".to_owned(),
                Answer::Gone(reason) => reason,
                Answer::Nothing(error) => {
                    let failed_over = timeout_at(deadline, self.endpoints().fail_over()).await;
                    if failed_over.is_err() {
                        break unknown(reason_of(error));
                    }
                    reason_of(error)
                }
            };
            if Instant::now() + pause >= deadline {
                break unknown(reason);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        };
        self.heal(signed, &outcome).await;
        outcome
    }

    /// Asks for the outcome of a submission whose answer was lost or is not one of a node.
    async fn follow_unanswered(
        &self,
        id: &Hash,
        bytes: &[u8],
        deadline: Instant,
        unanswered: Error,
    ) -> Answer {
        match self.follow(id, Some(bytes), Instant::now()).await {
            // It arrived.
            Answer::Pending => self.follow(id, Some(bytes), deadline).await,
            Answer::Certain(outcome) => Answer::Certain(outcome),
            Answer::Gone(_) | Answer::Nothing(_) => Answer::Nothing(unanswered),
        }
    }

    /// Waits until the outcome of a transaction is certain, and returns its receipt whether it took effect or
    /// not. Broken connections are replaced meanwhile. Errors: [`Error::Superseded`], [`Error::Expired`], and
    /// [`Error::OutcomeUnknown`] after the timeout.
    pub async fn wait(&self, id: &Hash, patience: Duration) -> Result<LocatedReceipt, Error> {
        match self.outcome(id, patience).await.into_result(id) {
            Err(Error::Failed(located)) => Ok(*located),
            other => other,
        }
    }

    /// Waits until the outcome of a transaction is certain. With the transaction itself this is faster: see
    /// [`Client::settle`].
    pub async fn outcome(&self, id: &Hash, patience: Duration) -> Outcome {
        let deadline = Instant::now() + patience;
        let mut pause = PAUSE_FIRST;
        loop {
            let reason = match self.follow(id, None, deadline).await {
                Answer::Certain(outcome) => return outcome,
                Answer::Pending => "it was not final in time".to_owned(),
                Answer::Gone(reason) => reason,
                Answer::Nothing(error) => {
                    let _ = timeout_at(deadline, self.endpoints().fail_over()).await;
                    error.to_string()
                }
            };
            if Instant::now() + pause >= deadline {
                return unknown(reason);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Waits at one node until the transaction is no longer pending there.
    async fn follow(&self, id: &Hash, bytes: Option<&[u8]>, deadline: Instant) -> Answer {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let longest_ms = match self.endpoints().is_single() {
                true => WAIT_STEP_MS,
                false => WAIT_STEP_OF_SEVERAL_MS,
            };
            let step_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX).min(longest_ms);
            let content = bytes.map(|bytes| Base64(bytes.to_vec()));
            let asked = TransactionClient::wait(self.rpc(), *id, Some(step_ms), content);
            let margin = Duration::from_millis(step_ms) + ANSWER_MARGIN;
            let status = match timeout(margin, asked).await {
                Ok(Ok(status)) => status,
                Ok(Err(error)) => return Answer::Nothing(self.error(error)),
                Err(_) => {
                    return Answer::Nothing(Error::silent(self.endpoints().url(), margin));
                }
            };
            return match status {
                FateView::Pending { .. } if Instant::now() < deadline => {
                    if self.endpoints().has_better().await {
                        let url = self.endpoints().url().to_owned();
                        let reason = "it is not ready, so nothing becomes final there".to_owned();
                        return Answer::Nothing(Error::Unreachable { url, reason });
                    }
                    continue;
                }
                FateView::Pending { .. } => Answer::Pending,
                FateView::Unknown { dropped } => Answer::Gone(dropped.map_or_else(
                    || "the node does not have it".to_owned(),
                    |dropped| dropped.message,
                )),
                settled => match Outcome::of_status(settled) {
                    Some(outcome) => Answer::Certain(outcome),
                    None => Answer::Pending,
                },
            };
        }
    }

    /// Builds, signs and submits a transaction, and waits until its outcome is certain. If another client of
    /// the account certainly took the sequence, the next one is used, for up to a minute. Errors: [`Error::Failed`] with the
    /// receipt if the transaction failed, [`Error::Expired`], and those of the steps.
    ///
    /// After [`Error::OutcomeUnknown`] the transaction may still become final, so calling this again can act
    /// twice. A program that must not act twice signs with [`Client::sign_next`], stores what it signed, and
    /// calls [`Client::settle`] until the outcome is certain.
    pub async fn execute(&self, signer: &Signer, draft: Draft) -> Result<LocatedReceipt, Error> {
        let draft = draft.signatures(signer.keys());
        let deadline = Instant::now() + EXECUTE_PATIENCE;
        let mut taken = 0;
        loop {
            let signed = self.sign_next(signer, draft.clone()).await?;
            let sent = self.send(&signed, EXECUTE_PATIENCE).await;
            let result = sent.and_then(|outcome| outcome.into_result(&signed.id()));
            match result {
                Err(error)
                    if error.is_sequence_taken()
                        && draft.sequence.is_none()
                        && Instant::now() < deadline =>
                {
                    taken += 1;
                    let (pause_first, pause_max) = (SEQUENCE_PAUSE_FIRST, SEQUENCE_PAUSE_MAX);
                    let pauses = Patience { pause_first, pause_max, ..Patience::default() };
                    sleep(pauses.pause(taken)).await;
                }
                result => return result,
            }
        }
    }

    /// Builds and signs a transaction, with the lane's next sequence. Nothing is sent.
    pub async fn sign_next(
        &self,
        signer: &Signer,
        draft: Draft,
    ) -> Result<SignedTransaction, Error> {
        let draft = draft.signatures(signer.keys());
        Ok(signer.sign(self.build(&signer.address(), draft).await?))
    }

    /// Submits a transaction that was never submitted before, and waits until its outcome is certain, like
    /// [`Client::settle`]. Errors: it was rejected, and nothing was changed.
    pub async fn send(
        &self,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Result<Outcome, Error> {
        let deadline = Instant::now() + patience;
        match timeout_at(deadline, self.submit(signed)).await {
            Ok(Ok(_)) => Ok(self.settle_by(signed, deadline, true).await),
            Ok(Err(Error::OutcomeUnknown { .. })) => {
                Ok(self.settle_by(signed, deadline, false).await)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let outcome = unknown("the node did not answer in time");
                self.heal(signed, &outcome).await;
                Ok(outcome)
            }
        }
    }

    /// Drops the lane's next sequence, so that the node is queried the next time, unless the sequence was
    /// used.
    async fn heal(&self, signed: &SignedTransaction, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Final(_) | Outcome::Failed(_)) {
            let transaction = &signed.transaction;
            self.forget_sequence(&transaction.sender, transaction.lane).await;
        }
    }
}

/// Why the outcome is unknown, without repeating that it is.
fn reason_of(error: Error) -> String {
    match error {
        Error::OutcomeUnknown { reason, .. } => reason,
        error => error.to_string(),
    }
}

fn unknown(reason: impl Into<String>) -> Outcome {
    Outcome::Unknown { reason: reason.into() }
}
