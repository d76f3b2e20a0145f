//! The conditions that a node reports, and when they are logged.

use std::path::Path;
use std::time::Instant;

use ehb_network::PerChannel;
use ehb_types::{Name, SecretKey, Validator};

use super::*;

mod starting;

const LIMITS: Thresholds = Thresholds {
    heartbeat_ms: 10_000,
    silence_max_ms: 10_000,
    behind_blocks_max: 10,
    behind_max_ms: 5_000,
    beat_max_ms: 5_000,
    mempool_percent_max: 95,
};

fn quorum(power: u64) -> Option<Reached> {
    Some(Reached { power, is_quorum: true })
}

fn too_few(power: u64) -> Option<Reached> {
    Some(Reached { power, is_quorum: false })
}

/// A validator of four that lacks nothing.
fn healthy() -> Observation {
    Observation {
        starting: None,
        height: 100,
        best_peer_height: 100,
        catching_up: false,
        halted: None,
        unreadable: None,
        stalled: false,
        withheld: None,
        key_used_elsewhere: false,
        wrong_clocks: Vec::new(),
        head_age_ms: 10_100,
        behind_ms: 0,
        waiting_ms: 1_000,
        beat_age_ms: 900,
        disk_busy_ms: 900,
        node_key: SecretKey::from_seed(&[7; 32]).public_key(),
        is_turned_away: false,
        is_permitted: None,
        has_peers: true,
        mismatch: None,
        peers: 3,
        power_total: 4,
        reached: quorum(4),
        missing: Missing::default(),
        disk_full: None,
        mempool_percent: 94,
    }
}

fn lack() -> Option<String> {
    Some("0 bytes are free".to_owned())
}

#[test]
fn each_state_in_which_a_node_cannot_work_has_its_condition() {
    use Condition::*;
    let cases: [(&str, fn(&mut Observation), &[Condition]); 27] = [
        ("nothing is wrong", |_| {}, &[]),
        (
            "one validator is down",
            |it| {
                (it.peers, it.reached) = (2, quorum(3));
                it.missing.unconnected = vec!["validator-4".to_owned()];
            },
            &[ValidatorsAway],
        ),
        ("two validators are down", |it| (it.peers, it.reached) = (1, too_few(2)), &[NoQuorum]),
        (
            "one is down and one does not vote",
            |it| {
                (it.peers, it.reached) = (2, too_few(2));
                it.missing.unconnected = vec!["validator-4".to_owned()];
                it.missing.not_voting = vec!["validator-3".to_owned()];
            },
            &[NoQuorum],
        ),
        (
            "one does not vote",
            |it| {
                it.reached = quorum(3);
                it.missing.not_voting = vec!["validator-3".to_owned()];
            },
            &[ValidatorsAway],
        ),
        (
            "cut off",
            |it| {
                (it.peers, it.reached) = (0, too_few(1));
                it.missing.unconnected = vec!["validator-2".to_owned()];
            },
            &[NoPeers],
        ),
        (
            "the only validator does not vote",
            |it| {
                (it.peers, it.power_total, it.reached) = (0, 1, too_few(0));
                (it.missing.own, it.withheld) = (true, Some(Withheld::Unknown));
            },
            &[NoQuorum, NotVoting],
        ),
        (
            "the only validator",
            |it| (it.peers, it.power_total, it.reached) = (0, 1, quorum(1)),
            &[],
        ),
        ("an observer", |it| (it.peers, it.reached) = (1, None), &[]),
        ("an observer alone", |it| (it.peers, it.reached) = (0, None), &[NoPeers]),
        ("ten behind", |it| (it.best_peer_height, it.catching_up) = (110, true), &[]),
        ("eleven behind", |it| (it.best_peer_height, it.catching_up) = (111, true), &[CatchingUp]),
        (
            "a little behind, for a while",
            |it| (it.best_peer_height, it.catching_up, it.behind_ms) = (102, true, 5_000),
            &[],
        ),
        (
            "a little behind, and no nearer",
            |it| (it.best_peer_height, it.catching_up, it.behind_ms) = (102, true, 5_001),
            &[CatchingUp],
        ),
        ("a peer that lies about its height", |it| it.best_peer_height = u64::MAX, &[]),
        ("a copied directory", |it| it.key_used_elsewhere = true, &[KeyUsedElsewhere]),
        ("a wrong clock", |it| it.wrong_clocks = vec![(None, -3_600_000)], &[ClockWrong]),
        ("silence", |it| it.head_age_ms = 20_001, &[HeadOld]),
        ("transactions wait and no block comes", |it| it.waiting_ms = 10_001, &[HeadOld]),
        ("a disk that hangs", |it| it.disk_busy_ms = 5_001, &[Stuck]),
        (
            "full disk, on which a write waits",
            |it| (it.disk_full, it.disk_busy_ms) = (lack(), 60_000),
            &[DiskFull],
        ),
        ("full disk", |it| it.disk_full = lack(), &[DiskFull]),
        ("stuck", |it| it.beat_age_ms = 5_001, &[Stuck]),
        ("full pool", |it| it.mempool_percent = 95, &[MempoolFull]),
        (
            "lost records",
            |it| (it.withheld, it.stalled) = (Some(Withheld::Unknown), true),
            &[Stalled, NotVoting],
        ),
        ("halted", |it| it.halted = Some("state root".to_owned()), &[Halted]),
        ("a wrong checksum", |it| it.unreadable = Some("it".to_owned()), &[Damaged]),
    ];
    for (name, change, expected) in cases {
        let mut seen = healthy();
        change(&mut seen);
        let found: Vec<Condition> = judge(&seen, &LIMITS).into_keys().collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn what_only_degrades_leaves_a_node_ready() {
    let degraded = Condition::ALL.map(|it| (it.severity() == Severity::Degraded).then_some(it));
    let degraded: Vec<Condition> = degraded.into_iter().flatten().collect();
    use Condition::*;
    assert_eq!(degraded, [MempoolFull, NotVoting, KeyUsedElsewhere, ClockWrong, ValidatorsAway]);
}

/// `docs/conditions.md` has a row for each condition, in their order, and says whether the node is ready.
#[test]
fn each_condition_is_documented() {
    // As of the run: a build cache may hold this test from a checkout at another place.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&package).join("../../docs/conditions.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let documented: Vec<(&str, &str)> =
        rows.filter_map(|(code, rest)| Some((code, rest.split_once(" |")?.0))).collect();
    let ready = |it: Condition| if it.severity() == Severity::Unready { "no" } else { "yes" };
    assert_eq!(documented, Condition::ALL.map(|it| (it.code(), ready(it))));
}

#[test]
fn all_conditions_are_listed_in_their_order() {
    assert!(Condition::ALL.is_sorted());
    assert_eq!(Condition::ALL.len(), Condition::ValidatorsAway as usize + 1);
}

#[test]
fn a_condition_that_lasts_is_logged_once_when_it_did_and_once_when_it_ends() {
    let mut health = Health::default();
    let full = |text: &str| BTreeMap::from([(Condition::DiskFull, text.to_owned())]);
    assert_eq!(health.update(full("one"), 1_000), []);
    assert_eq!(health.update(full("two"), 3_999), []);
    let reported = health.reported();
    assert_eq!((reported[0].since_ms, reported[0].text.as_str()), (1_000, "two"));
    let begun = health.update(full("three"), 4_000);
    assert_eq!(begun, [Change::Begins(Condition::DiskFull, "three".to_owned())]);
    assert_eq!(health.update(full("four"), 9_000), []);
    let ended = health.update(BTreeMap::new(), 9_500);
    assert_eq!(ended, [Change::Ends(Condition::DiskFull, 8_500)]);
    assert_eq!(health.reported(), []);
    // What is over before it lasted is reported meanwhile, and not logged.
    assert_eq!(health.update(full("five"), 10_000), []);
    assert_eq!(health.reported().len(), 1);
    assert_eq!(health.update(BTreeMap::new(), 12_999), []);
}

#[test]
fn a_wrong_clock_is_named() {
    let wrong_clocks = vec![(None, -3_600_000), (Some("validator-2".to_owned()), 5_000)];
    let found = judge(&Observation { wrong_clocks, ..healthy() }, &LIMITS);
    assert_eq!(
        found[&Condition::ClockWrong],
        "the clock of this node is 3600000 ms behind the median; \
         the clock of validator-2 is 5000 ms ahead of the median"
    );
}

#[test]
fn missing_validators_are_named_with_what_is_known_of_them() {
    let names = |count: u32| (1..=count).map(|it| format!("v{it}")).collect::<Vec<_>>();
    let reason = |condition: Condition, missing: Missing, reached: Option<Reached>| {
        let seen = Observation { missing, reached, ..healthy() };
        judge(&seen, &LIMITS).remove(&condition).unwrap()
    };
    let unconnected = names(10);
    assert_eq!(
        reason(
            Condition::ValidatorsAway,
            Missing { unconnected, ..Missing::default() },
            quorum(20)
        ),
        "not connected: v1, v2, v3, v4, v5, v6, v7, v8 and 2 more; the others are a quorum without them"
    );
    let not_voting = names(1);
    assert_eq!(
        reason(Condition::ValidatorsAway, Missing { not_voting, ..Missing::default() }, quorum(3)),
        "connected but not voting yet: v1; the others are a quorum without them"
    );
    // Validators whose disks are full are connected and silent.
    let missing = Missing {
        unconnected: vec!["v1".to_owned()],
        cut_off: vec!["v5 (it lies)".to_owned()],
        silent: vec!["v2".to_owned(), "v3".to_owned()],
        not_voting: vec!["v4".to_owned()],
        own: true,
    };
    assert_eq!(
        reason(Condition::NoQuorum, missing, too_few(2)),
        "the validators that this node knows to vote have 2 of 4 votes, which is no quorum; \
         this validator does not vote; not connected: v1; \
         cut off by this node because they misbehaved: v5 (it lies); \
         connected but silent (they stand still, or their disks are full or hang): v2, v3; \
         connected but not voting yet: v4"
    );
}

/// A copy of another node's directory takes turns with it. Neither lost records, and the original has peers.
#[test]
fn a_copied_directory_is_the_only_reason_that_is_reported() {
    let copy = Observation {
        key_used_elsewhere: true,
        withheld: Some(Withheld::From { height: 14, within_ms: None }),
        missing: Missing { own: true, ..Missing::default() },
        reached: quorum(3),
        ..healthy()
    };
    let found = judge(&copy, &LIMITS);
    assert_eq!(found.keys().collect::<Vec<_>>(), [&Condition::KeyUsedElsewhere]);
    let text = &found[&Condition::KeyUsedElsewhere];
    assert!(text.contains("keys, and this one does not vote: stop one of them"), "{text}");

    let (begin, peer) = (Instant::now(), SecretKey::from_seed(&[7; 32]).public_key());
    let after = |seconds: u64| begin + Duration::from_secs(seconds);
    let mut recent = Recent::default();
    let votes = BTreeMap::from([(peer, Voting::Votes(7))]);
    let heard = BTreeSet::from([peer]);
    recent.note(&Present { heard, said: votes.clone(), ..Present::default() }, 0, begin);
    for (seconds, is_there) in [(3, true), (10, true), (11, false)] {
        recent.note(&Present::default(), 0, after(seconds));
        let present = Present::default().taking_turns(&recent);
        let there = (present.connected.contains(&peer), present.heard.contains(&peer));
        assert_eq!(there, (is_there, is_there), "after {seconds} s");
        assert_eq!(present.said == votes, is_there, "after {seconds} s");
    }
}

/// Peers that are reached and close the connection may have taken the other one of two nodes with one key. A node that
/// reaches nobody lacks peers.
#[test]
fn a_node_that_is_turned_away_takes_turns() {
    let begin = Instant::now();
    let after = |seconds: u64| begin + Duration::from_secs(seconds);
    let mut recent = Recent::default();
    for (seconds, turned_away, expected) in
        [(0, 0, false), (3, 0, false), (4, 1, true), (14, 1, true), (15, 1, false), (16, 3, true)]
    {
        recent.note(&Present::default(), turned_away, after(seconds));
        assert_eq!(recent.is_turned_away(), expected, "after {seconds} s");
        // The next attempt may come late; the reason does not change meanwhile.
        assert_eq!(recent.is_only_turned_away(), turned_away > 0, "after {seconds} s");
    }
    let heard = BTreeSet::from([SecretKey::from_seed(&[8; 32]).public_key()]);
    recent.note(&Present { heard, ..Present::default() }, 4, after(17));
    assert!(!recent.is_only_turned_away());
}

/// An operator sees what to wait for.
#[test]
fn a_validator_that_does_not_vote_says_when_it_will() {
    let reason = |withheld| {
        let seen = Observation { withheld: Some(withheld), ..healthy() };
        judge(&seen, &LIMITS).remove(&Condition::NotVoting).unwrap()
    };
    let lost = reason(Withheld::From { height: 14, within_ms: None });
    assert!(lost.ends_with("or they are old; it votes from height 14"), "{lost}");
    let old = reason(Withheld::From { height: 14, within_ms: Some(21_500) });
    assert!(old.ends_with("from height 14, or in 22 s if nothing is decided until then"), "{old}");
    let unknown = reason(Withheld::Unknown);
    assert!(unknown.contains("too few validators have answered"), "{unknown}");
}

/// A process that stands still keeps its connections and says nothing; one that does not vote says so.
#[test]
fn only_validators_that_are_heard_and_vote_count_for_a_quorum() {
    let key = |seed: u8| SecretKey::from_seed(&[seed; 32]).public_key();
    let validator = |seed: u8| Validator {
        name: Name::new(format!("v{seed}")).unwrap(),
        consensus_key: key(seed),
        node_key: key(100 + seed),
        power: 1,
    };
    let set = ValidatorSet::new((1..=4).map(validator).collect()).unwrap();
    let peer = |seed: u8, silent_ms: u64| PeerStatus {
        peer: key(100 + seed),
        address: String::new(),
        outbound: true,
        connected_for: Duration::from_secs(60),
        silent_for: Duration::from_millis(silent_ms),
        version: 1,
        latency: None,
        agent: None,
        channels: PerChannel::default(),
        queued: PerChannel::default(),
    };
    let limit = Duration::from_secs(4);
    let votes = |seed: u8, not_voting: &[u8]| match not_voting.contains(&seed) {
        true => Voting::Silent,
        false => Voting::Votes(7),
    };
    let present = |peers: &[(u8, u64)], not_voting: &[u8]| {
        let peers: Vec<PeerStatus> = peers.iter().map(|(seed, ms)| peer(*seed, *ms)).collect();
        Present {
            connected: peers.iter().map(|it| it.peer).collect(),
            heard: heard(&peers, limit),
            said: (1..=4).map(|seed| (key(100 + seed), votes(seed, not_voting))).collect(),
            is_silent: not_voting.contains(&1),
            ..Present::default()
        }
    };
    let reached = |peers: &[(u8, u64)], not_voting: &[u8]| {
        Reached::of(&set, &key(1), &present(peers, not_voting)).unzip().0
    };
    assert_eq!(reached(&[(2, 0), (3, 400), (4, 4_000)], &[]), quorum(4));
    assert_eq!(reached(&[(2, 0), (3, 400), (4, 4_001)], &[]), quorum(3));
    assert_eq!(reached(&[(2, 0), (3, 4_001), (4, 60_000)], &[]), too_few(2));
    assert_eq!(reached(&[(2, 0), (3, 0), (4, 0)], &[4]), quorum(3));
    assert_eq!(reached(&[(2, 0), (3, 0)], &[3]), too_few(2));
    assert_eq!(reached(&[(2, 0), (3, 0)], &[1]), too_few(2), "nor does this one count");
    assert_eq!(Reached::of(&set, &key(9), &Present::default()), None, "an observer");
    // One that has just connected has not said whether it votes.
    let mut new = present(&[(2, 0), (3, 0), (4, 0)], &[]);
    new.said.remove(&key(103));
    new.said.insert(key(104), Voting::Asks);
    let (reached_by_new, missing) = Reached::of(&set, &key(1), &new).unwrap();
    assert_eq!(Some(reached_by_new), too_few(2));
    assert_eq!(missing.not_voting, ["v4", "v3"]);
    let missing =
        Reached::of(&set, &key(1), &present(&[(2, 4_001), (3, 0)], &[1, 3, 4])).unwrap().1;
    let expected = Missing {
        unconnected: vec!["v4".to_owned()],
        cut_off: Vec::new(),
        silent: vec!["v2".to_owned()],
        not_voting: vec!["v3".to_owned()],
        own: true,
    };
    assert_eq!(missing, expected);
    // One that this node cut off is away, whatever else is known of it.
    let offence = "made a block with wrong signatures of transactions".to_owned();
    let cut_off = [(key(102), offence)].into();
    let present = Present { cut_off, ..present(&[(2, 0), (3, 0), (4, 0)], &[]) };
    let (reached, missing) = Reached::of(&set, &key(1), &present).unwrap();
    assert_eq!(reached, Reached { power: 3, is_quorum: true });
    let cut_off = vec!["v2 (made a block with wrong signatures of transactions)".to_owned()];
    assert_eq!(missing, Missing { cut_off, ..Missing::default() });
    assert!(missing.is_away());
}

/// A line that swallows large frames: peers connect, announce their heights, and are lost when they send blocks.
#[test]
fn a_node_stays_behind_while_connections_come_and_go() {
    let heights = |own, best_peer, is_catching_up| Heights { own, best_peer, is_catching_up };
    let mut ages = Ages::default();
    ages.look(heights(10, 10, false), false);
    assert!(!ages.is_behind());
    ages.look(heights(10, 700, true), false);
    let since = ages.behind_since();
    assert!(since.is_some());
    for seen in [heights(10, 0, false), heights(10, 710, true), heights(10, 9, false)] {
        ages.look(seen, false);
        assert_eq!(ages.behind_since(), since);
        assert!(ages.best_height(seen) >= 700);
    }
    // A block got through. The next one was announced too, so it is still behind.
    ages.look(heights(11, 11, false), false);
    assert_eq!(ages.behind_since(), since);
    let caught_up = heights(12, 12, false);
    ages.look(caught_up, false);
    assert!(!ages.is_behind());
    assert_eq!(ages.best_height(caught_up), 12);
}

/// The most common mistake of a new operator.
#[test]
fn a_node_that_the_chain_does_not_permit_names_its_key() {
    let mut seen = healthy();
    (seen.peers, seen.reached) = (0, None);
    let text = |seen: &Observation| judge(seen, &LIMITS)[&Condition::NoPeers].clone();
    assert!(text(&seen).contains("the log says which of p2p.peers cannot be reached"));
    let key = seen.node_key;
    seen.is_turned_away = true;
    let hint = format!("this node's key is {key}: either they refuse this node for a while");
    assert!(text(&seen).contains(&hint), "{}", text(&seen));
    // A validator that was cut off for misbehaviour: the chain permits its key.
    seen.is_permitted = Some(true);
    let known =
        format!("at height 100 the chain permits this node's key {key}, so either they refuse");
    assert!(
        text(&seen).contains(&known) && text(&seen).contains("peer rejected"),
        "{}",
        text(&seen)
    );
    // It is certain if the state says so; without a peer in the configuration it dials none.
    (seen.is_turned_away, seen.has_peers) = (false, false);
    assert!(text(&seen).contains("p2p.peers is empty: name at least one peer"));
    seen.is_permitted = Some(false);
    let certain = format!("at height 100 the chain does not permit this node's key {key}");
    assert!(text(&seen).contains(&certain), "{}", text(&seen));
    // This node rejected one, and the others reject it for the same reason.
    seen.mismatch = Some("its genesis is another one".to_owned());
    assert!(text(&seen).ends_with("; a peer was rejected: its genesis is another one"));
}

#[test]
fn a_node_that_gets_no_blocks_says_what_to_check() {
    let mut seen = healthy();
    (seen.catching_up, seen.best_peer_height) = (true, 700);
    (seen.behind_ms, seen.head_age_ms) = (9_000, 60_000);
    let text = |seen: &Observation| judge(seen, &LIMITS)[&Condition::CatchingUp].clone();
    assert_eq!(text(&seen), "at height 100 of 700, and behind for 9 s");
    seen.behind_ms = 10_001;
    let steady = text(&seen);
    assert!(
        steady.contains("at height 100 of 700, and behind for 10 s; no block arrives: check"),
        "{steady}"
    );
    // With a full disk it takes none.
    seen.disk_full = Some("no space".into());
    assert_eq!(text(&seen), "at height 100 of 700, and behind for 10 s");
    seen.disk_full = None;
    // Blocks arrive, only slowly.
    seen.head_age_ms = 2_000;
    assert_eq!(text(&seen), "at height 100 of 700, and behind for 10 s");
}
