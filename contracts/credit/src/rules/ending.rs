//! The end of a programme: its grants and lines end with it, a few in each step, so that nobody has to know them.

use ehb_contract::{Address, Host};

use super::{billing, closing};
use crate::bindings::ehb::credit::types::{Error, GrantState};
use crate::keys::{ENDING, GRANTS, GRANTS_OF, LINES, LINES_OF, Progress};
use crate::states::{CreditLineAction, LINE};

/// How many grants and lines one step ends: each can call the wallet twice.
const ENDED_PER_STEP: u32 = 4;

/// How many grants and lines one step looks at: most of an old programme's are over.
const SCANNED_PER_STEP: u32 = 32;

/// Notes that a programme's grants and lines are to be ended.
pub(super) fn begin(host: &mut Host, programme: u64) {
    ENDING.set(host, &programme, &Progress::default());
}

/// Ends a few of a closed programme's grants and lines; true when none is left, `None` where there was nothing to do.
pub(super) fn go_on(host: &mut Host, programme: u64) -> Result<Option<bool>, Error> {
    let Some(mut progress) = ENDING.get(host, &programme) else { return Ok(None) };
    let (mut ended, mut scanned) = (0, 0);
    loop {
        let next = next(host, programme, progress);
        let Some((account, id)) = next else {
            if progress.is_at_lines {
                ENDING.remove(host, &programme);
                return Ok(Some(true));
            }
            progress = Progress { is_at_lines: true, after: None };
            continue;
        };
        let is_ended =
            if progress.is_at_lines { end_line(host, id)? } else { end_grant(host, id)? };
        progress.after = Some((account, id));
        ended += u32::from(is_ended);
        scanned += 1;
        if ended == ENDED_PER_STEP || scanned == SCANNED_PER_STEP {
            ENDING.set(host, &programme, &progress);
            return Ok(Some(false));
        }
    }
}

/// The account and number of the next grant or line.
fn next(host: &Host, programme: u64, progress: Progress) -> Option<(Address, u64)> {
    let index = if progress.is_at_lines { &LINES_OF } else { &GRANTS_OF };
    let found = index.scan_under_first(host, &programme, progress.after.as_ref(), 1);
    found.first().map(|(place, ())| *place)
}

/// Ends a grant that is open. Others have deadlines or usages of their own.
fn end_grant(host: &mut Host, id: u64) -> Result<bool, Error> {
    let is_open = GRANTS.get(host, &id).is_some_and(|grant| grant.state == GrantState::Open);
    if is_open {
        closing::lapse(host, id)?;
    }
    Ok(is_open)
}

/// Ends a line that still runs. An offer expires by itself, as nobody can accept it.
fn end_line(host: &mut Host, id: u64) -> Result<bool, Error> {
    billing::catch_up(host, id);
    let running =
        LINES.get(host, &id).filter(|line| LINE.after(line.state, CreditLineAction::End).is_some());
    let is_running = running.is_some();
    if let Some(line) = running {
        billing::end(host, line)?;
    }
    Ok(is_running)
}
