//! Starts a height from its log.

use ehb_types::{Proposal, VoteKind};

use super::Consensus;
use crate::convert::{CoreInput, entry_in};
use crate::{ConsensusMessage, Fault, LogEntry, Output, TimerId, TimerKind};

impl Consensus {
    /// Records the messages in the log that this node signed. Returns whether the log is complete: it
    /// contains the newest message that the key signed, if that is of this height or above. If it is not
    /// complete, the votes of this node in this height are lost, and it must not vote; that is a fault if it was to.
    pub(super) fn recall(&mut self, log: &[LogEntry], sign: bool) -> bool {
        let last = self.effects.guard.last().copied();
        for entry in log {
            self.effects.adopt(entry);
        }
        let Some(last) = last.filter(|it| it.height >= self.height()) else { return true };
        let whole = self.effects.holds(&last);
        if !whole && sign && last.floor().is_none() {
            self.effects.outputs.push(Output::Fault(Fault::LogIncomplete { last }));
        }
        whole
    }

    /// Restores the state at the end of the log, and then returns the outputs that were possibly not
    /// performed before the crash.
    pub(super) fn replay(&mut self, log: Vec<LogEntry>) {
        self.effects.replayed = log.iter().map(ehb_types::encode).collect();
        let inputs: Vec<CoreInput> = log.iter().cloned().map(entry_in).collect();
        self.state.index_wal_entries(&inputs);
        for (entry, input) in log.iter().zip(inputs) {
            if let LogEntry::Timeout(id) = entry {
                self.effects.timers.remove(id);
            }
            self.process(input);
        }
        self.state.reset_entries_index();
        self.settle(&log);
        self.effects.replayed.clear();
    }

    /// Keeps those outputs of a replay that still matter, and resumes the current round.
    fn settle(&mut self, log: &[LogEntry]) {
        if self.halted {
            self.effects.outputs.retain(|output| matches!(output, Output::Fault(_)));
            return;
        }
        let round = self.state.round().as_u32().unwrap_or_default();
        self.effects.outputs.retain(|output| match output {
            Output::SetTimer { .. }
            | Output::CancelTimer(_)
            | Output::RoundStarted { .. }
            | Output::SendBody { .. }
            | Output::BuildBlock { .. } => false,
            Output::Broadcast(message) => message.round() >= round,
            _ => true,
        });
        if self.resting {
            return;
        }
        let height = self.height();
        let proposer = self.proposer(round).consensus_key;
        self.effects.outputs.push(Output::RoundStarted { height, round, proposer });
        let timers: Vec<Output> =
            self.effects.timers.iter().map(|id| self.effects.timer_output(*id)).collect();
        self.effects.outputs.extend(timers);
        self.repeat_proposal(round, true);
        for entry in log {
            if let LogEntry::Vote(vote) = entry
                && let (VoteKind::Precommit, Some(block)) = (vote.vote.kind, vote.vote.block)
            {
                self.notice_decision(vote.vote.round, block);
            }
        }
        if self.effects.asked != Some(round) || !self.state.driver.step_is_propose() {
            return;
        }
        // The block that was built before the crash, if the crash came before its proposal was signed.
        let built = log.iter().find_map(|entry| match entry {
            LogEntry::Value(it) if it.round == round && Some(it.proposer) == self.effects.own => {
                Some(it.block)
            }
            _ => None,
        });
        match built {
            Some(block) => {
                self.effects.outputs.push(Output::SendBody { height, round, block });
                self.propose(height, round, block);
            }
            None => {
                let id = TimerId { height, round, kind: TimerKind::Propose };
                let timeout_ms = self.effects.duration_ms(id);
                self.effects.outputs.push(Output::BuildBlock { height, round, timeout_ms });
            }
        }
    }

    /// Sends this node's proposal of the round again, if there is one.
    pub(super) fn repeat_proposal(&mut self, round: u32, with_body: bool) {
        let Some(signed) = self.effects.proposal.clone() else { return };
        let Proposal { height, block, .. } = signed.proposal;
        if signed.proposal.round != round {
            return;
        }
        if with_body {
            self.effects.outputs.push(Output::SendBody { height, round, block });
        }
        let message = ConsensusMessage::Proposal(signed);
        let repeated = Output::Broadcast(message.clone());
        if !self.effects.outputs.contains(&repeated) {
            self.effects.broadcast(message);
        }
    }
}
