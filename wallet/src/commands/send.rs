//! Sends the transactions of all commands: each is stored in the journal before it is sent, and found there
//! when the same command is repeated.

use std::collections::BTreeSet;
use std::time::Duration;

use ehb_sdk::api::LocatedReceipt;
use ehb_sdk::{Address, Call, Client, Draft, Error, Hash, Outcome, Signer};
use ehb_wallet::journal::{Entries, Entry, Journal, JournalError, JournalLock, State};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::gap::Waiting;
use crate::accounts::Accounts;
use crate::clock::{clock_warning, now_ms, utc};
use crate::failure::{Exit, Failure};
use crate::node::{Interrupt, follow, unknown};
use crate::output::Output;

/// How often a transaction is signed again because its sequence was taken.
const TRIES_MAX: u32 = 10;

/// How long an outcome is queried if the command itself does not wait.
const ASK_PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait for another program that signs for the same account. It queries a node meanwhile.
const LOCK_PATIENCE: Duration = Duration::from_secs(90);
/// The interval between checks.
const LOCK_EVERY: Duration = Duration::from_millis(20);

/// Sends the transactions of one command.
pub(super) struct Sending<'a> {
    client: &'a Client,
    accounts: &'a Accounts,
    journal: Journal,
    output: &'a Output,
    interrupt: Interrupt,
    /// How long to wait for an outcome; none if the command ends once the node has accepted it.
    patience: Option<Duration>,
    /// Whether another transaction is wanted even if it could be a repetition of an equal one.
    again: bool,
    /// Equal transactions whose results were shown before this command began: they do not count as
    /// repetitions. An equal one that is not among them is the one that this command means.
    shown: BTreeSet<Hash>,
}

/// A transaction that took effect, or was accepted if the command does not wait.
pub(super) struct Sent {
    entry: Entry,
    /// Its receipt, if it was waited for.
    pub(super) located: Option<LocatedReceipt>,
    /// Whether another command signed it.
    pub(super) repeated: bool,
}

impl Sent {
    /// The transaction's id.
    pub(super) fn id(&self) -> Hash {
        self.entry.id()
    }

    /// The transaction's gas limit.
    pub(super) fn gas_limit(&self) -> u64 {
        self.entry.signed.transaction.gas_limit
    }
}

/// The certain result of sending one transaction.
#[expect(clippy::large_enum_variant, reason = "one at a time, and not kept")]
enum Attempt {
    /// It took effect, or was accepted if the command does not wait.
    Done(Option<LocatedReceipt>),
    /// It has no effect and never will.
    Void(Error),
}

impl<'a> Sending<'a> {
    pub(super) fn new(
        (client, accounts): (&'a Client, &'a Accounts),
        journal: Journal,
        output: &'a Output,
        patience: Option<Duration>,
        again: bool,
    ) -> Result<Self, Failure> {
        let interrupt = Interrupt::watch()?;
        if let Some(warning) = clock_warning(client.clock_ahead_ms()) {
            output.caution(warning);
        }
        Ok(Self {
            client,
            accounts,
            journal,
            output,
            interrupt,
            patience,
            again,
            shown: BTreeSet::new(),
        })
    }

    /// Runs a step before anything is signed.
    pub(super) async fn prepare<T>(&mut self, done: impl Future<Output = T>) -> Result<T, Failure> {
        self.interrupt.unless(done).await
    }

    /// Looks for a transaction that an earlier command signed for the same purpose and whose outcome was not
    /// shown. If it took effect, it is the result of this command too. None: no such transaction can take
    /// effect any more, and another one is safe.
    pub(super) async fn resume(
        &mut self,
        account: &Address,
        calls: &[Call],
    ) -> Result<Option<Sent>, Failure> {
        if self.again {
            return Ok(None);
        }
        for entry in usable(self.journal.equal(account, calls, now_ms())?)? {
            if entry.state == State::Accepted {
                self.require_settled(&entry).await?;
            }
            if entry.state.is_reported() {
                self.shown.insert(entry.id());
            } else if let Some(sent) = self.take_up(entry).await? {
                return Ok(Some(sent));
            }
        }
        Ok(None)
    }

    /// Adopts a transaction that another command signed. None: it can never take effect.
    async fn take_up(&mut self, mut entry: Entry) -> Result<Option<Sent>, Failure> {
        let (id, since) = (entry.id(), utc(entry.created_ms));
        if let State::Final { height, .. } = entry.state {
            self.output.remark(&format!(
                "the same was signed at {since} and is final at height {height}: nothing is sent \
                 (--again sends another)"
            ));
        } else {
            self.output.remark(&format!(
                "the same was signed at {since} and its outcome is unknown: sending the transaction \
                 {id} once more, and no other (--again sends another)"
            ));
            entry.resumed = true;
            self.journal.put(&entry)?;
        }
        match self.attempt(&entry, None).await? {
            Attempt::Done(located) => Ok(Some(Sent { entry, located, repeated: true })),
            Attempt::Void(error) => {
                self.output.talk(&format!("it has no effect and never will: {error}"));
                Ok(None)
            }
        }
    }

    /// A repeated command after a successful one means another transaction. Before it is sent, the first
    /// one's outcome must be certain.
    async fn require_settled(&mut self, entry: &Entry) -> Result<(), Failure> {
        let id = entry.id();
        let asked = self.client.fate(&id, Some(&entry.signed));
        let status = follow(&id, self.output, &mut self.interrupt, asked).await??;
        let Some(outcome) = Outcome::of_status(status) else {
            let since = utc(entry.created_ms);
            let message =
                format!("the same transaction was sent at {since} as {id} and is not final yet");
            return Err(Failure::new(Exit::Unknown, "EQUAL_PENDING", message)
                .hint(format!("wait for it: ehb tx wait {id}; or send another one: --again"))
                .detail("retryable", false)
                .detail("transaction", id.to_string()));
        };
        note(&self.journal, entry, &outcome, self.output);
        if let Err(error) = outcome.into_result(&id) {
            self.output.warn(&format!("the same command before this one failed: {error}"));
        }
        Ok(())
    }

    /// Signs and sends, with the next sequence if another transaction of the account certainly took it.
    pub(super) async fn send(
        &mut self,
        signer: &Signer,
        draft: &Draft,
        summary: &str,
    ) -> Result<Sent, Failure> {
        let account = signer.address();
        for tries in 1.. {
            let lock = self.lock(&account).await?;
            self.journal.tidy(&account, now_ms())?;
            // Another program may have signed the same since the last check.
            if let Some(entry) = self.missed(&account, draft.calls())? {
                drop(lock);
                match self.take_up(entry).await? {
                    Some(sent) => return Ok(sent),
                    None => continue,
                }
            }
            // The sequence is queried only now: while the user reads and types, others may send.
            let signing = self.client.sign_next(signer, draft.clone());
            let signed = self.interrupt.unless(signing).await??;
            let (summary, created_ms) = (summary.to_owned(), now_ms());
            let entry = Entry { signed, summary, created_ms, state: State::Open, resumed: false };
            self.journal.put(&entry)?;
            drop(lock);
            self.waiting().remember(&self.journal, &entry)?;
            self.output.talk(&format!("sending the transaction {}", entry.id()));
            match self.attempt(&entry, Some(signer)).await? {
                Attempt::Done(located) => return Ok(Sent { entry, located, repeated: false }),
                Attempt::Void(error) if error.is_sequence_taken() && tries < TRIES_MAX => {
                    // Programs on other machines compete for the same sequence.
                    self.interrupt.unless(sleep(LOCK_EVERY * tries)).await?;
                }
                Attempt::Void(error) => return Err(error.into()),
            }
        }
        Err(Failure::new(Exit::Internal, "INTERNAL", "too many attempts"))
    }

    /// Waits until no other program is about to sign for the account.
    async fn lock(&mut self, account: &Address) -> Result<JournalLock, Failure> {
        let deadline = Instant::now() + LOCK_PATIENCE;
        loop {
            if let Some(lock) = self.journal.try_lock(account)? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                let seconds = LOCK_PATIENCE.as_secs();
                let message = format!(
                    "another program has been about to sign for the same account for {seconds} s; \
                     nothing was sent"
                );
                return Err(Failure::new(Exit::Key, "JOURNAL_BUSY", message)
                    .hint("stop the other ehb, or wait for it"));
            }
            self.interrupt.unless(sleep(LOCK_EVERY)).await?;
        }
    }

    /// An equal transaction whose result was not shown when this command began.
    fn missed(&self, account: &Address, calls: &[Call]) -> Result<Option<Entry>, Failure> {
        if self.again {
            return Ok(None);
        }
        let equal = usable(self.journal.equal(account, calls, now_ms())?)?;
        Ok(equal.into_iter().find(|it| !self.shown.contains(&it.id())))
    }

    /// Sends one of several transactions whose progress is on the chain, which the caller has checked. One
    /// that an earlier command signed counts only as long as its outcome is open.
    pub(super) async fn step(
        &mut self,
        signer: &Signer,
        draft: &Draft,
        summary: &str,
    ) -> Result<LocatedReceipt, Failure> {
        let account = signer.address();
        for entry in usable(self.journal.equal(&account, draft.calls(), now_ms())?)? {
            let id = entry.id();
            let asked = self.client.fate(&id, Some(&entry.signed));
            if let Some(outcome) = Outcome::of_status(self.interrupt.unless(asked).await??) {
                self.drop_entry(&entry, matches!(outcome, Outcome::Expired))?;
            }
        }
        let sent = match self.resume(&account, draft.calls()).await? {
            Some(sent) => sent,
            None => self.send(signer, draft, summary).await?,
        };
        self.journal.remove(&sent.entry)?;
        let id = sent.id();
        sent.located.ok_or_else(|| {
            let message = format!("the transaction {id} was not waited for");
            Failure::new(Exit::Internal, "INTERNAL", message)
        })
    }

    /// Shows the result of the command, and only then marks the transaction as shown: as long as the user has
    /// not seen the result, the same command shows it again.
    pub(super) fn show(
        &self,
        sent: &Sent,
        rows: &[Vec<String>],
        view: &Value,
    ) -> Result<(), Failure> {
        let shown = self.output.deliver(rows, view);
        let delivered = shown.as_ref().is_ok_and(|delivered| *delivered);
        let state = match &sent.located {
            Some(located) => State::Final {
                height: located.position.height,
                seen_ms: now_ms(),
                reported: delivered,
            },
            None if delivered => State::Accepted,
            None => sent.entry.state,
        };
        keep(&self.journal, Entry { state, ..sent.entry.clone() }, self.output);
        let Err(failure) = shown else { return Ok(()) };
        let id = sent.id();
        let hint = "it was sent: the same command shows the result again, and sends nothing twice";
        Err(failure.hint(hint).detail("retryable", true).detail("transaction", id.to_string()))
    }

    /// Sends one transaction, and removes it if it can never take effect. `signer` has the keys of one that was never
    /// sent before.
    async fn attempt(
        &mut self,
        entry: &Entry,
        signer: Option<&Signer>,
    ) -> Result<Attempt, Failure> {
        let (id, signed) = (entry.id(), &entry.signed);
        let (client, output, patience) = (self.client, self.output, self.patience);
        let sent = match (patience, signer) {
            (Some(patience), Some(signer)) => {
                let sending = client.send_as(signer, signed, patience);
                follow(&id, output, &mut self.interrupt, sending).await?.map(Some)
            }
            (Some(patience), None) => Ok(Some(self.settle(entry, patience).await?)),
            (None, _) => {
                let submitting = client.submit(signed);
                match follow(&id, output, &mut self.interrupt, submitting).await? {
                    Ok(_) => Ok(None),
                    // A rejection is certain if no node can have the transaction.
                    Err(error) if signer.is_some() => Err(error),
                    Err(_) => Ok(Some(self.settle(entry, ASK_PATIENCE).await?)),
                }
            }
        };
        let outcome = match sent {
            Err(error) if self.is_resumed(&id)? => {
                output.talk(&format!("another program sent it as well: {error}"));
                Ok(Some(self.settle(entry, patience.unwrap_or(ASK_PATIENCE)).await?))
            }
            other => other,
        };
        let outcome = match outcome {
            Ok(Some(outcome)) => outcome.into_result(&id).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(located) => Ok(Attempt::Done(located)),
            Err(error @ Error::OutcomeUnknown { .. }) => {
                let failure = unknown(&id, error, self.output);
                Err(if self.again { failure.hint(hint_after_again(&id)) } else { failure })
            }
            Err(error) => {
                self.drop_entry(entry, matches!(error, Error::Expired { .. }))?;
                Ok(Attempt::Void(error))
            }
        }
    }

    async fn settle(&mut self, entry: &Entry, patience: Duration) -> Result<Outcome, Failure> {
        let waiting = self.waiting();
        waiting.settle(&self.journal, entry, patience, &mut self.interrupt).await
    }

    fn waiting(&self) -> Waiting<'a> {
        Waiting { client: self.client, accounts: self.accounts, output: self.output }
    }

    /// Removes a transaction whose outcome is certain; one that expired is kept for its sequence.
    fn drop_entry(&self, entry: &Entry, is_expired: bool) -> Result<(), Failure> {
        if is_expired {
            expire(&self.journal, entry)?;
        } else {
            self.journal.remove(entry)?;
        }
        Ok(())
    }

    /// Whether another command has also sent a transaction.
    fn is_resumed(&self, id: &Hash) -> Result<bool, Failure> {
        Ok(self.journal.find(id)?.is_some_and(|it| it.resumed))
    }
}

fn hint_after_again(id: &Hash) -> String {
    format!(
        "give the command without --again, which sends the same transaction and does nothing twice; or \
         ask for its fate: ehb tx status {id}"
    )
}

/// Records that a transaction expired: later ones of its lane can wait for its sequence.
fn expire(journal: &Journal, entry: &Entry) -> Result<(), JournalError> {
    if entry.state.is_expired() {
        return Ok(());
    }
    journal.put(&Entry { state: State::Expired { seen_ms: now_ms() }, ..entry.clone() })
}

/// Records the certain outcome of a transaction in a journal: one that took effect or expired stays for a while, any
/// other is removed.
pub(super) fn note(journal: &Journal, entry: &Entry, outcome: &Outcome, output: &Output) {
    let located = match outcome {
        Outcome::Unknown { .. } => return,
        Outcome::Final(located) => located,
        Outcome::Failed(_) | Outcome::Superseded { .. } | Outcome::Expired => {
            let dropped = match outcome {
                Outcome::Expired => expire(journal, entry),
                _ => journal.remove(entry),
            };
            if let Err(error) = dropped {
                output.warn(&Failure::from(error).summary());
            }
            return;
        }
    };
    if entry.state.is_final() {
        return;
    }
    let (height, reported) = (located.position.height, entry.state.is_reported());
    let state = State::Final { height, seen_ms: now_ms(), reported };
    keep(journal, Entry { state, ..entry.clone() }, output);
}

/// Writes a new state. If that fails, the old one makes the same command query again, which is harmless.
fn keep(journal: &Journal, entry: Entry, output: &Output) {
    if let Err(error) = journal.put(&entry) {
        output.warn(&Failure::from(error).summary());
    }
}

/// The transactions of a journal. An unreadable file is an error, because it may be the wanted one.
fn usable(held: Entries) -> Result<Vec<Entry>, Failure> {
    match held.refused.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(held.entries),
    }
}
