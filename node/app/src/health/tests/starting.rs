//! How long a node that has just started says so.

use super::*;

fn key(seed: u8) -> PublicKey {
    SecretKey::from_seed(&[seed; 32]).public_key()
}

fn validators(count: u8) -> ValidatorSet {
    let validator = |seed: u8| Validator {
        name: Name::new(format!("v{seed}")).unwrap(),
        consensus_key: key(seed),
        node_key: key(100 + seed),
        power: 1,
    };
    ValidatorSet::new((1..=count).map(validator).collect()).unwrap()
}

/// Whether a node is starting: its key, what its peers said, whether a claimed height is unsure, after seconds.
fn starts(count: u8, own: u8, said: &[(u8, Voting)], unsure: bool, seconds: u64) -> bool {
    let begin = Instant::now();
    let set = validators(count);
    let said: BTreeMap<PublicKey, Voting> =
        said.iter().map(|(seed, voting)| (key(100 + seed), *voting)).collect();
    let known = Known {
        set: Some(&set),
        own: key(own),
        said: &said,
        peers: said.len(),
        is_height_unsure: unsure,
    };
    Starting::new(begin).look(&known, begin + Duration::from_secs(seconds)).is_some()
}

#[test]
fn a_validator_is_starting_until_a_quorum_has_said_whether_it_votes() {
    use Voting::{Asks, Silent, Votes};
    let cases: [(&[(u8, Voting)], bool, bool); 7] = [
        (&[], false, true),
        (&[(2, Votes(7))], false, true),
        (&[(2, Votes(7)), (3, Asks)], false, true),
        (&[(2, Votes(7)), (3, Votes(7))], false, false),
        (&[(2, Votes(7)), (3, Silent)], false, false),
        // A peer claims blocks that nothing else shows to be missing.
        (&[(2, Votes(7)), (3, Votes(7))], true, true),
        // Others than validators do not count.
        (&[(2, Votes(7)), (9, Silent)], false, true),
    ];
    for (said, unsure, expected) in cases {
        assert_eq!(starts(4, 1, said, unsure, 0), expected, "{said:?}, {unsure}");
        assert!(!starts(4, 1, said, unsure, 5), "other conditions report what is missing");
    }
    assert!(!starts(1, 1, &[], false, 0), "the only validator needs nobody");
}

#[test]
fn an_observer_is_starting_until_a_peer_has_said_its_height() {
    let said = [(9, Voting::Silent)];
    assert!(starts(4, 8, &[], false, 4));
    assert!(!starts(4, 8, &said, false, 0), "its peer may be an observer, too");
    assert!(starts(4, 8, &said, true, 4));
    assert!(!starts(4, 8, &said, true, 5), "one peer may claim any height");
    assert!(!starts(4, 8, &[], false, 5), "that no peer is there is reported");
}

/// A peer that is connected and says nothing is no source of fresh answers.
#[test]
fn an_observer_with_peers_that_say_nothing_does_not_get_ready() {
    let (set, begin, said) = (validators(4), Instant::now(), BTreeMap::new());
    let known =
        Known { set: Some(&set), own: key(8), said: &said, peers: 1, is_height_unsure: false };
    let mut starting = Starting::new(begin);
    assert!(starting.look(&known, begin + Duration::from_secs(60)).is_some());
    let said = BTreeMap::from([(key(101), Voting::Votes(7))]);
    assert_eq!(starting.look(&Known { said: &said, ..known }, begin), None);
    // It does not start again when its peers leave.
    let left = BTreeMap::new();
    let known =
        Known { set: Some(&set), own: key(8), said: &left, peers: 0, is_height_unsure: true };
    assert_eq!(starting.look(&known, begin), None);
}

#[test]
fn a_node_that_is_starting_is_not_ready_and_reports_no_lack_of_peers() {
    let (peers, reached) = (0, too_few(1));
    let starting = Some("the node has just started: nobody spoke".to_owned());
    let seen = Observation { starting, peers, reached, ..healthy() };
    let found = judge(&seen, &LIMITS);
    assert_eq!(found.keys().collect::<Vec<_>>(), [&Condition::Starting]);
    assert_eq!(Condition::Starting.severity(), Severity::Unready);
}
