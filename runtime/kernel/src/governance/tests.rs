//! Rules of proposals, and counting of votes.

use std::collections::BTreeMap;

use ehb_types::{Address, GovernanceParameters, Name};

use super::*;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn set(name: &str) -> Action {
    Action::SetParameter(NewParameter { name: name.to_owned(), value: 1 })
}

/// A row: the actions, and the rule by which they are decided together. The tests of the executor have a row for each
/// action.
#[test]
fn the_strictest_action_of_a_proposal_decides_its_rule() {
    const LOCK: u64 = 24 * 3_600_000;
    let freeze = || Action::FreezeAccount(Address([1; 32]));
    let rows: Vec<(Vec<Action>, u32, u64)> = vec![
        (vec![set("consensus.seal_ms")], 51, LOCK),
        (vec![set("governance.lock_ms")], 66, LOCK),
        (vec![freeze()], 51, 0),
        (vec![freeze(), set("consensus.seal_ms")], 51, LOCK),
        (vec![set("governance.lock_ms"), freeze()], 66, LOCK),
        (vec![], 51, 0),
    ];
    for (actions, percent, lock_ms) in rows {
        let expected = Rule { percent, lock_ms, voting_ms: 7 * LOCK };
        assert_eq!(rule(&actions, &GovernanceParameters::default()), expected, "{actions:?}");
    }
}

/// A row: the percentage, the powers of the organisations `a` to `d`, their votes (`y`, `n`, or `-`), and the result.
#[test]
fn votes_are_counted_by_power() {
    use Tally::{Accepted, Rejected, Undecided};
    let rows: &[(u32, [u64; 4], &str, Tally)] = &[
        (51, [1, 1, 1, 1], "----", Undecided),
        (51, [1, 1, 1, 1], "yy--", Undecided),
        (51, [1, 1, 1, 1], "yyy-", Accepted),
        (51, [1, 1, 1, 1], "nn--", Rejected),
        (51, [1, 1, 1, 1], "n---", Undecided),
        (66, [1, 1, 1, 1], "yyyn", Accepted),
        (66, [1, 1, 1, 0], "yy--", Accepted),
        (66, [33, 33, 33, 1], "yy--", Accepted),
        (66, [65, 35, 0, 0], "y---", Undecided),
        (34, [1, 1, 1, 1], "yy--", Accepted),
        (34, [1, 1, 1, 1], "y---", Undecided),
        (51, [10, 1, 1, 1], "y---", Accepted),
        (51, [10, 1, 1, 1], "-yyy", Undecided),
        (51, [10, 1, 1, 1], "n---", Rejected),
        (51, [0, 0, 0, 0], "yyyy", Undecided),
        (51, [1, 0, 0, 0], "-yyy", Undecided),
        // Neither a threshold of 0 nor one above the sum, which the parameters refuse, accepts without votes.
        (0, [1, 1, 1, 1], "----", Undecided),
        (200, [1, 1, 1, 1], "yyyy", Rejected),
        (51, [u64::MAX / 4, 1, 1, 1], "y---", Accepted),
    ];
    for (percent, powers, votes, expected) in rows {
        let names = ["a", "b", "c", "d"].map(name);
        let powers: BTreeMap<Name, u64> = names.clone().into_iter().zip(*powers).collect();
        let ballots: Vec<Ballot> = names
            .into_iter()
            .zip(votes.chars())
            .filter(|(_, vote)| *vote != '-')
            .map(|(organisation, vote)| Ballot {
                organisation,
                by: Address([0; 32]),
                accepts: vote == 'y',
            })
            .collect();
        let rule = Rule { percent: *percent, lock_ms: 0, voting_ms: 0 };
        assert_eq!(tally(&rule, &ballots, &powers), *expected, "{percent} {powers:?} {votes}");
    }
}
