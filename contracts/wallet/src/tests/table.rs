//! Runs a table; see [`ehb_contract::table`] for what a row is. Rows without `WHO`, besides those that
//! set the scene: `grant WHO ROLE`, `move WHO ORGANISATION`, `balances`, and `events`, which shows the events since the last such row.

use ehb_contract::table::{self, Cast};
use ehb_contract::{Address, Host};
use expect_test::Expect;

use super::actions::act;
use super::conservation::check_conservation;
use crate::bindings::ehb::wallet::events::Event;
use crate::keys::BALANCES;

/// Everybody in the tables. `bank` has the role `issuer`, `admin` is `platform-admin`, `dave` is a `treasurer`; the last is
/// nobody's account.
pub(super) const CAST: Cast =
    Cast(&["bank", "alice", "bob", "carol", "dave", "admin", "market!", "nobody"]);

pub(super) fn address(name: &str) -> Address {
    CAST.address(name)
}

/// A chain with the people, at block time 1000.
pub(super) fn scene() -> Host {
    let mut host = Host::for_module("wallet");
    for person in ["bank", "alice", "bob", "carol", "dave", "admin"] {
        host.register(address(person), "acme");
    }
    host.grant(address("bank"), "issuer");
    host.grant(address("admin"), "platform-admin");
    host.grant(address("dave"), "treasurer");
    host.install(address("market"));
    host.set_block(1, 1_000);
    host
}

/// Runs a table from the beginning of a chain.
pub(super) fn check(expected: Expect) {
    let mut host = scene();
    let mut seen = 0;
    let filled = table::fill(expected.data(), |words| {
        let result = run(&mut host, words, &mut seen);
        check_conservation(&host);
        result
    });
    expected.assert_eq(&filled);
}

/// Runs one row, whose words have no spaces, and returns its result.
pub(super) fn row(host: &mut Host, row: &str) -> String {
    let words: Vec<&str> = row.split(' ').collect();
    run(host, &words, &mut 0).unwrap_or_default()
}

fn run(host: &mut Host, words: &[&str], seen: &mut usize) -> Option<String> {
    if CAST.set_scene(host, words) {
        return None;
    }
    match words {
        ["grant", who, role] => {
            host.grant(address(who), role);
            None
        }
        ["move", who, organisation] => {
            host.register(address(who), organisation);
            None
        }
        ["balances"] => Some(balances(host)),
        ["events"] => Some(CAST.news(&host.events::<Event>(), seen)),
        ["migrate"] => {
            host.act_as(Address::default());
            Some(CAST.outcome(&host.call(crate::rules::migrate)))
        }
        [who, action, arguments @ ..] => {
            CAST.act_as(host, who);
            Some(act(host, action, arguments))
        }
        _ => panic!("no row: {words:?}"),
    }
}

/// All balances, `available+held`, without zeros.
fn balances(host: &Host) -> String {
    let mut texts = Vec::new();
    for person in CAST.0 {
        let person = person.trim_end_matches('!');
        for (asset, parts) in BALANCES.scan_under(host, &address(person), None, 100) {
            let (available, held) = (parts.available, parts.held);
            if parts.owned() > 0 {
                texts.push(format!("{person} {available}+{held} {}", asset.to_text()));
            }
        }
    }
    texts.join(", ")
}
