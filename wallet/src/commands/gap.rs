//! Waits for the outcome of a transaction that was signed here. Those that were signed here before it in its lane are sent
//! again, or their sequences are used for nothing once they expired.

use std::time::Duration;

use ehb_sdk::api::FateView;
use ehb_sdk::{Client, Error, Hash, Outcome, Settled, Transaction};
use ehb_wallet::journal::{Entry, Journal};
use tokio::time::timeout;

use crate::accounts::Accounts;
use crate::clock::now_ms;
use crate::failure::Failure;
use crate::node::{Interrupt, follow, unknown};
use crate::output::Output;

/// How transactions of a journal are waited for.
#[derive(Clone, Copy)]
pub(super) struct Waiting<'a> {
    pub(super) client: &'a Client,
    pub(super) accounts: &'a Accounts,
    pub(super) output: &'a Output,
}

impl Waiting<'_> {
    /// Lets the client know what was signed for an account, so that it recognises gaps.
    pub(super) fn remember(&self, journal: &Journal, entry: &Entry) -> Result<(), Failure> {
        let sender = &entry.signed.transaction.sender;
        // A file that cannot be read hides a gap at most, which then stays open.
        for known in journal.of_account(sender, now_ms())?.entries {
            self.client.remember(&known.signed.transaction);
        }
        Ok(())
    }

    /// Determines the outcome of a transaction that may have been sent before. Its keys are opened only if a gap must be
    /// closed.
    pub(super) async fn settle(
        &self,
        journal: &Journal,
        entry: &Entry,
        patience: Duration,
        interrupt: &mut Interrupt,
    ) -> Result<Outcome, Failure> {
        let (id, signed) = (entry.id(), &entry.signed);
        self.remember(journal, entry)?;
        let offered = timeout(patience, self.offer_earlier(journal, entry));
        // Where no node answers, the wait for the transaction itself says so.
        if let Ok(offered) = follow(&id, self.output, interrupt, offered).await? {
            offered?;
        }
        let asked = self.client.settle_until_gap(signed, patience);
        let sequence = match follow(&id, self.output, interrupt, asked).await? {
            Settled::Outcome(outcome) => return Ok(outcome),
            Settled::Gap(sequence) => sequence,
        };
        let lane = signed.transaction.lane;
        self.output.talk(&format!(
            "it waits for sequence {sequence} of lane {lane}, whose transaction expired: signing one that changes \
             nothing with that sequence"
        ));
        let signer = match self.accounts.signer_of(signed, self.client.chain().network, self.output)
        {
            Ok(signer) => signer,
            Err(failure) => return Err(self.no_key(&id, sequence, lane, &failure)),
        };
        let asked = self.client.settle_as(&signer, signed, patience);
        follow(&id, self.output, interrupt, asked).await
    }

    /// Sends those again that were signed before the transaction in its lane and whose outcome is open: it can only become
    /// final after them, and nodes may have lost them.
    async fn offer_earlier(&self, journal: &Journal, entry: &Entry) -> Result<(), Failure> {
        let Transaction { sender, lane, sequence, .. } = entry.signed.transaction;
        if !entry.state.is_open() {
            return Ok(());
        }
        let mut earlier = journal.of_account(&sender, now_ms())?.entries;
        earlier.retain(|it| {
            let of = &it.signed.transaction;
            it.state.is_open() && of.lane == lane && of.sequence < sequence
        });
        earlier.sort_by_key(|it| it.signed.transaction.sequence);
        for earlier in earlier {
            // Its own command may have ended meanwhile.
            let Some(earlier) = journal.find(&earlier.id())?.filter(|it| it.state.is_open()) else {
                continue;
            };
            if !earlier.resumed {
                journal.put(&Entry { resumed: true, ..earlier.clone() })?;
            }
            // A refusal is shown to those who ask for its outcome.
            if let Err(Error::Unreachable { .. }) = self.client.submit(&earlier.signed).await {
                break;
            }
        }
        Ok(())
    }

    /// The failure of a command that cannot close a gap.
    fn no_key(&self, id: &Hash, sequence: u64, lane: u32, failure: &Failure) -> Failure {
        let reason = format!(
            "it waits for sequence {sequence} of lane {lane}, whose transaction expired, and nothing can be signed with \
             that sequence: {}",
            failure.summary()
        );
        unknown(id, Error::OutcomeUnknown { id: *id, reason }, self.output).hint(format!(
            "give the same command again with the account's keys and passphrases; the next transaction of the account in \
             lane {lane} also takes the sequence"
        ))
    }
}

/// Advice that follows from a status, in words.
pub(super) fn advice(id: &Hash, status: &FateView) -> Option<String> {
    let FateView::Pending { missing_sequence: Some(missing), transaction } = status else {
        return None;
    };
    let lane = transaction.lane;
    Some(format!(
        "{id} waits for sequence {} of lane {lane}, which no pending transaction has: if the transaction with that \
         sequence was signed here and expired, `ehb tx wait {id}` uses the sequence; the next transaction of the account \
         in lane {lane} uses it in any case",
        missing.0
    ))
}
