//! Every amount that leaves an escrow goes through here.

use alloc::vec::Vec;

use ehb_contract::{Host, trap};

use super::{settings, share, store_records};
use crate::bindings::ehb::marketplace::events::{EscrowPayment, Event, LineRefund};
use crate::bindings::ehb::marketplace::types::{
    Error, EscrowShortfall, Line, SubOrder, SubOrderEscrow,
};
use crate::wallet;

/// The rest in escrow.
pub(super) fn left(escrow: &SubOrderEscrow) -> u64 {
    let SubOrderEscrow { funded, refunded, paid, fee } = escrow;
    let rest = funded.checked_sub(*refunded).and_then(|rest| rest.checked_sub(*paid));
    match rest.and_then(|rest| rest.checked_sub(*fee)) {
        Some(rest) => rest,
        None => trap("more left an escrow than was in it"),
    }
}

/// A line's price less its refunds.
pub(super) fn left_of_line(line: &Line) -> u64 {
    // The order's total held this product, so it fits.
    line.unit_price.saturating_mul(u64::from(line.ordered)).saturating_sub(line.refunded)
}

/// Notes a refund of a part of a line's price, by the store's goodwill, which [`pay_out`] then pays. It counts
/// evenly for all pieces of the line that the buyer still pays for.
pub(super) fn refund_goodwill(
    order: &mut SubOrder,
    place: usize,
    amount: u64,
) -> Result<LineRefund, Error> {
    let line = &mut order.lines[place];
    let (available, place) = (left_of_line(line), place as u32);
    if amount > available {
        let shortfall = EscrowShortfall { line: place, available, needed: amount };
        return Err(Error::InsufficientEscrow(shortfall));
    }
    line.refunded += amount;
    line.goodwill += amount;
    Ok(LineRefund { line: place, quantity: 0, amount, goodwill: line.goodwill })
}

/// The price of the pieces of a line that are not shipped, less the goodwill that was given for them.
pub(super) fn price_of_unshipped(line: &Line) -> u64 {
    price_of(line, line.reserved, line.reserved + line.shipped).0
}

/// The price of pieces of a line, of those that are paid for so far, less the goodwill that was given for them;
/// and that goodwill.
fn price_of(line: &Line, pieces: u32, paid_for: u32) -> (u64, u64) {
    let goodwill = u128::from(line.goodwill) * u128::from(pieces) / u128::from(paid_for.max(1));
    // Pieces are at most those that are paid for, so their goodwill is a part of all.
    let goodwill = u64::try_from(goodwill).unwrap_or(u64::MAX).min(line.goodwill);
    // The order's total held this product, so it fits.
    let price = line.unit_price.saturating_mul(u64::from(pieces)).saturating_sub(goodwill);
    (price.min(left_of_line(line)), goodwill)
}

/// Notes a refund for pieces of a line that the buyer does not get or gives back, which [`pay_out`] then pays:
/// their price, less the goodwill that was given for them before, less a fee in basis points.
///
/// - `paid_for`: the pieces of the line that the buyer paid for so far, among them these.
pub(super) fn refund_pieces(
    order: &mut SubOrder,
    place: usize,
    pieces: u32,
    paid_for: u32,
    fee: u16,
) -> LineRefund {
    let line = &mut order.lines[place];
    let (price, goodwill) = price_of(line, pieces, paid_for);
    let amount = price - share(price, fee);
    line.refunded += amount;
    line.goodwill -= goodwill;
    LineRefund { line: place as u32, quantity: pieces, amount, goodwill: line.goodwill }
}

/// Pays from the escrow: what was noted for lines and `to_buyer` to the buyer; `to_store` to the
/// store, less the platform's fee.
pub(super) fn pay_out(
    host: &mut Host,
    order: &mut SubOrder,
    lines: Vec<LineRefund>,
    to_buyer: u64,
    to_store: u64,
) -> Result<(), Error> {
    let for_lines: u64 = lines.iter().map(|refund| refund.amount).sum();
    let refunded = for_lines + to_buyer;
    if refunded + to_store > left(&order.escrow) {
        trap("an escrow pays more than it holds");
    }
    let (paid, fee) = pay_store(host, order, to_store)?;
    if refunded > 0 {
        // To the owner of the money, which on an allowance is not the buyer.
        wallet::pay_back(host, order.hold, refunded)?;
    }
    note(host, order, EscrowPayment { sub_order: order.id, refunded, paid, fee, lines });
    Ok(())
}

/// Pays the store and the platform. A platform that takes no fee any more has no account for it: the
/// store then gets all.
fn pay_store(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(u64, u64), Error> {
    if amount == 0 {
        return Ok((0, 0));
    }
    let fee = share(amount, order.fee);
    let account = if fee > 0 { settings::current(host)?.fee_account } else { None };
    let fee = account.map_or(0, |_| fee);
    if amount > fee {
        let payout_account = store_records::find(host, order.store)?.payout_account;
        wallet::pay_out(host, order.hold, payout_account, amount - fee)?;
    }
    if let Some(account) = account {
        wallet::pay_out(host, order.hold, account, fee)?;
    }
    Ok((amount - fee, fee))
}

/// Records the amounts that left the escrow, and emits them.
pub(super) fn note(host: &mut Host, order: &mut SubOrder, payment: EscrowPayment) {
    order.escrow.refunded += payment.refunded;
    order.escrow.paid += payment.paid;
    order.escrow.fee += payment.fee;
    if payment.refunded + payment.paid + payment.fee > 0 {
        host.emit(Event::EscrowPaid(payment));
    }
}

/// Returns all that is left to the buyer.
pub(super) fn refund_all(host: &mut Host, order: &mut SubOrder) -> Result<(), Error> {
    let rest = left(&order.escrow);
    pay_out(host, order, Vec::new(), rest, 0)
}

/// Pays all that is left to the store.
pub(super) fn pay_all(host: &mut Host, order: &mut SubOrder) -> Result<(), Error> {
    let rest = left(&order.escrow);
    pay_out(host, order, Vec::new(), 0, rest)
}
