//! Sub-orders: from the buyer's order to the end of its escrow.

use super::{lookup, name_of, refused};
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::types::{SubOrderState as State, Terms};

/// What can happen to a sub-order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The store accepts.
    Accept,
    /// The store declines.
    Decline,
    /// The buyer or the store cancels all of it.
    Cancel,
    /// The store ships something, and something is left to be shipped.
    ShipPart,
    /// The store ships all that was left.
    ShipAll,
    /// The store gives up what is not shipped.
    CancelRest,
    /// A delivery is recorded, and something else is not delivered or not shipped.
    DeliverPart,
    /// A delivery is recorded, and with it all is delivered.
    DeliverAll,
    /// The buyer confirms.
    Confirm,
    /// The store refunds a part of a line.
    Refund,
    /// The buyer asks for a return.
    RequestReturn,
    /// The store agrees to the return.
    ApproveReturn,
    /// The store declines the return.
    DeclineReturn,
    /// The buyer sends the goods back.
    SendReturn,
    /// The store receives them.
    ReceiveReturn,
    /// A party opens a dispute.
    OpenDispute,
    /// The dispute has an outcome.
    Resolve,
    /// The deadline passed.
    Expire,
    /// The delivery's deadline passed, and a part was delivered.
    ExpirePart,
    /// The wallet's hold expired.
    Lapse,
}

/// Every transition.
pub const TRANSITIONS: &[(State, Action, State)] = &[
    (State::Placed, Action::Accept, State::Accepted),
    (State::Placed, Action::Decline, State::Declined),
    (State::Placed, Action::Cancel, State::Cancelled),
    (State::Placed, Action::Refund, State::Placed),
    (State::Placed, Action::Expire, State::Expired),
    (State::Placed, Action::Lapse, State::Lapsed),
    (State::Accepted, Action::Cancel, State::Cancelled),
    (State::Accepted, Action::ShipPart, State::PartiallyShipped),
    (State::Accepted, Action::ShipAll, State::Shipped),
    (State::Accepted, Action::Refund, State::Accepted),
    (State::Accepted, Action::OpenDispute, State::Disputed),
    (State::Accepted, Action::Expire, State::Cancelled),
    (State::Accepted, Action::Lapse, State::Lapsed),
    (State::PartiallyShipped, Action::ShipPart, State::PartiallyShipped),
    (State::PartiallyShipped, Action::ShipAll, State::Shipped),
    (State::PartiallyShipped, Action::CancelRest, State::Shipped),
    (State::PartiallyShipped, Action::DeliverPart, State::PartiallyShipped),
    (State::PartiallyShipped, Action::Refund, State::PartiallyShipped),
    (State::PartiallyShipped, Action::OpenDispute, State::Disputed),
    (State::PartiallyShipped, Action::Expire, State::Shipped),
    (State::PartiallyShipped, Action::Lapse, State::Lapsed),
    (State::Shipped, Action::DeliverPart, State::Shipped),
    (State::Shipped, Action::DeliverAll, State::Delivered),
    (State::Shipped, Action::Confirm, State::Completed),
    (State::Shipped, Action::Refund, State::Shipped),
    (State::Shipped, Action::OpenDispute, State::Disputed),
    (State::Shipped, Action::Expire, State::Undelivered),
    (State::Shipped, Action::ExpirePart, State::Delivered),
    (State::Shipped, Action::Lapse, State::Lapsed),
    (State::Delivered, Action::Confirm, State::Completed),
    (State::Delivered, Action::Refund, State::Delivered),
    (State::Delivered, Action::RequestReturn, State::ReturnRequested),
    (State::Delivered, Action::OpenDispute, State::Disputed),
    (State::Delivered, Action::Expire, State::Completed),
    (State::Delivered, Action::Lapse, State::Lapsed),
    (State::ReturnRequested, Action::ApproveReturn, State::ReturnApproved),
    (State::ReturnRequested, Action::DeclineReturn, State::ReturnDeclined),
    (State::ReturnRequested, Action::Confirm, State::Completed),
    (State::ReturnRequested, Action::Refund, State::ReturnRequested),
    (State::ReturnRequested, Action::Expire, State::ReturnApproved),
    (State::ReturnRequested, Action::Lapse, State::Lapsed),
    (State::ReturnApproved, Action::SendReturn, State::ReturnShipped),
    (State::ReturnApproved, Action::Confirm, State::Completed),
    (State::ReturnApproved, Action::Refund, State::ReturnApproved),
    (State::ReturnApproved, Action::Expire, State::Completed),
    (State::ReturnApproved, Action::Lapse, State::Lapsed),
    (State::ReturnShipped, Action::ReceiveReturn, State::Returned),
    (State::ReturnShipped, Action::Refund, State::ReturnShipped),
    (State::ReturnShipped, Action::OpenDispute, State::Disputed),
    (State::ReturnShipped, Action::Expire, State::Returned),
    (State::ReturnShipped, Action::Lapse, State::Lapsed),
    (State::ReturnDeclined, Action::Confirm, State::Completed),
    (State::ReturnDeclined, Action::Refund, State::ReturnDeclined),
    (State::ReturnDeclined, Action::OpenDispute, State::Disputed),
    (State::ReturnDeclined, Action::Expire, State::Completed),
    (State::ReturnDeclined, Action::Lapse, State::Lapsed),
    (State::Disputed, Action::Resolve, State::Resolved),
    (State::Disputed, Action::Lapse, State::Lapsed),
];

/// Every state and its name, in the order of the way through them.
pub const STATES: &[(State, &str)] = &[
    (State::Placed, "placed"),
    (State::Accepted, "accepted"),
    (State::PartiallyShipped, "partially-shipped"),
    (State::Shipped, "shipped"),
    (State::Delivered, "delivered"),
    (State::ReturnRequested, "return-requested"),
    (State::ReturnApproved, "return-approved"),
    (State::ReturnShipped, "return-shipped"),
    (State::ReturnDeclined, "return-declined"),
    (State::Disputed, "disputed"),
    (State::Declined, "declined"),
    (State::Expired, "expired"),
    (State::Cancelled, "cancelled"),
    (State::Undelivered, "undelivered"),
    (State::Completed, "completed"),
    (State::Returned, "returned"),
    (State::Resolved, "resolved"),
    (State::Lapsed, "lapsed"),
];

/// Every action and its name.
pub const ACTIONS: &[(Action, &str)] = &[
    (Action::Accept, "accept"),
    (Action::Decline, "decline"),
    (Action::Cancel, "cancel"),
    (Action::ShipPart, "ship-part"),
    (Action::ShipAll, "ship-all"),
    (Action::CancelRest, "cancel-rest"),
    (Action::DeliverPart, "deliver-part"),
    (Action::DeliverAll, "deliver-all"),
    (Action::Confirm, "confirm"),
    (Action::Refund, "refund"),
    (Action::RequestReturn, "request-return"),
    (Action::ApproveReturn, "approve-return"),
    (Action::DeclineReturn, "decline-return"),
    (Action::SendReturn, "send-return"),
    (Action::ReceiveReturn, "receive-return"),
    (Action::OpenDispute, "open-dispute"),
    (Action::Resolve, "resolve"),
    (Action::Expire, "expire"),
    (Action::ExpirePart, "expire-part"),
    (Action::Lapse, "lapse"),
];

/// Where an action leads.
///
/// # Errors
/// `wrong-state`.
pub fn next(id: u64, state: State, action: Action) -> Result<State, Error> {
    let to = lookup(TRANSITIONS, state, action);
    to.ok_or_else(|| refused(Kind::SubOrder, id, name(state), name_of(ACTIONS, action)))
}

/// What a state is called.
pub fn name(state: State) -> &'static str {
    name_of(STATES, state)
}

/// Whether a state is final: nothing leads out of it.
pub fn is_final(state: State) -> bool {
    TRANSITIONS.iter().all(|(from, _, _)| *from != state)
}

/// How long a sub-order can stay in a state, by its terms; none for states that have no window of
/// their own: a dispute has its own deadlines, shipping the rest has those of the acceptance.
pub fn window_ms(terms: &Terms, state: State) -> Option<u64> {
    match state {
        State::Placed => Some(terms.accept_window_ms),
        State::Accepted => Some(terms.ship_window_ms),
        State::Shipped => Some(terms.delivery_window_ms),
        State::Delivered | State::ReturnDeclined => Some(terms.inspection_window_ms),
        State::ReturnRequested => Some(terms.answer_window_ms),
        State::ReturnApproved => Some(terms.return_window_ms),
        State::ReturnShipped => Some(terms.receipt_window_ms),
        _ => None,
    }
}
