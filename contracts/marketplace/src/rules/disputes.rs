//! Disputes: the crate `ehb-dispute` decides, and this file knows who acts for whom and carries out.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Host, Named as _, check_before, packed, wrong_state_named};
use ehb_dispute::Parties;
use ehb_dispute::types::{
    Dispute, DisputeChange, DisputeEvent, Document, Error as DisputeError, Side,
};

use super::{
    BUYERS_TREASURER, TREASURER, acts_for_buyer, is_member, money, progress, settings, share,
    store_records, treasurers,
};
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{Error, SubOrder, SubOrderState, WalletError};
use crate::keys::{ARBITERS, DISPUTES, DISPUTES_AWAITING, KEYS, Kind, SCHEMA, SUB_ORDERS};
use crate::states::SubOrderAction;
use crate::wallet;

ehb_dispute::refusals!(Error);
ehb_dispute::deposits!(Error, wallet, WalletError);

/// See `disputes.set-arbiter`.
pub fn set_arbiter(host: &mut Host, account: Address, registered: bool) -> Result<(), Error> {
    let registration = ARBITERS.set(host, account, registered)?;
    SCHEMA.mark(host);
    host.emit(Event::ArbiterRegistered(registration));
    Ok(())
}

/// See `disputes.open-dispute`.
pub fn open_dispute(
    host: &mut Host,
    sub_order: u64,
    to_payer: u16,
    reason: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(sub_order, to_payer, reason);
    KEYS.run(host, &key, "open-dispute", &arguments, |host| {
        open(host, sub_order, to_payer, reason)?;
        Ok(sub_order)
    })
}

fn open(host: &mut Host, id: u64, to_payer: u16, reason: String) -> Result<(), Error> {
    let order = progress::begin(host, id, SubOrderAction::OpenDispute)?;
    let claimant = side(host, &order)?;
    // Goods that are on their way back are the store's to complain of, all others the buyer's.
    let turn = match order.state {
        SubOrderState::ReturnShipped => Side::Payee,
        _ => Side::Payer,
    };
    if claimant != turn {
        return Err(Error::Dispute(DisputeError::WrongSide(turn)));
    }
    let parties = Parties {
        payer: order.buyer,
        payer_organisation: order.buyer_organisation.clone(),
        payee: store_records::find(host, order.store)?.payout_account,
        payee_organisation: Some(order.organisation.clone()),
        // The platform named it.
        arbiter_agreed: false,
    };
    let amount = money::left(&order.escrow);
    let mut terms = settings::of_version(host, order.settings_version)?.disputes;
    let undone = order.lines.iter().map(money::price_of_unshipped).sum();
    terms.default_to_payer = ehb_dispute::default_part(amount, undone, terms.default_to_payer);
    let dispute =
        ehb_dispute::open(host, id, id, parties, claimant, amount, to_payer, reason, terms)?;
    if claimant == Side::Payee {
        // The buyer can accept the claim as it can an offer.
        treasurers::give(host, &order, share(amount, to_payer))?;
    }
    DISPUTES.set(host, &id, &dispute);
    let deadline_ms = dispute.deadline_ms;
    host.emit(Event::DisputeOpened(dispute));
    progress::go_until(
        host,
        order,
        SubOrderAction::OpenDispute,
        deadline_ms,
        Event::OrderDisputeChanged,
    )
}

/// See `disputes.respond-to-dispute`.
pub fn respond_to_dispute(host: &mut Host, id: u64, to_payer: u16) -> Result<(), Error> {
    act(host, id, "respond", |host, dispute, by, _| {
        ehb_dispute::respond(host, dispute, by, to_payer)
    })
}

/// See `disputes.add-evidence`.
pub fn add_evidence(
    host: &mut Host,
    id: u64,
    document: Document,
    note: String,
) -> Result<(), Error> {
    act(host, id, "add-evidence", |host, dispute, by, _| {
        ehb_dispute::add_evidence(host, dispute, by, document, note)
    })
}

/// See `disputes.offer-settlement`.
pub fn offer_settlement(host: &mut Host, id: u64, to_payer: u16) -> Result<(), Error> {
    act(host, id, "offer", |host, dispute, by, _| ehb_dispute::offer(host, dispute, by, to_payer))
}

/// See `disputes.accept-settlement`.
pub fn accept_settlement(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "accept-settlement", &packed!(id), |host| {
        act(host, id, "accept", |host, dispute, by, _| ehb_dispute::accept(host, dispute, by))
    })
}

/// See `disputes.finish-phase`.
pub fn finish_phase(host: &mut Host, id: u64) -> Result<(), Error> {
    act(host, id, "finish-phase", |host, dispute, by, _| {
        ehb_dispute::finish_phase(host, dispute, by)
    })
}

/// See `disputes.request-arbitration`.
pub fn request_arbitration(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "request-arbitration", &packed!(id), |host| {
        act(host, id, "request", |host, dispute, by, asset| {
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::request(host, &ARBITERS, dispute, by, deposit)
        })
    })
}

/// See `disputes.join-arbitration`.
pub fn join_arbitration(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "join-arbitration", &packed!(id), |host| {
        act(host, id, "join", |host, dispute, by, asset| {
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::join(host, &ARBITERS, dispute, by, deposit)
        })
    })
}

/// See `disputes.appeal-ruling`.
pub fn appeal_ruling(host: &mut Host, id: u64, reason: String, key: String) -> Result<(), Error> {
    let arguments = packed!(id, reason);
    KEYS.run(host, &key, "appeal-ruling", &arguments, |host| {
        act(host, id, "appeal", |host, dispute, by, asset| {
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::appeal(host, &ARBITERS, dispute, (by, reason), deposit)
        })
    })
}

/// See `disputes.rule-dispute`.
pub fn rule_dispute(
    host: &mut Host,
    id: u64,
    to_payer: u16,
    reasons: Option<Document>,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(id, to_payer, reasons);
    KEYS.run(host, &key, "rule-dispute", &arguments, |host| rule(host, id, to_payer, reasons))
}

fn rule(host: &mut Host, id: u64, to_payer: u16, reasons: Option<Document>) -> Result<(), Error> {
    let (order, mut dispute) = begin(host, id, "rule")?;
    let step = ehb_dispute::rule(host, &mut dispute, to_payer, reasons)?;
    carry_out(host, order, &dispute, step)
}

/// The default step of a dispute whose deadline has passed.
pub(super) fn lapse(host: &mut Host, order: SubOrder) -> Result<(), Error> {
    let mut dispute = find(host, order.id)?;
    let step = ehb_dispute::advance(host, &ARBITERS, &mut dispute)?;
    carry_out(host, order, &dispute, step)
}

/// Gives up a dispute whose escrow is gone, since the wallet's hold has expired: all deposits go back.
pub(super) fn abandon(host: &mut Host, order: &SubOrder) -> Result<(), Error> {
    DISPUTES_AWAITING.remove(host, &order.id);
    let dispute = find(host, order.id)?;
    settle_deposits(host, &dispute)
}

/// The dispute of a sub-order.
pub(super) fn find(host: &Host, id: u64) -> Result<Dispute, Error> {
    Ok(super::part(host, &DISPUTES, Kind::Dispute, id)?)
}

/// Takes a step for the side of the caller; the last argument of `step` is the order's asset.
fn act<E>(
    host: &mut Host,
    id: u64,
    action: &str,
    step: impl FnOnce(&mut Host, &mut Dispute, Side, String) -> Result<DisputeChange, E>,
) -> Result<(), Error>
where
    Error: From<E>,
{
    let (order, mut dispute) = begin(host, id, action)?;
    let by = side(host, &order)?;
    let step = step(host, &mut dispute, by, order.asset.clone())?;
    if by == Side::Payee
        && let Some(to_payer) = given(&dispute, &step)
    {
        treasurers::give(host, &order, share(dispute.amount, to_payer))?;
    }
    carry_out(host, order, &dispute, step)
}

/// The amount that the acting side offers or grants the buyer by a step.
fn given(dispute: &Dispute, step: &DisputeChange) -> Option<u16> {
    match &step.event {
        DisputeEvent::Responded(offer) | DisputeEvent::Offered(offer) => Some(offer.to_payer),
        DisputeEvent::Accepted(_) => dispute.outcome.map(|outcome| outcome.to_payer),
        _ => None,
    }
}

fn begin(host: &Host, id: u64, action: &str) -> Result<(SubOrder, Dispute), Error> {
    // A dispute has the number of its sub-order.
    let Some(order) = SUB_ORDERS.get(host, &id) else {
        return Err(find(host, id).err().unwrap_or_else(|| Kind::Dispute.unknown(id).into()));
    };
    if order.state != SubOrderState::Disputed {
        let item = Kind::SubOrder.item(id);
        return Err(wrong_state_named(item, order.state.name(), action).into());
    }
    check_before(host, || Kind::SubOrder.item(id), order.hold_expires_ms)?;
    let dispute = find(host, id)?;
    Ok((order, dispute))
}

/// For which side the caller acts.
fn side(host: &Host, order: &SubOrder) -> Result<Side, Error> {
    if acts_for_buyer(host, order, BUYERS_TREASURER) {
        return Ok(Side::Payer);
    }
    if !is_member(host, &order.organisation, TREASURER) {
        return Err(Error::NotAParty(Kind::SubOrder.item(order.id)));
    }
    Ok(Side::Payee)
}

/// Stores a step and emits it, and splits the escrow where it was the last.
fn carry_out(
    host: &mut Host,
    mut order: SubOrder,
    dispute: &Dispute,
    step: DisputeChange,
) -> Result<(), Error> {
    DISPUTES.set(host, &order.id, dispute);
    if dispute.state.awaits_arbiter() {
        DISPUTES_AWAITING.set(host, &order.id, &());
    } else {
        DISPUTES_AWAITING.remove(host, &order.id);
    }
    host.emit(Event::DisputeChanged(step));
    let Some(outcome) = dispute.outcome else {
        if dispute.deadline_ms != order.deadline_ms {
            progress::postpone(host, order, dispute.deadline_ms);
        }
        return Ok(());
    };
    settle_deposits(host, dispute)?;
    let split = outcome.split;
    money::pay_out(host, &mut order, Vec::new(), split.to_payer, split.to_payee)?;
    progress::go(host, order, SubOrderAction::Resolve, Event::OrderDisputeChanged)
}
