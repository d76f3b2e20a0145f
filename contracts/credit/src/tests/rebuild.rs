//! Events are complete: the tables that the indexer's projection makes of them are what the module keeps.

use ehb_contract::Host;
use ehb_contract::json::{Arguments, Json, Value, answer};
use ehb_projection::mirror::Mirror;
use proptest::prelude::*;

use super::conservation::{drive_to_the_end, perform, steps};
use super::table::scene;
use crate::bindings::ehb::credit::events::Event;
use crate::keys::{
    BILL_LINES, BILLS, BOOKS, GRANTS, LINES, METERS, PROGRAMMES, REPORTS, SERVICES,
    STATEMENT_LINES, STATEMENTS, TREASURERS, Totals, USAGES,
};
use crate::rules;

/// Applies the new events, all of this block.
fn follow(mirror: &mut Mirror, host: &Host) {
    mirror.follow(host.events::<Event>().iter().map(Json::to_json), host.time_ms()).unwrap();
}

/// The module's answer to a read; none if the read is not known here.
fn read(host: &Host, function: &str, of: Arguments<'_>) -> Option<Result<Value, Value>> {
    let (programme, account) = (|| of.number("programme"), || of.address("account"));
    Some(match function {
        "get-programme" => answer(rules::get_programme(host, programme()?)),
        "get-treasurer-limit" => answer(rules::get_treasurer_limit(host, programme()?)),
        "get-service" => answer(rules::get_service(host, programme()?, of.text("service")?)),
        "get-grant" => answer(rules::get_grant(host, of.number("grant")?)),
        "get-usage" => answer(rules::get_usage(host, of.number("usage")?)),
        "get-balance" => answer(rules::get_balance(host, programme()?, account()?)),
        "get-credit-line" => answer(rules::get_credit_line(host, of.number("credit-line")?)),
        "get-bill" => answer(rules::get_bill(host, of.number("bill")?)),
        "get-statement" => {
            let month = u32::try_from(of.number("month")?).ok()?;
            answer(rules::get_statement(host, programme()?, account()?, month))
        }
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
    ids("emo.programme", PROGRAMMES.keys(host));
    ids("emo.grant", GRANTS.keys(host));
    ids("emo.usage", USAGES.keys(host));
    ids("emo.credit_line", LINES.keys(host));
    ids("emo.bill", BILLS.keys(host));
    let treasurers = TREASURERS.all(host).into_iter().map(|(programme, _)| programme.to_string());
    kept(mirror, "emo.role_limit", &["subject"], treasurers);
    let services =
        SERVICES.all(host).into_iter().map(|((programme, id), _)| format!("{programme}/{id}"));
    kept(mirror, "emo.service", &["programme", "id"], services);
    let limited = BOOKS.all(host).into_iter().filter(|(_, book)| !book.limits.is_empty());
    let limited =
        limited.map(|((programme, account), _)| format!("{programme}/{}", account.to_hex()));
    kept(mirror, "emo.account_limit", &["programme", "account"], limited);
    let months = BOOKS.all(host).into_iter();
    let months = months.map(|((programme, account), book)| (programme, account, book.month.month));
    let months = months.chain(STATEMENTS.all(host).into_iter().map(|it| it.0));
    let months = months
        .map(|(programme, account, month)| format!("{programme}/{}/{month}", account.to_hex()));
    kept(mirror, "emo.credit_month", &["programme", "account", "month"], months);
    check_lists(mirror, host);
}

/// Rows that the module returns in lists only are those of its state.
fn check_lists(mirror: &Mirror, host: &Host) {
    let rows = |table: &str, columns: &[&str]| mirror.keys(table, columns).unwrap();
    let meters = METERS.all(host).into_iter();
    let meters = meters.map(|((programme, account), name)| {
        format!("{programme}/{}/{name}/false", account.to_hex())
    });
    let mut known = rows("emo.meter", &["programme", "account", "name", "removed"]);
    known.retain(|it| it.ends_with("/false"));
    assert_eq!(known, meters.collect());
    let reports = REPORTS.all(host).into_iter();
    let reports = reports.map(|((programme, meter, reference), usage)| {
        format!("true/false/{programme}/{}/{reference}/{usage}", meter.to_hex())
    });
    let columns = ["is_reported", "reference_removed", "programme", "meter", "reference", "id"];
    let mut known = rows("emo.usage", &columns);
    known.retain(|it| it.starts_with("true/false/"));
    assert_eq!(known, reports.collect());
    let counted =
        |Totals { usages, quantity, credits }: Totals| format!("{usages}/{quantity}/{credits}");
    let lines = BILL_LINES.all(host).into_iter().map(|((line, number, service), totals)| {
        format!("false/{line}/{number}/{service}/{}", counted(totals))
    });
    let columns = ["removed", "credit_line", "number", "service", "usages", "quantity", "credits"];
    let mut known = rows("emo.bill_line", &columns);
    known.retain(|it| it.starts_with("false/"));
    assert_eq!(known, lines.collect());
    let lines = STATEMENT_LINES.all(host).into_iter();
    let lines = lines.map(|(((programme, account), month, service), totals)| {
        format!("{programme}/{}/{month}/{service}/{}", account.to_hex(), counted(totals))
    });
    let columns = ["programme", "account", "month", "service", "usages", "quantity", "credits"];
    assert_eq!(rows("emo.credit_month_service", &columns), lines.collect());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Whatever anyone does in whatever order, the tables that follow from the events are what the module keeps.
    #[test]
    fn the_events_rebuild_all_tables(steps in steps()) {
        let (mut host, mut mirror) = (scene(), Mirror::new("credit"));
        follow(&mut mirror, &host);
        for step in steps {
            perform(&mut host, &step);
            follow(&mut mirror, &host);
        }
        check(&mirror, &host);
        drive_to_the_end(&mut host, |host| follow(&mut mirror, host));
        check(&mirror, &host);
    }
}
