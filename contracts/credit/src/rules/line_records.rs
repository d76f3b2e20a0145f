//! Credit lines as they are stored: reading, writing with their deadlines, and what a line by itself says.

use ehb_contract::Host;

use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, Line, LineState};
use crate::keys::{DEADLINES, Kind, LINES};
use crate::states::{LINE, LineAction};

/// A line.
pub(super) fn line(host: &Host, id: u64) -> Result<Line, Error> {
    Ok(LINES.find(host, Kind::Line, id)?)
}

impl Line {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: LineAction) -> Result<(), Error> {
        self.state = LINE.next(|| Kind::Line.item(self.id), self.state, action)?;
        match action {
            LineAction::Suspend => self.suspended = true,
            LineAction::Resume => self.suspended = false,
            _ => {}
        }
        Ok(())
    }

    /// When something happens to it that anyone may bring about.
    pub(crate) fn deadline(&self) -> Option<u64> {
        match self.state {
            LineState::Offered => Some(self.offer_expires_ms),
            LineState::Active | LineState::Suspended => {
                [self.due_ms, self.cycle_ends_ms, self.ends_ms].into_iter().flatten().min()
            }
            LineState::Closing => [self.due_ms, self.cycle_ends_ms].into_iter().flatten().min(),
            LineState::Delinquent => self.due_ms.map(|due_ms| due_ms + self.terms.grace_period_ms),
            LineState::Declined
            | LineState::Withdrawn
            | LineState::Expired
            | LineState::Closed
            | LineState::WrittenOff => None,
        }
    }

    /// Credits that can be drawn.
    pub(super) fn free(&self) -> u64 {
        match LINE.after(self.state, LineAction::Draw) {
            Some(_) => self.terms.limit - (self.held + self.unbilled + self.billed),
            None => 0,
        }
    }
}

/// Takes a transition that changes nothing else.
pub(super) fn step_to(
    host: &mut Host,
    before: Line,
    action: LineAction,
    event: fn(Line) -> Event,
) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(action)?;
    changed(host, &before, line, event);
    Ok(())
}

/// Writes a line and emits it.
pub(super) fn changed(host: &mut Host, before: &Line, line: Line, event: fn(Line) -> Event) {
    save(host, Some(before), &line);
    host.emit(event(line));
}

/// Writes a line and moves its deadline.
pub(super) fn save(host: &mut Host, before: Option<&Line>, line: &Line) {
    let (old, new) = (before.and_then(Line::deadline), line.deadline());
    DEADLINES.change(host, Kind::Line, line.id, old, new);
    LINES.set(host, &line.id, line);
}
