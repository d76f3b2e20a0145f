//! Credit lines as they are stored: reading, writing with their deadlines, and what a line by itself says.

use ehb_contract::Host;

use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{CreditLine, CreditLineState, Error};
use crate::checks::KEPT_MS;
use crate::keys::{DEADLINES, Kind, LATEST_LINE, LINES};
use crate::states::{CreditLineAction, LINE};

pub(super) fn line(host: &Host, id: u64) -> Result<CreditLine, Error> {
    Ok(LINES.find_kept(host, Kind::CreditLine, id, |host| LATEST_LINE.get(host))?)
}

impl CreditLine {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: CreditLineAction) -> Result<(), Error> {
        self.state = LINE.next(|| Kind::CreditLine.item(self.id), self.state, action)?;
        match action {
            CreditLineAction::Suspend => self.suspended = true,
            CreditLineAction::Resume => self.suspended = false,
            _ => {}
        }
        Ok(())
    }

    /// When something happens to it that anyone may bring about.
    pub(crate) fn deadline(&self) -> Option<u64> {
        match self.state {
            CreditLineState::Offered => Some(self.offer_expires_ms),
            CreditLineState::Active | CreditLineState::Suspended => {
                [self.due_ms, self.cycle_ends_ms, self.ends_ms].into_iter().flatten().min()
            }
            CreditLineState::Closing => {
                [self.due_ms, self.cycle_ends_ms].into_iter().flatten().min()
            }
            CreditLineState::Delinquent => {
                self.due_ms.map(|due_ms| due_ms + self.terms.grace_period_ms)
            }
            CreditLineState::Declined
            | CreditLineState::Withdrawn
            | CreditLineState::Expired
            | CreditLineState::Closed
            | CreditLineState::WrittenOff => None,
        }
    }

    /// When anyone may advance it: to its next state, or out of the module's state.
    pub(crate) fn due_at(&self) -> Option<u64> {
        self.deadline().or_else(|| self.ended_ms.map(|ended_ms| ended_ms + KEPT_MS))
    }

    /// Credits that can be drawn.
    pub(super) fn free(&self) -> u64 {
        match LINE.after(self.state, CreditLineAction::Draw) {
            Some(_) => self.terms.limit - (self.held + self.unbilled + self.billed),
            None => 0,
        }
    }
}

/// Takes a transition that changes nothing else.
pub(super) fn step_to(
    host: &mut Host,
    before: CreditLine,
    action: CreditLineAction,
    event: fn(CreditLine) -> Event,
) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(action)?;
    if LINE.is_end(line.state) {
        line.ended_ms = Some(host.time_ms());
    }
    changed(host, &before, line, event);
    Ok(())
}

/// Writes a line and emits it.
pub(super) fn changed(
    host: &mut Host,
    before: &CreditLine,
    line: CreditLine,
    event: fn(CreditLine) -> Event,
) {
    save(host, Some(before), &line);
    host.emit(event(line));
}

/// Writes a line and moves its deadline.
pub(super) fn save(host: &mut Host, before: Option<&CreditLine>, line: &CreditLine) {
    let (old, new) = (before.and_then(CreditLine::due_at), line.due_at());
    DEADLINES.change(host, Kind::CreditLine, line.id, old, new);
    LINES.set(host, &line.id, line);
}
