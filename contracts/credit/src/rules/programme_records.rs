//! Programmes as they are stored, and as they are at the time of a block.

use ehb_contract::{Host, payout};

use crate::bindings::ehb::credit::types::{Error, Programme, ProgrammeState};
use crate::keys::{Kind, PROGRAMMES};
use crate::states::{PROGRAMME, ProgrammeAction};

/// A programme, with the payout account at the block's time.
pub(super) fn programme(host: &Host, id: u64) -> Result<Programme, Error> {
    let mut programme = PROGRAMMES.find(host, Kind::Programme, id)?;
    programme.turn(host.time_ms());
    Ok(programme)
}

impl Programme {
    /// Refuses what the programme's state does not allow. A closing programme whose time has come is
    /// closed, whether somebody has advanced it or not.
    pub(super) fn check(&self, host: &Host, action: ProgrammeAction) -> Result<(), Error> {
        let over = self.is_over(host.time_ms());
        let state = if over { ProgrammeState::Closed } else { self.state };
        PROGRAMME.next(|| Kind::Programme.item(self.id), state, action)?;
        Ok(())
    }

    /// Enters the change of its payout account, where its time has come.
    pub(crate) fn turn(&mut self, now_ms: u64) {
        payout::turn(&mut self.payout_account, &mut self.payout_change, now_ms);
    }

    /// Whether its end has come.
    pub(super) fn is_over(&self, now_ms: u64) -> bool {
        self.state == ProgrammeState::Closed || self.closes_ms.is_some_and(|end| end <= now_ms)
    }
}
