//! Matches the replica's replies to the client submissions that wait for them.

use std::collections::BTreeMap;

use ehb_types::{Code, Hash, Rejection, SharedTransaction};

use crate::Ticket;

/// A transaction's id, or why it is refused.
pub type Verdict = Result<Hash, Rejection>;

/// Submissions whose answers are not all here yet: assigns tickets to transactions, and finds the submission
/// that an [`crate::Immediate::Reply`] belongs to. `R` says where a submission's answers go.
///
/// The tickets of a submission are consecutive numbers, so it is the last one that begins at or before the ticket.
/// The replica answers each ticket once, and its bound of what is being verified bounds how many wait here.
pub struct Submissions<R> {
    /// By their first ticket.
    waiting: BTreeMap<Ticket, Waiting<R>>,
    next: Ticket,
}

/// A submission that has transactions without an answer.
struct Waiting<R> {
    verdicts: Vec<Option<Verdict>>,
    missing: usize,
    reply: R,
}

impl<R> Default for Submissions<R> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), next: 0 }
    }
}

impl<R> Submissions<R> {
    /// Takes a submission, which must not be empty: an empty one would wait for ever. Yields its transactions,
    /// each with its ticket, for [`crate::Event::Submit`].
    pub fn take(
        &mut self,
        transactions: Vec<SharedTransaction>,
        reply: R,
    ) -> impl Iterator<Item = (Ticket, SharedTransaction)> + use<R> {
        let first = self.next;
        let missing = transactions.len();
        self.next = first.saturating_add(u64::try_from(missing).unwrap_or(u64::MAX));
        let verdicts = (0..missing).map(|_| None).collect();
        self.waiting.insert(first, Waiting { verdicts, missing, reply });
        (first..).zip(transactions)
    }

    /// Takes the answer under a ticket. With the last one of a submission, returns where its answers go and
    /// all of them, in the order of its transactions.
    pub fn answer(&mut self, ticket: Ticket, verdict: Verdict) -> Option<(R, Vec<Verdict>)> {
        let (first, waiting) = self.waiting.range_mut(..=ticket).next_back()?;
        let (first, index) = (*first, usize::try_from(ticket - first).ok()?);
        let place = waiting.verdicts.get_mut(index).filter(|place| place.is_none())?;
        *place = Some(verdict);
        waiting.missing -= 1;
        if waiting.missing > 0 {
            return None;
        }
        let whole = self.waiting.remove(&first)?;
        let lost = || Err(Rejection::new(Code::Internal, "the answer was lost"));
        let verdicts = whole.verdicts.into_iter().map(|it| it.unwrap_or_else(lost));
        Some((whole.reply, verdicts.collect()))
    }
}
