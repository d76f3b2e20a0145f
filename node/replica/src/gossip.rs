//! Determines the verdict on a gossiped message from the checks of its transactions.

use std::collections::BTreeMap;

use ehb_types::{Code, Rejection};

use crate::GossipVerdict;

/// Gossiped messages with transactions that are still being verified.
#[derive(Default)]
pub(crate) struct Gossip {
    judging: BTreeMap<u64, Judging>,
}

/// The verdict on a message so far.
struct Judging {
    /// How many of its transactions are being verified.
    waiting: usize,
    verdict: GossipVerdict,
}

impl Gossip {
    /// Records a message, the number of its transactions that are being verified, and the verdict by the others;
    /// returns that verdict where none is being verified.
    pub(crate) fn begin(
        &mut self,
        message: u64,
        waiting: usize,
        verdict: GossipVerdict,
    ) -> Option<GossipVerdict> {
        if waiting == 0 {
            return Some(verdict);
        }
        self.judging.insert(message, Judging { waiting, verdict });
        None
    }

    /// Records the verdict by one of a message's transactions; returns that of the message after the last.
    pub(crate) fn verified(
        &mut self,
        message: u64,
        of_one: GossipVerdict,
    ) -> Option<GossipVerdict> {
        let judging = self.judging.get_mut(&message)?;
        judging.waiting = judging.waiting.saturating_sub(1);
        judging.verdict = judging.verdict.max(of_one);
        if judging.waiting > 0 {
            return None;
        }
        self.judging.remove(&message).map(|judging| judging.verdict)
    }
}

/// The verdict on a message with a refused transaction. Only a transaction that no node could take, at any
/// height, is its sender's fault.
pub(crate) fn verdict_of(rejection: &Rejection) -> GossipVerdict {
    match rejection.code {
        Code::BadSignature | Code::MalformedTransaction | Code::WrongChain => GossipVerdict::Reject,
        _ => GossipVerdict::Ignore,
    }
}
