//! The consent of a node's key: what it binds, and its file.

use super::*;

const CHAIN: Hash = Hash([7; 32]);

fn signed() -> SignedNodeConsent {
    let name = |text: &str| Name::new(text).unwrap();
    let consent = NodeConsent { organisation: name("acme"), name: name("watch") };
    SignedNodeConsent::new(CHAIN, consent, &SecretKey::from_seed(&[9; 32]))
}

/// Each row: a change after the signature.
#[test]
fn a_signature_binds_chain_organisation_name_and_key() {
    type Change = fn(&mut SignedNodeConsent);
    let rows: &[(&str, Change)] = &[
        ("chain", |it| it.chain = Hash([8; 32])),
        ("organisation", |it| it.organisation = Name::new("globex").unwrap()),
        ("name", |it| it.name = Name::new("watcher").unwrap()),
        ("key", |it| it.node_key = SecretKey::from_seed(&[1; 32]).public_key()),
        ("signature", |it| it.signature.0[0] ^= 1),
    ];
    assert_eq!(signed().verify(), Ok(()));
    for (what, change) in rows {
        let mut changed = signed();
        change(&mut changed);
        let verified = changed.verify();
        assert!(matches!(verified, Err(NodeConsentError::Signature(_))), "{what}: {verified:?}");
    }
    let mut anybodys = signed();
    anybodys.node_key.0 = [0; 32];
    assert!(matches!(anybodys.verify(), Err(NodeConsentError::Key(_))));
}

#[test]
fn a_file_is_read_as_it_was_written_and_knows_its_fields() {
    let text = serde_json::to_string_pretty(&signed()).unwrap();
    assert!((text.len() as u64) < SignedNodeConsent::BYTES_MAX);
    assert_eq!(serde_json::from_str::<SignedNodeConsent>(&text).unwrap(), signed());
    for wrong in [text.replace("acme", "ACME"), text.replace("\"name\"", "\"names\"")] {
        assert!(serde_json::from_str::<SignedNodeConsent>(&wrong).is_err(), "{wrong}");
    }
}
