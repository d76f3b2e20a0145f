//! What the entries of the state hold, where the WIT does not say it.

use alloc::vec::Vec;

use ehb_contract::{Address, pack_record, pack_variant};

use crate::bindings::ehb::wallet::types::{
    Allowance, Asset, AssetKind, AssetTerms, Freeze, Hold, PaymentState, PendingPayment, Policy,
    PolicyChange, Request, RequestState, SupplyPolicy, TransferLine,
};

/// What was issued and redeemed of an asset, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// All that was ever minted.
    pub issued: u64,
    /// All that was ever burned; at most `issued`.
    pub redeemed: u64,
}

/// A balance, in base units. All balances of an asset together are what is in circulation, so their
/// sums fit.
///
/// What every payment has to know lies here, so that it reads nothing else: whether anything binds
/// the balance, and the month's books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What the account can spend.
    pub available: u64,
    /// What its open holds and pending payments have set aside.
    pub held: u64,
    /// [`FROZEN`] and [`LIMITED`]: where one is set, another entry says more.
    pub flags: u8,
    /// The month in which something was credited or debited last, YYYYMM; 0 before the first time.
    pub month: u32,
    /// The books of that month, whose closing balance is what the account owns now.
    pub opening: u64,
    /// How many credits and debits there were in that month.
    pub entries: u64,
}

/// The flag of a balance that the issuer froze; the freeze can be over.
pub const FROZEN: u8 = 1;

/// The flag of a balance that a policy binds.
pub const LIMITED: u8 = 2;

impl Parts {
    /// All that the account owns. It is at most what circulates.
    pub fn owned(&self) -> u64 {
        self.available.saturating_add(self.held)
    }
}

/// The books of a month that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// What the account owned when the month began.
    pub opening: u64,
    /// What it owned when the month ended.
    pub closing: u64,
    /// How many credits and debits there were.
    pub entries: u64,
}

/// An account's policies for an asset, and what they counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// The policy in force; none when it was lifted.
    pub policy: Option<Policy>,
    /// How many there were, with those that lifted one.
    pub version: u64,
    /// The change that waits; one whose time has come may not have been entered yet.
    pub next: Option<PolicyChange>,
    /// The day of which `spent` counts, days since 1970.
    pub day: u64,
    /// What left on that day.
    pub spent: u64,
}

impl Rulebook {
    /// Enters the change that waited, where its time has come, and begins the day's count.
    pub fn turn(&mut self, now_ms: u64) {
        if let Some(next) = self.next.take_if(|next| next.effective_ms <= now_ms) {
            self.policy = next.policy;
            self.version += 1;
        }
        let day = ehb_contract::calendar::day(now_ms);
        if self.day != day {
            (self.day, self.spent) = (day, 0);
        }
    }

    /// The approvers of the policy in force.
    pub fn approvers(&self) -> Vec<Address> {
        self.policy.as_ref().map(|policy| policy.approvers.clone()).unwrap_or_default()
    }
}

pack_record!(Issued { issued, redeemed });
pack_record!(Parts { available, held, flags, month, opening, entries });
pack_record!(Books { opening, closing, entries });
pack_record!(Rulebook { policy, version, next, day, spent });
pack_variant!(AssetKind { 0: Issued, 1: Native });
pack_variant!(SupplyPolicy { 0: Unlimited, 1: Capped(cap), 2: Closed });
pack_record!(AssetTerms { kind, supply, freezable });
pack_record!(Asset { id, name, precision, issuer, terms });
pack_record!(Freeze { account, asset, until_ms, reason });
pack_record!(Policy { daily_limit, payees, approval_above, approvers, approvals, notice_ms });
pack_record!(PolicyChange { policy, effective_ms });
pack_record!(Hold {
    id,
    payer,
    controller,
    payee,
    asset,
    amount,
    remaining,
    expires_ms,
    reference,
});
pack_record!(Allowance {
    id,
    owner,
    spender,
    asset,
    limit,
    period_ms,
    spent,
    period_start_ms,
    granted_ms,
    expires_ms,
    payees,
    reference,
});
pack_variant!(PaymentState { 0: Pending, 1: Paid, 2: Rejected, 3: Cancelled, 4: Expired });
pack_record!(PendingPayment {
    id,
    state,
    payer,
    to,
    asset,
    amount,
    reference,
    request,
    approvers,
    approved_by,
    policy_version,
    expires_ms,
});
pack_variant!(RequestState {
    0: Open,
    1: PartlyPaid,
    2: Paid,
    3: Cancelled,
    4: Declined,
    5: Expired,
});
pack_record!(Request {
    id,
    state,
    payee,
    payer,
    asset,
    amount,
    paid,
    parts,
    due_ms,
    reference,
    document,
});
pack_record!(TransferLine { to, asset, amount, reference });
