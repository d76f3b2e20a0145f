//! The index of deadlines: advancing, advancing and listing.

use super::{Deadlines, check_before, check_due};
use crate::common::{DueItem, Refusal};
use crate::{Host, Kind, Named};

/// Items that can be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, Kind)]
enum Due {
    Loan,
    Bill,
}

const DEADLINES: Deadlines<Due> = Deadlines::new(b'd');

fn scene(now_ms: u64) -> Host {
    let mut host = Host::new();
    for (deadline_ms, kind, id) in [(30, Due::Loan, 1), (10, Due::Bill, 5), (10, Due::Loan, 2)] {
        DEADLINES.add(&mut host, kind, id, deadline_ms);
    }
    host.set_block(1, now_ms);
    host
}

fn due(deadline_ms: u64, kind: Due, id: u64) -> DueItem {
    DueItem { deadline_ms, item: kind.item(id) }
}

/// Ends an item; a loan's end makes a bill of the same number due.
fn step(host: &mut Host, kind: Due, id: u64) -> Result<(), Refusal> {
    let now_ms = host.time_ms();
    let deadline_ms = if (kind, id) == (Due::Loan, 1) { 30 } else { 10 };
    let deadline_ms = if id == 2 && kind == Due::Bill { now_ms } else { deadline_ms };
    check_due(host, || kind.item(id), deadline_ms)?;
    DEADLINES.change(host, kind, id, Some(deadline_ms), None);
    if kind == Due::Loan {
        DEADLINES.change(host, Due::Bill, id, None, Some(if id == 2 { now_ms } else { 99 }));
    }
    Ok(())
}

#[test]
fn what_a_step_makes_due_is_swept_too() {
    let mut host = scene(20);
    let advanced = DEADLINES.advance_due(&mut host, 32, step);
    assert_eq!(
        advanced,
        Ok(vec![due(10, Due::Loan, 2), due(10, Due::Bill, 5), due(20, Due::Bill, 2)])
    );
    assert_eq!(DEADLINES.advance_due(&mut host, 32, step), Ok(vec![]));
    let refused = DEADLINES.advance_due(&mut host, 33, step);
    assert_eq!(refused, Err(Refusal::out_of_range("limit", 33, 1, 32)));
}

#[test]
fn a_list_has_what_has_passed_in_pages() {
    let host = scene(30);
    let page = |after: Option<&DueItem>, limit| {
        let page = DEADLINES.list(&host, after, limit).unwrap();
        (page.due, page.next)
    };
    let (loan, bill, late) = (due(10, Due::Loan, 2), due(10, Due::Bill, 5), due(30, Due::Loan, 1));
    let first = (vec![loan.clone(), bill.clone()], Some(bill.clone()));
    assert_eq!(page(None, 2), first);
    assert_eq!(page(Some(&bill), 2), (vec![late], None));
    assert_eq!(scene(9).time_ms(), 9);
    assert_eq!(DEADLINES.list(&scene(9), None, 9).unwrap().due, []);
    let stranger = DueItem { item: crate::common::Item { kind: "tree".into(), id: 1 }, ..loan };
    let refused = DEADLINES.list(&host, Some(&stranger), 2);
    assert_eq!(refused, Err(Refusal::UnknownItem(stranger.item)));
}

#[test]
fn only_what_is_due_is_advanced() {
    let mut host = scene(20);
    let early = Refusal::too_early(Due::Loan.item(1), 30, 20);
    assert_eq!(DEADLINES.advance(&mut host, &Due::Loan.item(1), step), Err(early));
    assert_eq!(DEADLINES.advance(&mut host, &Due::Bill.item(5), step), Ok(()));
    let missing = |host: &mut Host, _, id| {
        let found: Option<u64> = host.get(&[7]).map(|_| id);
        found.map(drop).ok_or_else(|| Due::Bill.unknown(id))
    };
    let unknown = DEADLINES.advance(&mut host, &Due::Bill.item(6), missing);
    assert_eq!(unknown, Err(Refusal::UnknownItem(Due::Bill.item(6))));
    let late = Refusal::too_late(Due::Bill.item(5), 20, 20);
    assert_eq!(check_before(&host, || Due::Bill.item(5), 20), Err(late));
    assert_eq!(check_before(&host, || Due::Bill.item(5), 21), Ok(()));
}

/// Advances whatever is due without looking at it, and does more for some.
fn advance_due(host: &mut Host, limit: u32, more: impl Fn(&mut Host, u64)) -> Vec<u64> {
    let advanced = DEADLINES.advance_due(host, limit, |host, kind, id| -> Result<(), Refusal> {
        DEADLINES.remove(host, kind, id, id);
        more(host, id);
        Ok(())
    });
    advanced.unwrap().into_iter().map(|due| due.item.id).collect()
}

/// A chain on which loans 1 to `count` are due, in this order.
fn with_loans(count: u64) -> Host {
    let mut host = Host::new();
    (1..=count).for_each(|id| DEADLINES.add(&mut host, Due::Loan, id, id));
    host.set_block(1, 1_000);
    host
}

#[test]
fn advance_due_follows_what_its_steps_change() {
    let all = |range: std::ops::RangeInclusive<u64>| range.collect::<Vec<u64>>();
    for (count, limit, expected) in [(0, 32, 0), (7, 32, 7), (8, 32, 8), (30, 32, 30), (30, 9, 9)] {
        assert_eq!(advance_due(&mut with_loans(count), limit, |_, _| ()), all(1..=expected));
    }
    // One ends another that was read with it; one makes an earlier one due; one a later one.
    let ends = |host: &mut Host, id| {
        if id == 2 {
            DEADLINES.remove(host, Due::Loan, 4, 4);
        }
    };
    assert_eq!(advance_due(&mut with_loans(5), 32, ends), [1, 2, 3, 5]);
    let begins = |host: &mut Host, id| {
        if id == 10 {
            DEADLINES.add(host, Due::Loan, 1, 1);
            DEADLINES.add(host, Due::Loan, 900, 900);
            DEADLINES.add(host, Due::Loan, 2_000, 2_000);
        }
    };
    let expected = [all(1..=10), all(1..=1), all(11..=12), vec![900]].concat();
    assert_eq!(advance_due(&mut with_loans(12), 32, begins), expected);
}

/// A step can move an item on and leave it at the deadline that it had: it is due again.
#[test]
fn an_item_that_stays_due_is_swept_again() {
    let mut host = with_loans(2);
    let left = std::cell::Cell::new(3);
    let advanced = DEADLINES.advance_due(&mut host, 32, |host, kind, id| -> Result<(), Refusal> {
        if id == 2 && left.get() > 1 {
            left.set(left.get() - 1);
        } else {
            DEADLINES.remove(host, kind, id, id);
        }
        Ok(())
    });
    let ids: Vec<u64> = advanced.unwrap().into_iter().map(|due| due.item.id).collect();
    assert_eq!(ids, [1, 2, 2, 2]);
}

#[test]
fn a_refused_step_ends_the_sweep() {
    let mut host = with_loans(3);
    let refuse = |host: &mut Host, kind, id| {
        DEADLINES.remove(host, kind, id, id);
        if id == 2 { Err(Due::Loan.unknown(id)) } else { Ok(()) }
    };
    assert_eq!(DEADLINES.advance_due(&mut host, 32, refuse), Err(Due::Loan.unknown(2)));
    assert!(host.advancing.is_none());
}
