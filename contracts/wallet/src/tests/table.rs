//! Runs a table. A row is `WHO ACTION ARGUMENT... => RESULT`; `WHO` is an account, or `MODULE/ACCOUNT`
//! for a module that is called in a transaction of the account. Words in quotes hold spaces, `-` stands
//! for nothing, `65*x` for a text of 65 letters. Rows without `WHO` set the scene: `at MS`, `freeze WHO`,
//! `thaw WHO`; or look at it: `balances`, and `events`, which shows what was told since it was asked
//! last, one a row behind a bar.
//!
//! `UPDATE_EXPECT=1` fills in the results.

use std::fmt::Debug;

use ehb_contract::{Address, Host};
use expect_test::Expect;

use super::conservation::check_conservation;
use crate::bindings::ehb::wallet::events::Event;
use crate::keys::BALANCES;
use crate::rules;

/// Everybody in the tables. `bank` has the role `issuer`; the last is nobody's account.
const PEOPLE: [&str; 6] = ["bank", "alice", "bob", "carol", "market", "nobody"];

pub(super) fn address(name: &str) -> Address {
    let place = PEOPLE.iter().position(|person| *person == name);
    let place = place.unwrap_or_else(|| panic!("{name:?} is none of {PEOPLE:?}"));
    Address::from_bytes(&[u8::try_from(place).unwrap() + 1; 32])
}

/// A chain with the people, at block time 1000.
pub(super) fn scene() -> Host {
    let mut host = Host::new();
    for person in ["bank", "alice", "bob", "carol"] {
        host.register(address(person), "acme");
    }
    host.grant(address("bank"), "issuer");
    host.install(address("market"));
    host.set_block(1, 1_000);
    host
}

/// Runs a table from the beginning of a chain.
pub(super) fn check(table: Expect) {
    let mut host = scene();
    let mut told = 0;
    let rows = table.data().lines().map(str::trim);
    let rows: Vec<&str> = rows.filter(|row| !row.is_empty() && !row.starts_with('|')).collect();
    let action = |row: &str| row.split(" =>").next().unwrap_or_default().trim().to_owned();
    let width = rows.iter().map(|row| action(row).len()).max().unwrap_or(0);
    let mut done = String::new();
    for row in rows {
        let action = action(row);
        let result = run(&mut host, &words(&action), &mut told);
        match result {
            None => done.push_str(&action),
            Some(told) if told.starts_with('\n') => done.push_str(&(action + &told)),
            Some(result) => done.push_str(&format!("{action:width$} => {result}")),
        }
        done.push('\n');
        check_conservation(&host);
    }
    table.assert_eq(&done);
}

/// The words of a row, those in quotes as one.
fn words(row: &str) -> Vec<String> {
    let pieces = row.split('"').enumerate();
    pieces
        .flat_map(|(place, piece)| match place % 2 {
            0 => piece.split_whitespace().map(str::to_owned).collect(),
            _ => vec![piece.to_owned()],
        })
        .collect()
}

fn run(host: &mut Host, words: &[String], told: &mut usize) -> Option<String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["at", time_ms] => host.set_block(host.height() + 1, number(time_ms)),
        ["freeze", who] => host.set_frozen(address(who), true),
        ["thaw", who] => host.set_frozen(address(who), false),
        ["balances"] => return Some(balances(host)),
        ["events"] => {
            let events = host.events::<Event>();
            let new: Vec<String> =
                events.iter().skip(*told).map(|event| format!("\n  | {}", named(event))).collect();
            *told = events.len();
            return Some(new.concat());
        }
        [who, action, ref arguments @ ..] => {
            match who.split_once('/') {
                Some((module, who)) => host.act_through(module, address(module), address(who)),
                None => host.act_as(address(who)),
            }
            return Some(act(host, action, arguments));
        }
        _ => panic!("no row: {words:?}"),
    }
    None
}

fn act(host: &mut Host, action: &str, arguments: &[&str]) -> String {
    let maybe = |word: &str| (word != "-").then(|| word.to_owned());
    let someone = |word: &str| (word != "-").then(|| address(word));
    match (action, arguments) {
        ("create-asset", [id, name, precision, issuer]) => call(host, |host| {
            rules::create_asset(host, text(id), text(name), small(precision), address(issuer))
        }),
        ("set-issuer", [asset, to]) => {
            call(host, |host| rules::set_issuer(host, text(asset), address(to)))
        }
        ("mint", [asset, to, amount]) => {
            call(host, |host| rules::mint(host, text(asset), address(to), number(amount)))
        }
        ("burn", [asset, amount]) => {
            call(host, |host| rules::burn(host, text(asset), number(amount)))
        }
        ("transfer", [to, asset, amount]) => {
            call(host, |host| rules::transfer(host, address(to), text(asset), number(amount)))
        }
        ("transfer-with-reference", [to, asset, amount, what]) => call(host, |host| {
            let (to, amount) = (address(to), number(amount));
            rules::transfer_with_reference(host, to, text(asset), amount, text(what))
        }),
        ("place-hold", [asset, amount, payee, controller, expires_ms, what]) => {
            let (payee, controller) = (someone(payee), someone(controller));
            let (amount, expires_ms) = (number(amount), number(expires_ms));
            call(host, |host| {
                let (asset, what) = (text(asset), text(what));
                rules::place_hold(host, asset, amount, payee, controller, expires_ms, what)
            })
        }
        ("pay-out", [hold, to, amount]) => {
            call(host, |host| rules::pay_out(host, number(hold), address(to), number(amount)))
        }
        ("release-hold", [hold]) => call(host, |host| rules::release_hold(host, number(hold))),
        ("expire-hold", [hold]) => call(host, |host| rules::expire_hold(host, number(hold))),
        ("get-asset", [asset]) => call(host, |host| rules::get_asset(host, text(asset))),
        ("list-assets", [after, limit]) => {
            call(host, |host| rules::list_assets(host, maybe(after), small(limit)))
        }
        ("get-supply", [asset]) => call(host, |host| rules::get_supply(host, text(asset))),
        ("get-balance", [who, asset]) => {
            call(host, |host| rules::get_balance(host, address(who), text(asset)))
        }
        ("list-balances", [who, after, limit]) => {
            call(host, |host| rules::list_balances(host, address(who), maybe(after), small(limit)))
        }
        ("get-hold", [hold]) => call(host, |host| rules::get_hold(host, number(hold))),
        ("list-holds", [who, after, limit]) => call(host, |host| {
            rules::list_holds(host, address(who), maybe(after).map(|id| number(&id)), small(limit))
        }),
        _ => panic!("no action: {action} {arguments:?}"),
    }
}

fn call<T: Debug, E: Debug>(
    host: &mut Host,
    run: impl FnOnce(&mut Host) -> Result<T, E>,
) -> String {
    match host.call(run) {
        Ok(value) => match named(&value) {
            unit if unit == "()" => "ok".to_owned(),
            value => value,
        },
        Err(error) => named(&error),
    }
}

/// A value as text, with people by name.
fn named(value: &impl Debug) -> String {
    let mut text = format!("{value:?}").replace("Error::", "").replace("Event::", "");
    for person in PEOPLE {
        text = text.replace(&format!("{:?}", address(person)), person);
    }
    text
}

/// What everybody has, `available+held`; who has nothing is left out.
fn balances(host: &Host) -> String {
    let mut texts = Vec::new();
    for person in PEOPLE {
        for (asset, parts) in BALANCES.scan_under(host, &address(person), None, 100) {
            let (available, held) = (parts.available, parts.held);
            texts.push(format!("{person} {available}+{held} {}", asset.to_text()));
        }
    }
    texts.join(", ")
}

fn text(word: &str) -> String {
    match word.split_once('*') {
        Some((times, letter)) => letter.repeat(small(times)),
        None if word == "-" => String::new(),
        None => word.to_owned(),
    }
}

/// A number; `max` is the largest.
fn number(word: &str) -> u64 {
    if word == "max" { u64::MAX } else { word.parse().unwrap() }
}

fn small<T: TryFrom<u64, Error: Debug>>(word: &str) -> T {
    T::try_from(number(word)).unwrap()
}
