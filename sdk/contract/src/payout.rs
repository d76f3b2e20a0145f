//! Where an organisation's money goes: a change takes effect after a notice, in which it can be cancelled.

use crate::common::{PayoutChange, Refusal};
use crate::parties::check_active;
use crate::{Address, Host};

/// The notice of a change, in the chain's shortest windows: a day by default.
const NOTICE_WINDOWS: u64 = 24;

/// How long before a change takes effect, milliseconds.
pub fn notice_ms(host: &Host) -> u64 {
    host.window_min_ms().saturating_mul(NOTICE_WINDOWS)
}

/// A change to another account that is announced now. Until it takes effect, money goes where it went before.
///
/// # Errors
/// `inactive-account`.
pub fn announce(host: &Host, account: Address) -> Result<PayoutChange, Refusal> {
    check_active(host, account)?;
    let effective_ms = host.time_ms().saturating_add(notice_ms(host));
    Ok(PayoutChange { account, effective_ms })
}

/// Gives up the change that was announced.
///
/// # Errors
/// `no-change-announced`.
pub fn cancel(next: &mut Option<PayoutChange>) -> Result<(), Refusal> {
    next.take().map(|_| ()).ok_or(Refusal::NoChangeAnnounced)
}

/// Enters the change that waits, where its time has come. A module does so whenever it reads the record that has
/// both, so no money goes to an account whose time is over.
pub fn turn(account: &mut Address, next: &mut Option<PayoutChange>, now_ms: u64) {
    if let Some(change) = next.take_if(|change| change.effective_ms <= now_ms) {
        *account = change.account;
    }
}

#[cfg(test)]
mod tests {
    use super::{announce, cancel, notice_ms, turn};
    use crate::calendar::{DAY_MS, HOUR_MS};
    use crate::common::Refusal;
    use crate::{Address, Host};

    #[test]
    fn a_change_takes_effect_after_its_notice() {
        let [till, bank] = [1, 2].map(|byte| Address::from_bytes(&[byte; 32]));
        let mut host = Host::new();
        host.set_window_min_ms(HOUR_MS);
        host.set_block(1, 1_000);
        assert_eq!(notice_ms(&host), DAY_MS);
        assert_eq!(announce(&host, bank), Err(Refusal::InactiveAccount(bank)));
        host.register(bank, "acme");
        let (mut account, mut next) = (till, Some(announce(&host, bank).unwrap()));
        turn(&mut account, &mut next, 999 + DAY_MS);
        assert_eq!((account, next.is_some()), (till, true));
        turn(&mut account, &mut next, 1_000 + DAY_MS);
        assert_eq!((account, &next), (bank, &None));
        assert_eq!(cancel(&mut next), Err(Refusal::NoChangeAnnounced));
        next = Some(announce(&host, bank).unwrap());
        assert_eq!((cancel(&mut next), next), (Ok(()), None));
    }
}
