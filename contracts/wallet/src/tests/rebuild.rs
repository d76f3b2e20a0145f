//! Events are complete: the tables that the indexer's projection makes of them are what the module keeps.
#![expect(clippy::panic, reason = "a test fails by it")]

use std::collections::BTreeMap;

use ehb_contract::json::{Arguments, Json, Value, answer};
use ehb_contract::{Address, Host, calendar};
use ehb_projection::cell::Cell;
use ehb_projection::mirror::{Mirror, Row};
use proptest::prelude::*;

use super::random::{perform, rows, stage};
use crate::bindings::ehb::wallet::events::Event;
use crate::keys::{
    ALLOWANCES, ASSETS, BALANCES, FREEZES, HOLDS, PAYMENTS, PERMITS, POLICIES, REQUESTS,
    STATEMENTS, SUPPLIES,
};
use crate::records::{Books, Parts};
use crate::rules;

/// Applies the new events, all of this block.
fn follow(mirror: &mut Mirror, host: &Host) {
    mirror.follow(host.events::<Event>().iter().map(Json::to_json), host.time_ms()).unwrap();
}

/// The module's answer to a read; none if the read is not known here.
fn read(host: &Host, function: &str, of: Arguments<'_>) -> Option<Result<Value, Value>> {
    let (asset, account) = (|| of.text("asset"), || of.address("account"));
    Some(match function {
        "get-asset" => answer(rules::get_asset(host, asset()?)),
        "get-supply" => answer(rules::get_supply(host, asset()?)),
        "get-balance" => answer(rules::get_balance(host, account()?, asset()?)),
        "get-hold" => answer(rules::get_hold(host, of.number("hold")?)),
        "get-freeze" => answer(rules::get_freeze(host, account()?, asset()?)),
        "get-policy" => answer(rules::get_policy(host, account()?, asset()?)),
        "get-allowance" => answer(rules::get_allowance(host, of.number("allowance")?)),
        "get-payment" => answer(rules::get_payment(host, of.number("payment")?)),
        "get-permit" => answer(rules::get_permit(host, of.number("permit")?)),
        "get-request" => answer(rules::get_request(host, of.number("request")?)),
        _ => return None,
    })
}

/// What the module keeps has rows.
fn kept(mirror: &Mirror, table: &str, columns: &[&str], keys: impl IntoIterator<Item = String>) {
    assert_eq!(mirror.missing(table, columns, keys).unwrap(), Vec::<String>::new(), "{table}");
}

/// Each row is what the module returns for it, and what the module keeps has a row.
fn check(mirror: &Mirror, host: &Host) {
    let read = |function: &str, arguments: &Value| read(host, function, Arguments(arguments));
    let found = mirror.compare(host.time_ms(), read);
    assert_eq!(found, Vec::<String>::new());
    let ids = |table: &str, ids: Vec<u64>| {
        kept(mirror, table, &["id"], ids.into_iter().map(|id| id.to_string()));
    };
    ids("emo.hold", HOLDS.keys(host));
    ids("emo.allowance", ALLOWANCES.keys(host));
    ids("emo.pending_payment", PAYMENTS.keys(host));
    ids("emo.permit", PERMITS.keys(host));
    ids("emo.request", REQUESTS.keys(host));
    let assets = ASSETS.all(host).into_iter().map(|(id, _)| id.to_text());
    kept(mirror, "emo.asset", &["id"], assets);
    let supplies = SUPPLIES.all(host).into_iter().map(|(id, _)| id.to_text());
    kept(mirror, "emo.supply", &["asset"], supplies);
    let owned = ["account", "asset"];
    let key = |(account, asset): (Address, crate::keys::AssetId)| {
        format!("{}/{}", account.to_hex(), asset.to_text())
    };
    let balances = BALANCES.all(host).into_iter().filter(|(_, parts)| parts.owned() > 0);
    kept(mirror, "emo.balance", &owned, balances.map(|it| key(it.0)));
    kept(mirror, "emo.freeze", &owned, FREEZES.all(host).into_iter().map(|it| key(it.0)));
    kept(mirror, "emo.policy", &owned, POLICIES.all(host).into_iter().map(|it| key(it.0)));
    check_statements(mirror, host);
}

/// The books of each month follow from the entries: the balances before and after it, and the credits and debits in it.
fn check_statements(mirror: &Mirror, host: &Host) {
    let number = |row: &Row, column: &str| match row.get(column) {
        Some(Cell::Number(number)) => u64::try_from(*number).unwrap(),
        other => panic!("{column}: {other:?}"),
    };
    let changed = |row: &Row| match (&row["available_change"], &row["held_change"]) {
        (Cell::Number(available), Cell::Number(held)) => available + held != 0,
        other => panic!("{other:?}"),
    };
    let mut months = BTreeMap::<(String, String, u32), Books>::new();
    let mut owned = BTreeMap::<(String, String), u64>::new();
    for row in mirror.rows("emo.entry").unwrap().iter().filter(|row| changed(row)) {
        let text = |column: &str| row[column].to_text().unwrap();
        let (account, asset) = (text("account"), text("asset"));
        let closing = number(row, "available") + number(row, "held");
        let opening = owned.insert((account.clone(), asset.clone()), closing).unwrap_or_default();
        let month = calendar::month(number(row, "time_ms"));
        let books = months.entry((account, asset, month));
        let books = books.or_insert(Books { opening, closing, entries: 0 });
        (books.closing, books.entries) = (closing, books.entries + 1);
    }
    let past = STATEMENTS.all(host).into_iter();
    let past = past.map(|((account, slot, month), books)| {
        ((account.to_hex(), slot.0.to_text(), month), books)
    });
    let now = BALANCES.all(host).into_iter().filter(|(_, parts)| parts.entries > 0);
    let now = now.map(|((account, asset), parts)| {
        let Parts { opening, entries, month, .. } = parts;
        (
            (account.to_hex(), asset.to_text(), month),
            Books { opening, closing: parts.owned(), entries },
        )
    });
    assert_eq!(months, past.chain(now).collect());
}

proptest! {
    /// Whatever anyone does in whatever order, the tables that follow from the events are what the module keeps.
    #[test]
    fn the_events_rebuild_all_tables(rows in rows()) {
        let (mut host, mut mirror) = (stage(), Mirror::new("wallet"));
        follow(&mut mirror, &host);
        for row in rows {
            perform(&mut host, &row);
            follow(&mut mirror, &host);
        }
        check(&mirror, &host);
    }
}
