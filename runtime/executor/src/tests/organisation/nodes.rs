//! Organisations permit observers of their own, and remove them.

use ehb_kernel::chain;
use ehb_types::{GenesisObserver, NodeConsent};

use super::*;

/// Node keys. That of the genesis validator, which `org` runs, is 2.
const VALIDATOR: u8 = 2;
pub(super) const WATCH: u8 = 110;
const SPARE: u8 = 111;

impl Town {
    /// The arguments that permit a node, with the consent of its key to be one of this organisation.
    pub(super) fn observer(&self, organisation: &str, node: &str, key: u8) -> Value {
        let consent = NodeConsent { organisation: name(organisation), name: name(node) };
        let signature = consent.sign(&self.ledger.chain.header.chain, &secret(key));
        let key = secret(key).public_key();
        json!({ "name": node, "key": key, "consent": halves(&signature) })
    }

    /// The names of an organisation's observers, and of its validators' nodes.
    fn nodes(&self, organisation: &str) -> [Vec<String>; 2] {
        let listed = self.read("list-nodes", json!({ "organisation": organisation }));
        let listed = listed.as_array().unwrap();
        [true, false].map(|is_observer| {
            let some = listed.iter().filter(|it| it["is-observer"] == is_observer);
            some.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
        })
    }
}

fn key(key: u8) -> Value {
    json!({ "key": secret(key).public_key() })
}

#[test]
fn an_organisation_permits_and_removes_its_observers() {
    let mut town = Town::new();
    let permitted = town.run(MIA, "add-observer", town.observer("org", "watch", WATCH));
    success(&permitted);
    let node = secret(WATCH).public_key();
    assert_eq!(
        kernel_events(&town.ledger, &permitted),
        [json!({ "node-permitted": { "key": node, "name": "watch", "organisation": "org" } })]
    );
    assert_eq!(town.nodes("org"), [vec!["watch".to_owned()], vec!["v1".to_owned()]]);
    assert_eq!(town.nodes("other"), [vec![""; 0], vec![]]);
    assert_eq!(town.nodes("NO NAME"), [vec![""; 0], vec![]]);
    let removed = town.run(MIA, "remove-observer", key(WATCH));
    assert_eq!(kernel_events(&town.ledger, &removed), [json!({ "node-removed": node })]);
    assert_eq!(chain::node(&town.ledger.state(), &node).unwrap(), None);
    // The key can come back, also to another organisation to which it consents.
    let moved = town.observer("other", "watch", WATCH);
    assert_eq!(town.refusal(EVE, "add-observer", moved), "");
}

/// Each row: who calls what, and the refusal; none where the call takes effect. All rows run on one chain.
fn refused_in_rows() -> Town {
    let mut town = Town::with(|genesis| genesis.parameters.quotas.observers = 1);
    let consenting = |town: &Town, key: u8| town.observer("org", "watch", key)["consent"].clone();
    let watch = || town.observer("org", "watch", WATCH);
    let (mut named, mut renamed, mut swapped, mut weak) = (watch(), watch(), watch(), watch());
    named["name"] = json!("NO NAME");
    renamed["name"] = json!("other-name");
    swapped["consent"] = consenting(&town, SPARE);
    // The neutral element of the curve: anybody can sign for it.
    weak["key"] = json!(format!("01{}", "00".repeat(31)));
    let rows: Vec<(u8, &'static str, Value, &str)> = vec![
        (CAROL, "add-observer", watch(), "missing-role"),
        (MIA, "add-observer", named, "malformed-name"),
        (MIA, "add-observer", renamed, "no-consent"),
        (MIA, "add-observer", swapped, "no-consent"),
        (MIA, "add-observer", weak, "no-consent"),
        (MIA, "add-observer", town.observer("other", "watch", WATCH), "no-consent"),
        (MIA, "add-observer", town.observer("org", "again", VALIDATOR), "node-exists"),
        (MIA, "add-observer", watch(), ""),
        (MIA, "add-observer", watch(), "node-exists"),
        (EVE, "add-observer", town.observer("other", "watch", WATCH), "node-exists"),
        (MIA, "add-observer", town.observer("org", "spare", SPARE), "quota-reached"),
        (CAROL, "remove-observer", key(WATCH), "missing-role"),
        (EVE, "remove-observer", key(WATCH), "unknown-node"),
        (MIA, "remove-observer", key(SPARE), "unknown-node"),
        (ALICE, "remove-observer", key(VALIDATOR), "unknown-node"),
        (MIA, "remove-observer", key(WATCH), ""),
        (MIA, "add-observer", town.observer("org", "spare", SPARE), ""),
    ];
    for (index, (from, function, arguments, expected)) in rows.into_iter().enumerate() {
        let refusal = town.refusal(from, function, arguments);
        assert_eq!(refusal, expected, "row {index}: {function}");
    }
    town
}

/// What the kernel's WIT documents of each function of `nodes` is shown, and no other refusal.
#[test]
fn each_documented_refusal_is_shown() {
    let mut shown = refused_in_rows().shown;
    let mut town = Town::new();
    town.refusal_of_suspended("add-observer", town.observer("org", "watch", WATCH));
    town.refusal_of_suspended("remove-observer", key(WATCH));
    shown.append(&mut town.shown);
    // With the validator, genesis has as many nodes as a network can.
    let mut full = Town::with(|genesis| {
        genesis.parameters.quotas.observers = 1_024;
        genesis.observers = (0..1_023).map(observer_of_genesis).collect();
    });
    let one_more = full.observer("org", "spare", SPARE);
    assert_eq!(full.refusal(MIA, "add-observer", one_more), "too-many");
    shown.append(&mut full.shown);
    let documented = Documented::in_wit([include_str!("../../../wit/kernel.wit")]);
    let documented: BTreeSet<(&str, String)> =
        documented.pairs_of("nodes").map(|(function, name)| (function, name.to_owned())).collect();
    assert_eq!(shown, documented);
}

fn observer_of_genesis(number: u16) -> GenesisObserver {
    let mut seed = [200; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    let node_key = SecretKey::from_seed(&seed).public_key();
    GenesisObserver { name: name("watch"), organisation: name("org"), node_key }
}
