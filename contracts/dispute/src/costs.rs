//! Costs of arbiters: the deposits of the parties, the share that each bears, and the payments from each deposit.

use alloc::vec::Vec;

use ehb_contract::Address;
use ehb_contract::checks::BASIS_POINTS;

use crate::sides::{other, split};
use crate::types::{Deposit, Dispute, Side, State};

/// The rulings that can follow a request: the first, and one on an appeal.
const RULINGS_MAX: u64 = 2;

/// The settlement of a deposit when its dispute has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The hold.
    pub hold: u64,
    /// When it expires: then it went back, or goes back whole.
    pub hold_expires_ms: u64,
    /// The arbiters that are paid from it, and how much.
    pub paid: Vec<(Address, u64)>,
    /// The amount that goes back to the party that deposited it.
    pub back: u64,
}

/// Defines the functions with which a module sets the deposits of parties aside, and pays from them: of its error, its
/// functions that call the wallet, and the wallet's error.
#[macro_export]
macro_rules! deposits {
    ($error:ident, $wallet:ident, $wallet_error:ident) => {
        /// Sets a deposit for arbiters aside, of what the transaction's sender has.
        fn set_aside(
            host: &mut ::ehb_contract::Host,
            asset: ::alloc::string::String,
            amount: u64,
        ) -> Result<$crate::Set, $error> {
            let hold_ms = ::ehb_contract::calendar::HOLD_MS_MAX;
            let hold_expires_ms = host.time_ms().saturating_add(hold_ms);
            let purpose = ::alloc::string::String::from("fees of arbiters");
            let hold =
                $wallet::place_hold(host, asset, amount, None, None, hold_expires_ms, purpose)?;
            Ok($crate::Set { hold, hold_expires_ms })
        }

        /// Pays the arbiters of a dispute that has ended from its deposits, and returns the rest.
        fn settle_deposits(
            host: &mut ::ehb_contract::Host,
            dispute: &$crate::types::Dispute,
        ) -> Result<(), $error> {
            for settlement in $crate::settlements(dispute) {
                let hold = settlement.hold;
                if host.time_ms() >= settlement.hold_expires_ms {
                    match $wallet::expire_hold(host, hold) {
                        // Anyone may have expired it before.
                        Ok(()) | Err($wallet_error::WrongState(_)) => continue,
                        Err(error) => return Err(error.into()),
                    }
                }
                for (arbiter, amount) in settlement.paid {
                    $wallet::pay_out(host, hold, arbiter, amount)?;
                }
                if settlement.back > 0 {
                    $wallet::release_hold(host, hold)?;
                }
            }
            Ok(())
        }
    };
}

/// The settlements of the deposits of a dispute that has ended: each side's pays what the side bears, first the arbiter
/// that ruled first; the rest goes back. Where there is no outcome, since the amount in dispute is gone, all does.
pub fn settlements(dispute: &Dispute) -> Vec<Settlement> {
    let bears = |side: Side| match (dispute.outcome, side) {
        (None, _) => 0,
        (Some(outcome), Side::Payer) => outcome.payer_costs,
        (Some(outcome), Side::Payee) => outcome.payee_costs,
    };
    let fee = fee(dispute);
    let arbiters = dispute.rulings.iter().filter_map(|ruling| ruling.arbiter);
    let mut due: Vec<(Address, u64)> = arbiters.map(|arbiter| (arbiter, fee)).collect();
    let mut settlements = Vec::with_capacity(dispute.deposits.len());
    for deposit in &dispute.deposits {
        let Deposit { hold, hold_expires_ms, amount, .. } = *deposit;
        let (mut left, mut paid) = (bears(deposit.by).min(amount), Vec::new());
        let back = amount - left;
        for (arbiter, due) in &mut due {
            let part = left.min(*due);
            if part > 0 {
                paid.push((*arbiter, part));
                (left, *due) = (left - part, *due - part);
            }
        }
        settlements.push(Settlement { hold, hold_expires_ms, paid, back });
    }
    settlements
}

/// The fee of an arbiter for a ruling.
pub(crate) fn fee(dispute: &Dispute) -> u64 {
    split(dispute.amount, dispute.terms.fee).to_payer
}

/// The amount that a side has to deposit now, for the rulings that can follow; 0 where it did before.
pub fn deposit_due(dispute: &Dispute, by: Side) -> u64 {
    if dispute.deposits.iter().any(|deposit| deposit.by == by) {
        return 0;
    }
    let rulings = if dispute.state == State::Ruled { 1 } else { RULINGS_MAX };
    fee(dispute) * rulings
}

/// The side that asks for something: for arbitration, or for what it claims.
pub(crate) fn asking(dispute: &Dispute) -> Side {
    dispute.deposits.first().map_or(dispute.claimant, |deposit| deposit.by)
}

/// The side that let a claim or a request go unanswered, which then became the ruling.
pub(crate) fn silent(dispute: &Dispute) -> Option<Side> {
    let unanswered = dispute.rulings.first().is_some_and(|ruling| ruling.arbiter.is_none());
    unanswered.then(|| other(asking(dispute)))
}

/// The part that a side last wanted the payer to get.
pub(crate) fn latest_of(dispute: &Dispute, side: Side) -> u16 {
    let latest = dispute.offers.iter().rev().find(|offer| offer.by == side);
    let nothing_said = match side {
        Side::Payer => BASIS_POINTS,
        Side::Payee => 0,
    };
    latest.map_or(nothing_said, |offer| offer.to_payer)
}

/// The shares of payer and payee of the fees of a number of rulings, where the last awards the payer a part: in
/// proportion to what each lost of the difference between their latest offers.
pub(crate) fn shares(dispute: &Dispute, rulings: u64, to_payer: u16) -> (u64, u64) {
    let total = fee(dispute) * rulings;
    // Who was silent and appeals is heard at its own cost.
    let silent = dispute.appeal.as_ref().map(|appeal| appeal.by);
    let silent = silent.filter(|_| dispute.rulings.first().is_some_and(|it| it.arbiter.is_none()));
    let first = match silent {
        Some(Side::Payer) => total,
        Some(Side::Payee) => 0,
        None => {
            let (wanted, offered) =
                (latest_of(dispute, Side::Payer), latest_of(dispute, Side::Payee));
            let lost = wanted.saturating_sub(to_payer.max(offered));
            // Offers that meet leave nothing to lose: both bear one half.
            let (lost, all) = if wanted > offered { (lost, wanted - offered) } else { (1, 2) };
            let first = u128::from(total) * u128::from(lost) / u128::from(all);
            // At most the total, so it fits.
            u64::try_from(first).unwrap_or(total)
        }
    };
    (first, total - first)
}
