//! Which validator sets can follow which.

use std::collections::BTreeSet;

use ehb_types::SecretKey;

use super::*;

fn key(seed: char, purpose: u8) -> PublicKey {
    let mut bytes = [purpose; 32];
    bytes[0] = seed as u8;
    SecretKey::from_seed(&bytes).public_key()
}

/// A set such as `a1 b20`: names with their powers.
fn set(text: &str) -> ValidatorSet {
    let validator = |word: &str| {
        let (name, power) = word.split_at(1);
        let seed = name.chars().next().unwrap();
        Validator {
            name: Name::new(name).unwrap(),
            consensus_key: key(seed, 1),
            node_key: key(seed, 2),
            power: power.parse().unwrap(),
        }
    };
    ValidatorSet::new(text.split(' ').map(validator).collect()).unwrap()
}

fn silent(names: &str) -> BTreeSet<PublicKey> {
    names.chars().map(|name| key(name, 1)).collect()
}

/// A row: the set of now, the next one, the silent validators, and the reason of a refusal; empty if it is possible.
#[test]
fn at_most_a_third_of_the_power_moves_and_a_quorum_of_now_stays() {
    let (third, newcomers, quiet) = ("a third", "validators of now", "silent");
    let rows = [
        // A lone validator has all the power, whatever the number.
        ("a1", "a1000", "", ""),
        ("a1", "a1 b1", "", third),
        ("a2", "a2 b1", "", newcomers),
        ("a3", "a3 b1", "", ""),
        ("a10", "a10 b4", "", ""),
        ("a10", "a10 b2 c2", "", ""),
        ("a10", "a10 b3 c3", "", third),
        ("a1", "b1", "", third),
        // From three to two, and back to one.
        ("a1 b1 c1", "a1 b1", "", ""),
        ("a1 b1", "a1 b1 c1", "", newcomers),
        ("a2 b2", "a2 b2 c1", "", ""),
        ("a1 b1", "a1", "", third),
        ("a1 b1", "a4 b1", "", ""),
        ("a4 b1", "a4", "", ""),
        ("a1 b1 c1 d1", "a1 b1 c1 e1", "", ""),
        ("a1 b1 c1 d1", "a1 b1 e1 f1", "", third),
        ("a1 b1 c1 d1", "a1 b1 c1 d1 e1", "", ""),
        ("a1 b1 c1 d1 e1 f1 g1", "a1 b1 c1 d1 e1", "", ""),
        ("a1 b1 c1 d1 e1 f1 g1", "a1 b1 c1 d1", "", third),
        // All powers times the same number change nothing.
        ("a1 b2", "a1000 b2000", "", ""),
        ("a1 b1 c1 d1", "a1 b1 c1 d9", "", third),
        // One of four is down: it can go, and no other one.
        ("a1 b1 c1 d1", "a1 b1 c1", "d", ""),
        ("a1 b1 c1 d1", "b1 c1 d1", "d", quiet),
        ("a1 b1 c1 d1", "a1 b1 c1 d1 e1", "d", ""),
        ("a3 b3 c3 d3", "a3 b3 c3 d5", "d", quiet),
    ];
    for (now, next, names, reason) in rows {
        let checked = check_step(&set(now), set(next).validators(), &silent(names));
        match checked {
            Ok(()) => assert_eq!(reason, "", "{now} -> {next}"),
            Err(error) => {
                let error = error.to_string();
                assert!(!reason.is_empty() && error.contains(reason), "{now} -> {next}: {error}");
            }
        }
    }
}

#[test]
fn the_largest_powers_do_not_overflow() {
    let max = ValidatorSet::POWER_MAX;
    let (now, next) = (set(&format!("a{}", max - 1)), set(&format!("a{} b1", max - 1)));
    let check = |now: &ValidatorSet, next: &[Validator]| check_step(now, next, &silent(""));
    assert_eq!(check(&now, next.validators()), Ok(()));
    assert_eq!(check(&set("a1 b1"), next.validators()), Err(StepError::Third));
    let name = Name::new("b").unwrap();
    for power in [2, u64::MAX] {
        let over = with_power(next.validators(), &name, power).unwrap();
        assert_eq!(check(&now, &over), Err(StepError::Set(ValidatorSetError::PowerOverflow)));
    }
    let none = with_power(next.validators(), &name, 0).unwrap();
    assert_eq!(check(&now, &none), Err(StepError::Set(ValidatorSetError::ZeroPower(name))));
}

#[test]
fn the_last_validator_stays() {
    let name = Name::new("a").unwrap();
    let alone = set("a1");
    let none = without(alone.validators(), &name).unwrap();
    assert_eq!(check_step(&alone, &none, &silent("")), Err(StepError::Last));
    assert_eq!(without(set("b1").validators(), &name), None);
    assert_eq!(without(set("a1 b1").validators(), &name).as_deref(), Some(set("b1").validators()));
}

#[test]
fn the_nearest_possible_power_is_found() {
    let possible = |now: &str, power: u64| {
        let now = set(now);
        let next = with_power(now.validators(), &Name::new("a").unwrap(), power).unwrap();
        check_step(&now, &next, &silent("")).is_ok()
    };
    // 5 of 6 is a third more than a half.
    assert_eq!(nearest_power(1, 100, |power| possible("a1 b1", power)), 5);
    assert_eq!(nearest_power(9, 0, |power| possible("a9 b9", power)), 2);
}
