//! The state machines: which action leads from which state to which. What is not in a table is
//! refused.

use crate::bindings::ehb::wallet::types::{Error, PaymentState, RequestState, SupplyPolicy};
use crate::errors::misstep;

/// The states and the actions of something, by the names that refusals and diagrams use.
pub(crate) trait Named: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [(Self, &'static str)];

    /// The name.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, name)| *name)
    }
}

/// A state machine.
pub(crate) struct Machine<S: 'static, A: 'static> {
    /// The state in which it begins.
    pub(crate) start: S,
    /// From which state which action leads where.
    pub(crate) transitions: &'static [(S, A, S)],
}

impl<S: Named, A: Named> Machine<S, A> {
    /// The state after an action, or why it is refused.
    pub(crate) fn next(&self, state: S, action: A) -> Result<S, Error> {
        let found = self.transitions.iter().find(|(from, by, _)| *from == state && *by == action);
        match found {
            Some((_, _, to)) => Ok(*to),
            None => Err(misstep(state.name(), action.name())),
        }
    }
}

/// How much of an asset may come into circulation, without the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SupplyState {
    Unlimited,
    Capped,
    Closed,
}

/// What is done with a supply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Named for SupplyState {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Unlimited, "unlimited"), (Self::Capped, "capped"), (Self::Closed, "closed")];
}

impl Named for SupplyAction {
    const ALL: &'static [(Self, &'static str)] = &[(Self::Cap, "cap"), (Self::Close, "close")];
}

/// An asset's supply.
pub(crate) const SUPPLY: Machine<SupplyState, SupplyAction> = Machine {
    start: SupplyState::Unlimited,
    transitions: &[
        (SupplyState::Unlimited, SupplyAction::Cap, SupplyState::Capped),
        (SupplyState::Unlimited, SupplyAction::Close, SupplyState::Closed),
        (SupplyState::Capped, SupplyAction::Cap, SupplyState::Capped),
        (SupplyState::Capped, SupplyAction::Close, SupplyState::Closed),
    ],
};

/// How far a hold is. Only open ones are stored, so that in which of the other ways one ended is for
/// the events to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoldState {
    Open,
    PaidOut,
    Released,
    Expired,
}

/// What is done with a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Named for HoldState {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Open, "open"),
        (Self::PaidOut, "paid-out"),
        (Self::Released, "released"),
        (Self::Expired, "expired"),
    ];
}

impl Named for HoldAction {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::PayPart, "pay-part"),
        (Self::PayRest, "pay-rest"),
        (Self::Release, "release"),
        (Self::Expire, "expire"),
    ];
}

/// A hold.
pub(crate) const HOLD: Machine<HoldState, HoldAction> = Machine {
    start: HoldState::Open,
    transitions: &[
        (HoldState::Open, HoldAction::PayPart, HoldState::Open),
        (HoldState::Open, HoldAction::PayRest, HoldState::PaidOut),
        (HoldState::Open, HoldAction::Release, HoldState::Released),
        (HoldState::Open, HoldAction::Expire, HoldState::Expired),
    ],
};

/// How far an allowance is. Only active ones are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AllowanceState {
    Active,
    Closed,
}

/// What is done with an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AllowanceAction {
    Draw,
    Close,
    Expire,
    Read,
}

impl Named for AllowanceState {
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Active, "active"), (Self::Closed, "closed")];
}

impl Named for AllowanceAction {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Draw, "draw"),
        (Self::Close, "close"),
        (Self::Expire, "expire"),
        (Self::Read, "read"),
    ];
}

/// An allowance.
pub(crate) const ALLOWANCE: Machine<AllowanceState, AllowanceAction> = Machine {
    start: AllowanceState::Active,
    transitions: &[
        (AllowanceState::Active, AllowanceAction::Draw, AllowanceState::Active),
        (AllowanceState::Active, AllowanceAction::Read, AllowanceState::Active),
        (AllowanceState::Active, AllowanceAction::Close, AllowanceState::Closed),
        (AllowanceState::Active, AllowanceAction::Expire, AllowanceState::Closed),
    ],
};

/// What is done with a payment that waits for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaymentAction {
    Approve,
    ApproveLast,
    Reject,
    Cancel,
    Expire,
}

impl Named for PaymentState {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Pending, "pending"),
        (Self::Paid, "paid"),
        (Self::Rejected, "rejected"),
        (Self::Cancelled, "cancelled"),
        (Self::Expired, "expired"),
    ];
}

impl Named for PaymentAction {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Approve, "approve"),
        (Self::ApproveLast, "approve-last"),
        (Self::Reject, "reject"),
        (Self::Cancel, "cancel"),
        (Self::Expire, "expire"),
    ];
}

/// A payment that waits for approval.
pub(crate) const PAYMENT: Machine<PaymentState, PaymentAction> = Machine {
    start: PaymentState::Pending,
    transitions: &[
        (PaymentState::Pending, PaymentAction::Approve, PaymentState::Pending),
        (PaymentState::Pending, PaymentAction::ApproveLast, PaymentState::Paid),
        (PaymentState::Pending, PaymentAction::Reject, PaymentState::Rejected),
        (PaymentState::Pending, PaymentAction::Cancel, PaymentState::Cancelled),
        (PaymentState::Pending, PaymentAction::Expire, PaymentState::Expired),
    ],
};

/// What is done with a payment request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestAction {
    PayPart,
    PayRest,
    Cancel,
    Decline,
    Expire,
}

impl Named for RequestState {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Open, "open"),
        (Self::PartlyPaid, "partly-paid"),
        (Self::Paid, "paid"),
        (Self::Cancelled, "cancelled"),
        (Self::Declined, "declined"),
        (Self::Expired, "expired"),
    ];
}

impl Named for RequestAction {
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::PayPart, "pay-part"),
        (Self::PayRest, "pay-rest"),
        (Self::Cancel, "cancel"),
        (Self::Decline, "decline"),
        (Self::Expire, "expire"),
    ];
}

/// A payment request.
pub(crate) const REQUEST: Machine<RequestState, RequestAction> = Machine {
    start: RequestState::Open,
    transitions: &[
        (RequestState::Open, RequestAction::PayPart, RequestState::PartlyPaid),
        (RequestState::Open, RequestAction::PayRest, RequestState::Paid),
        (RequestState::Open, RequestAction::Cancel, RequestState::Cancelled),
        (RequestState::Open, RequestAction::Decline, RequestState::Declined),
        (RequestState::Open, RequestAction::Expire, RequestState::Expired),
        (RequestState::PartlyPaid, RequestAction::PayPart, RequestState::PartlyPaid),
        (RequestState::PartlyPaid, RequestAction::PayRest, RequestState::Paid),
        (RequestState::PartlyPaid, RequestAction::Cancel, RequestState::Cancelled),
        (RequestState::PartlyPaid, RequestAction::Expire, RequestState::Expired),
    ],
};
