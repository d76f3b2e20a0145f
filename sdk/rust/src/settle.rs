//! Submits a signed transaction and determines its outcome; `gaps.rs` closes gaps before it.

use std::time::Duration;

use ehb_rpc_api::{Base64, FateView, LocatedReceipt, SubmitResult, TransactionClient, WAIT_MAX_MS};
use ehb_types::{Code, Hash, SignedTransaction, encode};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::was_never_sent;
use crate::{Client, Draft, Error, Outcome, Patience, Settled, Signer};

/// How long the first request for the outcome waits, milliseconds. Each later one waits twice as long: what the
/// transaction waits for can change, and another node can be ready while this one is not.
const WAIT_FIRST_MS: u64 = 500;
/// The longest such wait, milliseconds.
const WAIT_STEP_MS: u64 = 3_000;
const _: () = assert!(WAIT_STEP_MS <= WAIT_MAX_MS);
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
    /// It is in the node's mempool, and not final yet for this reason.
    Pending(String),
    /// It waits for this sequence, whose transaction expired for certain.
    Gap(u64),
    /// The node does not have it, for this reason.
    Gone(String),
    /// The node did not answer.
    Nothing(Error),
}

/// The reaction to a gap: a transaction waits for a sequence whose transaction expired for certain.
#[derive(Clone, Copy)]
enum AtGap<'a> {
    /// Wait: others can close it.
    Wait,
    /// Close it with the keys of the account.
    Close(&'a Signer),
    /// Return it.
    Stop,
}

/// The transaction whose outcome is queried.
#[derive(Clone, Copy)]
enum Followed<'a> {
    /// Its id is known.
    Id(Hash),
    /// It is known itself: its id and its encoding.
    Whole(&'a SignedTransaction, Hash, &'a [u8], AtGap<'a>),
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
        self.remember(&signed.transaction);
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
        let followed = Followed::Whole(signed, id, &encode(signed), AtGap::Wait);
        match self.follow(followed, Instant::now()).await {
            Answer::Certain(Outcome::Final(_) | Outcome::Failed(_)) => Ok(id),
            Answer::Nothing(error) => Err(Error::OutcomeUnknown { id, reason: error.to_string() }),
            Answer::Certain(_) | Answer::Pending(_) | Answer::Gap(_) | Answer::Gone(_) => {
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
    ///
    /// A transaction after one of its lane that expired waits until another one uses that sequence. This one has no keys
    /// for that; see [`Client::settle_as`].
    pub async fn settle(&self, signed: &SignedTransaction, patience: Duration) -> Outcome {
        let deadline = Instant::now() + patience;
        ended(self.settle_by(signed, deadline, false, AtGap::Wait).await)
    }

    /// Like [`Client::settle`], and closes the gaps in the lane for which the transaction waits, as far as it is certain
    /// that their transactions expired; see [`Client::fill_sequence`] and [`Client::remember`].
    pub async fn settle_as(
        &self,
        signer: &Signer,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Outcome {
        let deadline = Instant::now() + patience;
        ended(self.settle_by(signed, deadline, false, at_gap(signer, signed)).await)
    }

    /// Like [`Client::settle`], but ends at a gap that [`Client::settle_as`] would close, for a program that opens its
    /// keys only if they are needed.
    pub async fn settle_until_gap(
        &self,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Settled {
        self.settle_by(signed, Instant::now() + patience, false, AtGap::Stop).await
    }

    async fn settle_by(
        &self,
        signed: &SignedTransaction,
        deadline: Instant,
        is_submitted: bool,
        at_gap: AtGap<'_>,
    ) -> Settled {
        let (id, bytes) = (signed.id(), encode(signed));
        let followed = Followed::Whole(signed, id, &bytes, at_gap);
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
                    self.follow_unanswered(followed, deadline, error).await
                }
                refused => match self.follow(followed, deadline).await {
                    // The reason why the node rejects it is more specific than that it does not have it.
                    Answer::Gone(reason) => {
                        Answer::Gone(refused.map_or(reason, |error| error.to_string()))
                    }
                    answer => answer,
                },
            };
            let reason = match answer {
                Answer::Certain(outcome) => break outcome,
                Answer::Gap(sequence) => return Settled::Gap(sequence),
                Answer::Pending(reason) | Answer::Gone(reason) => reason,
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
        Settled::Outcome(outcome)
    }

    /// Asks for the outcome of a submission whose answer was lost or is not one of a node.
    async fn follow_unanswered(
        &self,
        followed: Followed<'_>,
        deadline: Instant,
        unanswered: Error,
    ) -> Answer {
        match self.follow(followed, Instant::now()).await {
            // It arrived.
            Answer::Pending(_) => self.follow(followed, deadline).await,
            answer @ (Answer::Certain(_) | Answer::Gap(_)) => answer,
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
            let reason = match self.follow(Followed::Id(*id), deadline).await {
                Answer::Certain(outcome) => return outcome,
                Answer::Gap(sequence) => waits_for(sequence),
                Answer::Pending(reason) | Answer::Gone(reason) => reason,
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

    /// Waits at one node until the transaction is no longer pending there, or a gap ends the wait.
    async fn follow(&self, followed: Followed<'_>, deadline: Instant) -> Answer {
        let mut longest_ms = WAIT_FIRST_MS;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let step_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX).min(longest_ms);
            longest_ms = (longest_ms * 2).min(WAIT_STEP_MS);
            let status = match self.wait_once(followed, step_ms).await {
                Ok(status) => status,
                Err(error) => return Answer::Nothing(error),
            };
            let missing = match status {
                FateView::Pending { missing_sequence, .. } => missing_sequence.map(|it| it.0),
                FateView::Unknown { dropped } => {
                    let reason = dropped.map(|dropped| dropped.message);
                    return Answer::Gone(
                        reason.unwrap_or_else(|| "the node does not have it".to_owned()),
                    );
                }
                settled => match Outcome::of_status(settled) {
                    Some(outcome) => return Answer::Certain(outcome),
                    None => None,
                },
            };
            let mut reason =
                missing.map_or_else(|| "it was not final in time".to_owned(), waits_for);
            if let Some(missing) = missing {
                match timeout_at(deadline, self.at_gap(followed, missing)).await {
                    Ok(Ok(true)) => return Answer::Gap(missing),
                    Ok(Ok(false)) | Err(_) => {}
                    Ok(Err(error)) => reason += &format!("; the gap cannot be closed: {error}"),
                }
            }
            if Instant::now() >= deadline {
                return Answer::Pending(reason);
            }
            if self.endpoints().has_better().await {
                let url = self.endpoints().url().to_owned();
                let reason = "it is not ready, so nothing becomes final there".to_owned();
                return Answer::Nothing(Error::Unreachable { url, reason });
            }
        }
    }

    /// Asks one node for the status of a transaction once it is certain, or after a time.
    async fn wait_once(&self, followed: Followed<'_>, step_ms: u64) -> Result<FateView, Error> {
        let (id, content) = match followed {
            Followed::Id(id) => (id, None),
            Followed::Whole(_, id, bytes, _) => (id, Some(Base64(bytes.to_vec()))),
        };
        let asked = TransactionClient::wait(self.rpc(), id, Some(step_ms), content);
        let margin = Duration::from_millis(step_ms) + ANSWER_MARGIN;
        match timeout(margin, asked).await {
            Ok(status) => status.map_err(|error| self.error(error)),
            Err(_) => Err(Error::silent(self.endpoints().url(), margin)),
        }
    }

    /// Handles a missing sequence before a pending transaction. Returns whether the wait ends.
    async fn at_gap(&self, followed: Followed<'_>, missing: u64) -> Result<bool, Error> {
        let Followed::Whole(signed, id, _, at_gap) = followed else { return Ok(false) };
        match at_gap {
            AtGap::Wait => Ok(false),
            AtGap::Stop => self.is_gap(&signed.transaction, missing).await,
            AtGap::Close(signer) => {
                self.close_gaps(signer, &id, &signed.transaction).await.map(|()| false)
            }
        }
    }

    /// Builds, signs and submits a transaction, and waits until its outcome is certain. If another client of
    /// the account certainly took the sequence, the next one is used, for up to a minute. Gaps in the lane are closed as by
    /// [`Client::settle_as`]. Errors: [`Error::Failed`] with the
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
            let sent = self.send_as(signer, &signed, EXECUTE_PATIENCE).await;
            if let Err(error) = &sent {
                // Nobody else will get it: those after it need not wait until it expires.
                self.known().refused(&signed.transaction, error.is_sequence_taken());
            }
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
        let transaction = self.complete(&signer.address(), draft, Some(signer)).await?;
        self.remember(&transaction);
        Ok(signer.sign(transaction))
    }

    /// Submits a transaction that was never submitted before, and waits until its outcome is certain, like
    /// [`Client::settle`]. Errors: it was rejected, and nothing was changed.
    pub async fn send(
        &self,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Result<Outcome, Error> {
        self.send_by(signed, Instant::now() + patience, AtGap::Wait).await
    }

    /// Like [`Client::send`], and closes gaps in the lane like [`Client::settle_as`].
    pub async fn send_as(
        &self,
        signer: &Signer,
        signed: &SignedTransaction,
        patience: Duration,
    ) -> Result<Outcome, Error> {
        self.send_by(signed, Instant::now() + patience, at_gap(signer, signed)).await
    }

    async fn send_by(
        &self,
        signed: &SignedTransaction,
        deadline: Instant,
        at_gap: AtGap<'_>,
    ) -> Result<Outcome, Error> {
        match timeout_at(deadline, self.submit(signed)).await {
            Ok(Ok(_)) => Ok(ended(self.settle_by(signed, deadline, true, at_gap).await)),
            Ok(Err(Error::OutcomeUnknown { .. })) => {
                Ok(ended(self.settle_by(signed, deadline, false, at_gap).await))
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
        let transaction = &signed.transaction;
        if !matches!(outcome, Outcome::Final(_) | Outcome::Failed(_)) {
            self.forget_sequence(&transaction.sender, transaction.lane).await;
        }
        if let Outcome::Final(_) | Outcome::Failed(_) | Outcome::Superseded { .. } = outcome {
            self.known().remove_used(transaction);
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

/// The keys close gaps only in the lanes of their own account.
fn at_gap<'a>(signer: &'a Signer, signed: &SignedTransaction) -> AtGap<'a> {
    match signer.address() == signed.transaction.sender {
        true => AtGap::Close(signer),
        false => AtGap::Wait,
    }
}

/// The outcome of a wait that no gap ends.
fn ended(settled: Settled) -> Outcome {
    match settled {
        Settled::Outcome(outcome) => outcome,
        Settled::Gap(sequence) => unknown(waits_for(sequence)),
    }
}

/// Why a transaction after a gap is not final.
fn waits_for(sequence: u64) -> String {
    format!(
        "it waits for sequence {sequence} of its lane, which no pending transaction has; the next transaction of the \
         account in that lane takes it"
    )
}

fn unknown(reason: impl Into<String>) -> Outcome {
    Outcome::Unknown { reason: reason.into() }
}
