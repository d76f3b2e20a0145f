//! Usage limits: setting and removing them, and counting each usage within its time window.

use alloc::string::String;

use ehb_contract::common::{Party, Period};
use ehb_contract::{Address, Host, Window};

use super::books::OpenBook;
use super::programme_records::programme;
use super::{TREASURER, acts_for};
use crate::bindings::ehb::credit::events::{AccountLimit, Event};
use crate::bindings::ehb::credit::types::{
    Error, Limit, LimitExcess, LimitSetter, LimitState, Measure, Programme,
};
use crate::checks::{self, LIMITS_PER_SIDE_MAX};
use crate::keys::Book;

/// The amounts that a usage adds to limits.
#[derive(Clone, Copy)]
pub(super) struct Measured<'a> {
    pub(super) service: &'a str,
    /// How much of it.
    pub(super) quantity: u64,
    /// Its cost.
    pub(super) credits: u64,
    /// How many usages.
    pub(super) usages: u64,
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
    let lifts = |side| side == set_by || (side == LimitSetter::Account && host.caller() == account);
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
fn side(host: &Host, programme: &Programme, account: Address) -> Result<LimitSetter, Error> {
    if acts_for(host, programme.issuer, TREASURER) {
        Ok(LimitSetter::Issuer)
    } else if acts_for(host, account, TREASURER) {
        let is_treasurer = host.has_role(host.caller(), TREASURER);
        Ok(if is_treasurer { LimitSetter::Treasurer } else { LimitSetter::Account })
    } else {
        Err(Error::WrongParty(Party::member(account, TREASURER)))
    }
}

impl Book {
    /// Sets a limit, or the maximum of the same one.
    pub(super) fn set_limit(
        &mut self,
        limit: Limit,
        set_by: LimitSetter,
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
        self.limits.push(LimitState::new(limit, set_by, now_ms));
        Ok(())
    }

    /// Counts a usage, unless that passes a limit.
    pub(super) fn count(&mut self, now_ms: u64, usage: Measured<'_>) -> Result<(), Error> {
        for state in &mut self.limits {
            let added = state.limit.measured(usage);
            state.turn(now_ms);
            let counted = state.total();
            if added > 0 && counted.checked_add(added).is_none_or(|sum| sum > state.limit.max) {
                let (limit, resets_ms) = (state.limit.clone(), state.slot(now_ms).end_ms);
                return Err(Error::LimitReached(LimitExcess { limit, counted, added, resets_ms }));
            }
            state.counted += added;
        }
        Ok(())
    }

    /// Takes back what a usage at `at_ms` was counted for, where that still counts.
    pub(super) fn uncount(&mut self, at_ms: u64, usage: Measured<'_>) {
        for state in &mut self.limits {
            let unused = state.limit.measured(usage);
            state.uncount(at_ms, unused);
        }
    }
}

impl LimitState {
    /// A limit that has counted nothing.
    pub(crate) fn new(limit: Limit, set_by: LimitSetter, now_ms: u64) -> Self {
        let (counted, counted_before, counted_earlier) = (0, 0, 0);
        let new = Self {
            limit,
            set_by,
            since_ms: now_ms,
            window_start_ms: 0,
            counted,
            counted_before,
            counted_earlier,
        };
        Self { window_start_ms: new.slot(now_ms).start_ms, ..new }
    }

    /// Whether it is this side's limit of the same service, measure and period.
    fn is(&self, limit: &Limit, set_by: LimitSetter) -> bool {
        let Limit { service, measure, period, max: _ } = &self.limit;
        self.set_by == set_by
            && *service == limit.service
            && *measure == limit.measure
            && *period == limit.period
    }

    /// The window in which it counts at a time: a calendar's, or a half of its span.
    pub(crate) fn slot(&self, time_ms: u64) -> Window {
        match self.limit.period {
            Period::Span(span_ms) => Period::Span(span_ms.div_ceil(2)).window(time_ms),
            calendar => calendar.window(time_ms),
        }
    }

    /// The sum that counts. Three halves contain every span that ends in the latest one.
    fn total(&self) -> u64 {
        self.counted.saturating_add(self.counted_before).saturating_add(self.counted_earlier)
    }

    /// Begins the window of a time, unless it has begun.
    pub(crate) fn turn(&mut self, now_ms: u64) {
        let (latest, now) = (self.slot(self.window_start_ms), self.slot(now_ms));
        let (before, earlier) = match (now.number.saturating_sub(latest.number), self.limit.period)
        {
            (0, _) => return,
            (1, Period::Span(_)) => (self.counted, self.counted_before),
            (2, Period::Span(_)) => (0, self.counted),
            _ => (0, 0),
        };
        (self.counted, self.counted_before, self.counted_earlier) = (0, before, earlier);
        self.window_start_ms = now.start_ms;
    }

    /// Takes back what was counted at a time. A limit that was set later in the same block did not count it.
    pub(crate) fn uncount(&mut self, at_ms: u64, unused: u64) {
        if at_ms < self.since_ms {
            return;
        }
        let counted_in = self.slot(at_ms).number;
        let count = match (
            self.slot(self.window_start_ms).number.checked_sub(counted_in),
            self.limit.period,
        ) {
            (Some(0), _) => &mut self.counted,
            (Some(1), Period::Span(_)) => &mut self.counted_before,
            (Some(2), Period::Span(_)) => &mut self.counted_earlier,
            _ => return,
        };
        *count = count.saturating_sub(unused);
    }
}

impl Limit {
    /// The amount that a usage adds.
    fn measured(&self, usage: Measured<'_>) -> u64 {
        if self.service.as_ref().is_some_and(|service: &String| service != usage.service) {
            return 0;
        }
        match self.measure {
            Measure::Credits => usage.credits,
            Measure::Quantity => usage.quantity,
            Measure::Usages => usage.usages,
        }
    }
}
