//! The one way in which commands send transactions: each is kept in the journal before it is sent, and
//! found there when the same command is given again.

use std::time::Duration;

use ehb_sdk::api::LocatedReceipt;
use ehb_sdk::{Address, Call, Client, Draft, Error, Hash, Outcome, Signer};
use ehb_wallet::pending::{Entries, Journal, Pending};

use crate::clock::{now_ms, utc};
use crate::failure::{Exit, Failure};
use crate::node::{Interrupt, follow, unknown};
use crate::output::Output;

/// How often a transaction is signed anew because its sequence was taken.
const TRIES_MAX: u32 = 10;

/// How long a fate is asked for where the command itself does not wait.
const ASK_PATIENCE: Duration = Duration::from_secs(5);

/// Sends the transactions of one command.
pub(super) struct Sending<'a> {
    pub(super) client: &'a Client,
    pub(super) journal: Journal,
    pub(super) output: &'a Output,
    pub(super) interrupt: Interrupt,
    /// How long to wait for a fate; none where the command ends once the node has accepted it.
    pub(super) patience: Option<Duration>,
    /// Whether another transaction is wanted although an equal one is unresolved.
    pub(super) again: bool,
}

/// A transaction that took effect, or that was accepted where nothing is waited for.
pub(super) struct Sent {
    pub(super) id: Hash,
    pub(super) gas_limit: u64,
    /// Its receipt, where it was waited for.
    pub(super) located: Option<LocatedReceipt>,
    /// Whether an earlier command signed it.
    pub(super) repeated: bool,
}

/// What came of sending one transaction, as far as it is certain.
#[expect(clippy::large_enum_variant, reason = "one at a time, and not kept")]
enum Attempt {
    /// It took effect, or was accepted where nothing is waited for.
    Done(Option<LocatedReceipt>),
    /// It has no effect and never will.
    Void(Error),
}

impl Sending<'_> {
    /// Looks for what an earlier command signed for the same purpose and whose fate was not known. If it
    /// took effect, that is the result of this command too. None: nothing of the kind can act any more,
    /// and another transaction does no harm.
    pub(super) async fn resume(
        &mut self,
        account: &Address,
        calls: &[Call],
    ) -> Result<Option<Sent>, Failure> {
        if self.again {
            return Ok(None);
        }
        for pending in usable(self.journal.equal(account, calls)?)? {
            if pending.accepted {
                self.require_settled(&pending).await?;
                continue;
            }
            let (id, since) = (pending.id(), utc(pending.created_ms));
            self.output.talk(&format!(
                "the same was signed at {since} and its outcome is unknown: sending the transaction \
                 {id} once more, and no other (--again sends another)"
            ));
            match self.attempt(&pending, false).await? {
                Attempt::Done(located) => return Ok(Some(sent(&pending, located, true))),
                Attempt::Void(error) => {
                    self.output.talk(&format!("it has no effect and never will: {error}"));
                }
            }
        }
        Ok(None)
    }

    /// A command that ended well and is given again means another transaction. Before that is sent, the
    /// first one's fate is certain.
    async fn require_settled(&mut self, pending: &Pending) -> Result<(), Failure> {
        let id = pending.id();
        let asked = self.client.fate(&id, Some(&pending.signed));
        let status = follow(&id, self.output, &mut self.interrupt, asked).await??;
        let Some(outcome) = Outcome::of_status(status) else {
            let since = utc(pending.created_ms);
            let message = format!("the same was sent at {since} as {id}, which is not final yet");
            return Err(Failure::new(Exit::Unknown, "EQUAL_PENDING", message)
                .hint(format!("wait for it: ehb tx wait {id}; or send another one: --again"))
                .detail("retryable", false)
                .detail("transaction", id.to_string()));
        };
        if let Err(error) = outcome.into_result(&id) {
            self.output.warn(&format!("the same command before this one failed: {error}"));
        }
        Ok(self.journal.remove(pending)?)
    }

    /// Signs and sends, with the next sequence where another transaction of the account took it for
    /// certain.
    pub(super) async fn send(
        &mut self,
        signer: &Signer,
        draft: &Draft,
        summary: &str,
    ) -> Result<Sent, Failure> {
        let account = signer.address();
        for tries in 1.. {
            let lock = self.journal.lock(&account)?;
            // Another program may have signed the same since this one looked.
            let equal = usable(self.journal.equal(&account, draft.calls())?)?;
            if !self.again && equal.iter().any(|it| !it.accepted) {
                drop(lock);
                match self.resume(&account, draft.calls()).await? {
                    Some(sent) => return Ok(sent),
                    None => continue,
                }
            }
            // The sequence is asked for only now: while somebody reads and types, others may send.
            let signed = self.client.sign_next(signer, draft.clone()).await?;
            let (summary, created_ms) = (summary.to_owned(), now_ms());
            let pending = Pending { signed, summary, created_ms, accepted: false };
            self.journal.put(&pending)?;
            drop(lock);
            self.output.talk(&format!("sending the transaction {}", pending.id()));
            match self.attempt(&pending, true).await? {
                Attempt::Done(located) => return Ok(sent(&pending, located, false)),
                Attempt::Void(error) if error.is_sequence_taken() && tries < TRIES_MAX => {}
                Attempt::Void(error) => return Err(error.into()),
            }
        }
        Err(Failure::new(Exit::Internal, "INTERNAL", "the tries do not end"))
    }

    /// Sends a draft and waits for it, or takes up what an earlier command sent of it.
    pub(super) async fn execute(
        &mut self,
        signer: &Signer,
        draft: &Draft,
        summary: &str,
    ) -> Result<LocatedReceipt, Failure> {
        let sent = match self.resume(&signer.address(), draft.calls()).await? {
            Some(sent) => sent,
            None => self.send(signer, draft, summary).await?,
        };
        let id = sent.id;
        sent.located.ok_or_else(|| {
            let message = format!("the transaction {id} was not waited for");
            Failure::new(Exit::Internal, "INTERNAL", message)
        })
    }

    /// Sends one transaction, and forgets it once its fate is certain.
    async fn attempt(&mut self, pending: &Pending, is_first: bool) -> Result<Attempt, Failure> {
        let (id, signed) = (pending.id(), &pending.signed);
        let (client, patience) = (self.client, self.patience);
        let sending = async {
            match patience {
                Some(patience) if is_first => client.send(signed, patience).await.map(Some),
                Some(patience) => Ok(Some(client.settle(signed, patience).await)),
                None => match client.submit(signed).await {
                    Ok(_) => Ok(None),
                    // A refusal is certain of what no node can have.
                    Err(error) if is_first => Err(error),
                    Err(_) => Ok(Some(client.settle(signed, ASK_PATIENCE).await)),
                },
            }
        };
        let outcome = match follow(&id, self.output, &mut self.interrupt, sending).await? {
            Ok(Some(outcome)) => outcome.into_result(&id).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(Some(located)) => {
                self.journal.remove(pending)?;
                Ok(Attempt::Done(Some(located)))
            }
            Ok(None) => {
                self.journal.put(&Pending { accepted: true, ..pending.clone() })?;
                Ok(Attempt::Done(None))
            }
            Err(error @ Error::OutcomeUnknown { .. }) => Err(unknown(&id, error, self.output)?),
            Err(error) => {
                self.journal.remove(pending)?;
                Ok(Attempt::Void(error))
            }
        }
    }
}

fn sent(pending: &Pending, located: Option<LocatedReceipt>, repeated: bool) -> Sent {
    let gas_limit = pending.signed.transaction.gas_limit;
    Sent { id: pending.id(), gas_limit, located, repeated }
}

/// The transactions of a journal. What cannot be read may be the one that is looked for.
fn usable(entries: Entries) -> Result<Vec<Pending>, Failure> {
    match entries.refused.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(entries.pending),
    }
}
