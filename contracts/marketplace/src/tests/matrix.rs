//! Every action in every state: what the tables of `states` allow happens, and everything else is refused
//! with the state and the action named.

use std::fmt::Write as _;

use ehb_contract::table::{shown_wrong_state, stored};
use ehb_contract::{Host, Named};
use expect_test::expect;

use super::actions::act;
use super::books::check_books;
use super::scene::{CAST, shop};
use crate::bindings::ehb::marketplace::types::{
    ListingState, RatingState, StoreState, SubOrderState as State,
};
use crate::keys::{PRODUCTS, RATINGS, STORES, SUB_ORDERS, VARIANTS};
use crate::states::{
    LISTING, ListingAction, RATING, STORE, SUB_ORDER, StoreAction, SubOrderAction as Action,
};

fn run(host: &mut Host, row: &str) -> String {
    let words: Vec<&str> = row.split_whitespace().collect();
    if CAST.set_scene(host, &words) {
        return "ok".to_owned();
    }
    let [who, action, arguments @ ..] = &words[..] else { return "no row".to_owned() };
    CAST.act_as(host, who);
    act(host, action, arguments)
}

/// The way to each state.
fn way(state: State) -> Vec<&'static str> {
    const PLACE: &str = "alice place-order EUR 1@1x3 3000";
    let shipped = [PLACE, "carl accept 1", "carl ship 1 0x1 -", "carl ship 1 0x2 -"];
    let delivered = [&shipped[..], &["carl deliver 1 1", "carl deliver 1 2"]].concat();
    let requested = [&delivered[..], &["alice request-return 1 0x1 why"]].concat();
    let approved = [&requested[..], &["carl approve-return 1"]].concat();
    let sent = [&approved[..], &["alice ship-return 1 Post"]].concat();
    let disputed = [PLACE, "carl accept 1", "alice open-dispute 1 5000 late"];
    match state {
        State::Placed => vec![PLACE],
        State::Accepted => vec![PLACE, "carl accept 1"],
        State::PartiallyShipped => shipped[..3].to_vec(),
        State::Shipped => shipped.to_vec(),
        State::Delivered => delivered,
        State::ReturnRequested => requested,
        State::ReturnApproved => approved,
        State::ReturnShipped => sent,
        State::ReturnDeclined => [&requested[..], &["carl decline-return 1"]].concat(),
        State::Disputed => disputed.to_vec(),
        State::Declined => vec![PLACE, "carl decline 1"],
        State::Expired => vec![PLACE, "at 11000", "stranger advance 1"],
        State::Cancelled => vec![PLACE, "alice cancel 1"],
        State::Undelivered => [&shipped[..], &["at 31000", "stranger advance 1"]].concat(),
        State::Completed => [&shipped[..], &["alice confirm 1"]].concat(),
        State::Returned => [&sent[..], &["tess receive-return 1 scrap"]].concat(),
        State::Resolved => [&disputed[..], &["tess accept-settlement 1"]].concat(),
        State::HoldExpired => vec![PLACE, "at 158112001000", "stranger advance 1"],
    }
}

/// The call that brings an action about, by somebody who may. Deadlines come by themselves.
fn call(host: &Host, state: State, action: Action) -> Vec<String> {
    let order = SUB_ORDERS.get(host, &1).unwrap();
    let row = match action {
        Action::Accept => "carl accept 1",
        Action::Decline => "carl decline 1",
        Action::Cancel => "carl cancel 1",
        Action::ShipPart => "carl ship 1 0x1 -",
        Action::ShipAll if order.lines[0].reserved == 2 => "carl ship 1 0x2 -",
        Action::ShipAll => "carl ship 1 0x3 -",
        Action::CancelUnshipped => "carl cancel-unshipped 1",
        Action::DeliverPart => "carl deliver 1 1",
        Action::DeliverAll => "carl deliver 1 2",
        Action::Confirm => "alice confirm 1",
        Action::Refund => "tess refund 1 0 1",
        Action::RequestReturn => "alice request-return 1 0x1 why",
        Action::ApproveReturn => "carl approve-return 1",
        Action::DeclineReturn => "carl decline-return 1",
        Action::ShipReturn => "alice ship-return 1 Post",
        Action::ReceiveReturn => "tess receive-return 1 scrap",
        Action::OpenDispute if state == State::ReturnShipped => "tess open-dispute 1 5000 why",
        Action::OpenDispute => "alice open-dispute 1 5000 why",
        Action::Resolve => "tess accept-settlement 1",
        Action::Expire | Action::ExpirePart | Action::ExpireHold => {
            let now_ms = match action {
                // One that ended leaves the state before its hold would expire.
                Action::ExpireHold if order.ended_ms.is_none() => order.hold_expires_ms,
                _ => order.deadline_ms.or(order.ended_ms).unwrap(),
            };
            return vec![format!("at {now_ms}"), "stranger advance 1".to_owned()];
        }
    };
    match (state, action) {
        // Both shipments must be delivered, so that the second one is all.
        (State::Shipped, Action::DeliverAll) => vec!["carl deliver 1 1".to_owned(), row.to_owned()],
        _ => vec![row.to_owned()],
    }
}

fn in_state(state: State) -> Host {
    let mut host = shop();
    for row in way(state) {
        let result = run(&mut host, row);
        assert!(["ok", "1", "2"].contains(&result.as_str()), "{row}: {result}");
    }
    assert_eq!(SUB_ORDERS.get(&host, &1).unwrap().state, state);
    host
}

#[test]
fn every_action_in_every_state() {
    let mut allowed = String::new();
    for (state, state_name) in State::ALL {
        for (action, action_name) in Action::ALL {
            let mut host = in_state(*state);
            // That a part was delivered when the time was over is a case of its own.
            if *action == Action::ExpirePart && *state == State::Shipped {
                run(&mut host, "carl deliver 1 1");
            }
            let rows = call(&host, *state, *action);
            let result = rows.iter().map(|row| run(&mut host, row)).last().unwrap();
            check_books(&mut host);
            let after = SUB_ORDERS.get(&host, &1).unwrap().state;
            match SUB_ORDER.after(*state, *action) {
                Some(to) => {
                    assert!(["ok", "1", "2", "3"].contains(&result.as_str()), "{rows:?}: {result}");
                    assert_eq!(after, to, "{rows:?}");
                    let _ = writeln!(allowed, "{state_name} {action_name} => {}", after.name());
                }
                None => check_refused(*state, *action, &result, after),
            }
        }
    }
    expect![[r#"
        placed accept => accepted
        placed decline => declined
        placed cancel => cancelled
        placed refund => placed
        placed expire => expired
        placed expire-hold => hold-expired
        accepted cancel => cancelled
        accepted ship-part => partially-shipped
        accepted ship-all => shipped
        accepted refund => accepted
        accepted open-dispute => disputed
        accepted expire => cancelled
        accepted expire-hold => hold-expired
        partially-shipped ship-part => partially-shipped
        partially-shipped ship-all => shipped
        partially-shipped cancel-unshipped => shipped
        partially-shipped deliver-part => partially-shipped
        partially-shipped refund => partially-shipped
        partially-shipped open-dispute => disputed
        partially-shipped expire => shipped
        partially-shipped expire-hold => hold-expired
        shipped deliver-part => shipped
        shipped deliver-all => delivered
        shipped confirm => completed
        shipped refund => shipped
        shipped open-dispute => disputed
        shipped expire => undelivered
        shipped expire-part => delivered
        shipped expire-hold => hold-expired
        delivered confirm => completed
        delivered refund => delivered
        delivered request-return => return-requested
        delivered open-dispute => disputed
        delivered expire => completed
        delivered expire-hold => hold-expired
        return-requested confirm => completed
        return-requested refund => return-requested
        return-requested approve-return => return-approved
        return-requested decline-return => return-declined
        return-requested expire => return-approved
        return-requested expire-hold => hold-expired
        return-approved confirm => completed
        return-approved refund => return-approved
        return-approved ship-return => return-shipped
        return-approved expire => completed
        return-approved expire-hold => hold-expired
        return-shipped refund => return-shipped
        return-shipped receive-return => returned
        return-shipped open-dispute => disputed
        return-shipped expire => returned
        return-shipped expire-hold => hold-expired
        return-declined confirm => completed
        return-declined refund => return-declined
        return-declined open-dispute => disputed
        return-declined expire => completed
        return-declined expire-hold => hold-expired
        disputed resolve => resolved
        disputed expire-hold => hold-expired
    "#]]
    .assert_eq(&allowed);
}

/// Transitions that are not in the table are refused, and nothing changes.
fn check_refused(state: State, action: Action, result: &str, after: State) {
    let by_deadline = matches!(action, Action::Expire | Action::ExpirePart | Action::ExpireHold);
    if by_deadline && !SUB_ORDER.is_end(state) {
        // A deadline that passed has one meaning: these are the others.
        assert_ne!(action, Action::ExpireHold);
        return;
    }
    if (state, action) == (State::PartiallyShipped, Action::DeliverAll) {
        // Pieces that are not shipped cannot be delivered, so not all pieces can be.
        assert!(result.starts_with("Unknown"), "{result}");
        return;
    }
    assert_eq!(after, state, "{action:?} in {state:?}");
    let refusal = shown_wrong_state("sub-order", 1, state.name(), "");
    let (refusal, _) = refusal.split_once(", action").unwrap();
    assert!(result.starts_with(refusal), "{action:?} in {state:?}: {result}");
}

/// Parties cannot act from the deadline on: in every state, only `advance` is left.
#[test]
fn every_action_is_too_late_after_the_deadline() {
    for (state, action, _) in SUB_ORDER.transitions {
        if matches!(action, Action::Expire | Action::ExpirePart | Action::ExpireHold) {
            continue;
        }
        let mut host = in_state(*state);
        let rows = call(&host, *state, *action);
        let order = SUB_ORDERS.get(&host, &1).unwrap();
        run(&mut host, &format!("at {}", order.deadline_ms.unwrap()));
        let result = run(&mut host, rows.last().unwrap());
        assert!(result.contains("TooLate"), "{rows:?}: {result}");
        assert_eq!(run(&mut host, "stranger advance 1"), "ok");
        check_books(&mut host);
    }
}

/// Nobody advances before the deadline.
#[test]
fn every_state_is_too_early_before_its_deadline() {
    for (state, _) in State::ALL {
        let mut host = in_state(*state);
        let order = SUB_ORDERS.get(&host, &1).unwrap();
        if SUB_ORDER.is_end(*state) {
            let result = run(&mut host, "stranger advance 1");
            assert!(result.starts_with("WrongState"), "{state:?}: {result}");
            continue;
        }
        run(&mut host, &format!("at {}", order.deadline_ms.unwrap() - 1));
        let result = run(&mut host, "stranger advance 1");
        assert!(result.starts_with("TooEarly"), "{state:?}: {result}");
    }
}

/// No state without an exit: what anyone brings about once the deadline has passed, in every state that is
/// not final. Stores and listings are no such states: nobody waits in them, and no money does.
#[test]
fn every_state_has_an_exit() {
    let mut exits = String::new();
    for state in stored::<State>() {
        assert!(!state.name().is_empty(), "{state:?} has no name");
        if SUB_ORDER.is_end(state) {
            continue;
        }
        let mut host = in_state(state);
        let order = SUB_ORDERS.get(&host, &1).unwrap();
        assert!(order.deadline_ms.unwrap() <= order.hold_expires_ms);
        run(&mut host, &format!("at {}", order.deadline_ms.unwrap()));
        assert_eq!(run(&mut host, "stranger advance-due 32"), "1");
        let after = SUB_ORDERS.get(&host, &1).unwrap().state;
        let _ = writeln!(exits, "{} => {}", state.name(), after.name());
    }
    for state in stored::<RatingState>() {
        assert!(!state.name().is_empty(), "{state:?} has no name");
        if RATING.is_end(state) {
            continue;
        }
        let mut host = in_state(State::Completed);
        run(&mut host, "alice commit 1 buyer 4");
        if state == RatingState::Revealing {
            run(&mut host, "carl commit 1 seller 2");
        }
        let before = RATINGS.get(&host, &1).unwrap();
        assert_eq!(before.state, state);
        run(&mut host, &format!("at {}", before.deadline_ms.unwrap()));
        assert_eq!(run(&mut host, "stranger advance-due 32"), "1");
        let after = RATINGS.get(&host, &1).unwrap().state;
        let _ = writeln!(exits, "rating {state:?} => {after:?}");
    }
    expect![[r#"
        placed => expired
        accepted => cancelled
        partially-shipped => shipped
        shipped => undelivered
        delivered => completed
        return-requested => return-approved
        return-approved => completed
        return-shipped => returned
        return-declined => completed
        disputed => disputed
        rating RatingState::Committing => RatingState::Revealing
        rating RatingState::Revealing => RatingState::Published
    "#]]
    .assert_eq(&exits);
}

#[test]
fn every_listing_in_every_state() {
    for (state, _) in ListingState::ALL {
        for (target, word) in ListingState::ALL {
            let mut host = shop();
            run(&mut host, "sam create-product 1 Nail");
            run(&mut host, "sam create-variant 3 N-1 - 5");
            let way: &[&str] = match state {
                ListingState::Draft => &[],
                ListingState::Listed => &["listed"],
                ListingState::Withdrawn => &["listed", "withdrawn"],
                ListingState::Retired => &["retired"],
            };
            for step in way {
                assert_eq!(run(&mut host, &format!("sam set-listing 3 {step}")), "ok");
            }
            let action = ListingAction::toward(*target);
            let to = action.and_then(|action| LISTING.after(*state, action));
            let result = run(&mut host, &format!("sam set-listing 3 {word}"));
            assert_eq!(result == "ok", to.is_some(), "{state:?} {target:?}: {result}");
            assert!(result == "ok" || result.starts_with("WrongState"), "{result}");
            let after = to.unwrap_or(*state);
            assert_eq!(PRODUCTS.get(&host, &3).unwrap().state, after);
            assert_eq!(VARIANTS.get(&host, &4).unwrap().state, after);
            let edited = run(&mut host, "sam set-product 3 Nails") == "ok";
            assert_eq!(edited, after != ListingState::Retired);
            assert_eq!(
                run(&mut host, "sam set-prices 4 -") == "ok",
                after != ListingState::Retired
            );
            assert_eq!(
                run(&mut host, "sam retire-variant 4") == "ok",
                after != ListingState::Retired
            );
        }
    }
}

#[test]
fn every_store_state_in_every_state() {
    for (state, word) in StoreState::ALL {
        for (target, target_word) in StoreState::ALL {
            let mut host = shop();
            if *state != StoreState::Open {
                assert_eq!(run(&mut host, &format!("sam set-store-state 1 {word}")), "ok");
            }
            let to = STORE.after(*state, StoreAction::toward(*target));
            let result = run(&mut host, &format!("sam set-store-state 1 {target_word}"));
            assert_eq!(result == "ok", to.is_some(), "{state:?} {target:?}: {result}");
            assert!(result == "ok" || result.starts_with("WrongState"), "{result}");
            assert_eq!(STORES.get(&host, &1).unwrap().state, to.unwrap_or(*state));
        }
    }
}
