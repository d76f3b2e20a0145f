//! The two sides of a dispute, and an amount split between them.

use ehb_contract::checks::BASIS_POINTS;

use crate::types::{Side, Split};

/// An amount split by basis points: the payer's part is rounded down, the payee gets the
/// rest. Parts above [`BASIS_POINTS`] count as the whole.
pub fn split(amount: u64, to_payer: u16) -> Split {
    let whole = u128::from(BASIS_POINTS);
    let part = u128::from(amount) * u128::from(to_payer.min(BASIS_POINTS)) / whole;
    // At most the amount, so it fits.
    let to_payer = u64::try_from(part).unwrap_or(amount);
    Split { to_payer, to_payee: amount - to_payer }
}

/// The other side.
pub(crate) const fn other(side: Side) -> Side {
    match side {
        Side::Payer => Side::Payee,
        Side::Payee => Side::Payer,
    }
}
