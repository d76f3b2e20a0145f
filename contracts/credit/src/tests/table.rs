//! Runs a table; see [`ehb_contract::table`] for its form. Times and spans are sums such as `30d+2h+5`:
//! days, hours, milliseconds. Besides actions by someone there are rows that look: `money`, `grant ID`,
//! `usage ID`, `line ID`, `bill ID`, `position WHO`, `statement WHO MONTH`, `due`, `events`.

use ehb_contract::calendar::{DAY_MS, HOUR_MS};
use ehb_contract::common::{Item, Months, Period, RoleLimit};
use ehb_contract::table::{self, Cast, maybe, number, small, text};
use ehb_contract::{Address, Host};
use ehb_contract::{Kind as _, Named as _};
use ehb_contract_wallet::scene as wallet;
use expect_test::Expect;

use super::conservation::check_conservation;
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{
    CreditLine, CreditLineTerms, Error, Grant, Limit, Measure, SaleTerms, Source, Statement,
    StatementLine, Usage, UsageReport,
};
use crate::keys::{DEADLINES, Kind};
use crate::rules;

/// Everybody in the tables. `cloud` issues programme 1; `sam`, its seller, and `tina`, its treasurer, are
/// of its organisation. `alice`, her clerk `carl` and her treasurer `theo` are of another, `bob` of a third.
/// `probe` is the meter, `till` the payout account; `nobody` is nobody's account.
pub(super) const CAST: Cast = Cast(&[
    "cloud", "sam", "tina", "alice", "carl", "theo", "bob", "probe", "till", "nobody", "shop!",
]);

const ORGANISATIONS: [(&str, &[&str]); 4] = [
    ("cloud", &["cloud", "sam", "tina", "till", "probe"]),
    ("acme", &["alice", "carl", "theo"]),
    ("solo", &["bob"]),
    ("shop", &[]),
];

/// The customers' first balances.
pub(super) const MONEY: u64 = 10_000;

/// A chain with the people, money, and programme 1 with its prices, meter and terms of sale, at block time
/// 1000.
pub(super) fn scene() -> Host {
    let mut host = Host::for_module("credit");
    for (organisation, people) in ORGANISATIONS {
        for person in people {
            host.register(CAST.address(person), organisation);
        }
    }
    for (person, role) in [
        ("cloud", "issuer"),
        ("sam", "seller"),
        ("tina", "treasurer"),
        ("carl", "clerk"),
        ("theo", "treasurer"),
    ] {
        host.grant(CAST.address(person), role);
    }
    host.install(CAST.address("shop"));
    host.set_block(1, 1_000);
    host.act_as(CAST.address("cloud"));
    let to = ["alice", "theo", "bob"].map(|person| (CAST.address(person), MONEY));
    wallet::issue_euros(&mut host, &to).unwrap();
    for row in [
        "cloud create-programme API token till -",
        "sam set-price 1 gpt 3 10 -",
        "sam set-price 1 free 0 1 -",
        "sam register-meter 1 probe gateway",
        "sam set-sale-terms 1 EUR 5 10 10 100000 30d 10 7d 1000 5000",
    ] {
        let words: Vec<&str> = row.split(' ').collect();
        CAST.act_as(&mut host, words[0]);
        let result = act(&mut host, words[1], &words[2..]);
        assert!(["ok", "1"].contains(&result.as_str()), "{row} => {result}");
    }
    host
}

/// Runs a table from the beginning of a chain.
pub(super) fn check(table: Expect) {
    run(&mut scene(), table);
}

/// Runs a table.
pub(super) fn run(host: &mut Host, table: Expect) {
    let mut seen = host.events::<Event>().len();
    let filled = table::fill(table.data(), |words| {
        let result = row(host, words, &mut seen);
        check_conservation(host);
        result
    });
    table.assert_eq(&filled);
}

fn row(host: &mut Host, words: &[&str], seen: &mut usize) -> Option<String> {
    if let ["at", time] = words {
        host.set_block(host.height() + 1, number(time));
        return None;
    }
    if CAST.set_scene(host, words) {
        return None;
    }
    Some(match words {
        ["money"] => money(host),
        ["grant", id] => rules::get_grant(host, number(id)).map_or_else(refused, |it| grant(&it)),
        ["usage", id] => rules::get_usage(host, number(id)).map_or_else(refused, |it| usage(&it)),
        ["line", id] => {
            rules::get_credit_line(host, number(id)).map_or_else(refused, |it| line(&it))
        }
        ["bill", id] => CAST.outcome(&rules::get_bill(host, number(id))),
        ["balance", who] => position(host, CAST.address(who)),
        ["statement", who, month] => statement(host, CAST.address(who), small(month)),
        ["due"] => due(host),
        ["events"] => CAST.news(&host.events::<Event>(), seen),
        [who, action, arguments @ ..] => {
            CAST.act_as(host, who);
            act(host, action, arguments)
        }
        _ => panic!("no row: {words:?}"),
    })
}

fn refused(error: Error) -> String {
    CAST.named(&error)
}

/// A time as [`number`] reads it.
fn shown(time_ms: u64) -> String {
    let (days, hours) = (time_ms / DAY_MS, time_ms % DAY_MS / HOUR_MS);
    let parts = [(days, "d"), (hours, "h"), (time_ms % HOUR_MS, "")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, unit)| format!("{number}{unit}")).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join("+") }
}

/// Makes the call of a row, as its account.
pub(super) fn act(host: &mut Host, action: &str, arguments: &[&str]) -> String {
    let known = programmes(host, action, arguments)
        .or_else(|| granting(host, action, arguments))
        .or_else(|| metering(host, action, arguments))
        .or_else(|| lending(host, action, arguments))
        .or_else(|| wallet::act(&CAST, host, action, arguments))
        .or_else(|| asking(host, action, arguments));
    known.unwrap_or_else(|| panic!("no action: {action} {arguments:?}"))
}

fn call<T: std::fmt::Debug>(
    host: &mut Host,
    run: impl FnOnce(&mut Host) -> Result<T, Error>,
) -> String {
    let result = host.call(run);
    CAST.outcome(&result)
}

fn someone(word: &str) -> Address {
    CAST.address(word)
}

fn programmes(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("create-programme", words) => CAST.run(host, rules::create_programme, words),
        ("set-payout-account", words) => CAST.run(host, rules::set_payout_account, words),
        ("cancel-payout-change", words) => CAST.run(host, rules::cancel_payout_change, words),
        ("set-treasurer-limit", [id, limit @ ..]) => {
            let limit = match limit {
                [] => None,
                [single, daily] => {
                    Some(RoleLimit { single_max: number(single), daily_max: number(daily) })
                }
                other => panic!("two limits or none: {other:?}"),
            };
            call(host, |host| rules::set_treasurer_limit(host, number(id), limit))
        }
        ("get-treasurer-limit", words) => CAST.run(host, rules::get_treasurer_limit, words),
        ("set-sale-terms", [id, "-"]) => {
            call(host, |host| rules::set_sale_terms(host, number(id), None))
        }
        ("set-sale-terms", [id, terms @ ..]) => {
            let sale = sale(terms);
            call(host, |host| rules::set_sale_terms(host, number(id), Some(sale)))
        }
        ("set-price", [id, service, credits, per, from]) => call(host, |host| {
            let effective_ms = maybe(from).map(number);
            rules::set_price(
                host,
                number(id),
                text(service),
                number(credits),
                number(per),
                effective_ms,
            )
        }),
        ("retire-service", words) => CAST.run(host, rules::retire_service, words),
        ("register-meter", words) => CAST.run(host, rules::register_meter, words),
        ("remove-meter", words) => CAST.run(host, rules::remove_meter, words),
        ("set-default-limits", [id, limits @ ..]) => {
            let limits = limits.iter().map(|limit| self::limit(limit)).collect();
            call(host, |host| rules::set_default_limits(host, number(id), limits))
        }
        ("close-programme", words) => CAST.run(host, rules::close_programme, words),
        _ => return None,
    })
}

fn sale(terms: &[&str]) -> SaleTerms {
    let [asset, price, per, min, max, lasts, priority, refund, fee, breakage] = terms else {
        panic!("no terms of sale: {terms:?}")
    };
    SaleTerms {
        asset: text(asset),
        price: number(price),
        per: number(per),
        credits_min: number(min),
        credits_max: number(max),
        validity_ms: number(lasts),
        priority: small(priority),
        refund_window_ms: number(refund),
        refund_fee: small(fee),
        breakage: small(breakage),
    }
}

/// `SERVICE:MEASURE:PERIOD:MAX`; `-` is every service.
fn limit(word: &str) -> Limit {
    let parts: Vec<&str> = word.split(':').collect();
    let [service, measure, period, max] = parts[..] else { panic!("no limit: {word}") };
    let measure = match measure {
        "credits" => Measure::Credits,
        "quantity" => Measure::Quantity,
        "usages" => Measure::Usages,
        other => panic!("no measure: {other}"),
    };
    let service = maybe(service).map(str::to_owned);
    Limit { service, measure, period: self::period(period), max: number(max) }
}

/// `2days`, `2weeks`, `2months@31`, or a span such as `30d`.
fn period(word: &str) -> Period {
    if let Some((count, anchor_day)) = word.split_once("months@") {
        return Period::Months(Months { count: small(count), anchor_day: small(anchor_day) });
    }
    match (word.strip_suffix("days"), word.strip_suffix("weeks")) {
        (Some(days), _) => Period::Days(small(days)),
        (_, Some(weeks)) => Period::Weeks(small(weeks)),
        _ => Period::Span(number(word)),
    }
}

fn shown_period(period: Period) -> String {
    match period {
        Period::Span(span_ms) => shown(span_ms),
        Period::Days(days) => format!("{days}days"),
        Period::Weeks(weeks) => format!("{weeks}weeks"),
        Period::Months(months) => format!("{}months@{}", months.count, months.anchor_day),
    }
}

fn granting(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("grant-credits", [id, who, credits, from, until, priority, what, key]) => {
            let (effective, priority) = (maybe(from).map(number), small(priority));
            let (id, who, credits, until) =
                (number(id), someone(who), number(credits), number(until));
            let (what, key) = (text(what), text(key));
            call(host, |host| {
                rules::grant_credits(host, id, who, credits, effective, until, priority, what, key)
            })
        }
        ("revoke-grant", words) => CAST.run(host, rules::revoke_grant, words),
        ("purchase", [id, who, credits, price_max, key]) => call(host, |host| {
            let (who, credits, price_max) =
                (maybe(who).map(someone), number(credits), number(price_max));
            rules::purchase_credits(host, number(id), who, credits, price_max, text(key))
        }),
        ("refund-purchase", words) => CAST.run(host, rules::refund_purchase, words),
        ("settle-purchase", words) => CAST.run(host, rules::settle_purchase, words),
        _ => return None,
    })
}

fn metering(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("authorise-usage", [id, who, service, quantity, meter, window, what, key]) => {
            let (id, who, quantity, window) =
                (number(id), someone(who), number(quantity), number(window));
            let (service, meter, what, key) =
                (text(service), someone(meter), text(what), text(key));
            call(host, |host| {
                rules::authorise_usage(host, id, who, service, quantity, meter, window, what, key)
            })
        }
        ("capture-usage", words) => CAST.run(host, rules::capture_usage, words),
        ("void-usage", words) => CAST.run(host, rules::void_usage, words),
        ("report-usage", [id, reports @ ..]) => {
            let reports = reports.iter().map(|report| self::report(report)).collect();
            call(host, |host| rules::report_usage(host, number(id), reports))
        }
        ("set-limit", [id, who, limit]) => {
            call(host, |host| rules::set_limit(host, number(id), someone(who), self::limit(limit)))
        }
        ("remove-limit", [id, who, limit]) => call(host, |host| {
            rules::remove_limit(host, number(id), someone(who), self::limit(limit))
        }),
        _ => return None,
    })
}

/// `WHO:ITEM:QUANTITY:USED:REFERENCE`.
fn report(word: &str) -> UsageReport {
    let parts: Vec<&str> = word.split(':').collect();
    let [who, service, quantity, used, reference] = parts[..] else { panic!("no report: {word}") };
    UsageReport {
        account: someone(who),
        service: text(service),
        quantity: number(quantity),
        used_ms: number(used),
        reference: text(reference),
    }
}

fn lending(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        (
            "offer-credit-line",
            [id, who, limit, asset, price, per, cycle, payment, grace, term, offer, key],
        ) => {
            let terms = CreditLineTerms {
                limit: number(limit),
                asset: text(asset),
                price: number(price),
                per: number(per),
                cycle: period(cycle),
                payment_window_ms: number(payment),
                grace_period_ms: number(grace),
                term_ms: number(term),
            };
            call(host, |host| {
                rules::offer_credit_line(
                    host,
                    number(id),
                    someone(who),
                    terms,
                    number(offer),
                    text(key),
                )
            })
        }
        ("accept-credit-line", words) => CAST.run(host, rules::accept_credit_line, words),
        ("decline-credit-line", words) => CAST.run(host, rules::decline_credit_line, words),
        ("withdraw-credit-line", words) => CAST.run(host, rules::withdraw_credit_line, words),
        ("suspend-credit-line", words) => CAST.run(host, rules::suspend_credit_line, words),
        ("resume-credit-line", words) => CAST.run(host, rules::resume_credit_line, words),
        ("close-credit-line", words) => CAST.run(host, rules::close_credit_line, words),
        ("write-off-credit-line", words) => CAST.run(host, rules::write_off_credit_line, words),
        ("pay-bill", words) => CAST.run(host, rules::pay_bill, words),
        ("advance", [kind, id]) => {
            let item = Item { kind: (*kind).to_owned(), id: number(id) };
            CAST.outcome(&host.call(|host| rules::advance(host, item)))
        }
        ("advance-due", [limit]) => {
            let advanced = host.call(|host| rules::advance_due(host, small(limit)));
            CAST.outcome(&advanced.map(|advanced| advanced.len()))
        }
        ("migrate", []) => call(host, rules::migrate),
        _ => return None,
    })
}

fn asking(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    let id = |word: &&str| maybe(word).map(number);
    let service = |word: &&str| maybe(word).map(str::to_owned);
    Some(match (action, arguments) {
        ("get-programme", [of]) => CAST.outcome(&rules::get_programme(host, number(of))),
        ("list-programmes", [after, limit]) => {
            CAST.outcome(&rules::list_programmes(host, id(after), small(limit)))
        }
        ("get-service", [of, name]) => {
            CAST.outcome(&rules::get_service(host, number(of), text(name)))
        }
        ("list-services", [of, after, limit]) => {
            CAST.outcome(&rules::list_services(host, number(of), service(after), small(limit)))
        }
        ("list-meters", [of, after, limit]) => {
            let after = maybe(after).map(someone);
            CAST.outcome(&rules::list_meters(host, number(of), after, small(limit)))
        }
        ("list-customers", [of, after, limit]) => {
            let after = maybe(after).map(someone);
            CAST.outcome(&rules::list_customers(host, number(of), after, small(limit)))
        }
        ("get-balance", [of, who]) => {
            CAST.outcome(&rules::get_balance(host, number(of), someone(who)))
        }
        ("get-grant", [of]) => CAST.outcome(&rules::get_grant(host, number(of))),
        ("list-grants", [of, who, after, limit]) => CAST.outcome(&rules::list_grants(
            host,
            number(of),
            someone(who),
            id(after),
            small(limit),
        )),
        ("get-usage", [of]) => CAST.outcome(&rules::get_usage(host, number(of))),
        ("get-reported-usage", [of, meter, reference]) => CAST.outcome(&rules::get_reported_usage(
            host,
            number(of),
            someone(meter),
            text(reference),
        )),
        ("get-credit-line", [of]) => CAST.outcome(&rules::get_credit_line(host, number(of))),
        ("list-credit-lines", [of, who, after, limit]) => CAST.outcome(&rules::list_credit_lines(
            host,
            number(of),
            someone(who),
            id(after),
            small(limit),
        )),
        ("get-bill", [of]) => CAST.outcome(&rules::get_bill(host, number(of))),
        ("list-bills", [of, after, limit]) => {
            CAST.outcome(&rules::list_bills(host, number(of), id(after), small(limit)))
        }
        ("list-bill-lines", [of, after, limit]) => {
            CAST.outcome(&rules::list_bill_lines(host, number(of), service(after), small(limit)))
        }
        ("get-statement", [of, who, month]) => {
            CAST.outcome(&rules::get_statement(host, number(of), someone(who), small(month)))
        }
        ("list-statement-lines", [of, who, month, after, limit]) => {
            CAST.outcome(&rules::list_statement_lines(
                host,
                number(of),
                someone(who),
                small(month),
                service(after),
                small(limit),
            ))
        }
        ("list-due", [limit]) => CAST.outcome(&rules::list_due(host, None, small(limit))),
        _ => return None,
    })
}

/// All balances in the wallet, `available+held`, without zeros.
fn money(host: &mut Host) -> String {
    let mut texts = Vec::new();
    for person in ["alice", "theo", "bob", "till", "sam"] {
        let (available, held) = wallet::euros(host, CAST.address(person)).unwrap();
        if (available, held) != (0, 0) {
            texts.push(format!("{person} {available}+{held}"));
        }
    }
    texts.join(", ")
}

fn grant(it: &Grant) -> String {
    let Grant { amount, used, held, state, .. } = it;
    let due = it.deadline_ms.map_or_else(|| "none".to_owned(), shown);
    let mut text = format!("{state:?}: {used} used, {held} held of {amount}; due {due}");
    if let Some(purchase) = &it.purchase {
        let (price, settled, returned) = (purchase.price, purchase.settled, purchase.returned);
        text += &format!("; price {price}, {settled} settled, {returned} returned");
    }
    text.replace("GrantState::", "")
}

fn usage(it: &Usage) -> String {
    let source = |source: Source| match source {
        Source::Grant(id) => format!("grant {id}"),
        Source::CreditLine(id) => format!("line {id}"),
    };
    let draws = it.draws.iter();
    let draws: Vec<String> =
        draws.map(|draw| format!("{} of {}", draw.credits, source(draw.source))).collect();
    format!(
        "{:?}: {} of {} {}, {} of {} credits ({})",
        it.state,
        it.quantity,
        it.quantity_max,
        it.service,
        it.credits,
        it.credits_max,
        draws.join(", ")
    )
    .replace("UsageState::", "")
}

fn line(it: &CreditLine) -> String {
    format!(
        "{:?}: {} held, {} unbilled, {} billed, {} written off of {}; period {} until {}, ends {}; due {}",
        it.state,
        it.held,
        it.unbilled,
        it.billed,
        it.written_off,
        it.terms.limit,
        it.cycle,
        it.cycle_ends_ms.map_or_else(|| "none".to_owned(), shown),
        it.ends_ms.map_or_else(|| "none".to_owned(), shown),
        it.deadline().map_or_else(|| "none".to_owned(), shown)
    )
    .replace("CreditLineState::", "")
}

fn position(host: &Host, who: Address) -> String {
    let it = rules::get_balance(host, 1, who).unwrap();
    let mut text = format!(
        "{} free, {} later, {} held; grants {:?}",
        it.available, it.available_later, it.held, it.grants
    );
    if let Some(line) = it.credit_line {
        text += &format!("; line {line} with {} free", it.credit_line_available);
    }
    for state in it.limits {
        let limit = &state.limit;
        text += &format!(
            "; {:?} {}:{:?}:{}: {} of {}",
            state.set_by,
            limit.service.as_deref().unwrap_or("-"),
            limit.measure,
            shown_period(limit.period),
            state.counted + state.counted_before + state.counted_earlier,
            limit.max
        );
    }
    text.replace("LimitSetter::", "").replace("Measure::", "")
}

fn statement(host: &Host, who: Address, month: u32) -> String {
    let it = match rules::get_statement(host, 1, who, month) {
        Ok(it) => it,
        Err(error) => return refused(error),
    };
    let Statement {
        opening,
        granted,
        used,
        expired,
        revoked,
        refunded,
        closing,
        credit_line_used,
        ..
    } = it;
    let mut text = format!(
        "{opening} + {granted} granted - {used} used - {expired} expired - {revoked} revoked - \
         {refunded} refunded = {closing}; {credit_line_used} drawn"
    );
    let page = rules::list_statement_lines(host, 1, who, month, None, 100).unwrap();
    for StatementLine { service, usages, quantity, credits } in page.lines {
        text +=
            &format!("\n  | {service}: {usages} usages, quantity {quantity}, {credits} credits");
    }
    format!("\n  | {text}")
}

fn due(host: &Host) -> String {
    let due = DEADLINES.all(host).into_iter().map(|(at_ms, kind, id)| {
        let kind = Kind::of_number(kind).unwrap();
        format!("{} {id} {}", kind.name(), shown(at_ms))
    });
    due.collect::<Vec<_>>().join(", ")
}
