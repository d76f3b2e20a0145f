//! Attestations: how long they count, and revocation.

use expect_test::expect;

use super::table::{CAST, Play, check};
use crate::keys::ATTESTED;

#[test]
fn attestations_count_for_a_time() {
    check(expect![[r#"
        worker attest rival welding 5000           => MissingRole("certifier")
        teacher attest nobody welding 5000         => InactiveAccount(nobody)
        teacher attest worker - 5000               => OutOfRange(Range { parameter: "kind", given: 0, min: 1, max: 40 })
        teacher attest worker 41*x 5000            => OutOfRange(Range { parameter: "kind", given: 41, min: 1, max: 40 })
        teacher attest worker welding 1000         => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 158112001000 })
        teacher attest worker welding 158112001001 => OutOfRange(Range { parameter: "expires-ms", given: 158112001001, min: 1001, max: 158112001000 })
        teacher attest worker welding 5000         => 1
        nobody has worker corp welding             => true
        nobody has worker acme welding             => false
        nobody has worker corp cooking             => false
        nobody has rival corp welding              => false
        teacher attest worker welding 3000         => 2
        at 3000
        nobody has worker corp welding             => false
        teacher revoke-attestation 2               => TooLate(Deadline { item: Item { kind: "attestation", id: 2 }, deadline-ms: 3000, now-ms: 3000 })
        nobody advance attestation 1               => TooEarly(Deadline { item: Item { kind: "attestation", id: 1 }, deadline-ms: 5000, now-ms: 3000 })
        nobody advance attestation 2               => ok
        nobody advance attestation 2               => WrongState(WrongState { item: Item { kind: "attestation", id: 2 }, state: "expired", action: "expire" })
        attestation 2                              => expired until none
        clerk revoke-attestation 1                 => WrongParty(Party { account: Some(teacher), organisation: None, role: Some("certifier") })
        teacher revoke-attestation 1               => ok
        teacher revoke-attestation 1               => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "revoked", action: "revoke" })
        teacher attest worker welding 5000         => 3
        nobody has worker corp welding             => true
        freeze teacher
        nobody has worker corp welding             => true
        nobody list-attestations worker - 2        => ([1, 2], Some(2))
        nobody list-attestations worker 2 2        => ([3], None)
        events
          | RatingMinimumSet(RatingMinimum { asset: "EUR", paid-min: Some(1) })
          | ArbiterRegistered(ArbiterRegistration { account: judge, registered: true })
          | AttestationIssued(Attestation { id: 1, organisation: "corp", issuer: teacher, subject: worker, kind: "welding", document: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), state: AttestationState::Valid, deadline-ms: Some(5000), ended-ms: None })
          | AttestationIssued(Attestation { id: 2, organisation: "corp", issuer: teacher, subject: worker, kind: "welding", document: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), state: AttestationState::Valid, deadline-ms: Some(3000), ended-ms: None })
          | AttestationEnded(AttestationEnd { attestation: 2, state: AttestationState::Expired })
          | AttestationEnded(AttestationEnd { attestation: 1, state: AttestationState::Revoked })
          | AttestationIssued(Attestation { id: 3, organisation: "corp", issuer: teacher, subject: worker, kind: "welding", document: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), state: AttestationState::Valid, deadline-ms: Some(5000), ended-ms: None })
    "#]]);
}

/// The hash in the key of the latest attestation, as `docs/state.md` has it.
#[test]
fn the_key_of_an_attestation_has_the_documented_hash() {
    let mut play = Play::new();
    assert_eq!(play.row("teacher attest worker welding 5000"), "1");
    let what = play.host.sha256(b"\x04\0\0\0corp\x07\0\0\0welding");
    assert_eq!(ATTESTED.scan(&play.host, None, 10), [((CAST.address("worker"), what), 1)]);
}
