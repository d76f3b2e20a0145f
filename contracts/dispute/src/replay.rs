//! Rebuilds a dispute from its steps, for readers that know only the events.

use crate::costs::{asking, latest_of};
use crate::types::{Dispute, DisputeChange, DisputeEvent, Ruling, Side, State};

/// Applies a step to the dispute before it, so that tables can be rebuilt from events alone. A module
/// that emits the opened dispute and every step contains for its readers everything in its own record.
pub fn replay(dispute: &mut Dispute, step: &DisputeChange) {
    match &step.event {
        DisputeEvent::Responded(offer) | DisputeEvent::Offered(offer) => {
            dispute.offers.push(*offer)
        }
        DisputeEvent::EvidenceAdded(evidence) => dispute.evidence.push(evidence.clone()),
        DisputeEvent::PhaseFinished(Side::Payer) => dispute.payer_finished = true,
        DisputeEvent::PhaseFinished(Side::Payee) => dispute.payee_finished = true,
        DisputeEvent::Ruled(ruling) => dispute.rulings.push(ruling.clone()),
        DisputeEvent::Appealed(appeal) => dispute.appeal = Some(appeal.clone()),
        DisputeEvent::DeadlinePassed if step.state == State::Ruled => {
            unanswered(dispute, step.deadline_ms.unwrap_or_default());
        }
        DisputeEvent::ArbitrationRequested(_)
        | DisputeEvent::ArbitrationJoined(_)
        | DisputeEvent::Accepted(_)
        | DisputeEvent::DeadlinePassed => {}
    }
    dispute.deposits.extend(step.deposit);
    dispute.assigned.extend(step.assigned.clone());
    if step.state != dispute.state {
        dispute.payer_finished = false;
        dispute.payee_finished = false;
    }
    dispute.state = step.state;
    dispute.deadline_ms = step.deadline_ms;
    dispute.outcome = step.outcome;
}

/// A claim or request that nobody answered becomes the ruling, at the time that its appeal's deadline shows: the
/// latest offer of the party that made it.
fn unanswered(dispute: &mut Dispute, deadline_ms: u64) {
    let to_payer = latest_of(dispute, asking(dispute));
    dispute.rulings.push(Ruling {
        arbiter: None,
        organisation: None,
        to_payer,
        reasons: None,
        at_ms: deadline_ms.saturating_sub(dispute.terms.windows.appeal_ms),
    });
}
