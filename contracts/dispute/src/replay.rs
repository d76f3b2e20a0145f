//! Rebuilds a dispute from its steps, for readers that know only the events.

use crate::costs::{asking, latest_of};
use crate::types::{Change, Dispute, Ruling, Side, State, Step};

/// Applies a step to the dispute before it, so that tables can be rebuilt from events alone. A module
/// that emits the opened dispute and every step contains for its readers everything in its own record.
pub fn replay(dispute: &mut Dispute, step: &Step) {
    match &step.change {
        Change::Responded(offer) | Change::Offered(offer) => dispute.offers.push(*offer),
        Change::EvidenceAdded(evidence) => dispute.evidence.push(evidence.clone()),
        Change::Rested(Side::First) => dispute.first_rested = true,
        Change::Rested(Side::Second) => dispute.second_rested = true,
        Change::Ruled(ruling) => dispute.rulings.push(ruling.clone()),
        Change::Appealed(appeal) => dispute.appeal = Some(appeal.clone()),
        Change::Lapsed if step.state == State::Ruled => {
            unanswered(dispute, step.deadline_ms.unwrap_or_default());
        }
        Change::Requested(_) | Change::Joined(_) | Change::Accepted(_) | Change::Lapsed => {}
    }
    dispute.deposits.extend(step.deposit);
    dispute.assigned.extend(step.assigned.clone());
    if step.state != dispute.state {
        dispute.first_rested = false;
        dispute.second_rested = false;
    }
    dispute.state = step.state;
    dispute.deadline_ms = step.deadline_ms;
    dispute.outcome = step.outcome;
}

/// A claim or request that nobody answered becomes the ruling, at the time that its appeal's deadline shows: the
/// latest offer of the party that made it.
fn unanswered(dispute: &mut Dispute, deadline_ms: u64) {
    let to_first = latest_of(dispute, asking(dispute));
    dispute.rulings.push(Ruling {
        arbiter: None,
        organisation: None,
        to_first,
        reasons: None,
        at_ms: deadline_ms.saturating_sub(dispute.terms.windows.appeal_ms),
    });
}
