//! Settings of the platform: its fee, the time windows of ratings, and the terms of disputes.

use ehb_contract::Host;
use ehb_contract::calendar::DAY_MS;
use ehb_dispute::types::{Arbiter, Terms, Windows};

use super::{ADMIN, check_active, check_role};
use crate::bindings::ehb::marketplace::errors::Error;
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::Settings;
use crate::checks;
use crate::keys::{SCHEMA, SETTINGS};

/// A week, milliseconds.
const WEEK_MS: u64 = 7 * DAY_MS;

/// The defaults until the platform sets its own.
const INITIAL: Settings = Settings {
    fee: 0,
    fee_account: None,
    rating_commit_window_ms: 2 * WEEK_MS,
    rating_reveal_window_ms: WEEK_MS,
    disputes: Terms {
        arbiter: Arbiter::Role,
        default_to_first: checks::BASIS_POINTS / 2,
        windows: Windows {
            response_ms: WEEK_MS,
            evidence_ms: 2 * WEEK_MS,
            offer_ms: WEEK_MS,
            ruling_ms: 2 * WEEK_MS,
            appeal_ms: WEEK_MS,
        },
    },
};

/// See `settings.set-settings`.
pub fn set_settings(host: &mut Host, settings: Settings) -> Result<(), Error> {
    check_role(host, &[ADMIN])?;
    checks::settings(host, &settings)?;
    if let Some(account) = settings.fee_account {
        check_active(host, account)?;
    }
    SCHEMA.mark(host);
    SETTINGS.set(host, &settings);
    host.emit(Event::SettingsChanged(settings));
    Ok(())
}

/// The current settings.
pub(super) fn current(host: &Host) -> Settings {
    SETTINGS.get(host).unwrap_or(INITIAL)
}
