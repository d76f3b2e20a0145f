//! Settings of the platform: its fee, the time windows of ratings, and the terms of disputes.

use alloc::string::String;

use ehb_contract::calendar::DAY_MS;
use ehb_contract::common::TermsVersion;
use ehb_contract::parties::{PLATFORM_ADMIN, check_active, check_role};
use ehb_contract::{Host, ratings};
use ehb_dispute::types::{Arbiter, Terms, Windows};

use crate::bindings::ehb::marketplace::events::{Event, SettingsChange};
use crate::bindings::ehb::marketplace::types::{Error, NextSettings, Settings, SettingsStatus};
use crate::checks;
use crate::keys::{Kind, RATING_MINIMUMS, SCHEMA, SETTINGS, SETTINGS_VERSIONS, SettingsVersions};

/// A week, milliseconds.
const WEEK_MS: u64 = 7 * DAY_MS;

/// The defaults until the platform sets its own.
const INITIAL: Settings = Settings {
    fee: 0,
    fee_account: None,
    rating_commit_window_ms: 2 * WEEK_MS,
    rating_reveal_window_ms: WEEK_MS,
    disputes: Terms {
        arbiter: Arbiter::Registered,
        fee: 100,
        default_to_payer: checks::BASIS_POINTS / 2,
        windows: Windows {
            response_ms: WEEK_MS,
            evidence_ms: 2 * WEEK_MS,
            offer_ms: WEEK_MS,
            ruling_ms: 2 * WEEK_MS,
            appeal_ms: WEEK_MS,
        },
    },
    notice_ms: 0,
};

/// See `settings.set-settings`.
pub fn set_settings(host: &mut Host, settings: Settings) -> Result<(), Error> {
    check_role(host, &[PLATFORM_ADMIN])?;
    checks::settings(host, &settings)?;
    if let Some(account) = settings.fee_account {
        check_active(host, account)?;
    }
    SCHEMA.mark(host);
    let stored = SETTINGS_VERSIONS.get(host).unwrap_or_default();
    let (in_force, now_ms) = (stored.at(host.time_ms()), host.time_ms());
    let version = stored.next.map_or(stored.version, |(next, _)| next) + 1;
    // Nobody relies on the settings that the platform never set.
    let notice_ms = if in_force == 0 { 0 } else { of_version(host, in_force)?.notice_ms };
    let effective_ms = now_ms.saturating_add(notice_ms);
    let versions = match notice_ms {
        0 => SettingsVersions { version, next: None },
        _ => SettingsVersions { version: in_force, next: Some((version, effective_ms)) },
    };
    SETTINGS_VERSIONS.set(host, &versions);
    SETTINGS.set(host, &version, &settings);
    let in_force = versions.version;
    host.emit(Event::SettingsChanged(SettingsChange { version, settings, effective_ms, in_force }));
    Ok(())
}

/// See `settings.set-rating-minimum`.
pub fn set_rating_minimum(
    host: &mut Host,
    asset: String,
    paid_min: Option<u64>,
) -> Result<(), Error> {
    ratings::check_minimum(host, &asset, paid_min)?;
    SCHEMA.mark(host);
    let minimum = ratings::set_minimum(&RATING_MINIMUMS, host, asset, paid_min);
    host.emit(Event::RatingMinimumSet(minimum));
    Ok(())
}

/// The settings of a version.
pub(super) fn of_version(host: &Host, version: u32) -> Result<Settings, Error> {
    if version == 0 {
        return Ok(INITIAL);
    }
    let settings = SETTINGS.get(host, &version);
    settings.ok_or_else(|| Kind::Settings.unknown(u64::from(version)).into())
}

/// The settings in force, and those that follow.
pub(super) fn status(host: &Host) -> Result<SettingsStatus, Error> {
    let stored = SETTINGS_VERSIONS.get(host).unwrap_or_default();
    let version = stored.at(host.time_ms());
    let next = match stored.next.filter(|(next, _)| *next != version) {
        Some((version, effective_ms)) => {
            Some(NextSettings { version, settings: of_version(host, version)?, effective_ms })
        }
        None => None,
    };
    Ok(SettingsStatus { version, settings: of_version(host, version)?, next })
}

/// The current settings.
pub(super) fn current(host: &Host) -> Result<Settings, Error> {
    of_version(host, SETTINGS_VERSIONS.get(host).unwrap_or_default().at(host.time_ms()))
}

/// The settings of a version, which must be the one in force.
pub(super) fn check_in_force(host: &Host, version: u32) -> Result<Settings, Error> {
    let in_force = SETTINGS_VERSIONS.get(host).unwrap_or_default().at(host.time_ms());
    if version == in_force {
        of_version(host, version)
    } else {
        let of = Kind::Settings.item(0);
        Err(Error::StaleTerms(TermsVersion { of, version: in_force }))
    }
}
