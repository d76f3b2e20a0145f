//! Bounds of windows and keys, and who may migrate.

use expect_test::expect;

use super::table::{check, scene};
use ehb_contract::calendar::DAY_MS;

use crate::checks::{
    AHEAD_MS_MAX, AUTHORISED_MS_MAX, CYCLE_DAYS_MAX, ESCROW_MS, GRACE_MS_MAX, GRANT_MS_MAX,
    OFFER_MS_MAX, TERM_MS_MAX,
};
use crate::keys::SCHEMA;
use crate::rules;

/// All windows that can follow one another stay below the wallet's longest hold, so that nothing that is
/// advanced in time finds its hold over.
#[test]
fn all_windows_together_end_before_a_hold_does() {
    // A grant waits for its time, is drawn on its last day, and is closed once that usage is over.
    let grant = AHEAD_MS_MAX + GRANT_MS_MAX + AUTHORISED_MS_MAX;
    // A line is accepted at the last moment, drawn on its last day by usage that stays open, billed at the
    // end of the period after that, not paid, and written off; the bill before may still be open, which
    // takes a period more.
    let line =
        OFFER_MS_MAX + TERM_MS_MAX + AUTHORISED_MS_MAX + 3 * CYCLE_DAYS_MAX * DAY_MS + GRACE_MS_MAX;
    let days = [grant, line, ESCROW_MS].map(|span_ms| span_ms / DAY_MS);
    expect!["[1493, 1436, 1830]"].assert_eq(&format!("{days:?}"));
    assert!(grant.max(line) < ESCROW_MS);
}

#[test]
fn a_repeated_call_has_no_effect() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - k1                     => 1
        tina grant-credits 1 alice 100 - 9d 1 - k1                     => 1
        tina grant-credits 1 alice 101 - 9d 1 - k1                     => KeyReused
        cloud grant-credits 1 alice 100 - 9d 1 - k1                    => 2
        alice authorise-usage 1 alice gpt 10 probe 1h - k2             => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - k2             => 1
        probe capture-usage 1 10 k3                                    => 3
        probe capture-usage 1 10 k3                                    => 3
        alice purchase 1 - 100 max k4                                  => 3
        alice purchase 1 - 100 max k4                                  => 3
        probe report-usage 1 alice:gpt:567:1000:a alice:gpt:100:1000:b => [ReportResult::Charged(Charge { usage: 2, credits: 171 }), ReportResult::Charged(Charge { usage: 3, credits: 30 })]
        bob settle-purchase 3 k5                                       => 2
        bob settle-purchase 3 k5                                       => 2
        alice refund-purchase 3 k6                                     => ok
        alice refund-purchase 3 k6                                     => ok
        tina grant-credits 1 bob 100 - 9d 1 - k8                       => 4
        tina revoke-grant 4 k7                                         => ok
        tina revoke-grant 4 k7                                         => ok
        tina revoke-grant 3 k7                                         => KeyReused
        money                                                          => alice 9994+0, theo 10000+0, bob 10000+0, till 6+0
    "#]]);
}

#[test]
fn only_the_chain_migrates() {
    let mut host = scene();
    host.act_as(super::table::CAST.address("cloud"));
    let refused =
        |host: &mut ehb_contract::Host| super::table::CAST.outcome(&host.call(rules::migrate));
    expect!["NotKernel"].assert_eq(&refused(&mut host));
    host.act_as(ehb_contract::Address::default());
    assert_eq!(refused(&mut host), "ok");
    assert_eq!(SCHEMA.version(), 1);
}
