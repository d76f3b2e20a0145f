//! The state machines: which action is possible in which state, and where it leads. What is not in a table
//! is refused with `wrong-state`. The README shows them as diagrams.

use ehb_contract::{Machine, Named};

use crate::bindings::ehb::marketplace::types::{
    ListingState, RatingState, StoreState, SubOrderState, Terms,
};

/// Actions on a sub-order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum SubOrderAction {
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
    /// The store refunds the pieces that are not shipped.
    CancelUnshipped,
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
    ShipReturn,
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
    ExpireHold,
}

/// A sub-order, from the buyer's order to the end of its escrow.
pub const SUB_ORDER: Machine<SubOrderState, SubOrderAction> = Machine::new(&[
    (SubOrderState::Placed, SubOrderAction::Accept, SubOrderState::Accepted),
    (SubOrderState::Placed, SubOrderAction::Decline, SubOrderState::Declined),
    (SubOrderState::Placed, SubOrderAction::Cancel, SubOrderState::Cancelled),
    (SubOrderState::Placed, SubOrderAction::Refund, SubOrderState::Placed),
    (SubOrderState::Placed, SubOrderAction::Expire, SubOrderState::Expired),
    (SubOrderState::Placed, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::Accepted, SubOrderAction::Cancel, SubOrderState::Cancelled),
    (SubOrderState::Accepted, SubOrderAction::ShipPart, SubOrderState::PartiallyShipped),
    (SubOrderState::Accepted, SubOrderAction::ShipAll, SubOrderState::Shipped),
    (SubOrderState::Accepted, SubOrderAction::Refund, SubOrderState::Accepted),
    (SubOrderState::Accepted, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::Accepted, SubOrderAction::Expire, SubOrderState::Cancelled),
    (SubOrderState::Accepted, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::PartiallyShipped, SubOrderAction::ShipPart, SubOrderState::PartiallyShipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::ShipAll, SubOrderState::Shipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::CancelUnshipped, SubOrderState::Shipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::DeliverPart, SubOrderState::PartiallyShipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::Refund, SubOrderState::PartiallyShipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::PartiallyShipped, SubOrderAction::Expire, SubOrderState::Shipped),
    (SubOrderState::PartiallyShipped, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::Shipped, SubOrderAction::DeliverPart, SubOrderState::Shipped),
    (SubOrderState::Shipped, SubOrderAction::DeliverAll, SubOrderState::Delivered),
    (SubOrderState::Shipped, SubOrderAction::Confirm, SubOrderState::Completed),
    (SubOrderState::Shipped, SubOrderAction::Refund, SubOrderState::Shipped),
    (SubOrderState::Shipped, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::Shipped, SubOrderAction::Expire, SubOrderState::Undelivered),
    (SubOrderState::Shipped, SubOrderAction::ExpirePart, SubOrderState::Delivered),
    (SubOrderState::Shipped, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::Delivered, SubOrderAction::Confirm, SubOrderState::Completed),
    (SubOrderState::Delivered, SubOrderAction::Refund, SubOrderState::Delivered),
    (SubOrderState::Delivered, SubOrderAction::RequestReturn, SubOrderState::ReturnRequested),
    (SubOrderState::Delivered, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::Delivered, SubOrderAction::Expire, SubOrderState::Completed),
    (SubOrderState::Delivered, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::ReturnRequested, SubOrderAction::ApproveReturn, SubOrderState::ReturnApproved),
    (SubOrderState::ReturnRequested, SubOrderAction::DeclineReturn, SubOrderState::ReturnDeclined),
    (SubOrderState::ReturnRequested, SubOrderAction::Confirm, SubOrderState::Completed),
    (SubOrderState::ReturnRequested, SubOrderAction::Refund, SubOrderState::ReturnRequested),
    (SubOrderState::ReturnRequested, SubOrderAction::Expire, SubOrderState::ReturnApproved),
    (SubOrderState::ReturnRequested, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::ReturnApproved, SubOrderAction::ShipReturn, SubOrderState::ReturnShipped),
    (SubOrderState::ReturnApproved, SubOrderAction::Confirm, SubOrderState::Completed),
    (SubOrderState::ReturnApproved, SubOrderAction::Refund, SubOrderState::ReturnApproved),
    (SubOrderState::ReturnApproved, SubOrderAction::Expire, SubOrderState::Completed),
    (SubOrderState::ReturnApproved, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::ReturnShipped, SubOrderAction::ReceiveReturn, SubOrderState::Returned),
    (SubOrderState::ReturnShipped, SubOrderAction::Refund, SubOrderState::ReturnShipped),
    (SubOrderState::ReturnShipped, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::ReturnShipped, SubOrderAction::Expire, SubOrderState::Returned),
    (SubOrderState::ReturnShipped, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::ReturnDeclined, SubOrderAction::Confirm, SubOrderState::Completed),
    (SubOrderState::ReturnDeclined, SubOrderAction::Refund, SubOrderState::ReturnDeclined),
    (SubOrderState::ReturnDeclined, SubOrderAction::OpenDispute, SubOrderState::Disputed),
    (SubOrderState::ReturnDeclined, SubOrderAction::Expire, SubOrderState::Completed),
    (SubOrderState::ReturnDeclined, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
    (SubOrderState::Disputed, SubOrderAction::Resolve, SubOrderState::Resolved),
    (SubOrderState::Disputed, SubOrderAction::ExpireHold, SubOrderState::HoldExpired),
]);

/// Actions on ratings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum RatingAction {
    /// The first side commits.
    Commit,
    /// The other side commits too.
    CommitLast,
    /// A side reveals, and the other has not.
    Reveal,
    /// Every side that committed has revealed.
    RevealLast,
    /// The deadline passed.
    Expire,
}

/// The ratings of a sub-order, which begin with a side's first commitment.
pub const RATING: Machine<RatingState, RatingAction> = Machine::new(&[
    (RatingState::Committing, RatingAction::Commit, RatingState::Committing),
    (RatingState::Committing, RatingAction::CommitLast, RatingState::Revealing),
    (RatingState::Committing, RatingAction::Expire, RatingState::Revealing),
    (RatingState::Revealing, RatingAction::Reveal, RatingState::Revealing),
    (RatingState::Revealing, RatingAction::RevealLast, RatingState::Published),
    (RatingState::Revealing, RatingAction::Expire, RatingState::Published),
]);

/// Actions on a product or a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum ListingAction {
    /// Describe it, price it, or add variants to it.
    Edit,
    /// Offer it.
    List,
    /// Do not offer it for the time being.
    Withdraw,
    /// Do not offer it any more.
    Retire,
}

/// A product or a variant. Nothing waits in these states and no money is in them, so they have no
/// deadlines.
pub const LISTING: Machine<ListingState, ListingAction> = Machine::new(&[
    (ListingState::Draft, ListingAction::Edit, ListingState::Draft),
    (ListingState::Draft, ListingAction::List, ListingState::Listed),
    (ListingState::Draft, ListingAction::Retire, ListingState::Retired),
    (ListingState::Listed, ListingAction::Edit, ListingState::Listed),
    (ListingState::Listed, ListingAction::Withdraw, ListingState::Withdrawn),
    (ListingState::Listed, ListingAction::Retire, ListingState::Retired),
    (ListingState::Withdrawn, ListingAction::Edit, ListingState::Withdrawn),
    (ListingState::Withdrawn, ListingAction::List, ListingState::Listed),
    (ListingState::Withdrawn, ListingAction::Retire, ListingState::Retired),
]);

/// Actions on a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum StoreAction {
    /// Take orders again.
    Open,
    /// Take no orders for the time being.
    Pause,
    /// Take no orders any more.
    Close,
}

/// A store. Nothing waits in these states and no money is in them, so they have no deadlines.
pub const STORE: Machine<StoreState, StoreAction> = Machine::new(&[
    (StoreState::Open, StoreAction::Pause, StoreState::Paused),
    (StoreState::Open, StoreAction::Close, StoreState::Closed),
    (StoreState::Paused, StoreAction::Open, StoreState::Open),
    (StoreState::Paused, StoreAction::Close, StoreState::Closed),
]);

/// How long a sub-order can stay in a state, by its terms; none for states that have no window of
/// their own: a dispute has its own deadlines, shipping the rest has those of the acceptance.
pub fn window_ms(terms: &Terms, state: SubOrderState) -> Option<u64> {
    match state {
        SubOrderState::Placed => Some(terms.accept_window_ms),
        SubOrderState::Accepted => Some(terms.ship_window_ms),
        SubOrderState::Shipped => Some(terms.delivery_window_ms),
        SubOrderState::Delivered | SubOrderState::ReturnDeclined => {
            Some(terms.inspection_window_ms)
        }
        SubOrderState::ReturnRequested => Some(terms.return_approval_window_ms),
        SubOrderState::ReturnApproved => Some(terms.return_shipping_window_ms),
        SubOrderState::ReturnShipped => Some(terms.return_receipt_window_ms),
        _ => None,
    }
}

impl ListingAction {
    /// The action that leads to a state; none for `draft`, to which nothing leads.
    pub const fn toward(target: ListingState) -> Option<Self> {
        match target {
            ListingState::Listed => Some(Self::List),
            ListingState::Withdrawn => Some(Self::Withdraw),
            ListingState::Retired => Some(Self::Retire),
            ListingState::Draft => None,
        }
    }
}

impl StoreAction {
    /// The action that leads to a state.
    pub const fn toward(target: StoreState) -> Self {
        match target {
            StoreState::Open => Self::Open,
            StoreState::Paused => Self::Pause,
            StoreState::Closed => Self::Close,
        }
    }
}
