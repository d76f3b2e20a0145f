//! The state machines: which action leads from which state to which. What is not in a table is
//! refused.

use ehb_contract::{Machine, Named};

use crate::bindings::ehb::wallet::types::{PaymentState, PermitState, RequestState, SupplyPolicy};

/// How much of an asset may come into circulation, without the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum SupplyState {
    Unlimited,
    Capped,
    Closed,
}

/// Actions on a supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum SupplyAction {
    Cap,
    Close,
}

impl SupplyState {
    /// The state of a supply policy.
    pub(crate) fn of(policy: &SupplyPolicy) -> Self {
        match policy {
            SupplyPolicy::Unlimited => Self::Unlimited,
            SupplyPolicy::Capped(_) => Self::Capped,
            SupplyPolicy::Closed => Self::Closed,
        }
    }
}

/// An asset's supply.
pub(crate) const SUPPLY: Machine<SupplyState, SupplyAction> = Machine::new(&[
    (SupplyState::Unlimited, SupplyAction::Cap, SupplyState::Capped),
    (SupplyState::Unlimited, SupplyAction::Close, SupplyState::Closed),
    (SupplyState::Capped, SupplyAction::Cap, SupplyState::Capped),
    (SupplyState::Capped, SupplyAction::Close, SupplyState::Closed),
]);

/// How far a hold is. Only open ones are stored; the events say in which of the other ways one
/// ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum HoldState {
    Open,
    PaidOut,
    Released,
    Expired,
}

/// Actions on a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum HoldAction {
    PayPart,
    PayRest,
    Release,
    Expire,
}

impl HoldAction {
    /// A payment that leaves so much.
    pub(crate) fn of_payment(remaining: u64) -> Self {
        if remaining == 0 { Self::PayRest } else { Self::PayPart }
    }
}

/// A hold.
pub(crate) const HOLD: Machine<HoldState, HoldAction> = Machine::new(&[
    (HoldState::Open, HoldAction::PayPart, HoldState::Open),
    (HoldState::Open, HoldAction::PayRest, HoldState::PaidOut),
    (HoldState::Open, HoldAction::Release, HoldState::Released),
    (HoldState::Open, HoldAction::Expire, HoldState::Expired),
]);

/// How far an allowance is. Only active ones are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum AllowanceState {
    Active,
    Closed,
}

/// Actions on an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum AllowanceAction {
    Draw,
    Close,
    Expire,
    Read,
}

/// An allowance.
pub(crate) const ALLOWANCE: Machine<AllowanceState, AllowanceAction> = Machine::new(&[
    (AllowanceState::Active, AllowanceAction::Draw, AllowanceState::Active),
    (AllowanceState::Active, AllowanceAction::Read, AllowanceState::Active),
    (AllowanceState::Active, AllowanceAction::Close, AllowanceState::Closed),
    (AllowanceState::Active, AllowanceAction::Expire, AllowanceState::Closed),
]);

/// Actions on a payment that waits for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum PaymentAction {
    Approve,
    ApproveLast,
    Reject,
    Cancel,
    Expire,
}

/// A payment that waits for approval.
pub(crate) const PAYMENT: Machine<PaymentState, PaymentAction> = Machine::new(&[
    (PaymentState::Pending, PaymentAction::Approve, PaymentState::Pending),
    (PaymentState::Pending, PaymentAction::ApproveLast, PaymentState::Paid),
    (PaymentState::Pending, PaymentAction::Reject, PaymentState::Rejected),
    (PaymentState::Pending, PaymentAction::Cancel, PaymentState::Cancelled),
    (PaymentState::Pending, PaymentAction::Expire, PaymentState::Expired),
]);

/// Actions on a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum PermitAction {
    Approve,
    ApproveLast,
    Use,
    Reject,
    Cancel,
    Expire,
}

/// A permit.
pub(crate) const PERMIT: Machine<PermitState, PermitAction> = Machine::new(&[
    (PermitState::Pending, PermitAction::Approve, PermitState::Pending),
    (PermitState::Pending, PermitAction::ApproveLast, PermitState::Approved),
    (PermitState::Pending, PermitAction::Reject, PermitState::Rejected),
    (PermitState::Pending, PermitAction::Cancel, PermitState::Cancelled),
    (PermitState::Pending, PermitAction::Expire, PermitState::Expired),
    (PermitState::Approved, PermitAction::Use, PermitState::Used),
    (PermitState::Approved, PermitAction::Reject, PermitState::Rejected),
    (PermitState::Approved, PermitAction::Cancel, PermitState::Cancelled),
    (PermitState::Approved, PermitAction::Expire, PermitState::Expired),
]);

/// Actions on a payment request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub(crate) enum RequestAction {
    PayPart,
    PayRest,
    Cancel,
    Decline,
    Expire,
}

/// A payment request.
pub(crate) const REQUEST: Machine<RequestState, RequestAction> = Machine::new(&[
    (RequestState::Open, RequestAction::PayPart, RequestState::PartiallyPaid),
    (RequestState::Open, RequestAction::PayRest, RequestState::Paid),
    (RequestState::Open, RequestAction::Cancel, RequestState::Cancelled),
    (RequestState::Open, RequestAction::Decline, RequestState::Declined),
    (RequestState::Open, RequestAction::Expire, RequestState::Expired),
    (RequestState::PartiallyPaid, RequestAction::PayPart, RequestState::PartiallyPaid),
    (RequestState::PartiallyPaid, RequestAction::PayRest, RequestState::Paid),
    (RequestState::PartiallyPaid, RequestAction::Cancel, RequestState::Cancelled),
    (RequestState::PartiallyPaid, RequestAction::Expire, RequestState::Expired),
]);
