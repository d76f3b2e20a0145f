//! Runs a table; its rows are documented in [`ehb_contract::table`]. Rows of this module's own:
//!
//! - `grant WHO ROLE` and `move WHO ORGANISATION` set the scene.
//! - `bank give WHO AMOUNT` pays somebody out of what alice has.
//! - `balances` shows what everybody has of EUR, `available+held`.
//! - `sub N` shows a sub-order: state, deadline, escrow (total, refunded, paid, fees), and its lines
//!   (ordered/reserved/shipped/delivered/returned, refunded).
//! - `stock` shows every stock, `stocked-reserved`.
//! - `events` shows the events since the last such row.
//!
//! The last argument of a call can be `key=TEXT`.

use std::fmt::Write as _;

use ehb_contract::Named as _;
use ehb_contract::table::{self, number};
use ehb_contract::{Address, Host};
use ehb_contract_wallet::{rules as wallet, scene};
use expect_test::Expect;

use super::actions::act;
use super::books::check_books;
use super::scene::{CAST, address, scene, shop};
use crate::bindings::ehb::marketplace::events::Event;
use crate::keys::{STOCK, SUB_ORDERS};

/// Runs a table on the chain of [`shop`].
pub(super) fn check(table: Expect) {
    run(shop(), table);
}

/// Runs a table on the chain of [`scene`], without any store.
pub(super) fn check_empty(table: Expect) {
    run(scene(), table);
}

fn run(mut host: Host, table: Expect) {
    let mut seen = host.events::<Event>().len();
    let filled = table::fill(table.data(), |words| {
        let result = row(&mut host, words, &mut seen);
        check_books(&mut host);
        result
    });
    table.assert_eq(&filled);
}

fn row(host: &mut Host, words: &[&str], seen: &mut usize) -> Option<String> {
    if CAST.set_scene(host, words) {
        return None;
    }
    Some(match words {
        ["grant", who, role] => {
            host.grant(address(who), role);
            return None;
        }
        ["move", who, organisation] => {
            host.register(address(who), organisation);
            return None;
        }
        ["bank", "give", who, amount] => {
            host.act_as(address("alice"));
            let (to, eur, amount) = (address(who), "EUR".to_owned(), number(amount));
            CAST.outcome(
                &host.call_module("wallet", |host| wallet::transfer(host, to, eur, amount)),
            )
        }
        ["balances"] => balances(host),
        ["sub", id] => shown(host, number(id)),
        ["stock"] => stock(host),
        ["events"] => CAST.news(&host.events::<Event>(), seen),
        [who, action, arguments @ ..] => {
            CAST.act_as(host, who);
            act(host, action, arguments)
        }
        _ => format!("no row: {words:?}"),
    })
}

/// An account's balance of EUR: available and held.
pub(super) fn purse(host: &mut Host, who: Address) -> (u64, u64) {
    scene::euros(host, who).unwrap()
}

fn balances(host: &mut Host) -> String {
    let mut texts = Vec::new();
    for person in CAST.0.iter().map(|name| name.trim_end_matches('!')) {
        let (available, held) = purse(host, address(person));
        if available + held > 0 {
            texts.push(format!("{person} {available}+{held}"));
        }
    }
    texts.join(", ")
}

/// A sub-order in short.
pub(super) fn shown(host: &Host, id: u64) -> String {
    let Some(order) = SUB_ORDERS.get(host, &id) else { return "none".to_owned() };
    let escrow = &order.escrow;
    let mut text = format!(
        "{} {}; {} {} {} {};",
        order.state.name(),
        order.deadline_ms.or(order.ended_ms).unwrap(),
        escrow.funded,
        escrow.refunded,
        escrow.paid,
        escrow.fee
    );
    for line in &order.lines {
        let (shipped, delivered, returned) = (line.shipped, line.delivered, line.returned);
        let _ =
            write!(text, " {}/{}/{shipped}/{delivered}/{returned}", line.ordered, line.reserved);
        let _ = write!(text, " {},", line.refunded);
    }
    text.trim_end_matches(',').to_owned()
}

fn stock(host: &Host) -> String {
    let levels = STOCK.scan(host, None, 256).into_iter();
    let shown = levels.map(|((variant, location), level)| {
        format!("{variant}@{location} {}-{}", level.on_hand, level.reserved)
    });
    shown.collect::<Vec<_>>().join(", ")
}
