//! Random steps: credits and money are conserved, and every state and event is reached.

use std::collections::{BTreeMap, BTreeSet};

use ehb_contract::Host;
use ehb_contract::Named as _;
use ehb_contract::table::{self, cases};
use ehb_contract_wallet::keys as wallet_keys;
use ehb_contract_wallet::rules as wallet;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::table::{CAST, MONEY, act, scene};
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{
    BillState, CreditLineState, GrantState, Limit, Measure, ProgrammeState, Source, Usage,
    UsageState, WalletError,
};
use crate::checks::{KEPT_MS, REFERENCE_KEPT_MS, USAGE_KEPT_MS};
use crate::keys::{
    BILL_LINES, BILLS, BILLS_OF, BOOKS, DEADLINES, ENDING, GRANTS, GRANTS_OF, LATEST_BILL,
    LATEST_GRANT, LATEST_LINE, LEAVING, LINES, LINES_OF, PROGRAMMES, REPORTS, STATEMENT_LINES,
    USAGE_NUMBERS, USAGES,
};
use crate::rules;
use crate::states::{GRANT, LINE};

/// The credits that a usage charged to each source, and those that it still holds of each.
fn shares(usage: &Usage) -> impl Iterator<Item = (Source, u64, u64)> {
    let mut missing = usage.credits;
    let open = usage.state == UsageState::Authorised;
    usage.draws.iter().map(move |draw| {
        let charged = missing.min(draw.credits);
        missing -= charged;
        (draw.source, charged, if open { draw.credits } else { 0 })
    })
}

/// Nothing is lost, nothing appears: credits, money, deadlines.
pub(super) fn check_conservation(host: &mut Host) {
    let mut charged: BTreeMap<(bool, u64), (u64, u64)> = BTreeMap::new();
    for (_, usage) in USAGES.all(host) {
        assert_eq!(usage.draws.iter().map(|draw| draw.credits).sum::<u64>(), usage.credits_max);
        for (source, used, held) in shares(&usage) {
            let key = match source {
                Source::Grant(id) => (true, id),
                Source::CreditLine(id) => (false, id),
            };
            let sums = charged.entry(key).or_default();
            sums.0 += used;
            sums.1 += held;
        }
    }
    check_grants(host, &charged);
    check_lines(host, &charged);
    check_money(host);
    check_deadlines(host);
    check_statements(host);
    check_limits(host);
}

fn check_grants(host: &mut Host, charged: &BTreeMap<(bool, u64), (u64, u64)>) {
    let mut booked = BTreeSet::new();
    for ((programme, account), book) in BOOKS.all(host) {
        let places: Vec<_> =
            book.grants.iter().map(|it| (it.priority, it.expires_ms, it.id)).collect();
        assert!(places.is_sorted() && places.len() <= 16, "{places:?}");
        for it in book.grants {
            let grant = GRANTS.get(host, &it.id).unwrap();
            assert_eq!(
                (grant.programme, grant.account, grant.state),
                (programme, account, it.state)
            );
            assert!(it.state == GrantState::Open || it.held > 0, "{it:?}");
            booked.insert(it.id);
        }
    }
    for (id, _) in GRANTS.all(host) {
        let grant = rules::get_grant(host, id).unwrap();
        let sums = charged.get(&(true, id)).copied().unwrap_or_default();
        assert_eq!((grant.used - grant.used_removed, grant.held), sums, "{grant:?}");
        assert!(grant.used + grant.held <= grant.amount, "{grant:?}");
        assert_eq!(booked.contains(&id), grant.state == GrantState::Open || grant.held > 0);
        let Some(purchase) = &grant.purchase else { continue };
        let held = host.enter_module("wallet", |host| wallet::get_hold(host, purchase.hold));
        let held = match held {
            Ok(hold) => hold.remaining,
            Err(WalletError::WrongState(_)) => 0,
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(purchase.settled + purchase.returned + held, purchase.price, "{grant:?}");
        if GRANT.is_end(grant.state) {
            assert_eq!(held, 0, "{grant:?}");
        }
    }
}

fn check_lines(host: &Host, charged: &BTreeMap<(bool, u64), (u64, u64)>) {
    let bills = BILLS.all(host);
    for (id, line) in LINES.all(host) {
        let (used, held) = charged.get(&(false, id)).copied().unwrap_or_default();
        assert_eq!(line.held, held, "{line:?}");
        let of_line = || bills.iter().map(|(_, bill)| bill).filter(|bill| bill.credit_line == id);
        let paid: u64 =
            of_line().filter(|bill| bill.state == BillState::Paid).map(|bill| bill.credits).sum();
        let used = used + line.used_removed;
        assert_eq!(paid + line.billed + line.unbilled + line.written_off, used, "{line:?}");
        assert!(line.held + line.billed + line.unbilled <= line.terms.limit, "{line:?}");
        let open: Vec<_> = of_line()
            .filter(|bill| matches!(bill.state, BillState::Due | BillState::Overdue))
            .map(|bill| bill.id)
            .collect();
        assert_eq!(open, line.bill.into_iter().collect::<Vec<_>>());
        for bill in of_line() {
            let is_paid = matches!(bill.state, BillState::Paid | BillState::Recovered);
            assert_eq!(is_paid, bill.paid == bill.amount, "{bill:?}");
            let lines = BILL_LINES.scan_under(host, &(id, bill.number), None, 256);
            assert_eq!(lines.iter().map(|(_, it)| it.credits).sum::<u64>(), bill.credits);
        }
        if LINE.is_end(line.state) && line.state != CreditLineState::WrittenOff {
            assert_eq!((line.held, line.billed, line.unbilled), (0, 0, 0), "{line:?}");
        }
    }
}

/// What the customers had is what everybody has; what is held are the prices of purchases, and nothing is
/// left in a payment's hold.
fn check_money(host: &mut Host) {
    let (owned, held, holds) = host
        .enter_module("wallet", |host| {
            let balances = wallet_keys::BALANCES.scan(host, None, 256);
            let owned: u64 = balances.iter().map(|(_, it)| it.available + it.held).sum();
            let held: u64 = balances.iter().map(|(_, it)| it.held).sum();
            let holds = wallet_keys::HOLDS.scan(host, None, 256);
            Ok::<_, ()>((owned, held, holds))
        })
        .unwrap();
    assert_eq!(owned, 3 * MONEY);
    let prices: u64 = GRANTS
        .all(host)
        .iter()
        .filter_map(|(_, grant)| grant.purchase.as_ref())
        .map(|it| it.price - it.settled - it.returned)
        .sum();
    assert_eq!(held, prices);
    assert_eq!(holds.iter().map(|(_, hold)| hold.remaining).sum::<u64>(), prices);
}

/// Everything that can go on has one deadline, and nothing else has one.
fn check_deadlines(host: &Host) {
    let mut expected: BTreeSet<(u64, u8, u64)> = BTreeSet::new();
    for (id, programme) in PROGRAMMES.all(host) {
        if programme.state == ProgrammeState::Closing || ENDING.contains(host, &id) {
            expected.insert((programme.closes_ms.unwrap(), 0, id));
        }
    }
    for (id, _) in GRANTS.all(host) {
        let grant = rules::get_grant(host, id).unwrap();
        let waits =
            GRANT.is_end(grant.state) || (grant.state != GrantState::Open && grant.held > 0);
        assert_eq!(grant.deadline_ms.is_none(), waits, "{grant:?}");
        assert_eq!(grant.ended_ms.is_some(), GRANT.is_end(grant.state), "{grant:?}");
        expected.extend(grant.deadline_ms.map(|at_ms| (at_ms, 1, id)));
        expected.extend(grant.ended_ms.map(|ended_ms| (ended_ms + KEPT_MS, 1, id)));
    }
    for (id, usage) in USAGES.all(host) {
        if usage.state == UsageState::Authorised {
            expected.insert((usage.expires_ms, 2, id));
        }
    }
    for (id, line) in LINES.all(host) {
        assert_eq!(line.deadline().is_none(), LINE.is_end(line.state));
        assert_eq!(line.ended_ms.is_some(), LINE.is_end(line.state), "{line:?}");
        expected.extend(line.due_at().map(|at_ms| (at_ms, 3, id)));
    }
    let leaving = LEAVING.all(host).into_iter();
    expected.extend(leaving.map(|(id, leaving)| (leaving.due_ms, 3, id)));
    let numbers = USAGE_NUMBERS.get(host).unwrap_or_default();
    let at_ms = |before: u64| USAGES.get(host, &(before + 1)).map(|usage| usage.at_ms);
    expected.extend(at_ms(numbers.removed).map(|at_ms| (at_ms + USAGE_KEPT_MS, 5, 1)));
    expected.extend(at_ms(numbers.unreferenced).map(|at_ms| (at_ms + REFERENCE_KEPT_MS, 5, 2)));
    assert!(numbers.removed <= numbers.unreferenced && numbers.unreferenced <= numbers.latest);
    assert!(USAGES.all(host).iter().map(|(id, _)| *id).eq(numbers.removed + 1..=numbers.latest));
    assert!(REPORTS.all(host).iter().all(|(_, usage)| *usage > numbers.unreferenced));
    let found: BTreeSet<(u64, u8, u64)> = DEADLINES.all(host).into_iter().collect();
    assert_eq!(found, expected);
}

/// Months add up, and services add up to months.
fn check_statements(host: &Host) {
    for ((programme, account), book) in BOOKS.all(host) {
        let it = &book.month;
        let lost = it.used + it.expired + it.revoked + it.refunded;
        assert_eq!(it.opening + it.granted, it.closing + lost, "{it:?}");
        assert_eq!(it.closing, book.balance());
        let key = ((programme, account), it.month);
        let services = STATEMENT_LINES.scan_under(host, &key, None, 256);
        assert_eq!(
            services.iter().map(|(_, it)| it.credits).sum::<u64>(),
            it.used + it.credit_line_used
        );
    }
}

/// A limit has counted what the usages of its latest window cost, or can cost while they are open.
fn check_limits(host: &Host) {
    let usages = USAGES.all(host);
    for ((programme, account), book) in BOOKS.all(host) {
        let of_account = || {
            let usages = usages.iter().map(|(_, usage)| usage);
            usages.filter(|it| (it.programme, it.account) == (programme, account))
        };
        for state in book.limits {
            let Limit { service, measure, .. } = &state.limit;
            // What a window counted long ago is usage that has left the state.
            if state.window_start_ms + USAGE_KEPT_MS <= host.time_ms() {
                continue;
            }
            // Whether usage of the moment at which the limit was set came before or after, nobody can say.
            if of_account().any(|usage| usage.at_ms == state.since_ms) {
                continue;
            }
            let counted = |usage: &&Usage| {
                usage.at_ms > state.since_ms
                    && state.slot(usage.at_ms).start_ms == state.window_start_ms
                    && service.as_ref().is_none_or(|service| *service == usage.service)
            };
            let measured = |usage: &Usage| match (usage.state, measure) {
                (UsageState::Voided | UsageState::TimedOut, _) => 0,
                (_, Measure::Usages) => 1,
                (UsageState::Authorised, Measure::Credits) => usage.credits_max,
                (UsageState::Authorised, Measure::Quantity) => usage.quantity_max,
                (UsageState::Captured, Measure::Credits) => usage.credits,
                (UsageState::Captured, Measure::Quantity) => usage.quantity,
            };
            let sum: u64 = of_account().filter(counted).map(measured).sum();
            assert_eq!(state.counted, sum, "{state:?}");
        }
    }
}

/// How many runs together reach everything.
const RUNS: u32 = 700;

/// A row of a table, made up of what anybody might do. `?g7` stands for one of the grants there are, `?u7`
/// for a usage, `?l7` for a line, `?b7` for a bill.
fn step() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => prop::sample::select(vec!["wait 101d", "wait 401d"]).prop_map(str::to_owned),
        32 => use_credits(),
        20 => get_credits(),
        24 => borrow(),
        28 => pass_time(),
        4 => administer(),
    ]
}

fn customer() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["alice", "bob"])
}

fn anyone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["cloud", "tina", "alice", "theo", "bob", "probe"])
}

fn number() -> impl Strategy<Value = u64> {
    0..20u64
}

/// The periods of limits, few enough that a limit is found again.
fn limit_hours() -> impl Strategy<Value = u64> {
    prop::sample::select(vec![2, 9, 40])
}

fn use_credits() -> impl Strategy<Value = String> {
    let service = || prop::sample::select(vec!["gpt", "gpt", "gpt", "gpt", "free", "none"]);
    prop_oneof![
        8 => (customer(), service(), 1..400u64, 1..200u64).prop_map(|(who, service, quantity, hours)| {
            format!("{who} authorise-usage 1 {who} {service} {quantity} probe {hours}h - -")
        }),
        6 => (number(), 1..300u64).prop_map(|(id, quantity)| {
            format!("probe capture-usage ?u{id} {quantity} -")
        }),
        2 => number().prop_map(|id| format!("cloud void-usage ?u{id}")),
        6 => (customer(), service(), 1..300u64, customer(), number()).prop_map(
            |(one, service, quantity, other, number)| format!(
                "probe report-usage 1 {one}:{service}:{quantity}:@0:r{number} {other}:gpt:7:@0:s{number}"
            )
        ),
        1 => (1..90u64).prop_map(|max| format!("sam set-default-limits 1 gpt:quantity:9h:{max}")),
        1 => (anyone(), customer(), any::<bool>(), limit_hours(), 0..500u64).prop_map(
            |(who, account, usages, hours, max)| {
                let measure = if usages { "usages" } else { "credits" };
                format!("{who} set-limit 1 {account} -:{measure}:{hours}h:{max}")
            }
        ),
    ]
}

fn get_credits() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (customer(), 1..100u64, 0..3u64, 4..40u64, 0..3u8).prop_map(
            |(who, credits, from, days, priority)| format!(
                "tina grant-credits 1 {who} {credits} @{from}d @{days}d {priority} - -"
            )
        ),
        4 => (customer(), 10..100u64)
            .prop_map(|(who, credits)| format!("{who} purchase 1 - {credits} max -")),
        2 => (customer(), number()).prop_map(|(who, id)| format!("{who} refund-purchase ?g{id} -")),
        1 => number().prop_map(|id| format!("tina revoke-grant ?g{id} -")),
        2 => number().prop_map(|id| format!("bob settle-purchase ?g{id} -")),
        1 => (100..600u64, 200..3_000u64)
            .prop_map(|(one, day)| format!("cloud set-treasurer-limit 1 {one} {day}")),
    ]
}

fn borrow() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (customer(), 20..500u64, 1..60u64).prop_map(|(who, limit, hours)| format!(
            "tina offer-credit-line 1 {who} {limit} EUR 3 10 {hours}h 1h 90h 30d 10d -"
        )),
        8 => (customer(), number()).prop_map(|(who, id)| format!("{who} accept-credit-line ?l{id}")),
        1 => (customer(), number()).prop_map(|(who, id)| format!("{who} decline-credit-line ?l{id}")),
        1 => number().prop_map(|id| format!("tina withdraw-credit-line ?l{id}")),
        1 => (anyone(), number()).prop_map(|(who, id)| format!("{who} close-credit-line ?l{id}")),
        1 => number().prop_map(|id| format!("tina suspend-credit-line ?l{id}")),
        1 => number().prop_map(|id| format!("tina resume-credit-line ?l{id}")),
        1 => number().prop_map(|id| format!("tina write-off-credit-line ?l{id}")),
        6 => (customer(), number(), 1..20u64)
            .prop_map(|(who, id, amount)| format!("{who} pay-bill ?b{id} {amount} -")),
        3 => (customer(), number())
            .prop_map(|(who, id)| format!("{who} pay-bill ?b{id} rest -")),
    ]
}

/// Calls that change a programme without stopping it.
fn administer() -> impl Strategy<Value = String> {
    let rows = vec![
        "cloud set-payout-account 1 till",
        "cloud set-payout-account 1 till; tina cancel-payout-change 1",
        "sam set-sale-terms 1 -",
        "sam set-price 1 more 1 1 -",
        "sam retire-service 1 free",
        "sam register-meter 1 till more",
        "sam register-meter 1 till more; sam remove-meter 1 till",
        "cloud create-programme More token till -",
        "alice set-limit 1 alice -:usages:9h:50; alice remove-limit 1 alice -:usages:9h:0",
    ];
    prop_oneof![
        9 => prop::sample::select(rows).prop_map(str::to_owned),
        3 => (anyone(), customer(), limit_hours()).prop_map(|(who, account, hours)| {
            format!("{who} remove-limit 1 {account} -:usages:{hours}h:0")
        }),
    ]
}

fn pass_time() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["grant ?g", "usage ?u", "line ?l", "line ?l"]);
    prop_oneof![
        3 => (kind, number()).prop_map(|(kind, id)| format!("bob advance {kind}{id}")),
        2 => (1..5u32).prop_map(|limit| format!("bob advance-due {limit}")),
        5 => (1..60u64).prop_map(|hours| format!("wait {hours}h")),
        1 => (2..20u64).prop_map(|days| format!("wait {days}d")),
        1 => Just("wait 1".to_owned()),
        1 => (0..400u64).prop_map(|days| format!("cloud close-programme 1 @{days}d")),
        1 => Just("bob advance programme 1".to_owned()),
    ]
}

/// Carries a step out. `@` stands for the block's time, to which the time after it is added, and `rest`
/// for what is not paid of a bill.
pub(super) fn perform(host: &mut Host, step: &str) -> String {
    if let Some((first, rest)) = step.split_once("; ") {
        perform(host, first);
        return perform(host, rest);
    }
    let now_ms = host.time_ms();
    let words: Vec<String> = step
        .split(' ')
        .map(|word| match word.strip_prefix('?') {
            Some(word) => one_of(host, word).to_string(),
            None => word.replace('@', &format!("{now_ms}+")),
        })
        .collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    let unpaid;
    if let [_, "pay-bill", bill, "rest", _] = words[..] {
        let bill = BILLS.get(host, &table::number(bill));
        unpaid = bill.map_or(0, |bill| bill.amount - bill.paid).to_string();
        words[3] = &unpaid;
    }
    if let ["wait", pause] = words[..] {
        host.set_block(host.height() + 1, now_ms + table::number(pause));
        return String::new();
    }
    CAST.act_as(host, words[0]);
    act(host, words[1], &words[2..])
}

/// One of the numbers that were given so far, or the first.
fn one_of(host: &Host, word: &str) -> u64 {
    let (kind, place) = word.split_at(1);
    let latest = match kind {
        "g" => LATEST_GRANT.get(host),
        "u" => USAGE_NUMBERS.get(host).map(|numbers| numbers.latest),
        "l" => LATEST_LINE.get(host),
        "b" => LATEST_BILL.get(host),
        other => panic!("{other:?} is no kind of number"),
    };
    1 + table::number(place) % latest.unwrap_or(1)
}

/// Random steps, most of which make sense when they come.
pub(super) fn steps() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(step(), 0..100)
}

/// Drives everything to its end: a stranger advances what is due, however long it takes, and nobody else does anything.
/// Returns every state on the way.
pub(super) fn drive_to_the_end(host: &mut Host, mut then: impl FnMut(&Host)) {
    for person in ["cloud", "tina", "alice", "bob", "till", "probe"] {
        host.set_frozen(CAST.address(person), true);
    }
    for _ in 0..10_000 {
        let Some(deadline) = DEADLINES.all(host).first().copied() else { return };
        host.set_block(host.height() + 1, host.time_ms().max(deadline.0));
        let advanced = perform(host, "theo advance-due 32");
        assert!(
            advanced.parse::<u32>().is_ok_and(|advanced| advanced > 0),
            "{advanced} at {deadline:?}"
        );
        then(host);
    }
    panic!("there is no end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Whatever anyone does in whatever order: credits, money and statements add up, a refused call
    /// changes nothing, and a stranger alone brings everything to its end.
    #[test]
    fn value_is_conserved(steps in steps()) {
        let mut host = scene();
        for step in steps {
            perform(&mut host, &step);
            check_conservation(&mut host);
        }
        drive_to_the_end(&mut host, |_| {});
        check_conservation(&mut host);
        prop_assert!(USAGES.all(&host).is_empty() && REPORTS.all(&host).is_empty());
        prop_assert!(GRANTS.all(&host).is_empty() && GRANTS_OF.all(&host).is_empty());
        prop_assert!(LINES.all(&host).is_empty() && LINES_OF.all(&host).is_empty());
        prop_assert!(BILLS.all(&host).is_empty() && BILLS_OF.all(&host).is_empty());
        prop_assert!(BILL_LINES.all(&host).is_empty() && LEAVING.all(&host).is_empty());
    }
}

/// The random steps are worth something: they reach every state of every machine, and every event.
#[test]
fn random_steps_reach_every_state_and_event() {
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut events): (BTreeSet<String>, BTreeSet<String>) = Default::default();
    for _ in 0..RUNS {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let mut host = scene();
        for step in steps {
            perform(&mut host, &step);
            let programme = PROGRAMMES.get(&host, &1).unwrap();
            seen.insert(format!("{:?}", programme.state));
            seen.extend(GRANTS.all(&host).iter().map(|(_, it)| format!("{:?}", it.state)));
            seen.extend(LINES.all(&host).iter().map(|(_, it)| format!("{:?}", it.state)));
            seen.extend(BILLS.all(&host).iter().map(|(_, it)| format!("{:?}", it.state)));
        }
        for event in host.events::<Event>() {
            let name = format!("{event:?}").replace("Event::", "");
            events.insert(name.split('(').next().unwrap_or_default().to_owned());
        }
        seen.extend(USAGES.all(&host).iter().map(|(_, it)| format!("{:?}", it.state)));
    }
    let states = ProgrammeState::ALL.len()
        + GrantState::ALL.len()
        + UsageState::ALL.len()
        + CreditLineState::ALL.len()
        + BillState::ALL.len();
    assert_eq!(seen.len(), states, "{seen:?}");
    assert_eq!(events, cases(include_str!("../../wit/events.wit"), "event"));
}
