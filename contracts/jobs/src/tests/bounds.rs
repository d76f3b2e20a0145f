//! What one organisation can put before others without being asked.

use ehb_contract::Address;
use expect_test::expect;

use super::table::{CAST, Play};
use crate::rules;

/// An organisation does not flood a posting with applications, nor by withdrawing them again and again.
#[test]
fn applications_are_bounded() {
    let mut play = Play::new();
    assert_eq!(play.row("client post-job public 1 11000 21000"), "1");
    for number in 1..=100 {
        let who = if number % 2 == 0 { "worker" } else { "agent" };
        assert_eq!(play.row(&format!("{who} apply 1 5")), number.to_string());
        assert_eq!(play.row(&format!("{who} withdraw-application {number}")), "ok");
    }
    let refused = play.row("worker apply 1 5");
    expect![[r#"TooMany(Bound { what: "applications", max: 100 })"#]].assert_eq(&refused);
    assert_eq!(play.row("rival apply 1 5"), "101", "another organisation");
    assert_eq!(play.row("client post-job public 1 11000 21000"), "2");
    assert_eq!(play.row("worker apply 2 5"), "102", "another posting");
}

#[test]
fn invitations_are_bounded() {
    let mut play = Play::new();
    assert_eq!(play.row("client post-job invited 1 11000 21000"), "1");
    for number in 0..100 {
        let account = Address::from_bytes(&[100 + number; 32]);
        play.host.register(account, "many");
        CAST.act_as(&mut play.host, "client");
        assert_eq!(play.host.call(|host| rules::invite_applicant(host, 1, account)), Ok(()));
        assert_eq!(
            play.host.call(|host| rules::invite_applicant(host, 1, account)),
            Ok(()),
            "again"
        );
    }
    let refused = play.row("client invite 1 worker");
    expect![[r#"TooMany(Bound { what: "invitations", max: 100 })"#]].assert_eq(&refused);
    assert_eq!(play.row("at 21000"), "");
    assert_eq!(play.row("nobody advance-due 32"), "posting 1 at 11000, posting 1 at 21000");
    assert_eq!(play.row("at 34560021000"), "");
    assert_eq!(play.row("nobody advance-due 32"), "posting 1 at 34560021000");
    assert!(!play.host.tables().contains(&b'i') && !play.host.tables().contains(&b'I'));
}

/// An organisation does not flood an account with attestations.
#[test]
fn valid_attestations_are_bounded() {
    let mut play = Play::new();
    for number in 1..=100 {
        let row = format!("teacher attest worker kind-{number} 50000");
        assert_eq!(play.row(&row), number.to_string());
    }
    let refused = play.row("teacher attest worker welding 50000");
    expect![[r#"TooMany(Bound { what: "attestations", max: 100 })"#]].assert_eq(&refused);
    assert_eq!(play.row("teacher attest agent welding 50000"), "101", "another account");
    assert_eq!(play.row("kin attest worker welding 50000"), "102", "another organisation");
    assert_eq!(play.row("teacher revoke-attestation 7"), "ok");
    assert_eq!(play.row("teacher attest worker welding 50000"), "103");
}
