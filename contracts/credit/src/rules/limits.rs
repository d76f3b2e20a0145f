//! Usage limits: setting and removing them, and counting each usage within its time window.

use alloc::string::String;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host};

use super::books::OpenBook;
use super::programmes::programme;
use super::{TREASURER, acts_for};
use crate::bindings::ehb::credit::events::{AccountLimit, Event};
use crate::bindings::ehb::credit::types::{
    Error, Excess, Limit, LimitState, Measure, Programme, Side,
};
use crate::checks::{self, LIMITS_PER_SIDE_MAX};
use crate::keys::Book;

/// The amounts that a usage adds to limits.
#[derive(Clone, Copy)]
pub(super) struct Measured<'a> {
    /// The item.
    pub(super) item: &'a str,
    /// How much of it.
    pub(super) quantity: u64,
    /// Its cost.
    pub(super) credits: u64,
    /// How many usages.
    pub(super) uses: u64,
}

/// See `limits.set-limit`.
pub fn set_limit(
    host: &mut Host,
    programme: u64,
    account: Address,
    limit: Limit,
) -> Result<(), Error> {
    checks::limit(&limit)?;
    let programme = self::programme(host, programme)?;
    let set_by = side(host, &programme, account)?;
    let at_ms = host.time_ms();
    let mut open = OpenBook::open(host, &programme, account)?;
    open.book.set_limit(limit.clone(), set_by, at_ms)?;
    open.save(host);
    let programme = programme.id;
    host.emit(Event::LimitSet(AccountLimit { programme, account, set_by, limit, at_ms }));
    Ok(())
}

/// See `limits.remove-limit`.
pub fn remove_limit(
    host: &mut Host,
    programme: u64,
    account: Address,
    limit: Limit,
) -> Result<(), Error> {
    let programme = self::programme(host, programme)?;
    let set_by = side(host, &programme, account)?;
    let at_ms = host.time_ms();
    let mut open = OpenBook::open(host, &programme, account)?;
    let lifts = |side| side == set_by || (side == Side::Account && host.caller() == account);
    let mut limits = open.book.limits.iter();
    let place = limits.position(|known| lifts(known.set_by) && known.is(&limit, known.set_by));
    let removed = open.book.limits.remove(place.ok_or(Error::UnknownLimit)?);
    open.save(host);
    let (programme, set_by, limit) = (programme.id, removed.set_by, removed.limit);
    host.emit(Event::LimitRemoved(AccountLimit { programme, account, set_by, limit, at_ms }));
    Ok(())
}

/// The side for which the caller sets limits. A caller who could act for several acts for the issuer, and as
/// treasurer rather than for itself.
fn side(host: &Host, programme: &Programme, account: Address) -> Result<Side, Error> {
    if acts_for(host, programme.issuer, TREASURER) {
        Ok(Side::Issuer)
    } else if acts_for(host, account, TREASURER) {
        let is_treasurer = host.has_role(host.caller(), TREASURER);
        Ok(if is_treasurer { Side::Treasurer } else { Side::Account })
    } else {
        Err(Error::WrongParty(Party::member(account, TREASURER)))
    }
}

impl Book {
    /// Sets a limit, or the maximum of the same one.
    pub(super) fn set_limit(
        &mut self,
        limit: Limit,
        set_by: Side,
        now_ms: u64,
    ) -> Result<(), Error> {
        if let Some(known) = self.limits.iter_mut().find(|known| known.is(&limit, set_by)) {
            known.limit.max = limit.max;
            return Ok(());
        }
        let of_side = self.limits.iter().filter(|known| known.set_by == set_by).count();
        if of_side >= LIMITS_PER_SIDE_MAX {
            return Err(checks::too_many("limits", LIMITS_PER_SIDE_MAX));
        }
        let window_ms = window(now_ms, limit.period_ms);
        self.limits.push(LimitState { limit, set_by, since_ms: now_ms, window_ms, counted: 0 });
        Ok(())
    }

    /// Counts a usage, unless that passes a limit.
    pub(super) fn count(&mut self, now_ms: u64, usage: Measured<'_>) -> Result<(), Error> {
        for state in &mut self.limits {
            let added = state.limit.measured(usage);
            let window_ms = window(now_ms, state.limit.period_ms);
            let counted = if window_ms == state.window_ms { state.counted } else { 0 };
            match counted.checked_add(added) {
                Some(sum) if sum <= state.limit.max || added == 0 => {
                    state.counted = sum;
                    state.window_ms = window_ms;
                }
                _ => {
                    let limit = state.limit.clone();
                    let resets_ms = window_ms + limit.period_ms;
                    return Err(Error::LimitReached(Excess { limit, counted, added, resets_ms }));
                }
            }
        }
        Ok(())
    }

    /// Takes back what a usage at `at_ms` was counted for, where that window still runs.
    pub(super) fn uncount(&mut self, at_ms: u64, usage: Measured<'_>) {
        for state in &mut self.limits {
            let same_window = window(at_ms, state.limit.period_ms) == state.window_ms;
            if same_window && at_ms >= state.since_ms {
                // A limit set later in the same block did not count the usage.
                state.counted = state.counted.saturating_sub(state.limit.measured(usage));
            }
        }
    }
}

impl LimitState {
    /// Whether it is this side's limit of the same item, measure and period.
    fn is(&self, limit: &Limit, set_by: Side) -> bool {
        let Limit { item, measure, period_ms, max: _ } = &self.limit;
        self.set_by == set_by
            && *item == limit.item
            && *measure == limit.measure
            && *period_ms == limit.period_ms
    }
}

impl Limit {
    /// The amount that a usage adds.
    fn measured(&self, usage: Measured<'_>) -> u64 {
        if self.item.as_ref().is_some_and(|item: &String| item != usage.item) {
            return 0;
        }
        match self.measure {
            Measure::Credits => usage.credits,
            Measure::Quantity => usage.quantity,
            Measure::Uses => usage.uses,
        }
    }
}

/// The start of a time's window.
fn window(time_ms: u64, period_ms: u64) -> u64 {
    time_ms - time_ms % period_ms
}
