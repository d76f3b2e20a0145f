//! Whatever anyone does in whatever order, with the components that ship: value is conserved.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::scenes::{hire, open_programme, open_shop, order};
use super::stage::{PEOPLE, Stage, document};
use crate::books::{self, Reads};

/// Runs, and the most steps of one.
const CASES: u32 = 20;
const STEPS_MAX: usize = 120;

/// Longer than any deadline: also the wallet's holds end then.
const FOREVER_MS: u64 = 4_000 * 86_400_000;

/// The most sweeps that settle everything that a run leaves open.
const SWEEPS: u64 = 12;

/// What may be called, by whom it makes sense, and with what besides the number of the order, milestone,
/// grant, usage or hold.
const CALLS: &[(&str, &str, &str)] = &[
    ("alice", "wallet", "transfer"),
    ("bob", "wallet", "place-hold"),
    ("bob", "wallet", "pay-out"),
    ("bob", "wallet", "release-hold"),
    ("sam", "wallet", "expire-hold"),
    ("bank", "wallet", "mint"),
    ("bank", "wallet", "burn"),
    ("alice", "marketplace", "place-order"),
    ("bob", "marketplace", "place-order"),
    ("sam", "marketplace", "accept-order"),
    ("sam", "marketplace", "accept-order"),
    ("sam", "marketplace", "decline-order"),
    ("alice", "marketplace", "cancel-order"),
    ("alice", "marketplace", "cancel-order"),
    ("alice", "marketplace", "cancel-order"),
    ("sam", "marketplace", "ship-order"),
    ("sam", "marketplace", "ship-order"),
    ("fast", "marketplace", "record-delivery"),
    ("fast", "marketplace", "record-delivery"),
    ("alice", "marketplace", "confirm-order"),
    ("sam", "marketplace", "refund-line"),
    ("alice", "marketplace", "request-return"),
    ("sam", "marketplace", "approve-return"),
    ("alice", "marketplace", "send-return"),
    ("sam", "marketplace", "receive-return"),
    ("alice", "marketplace", "open-dispute"),
    ("judge", "marketplace", "rule-dispute"),
    ("till", "marketplace", "advance"),
    ("till", "marketplace", "sweep"),
    ("alice", "jobs", "fund-milestone"),
    ("alice", "jobs", "fund-milestone"),
    ("bob", "jobs", "submit-milestone"),
    ("bob", "jobs", "submit-milestone"),
    ("alice", "jobs", "approve-milestone"),
    ("alice", "jobs", "release-milestone"),
    ("bob", "jobs", "give-up-milestone"),
    ("bob", "jobs", "open-dispute"),
    ("judge", "jobs", "rule-dispute"),
    ("till", "jobs", "sweep"),
    ("alice", "credit", "purchase"),
    ("bob", "credit", "purchase"),
    ("alice", "credit", "authorise-usage"),
    ("fast", "credit", "capture-usage"),
    ("fast", "credit", "void-usage"),
    ("cloud", "credit", "settle-purchase"),
    ("alice", "credit", "refund-purchase"),
    ("till", "credit", "sweep"),
];

/// Steps of other kinds, for as many of the calls above: an order, a milestone or a purchase of
/// credits goes on as its parties want it to, or time passes.
const MORE_STEPS: usize = 60;
const ORDER_STEPS: usize = 30;
const MILESTONE_STEPS: usize = 10;
const CREDIT_STEPS: usize = 15;

/// A step is four numbers, which mean something once it is seen what there is.
#[derive(Clone, Copy, Debug)]
struct Step {
    call: usize,
    /// One in four acts in another's place.
    who: usize,
    id: u64,
    amount: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let numbers = (0..CALLS.len() + MORE_STEPS, any::<u16>(), 1..3u64, 0..3_000u64);
    numbers.prop_map(|(call, who, id, amount)| Step { call, who: who.into(), id, amount })
}

/// The arguments of a call.
fn arguments(module: &str, function: &str, id: u64, amount: u64, now_ms: u64) -> Value {
    let (id, text, small) = (id.to_string(), amount.to_string(), (amount % 40).to_string());
    let hold = (1 + amount % 6).to_string();
    match (module, function) {
        ("wallet", "transfer") => json!({"to": "@bob", "asset": "EUR", "amount": text}),
        ("wallet", "place-hold") => json!({
            "asset": "EUR", "amount": text, "payee": "@sam", "controller": null,
            "expires-ms": (now_ms + 5_000).to_string(), "reference": "",
        }),
        ("wallet", "pay-out") => json!({"hold": hold, "to": "@sam", "amount": small}),
        ("wallet", "release-hold" | "expire-hold") => json!({"hold": hold}),
        ("wallet", "mint") => json!({"asset": "EUR", "to": "@bank", "amount": text}),
        ("wallet", "burn") => json!({"asset": "EUR", "amount": text}),
        (_, "sweep") => json!({"limit": 32}),
        ("marketplace", "place-order") => order(u32::try_from(amount % 4).unwrap()),
        ("marketplace", "ship-order") => json!({
            "sub-order": id, "pieces": [{"line": 0, "quantity": 1 + amount % 2}], "carrier": "Fast",
            "carrier-account": "@fast", "tracking": "", "key": "",
        }),
        ("marketplace", "record-delivery") => {
            json!({"sub-order": id, "shipment": 1 + amount % 2, "proof": document()})
        }
        ("marketplace", "refund-line") => {
            json!({"sub-order": id, "line": 0, "amount": small, "key": ""})
        }
        ("marketplace", "request-return") => json!({
            "sub-order": id, "pieces": [{"line": 0, "quantity": 1}], "reason": "why",
            "documents": [], "key": "",
        }),
        ("marketplace", "send-return") => {
            json!({"sub-order": id, "carrier": "Post", "tracking": ""})
        }
        ("marketplace", "receive-return") => json!({"sub-order": id, "restock": true, "key": ""}),
        ("marketplace", "open-dispute") => {
            json!({"sub-order": id, "to-buyer": 2_500, "reason": "why"})
        }
        ("marketplace", "rule-dispute") => {
            json!({"sub-order": id, "to-buyer": 2_500, "reasons": null})
        }
        ("marketplace", "accept-order" | "approve-return" | "advance") => json!({"sub-order": id}),
        ("marketplace", _) => json!({"sub-order": id, "key": ""}),
        ("jobs", "submit-milestone") => json!({"milestone": id, "deliverable": document()}),
        ("jobs", "approve-milestone") => json!({"milestone": id}),
        ("jobs", "open-dispute") => {
            json!({"milestone": id, "to-client": 2_500, "reason": "why", "key": ""})
        }
        ("jobs", "rule-dispute") => {
            json!({"dispute": id, "to-client": 2_500, "reasons": null, "key": ""})
        }
        ("jobs", _) => json!({"milestone": id, "key": ""}),
        ("credit", "purchase") => json!({
            "programme": "1", "account": null, "credits": (10 + amount % 500).to_string(), "price-max": "2000", "key": "",
        }),
        ("credit", "authorise-usage") => json!({
            "programme": "1", "account": "@alice", "item": "gpt", "quantity-max": (7 + amount % 40).to_string(),
            "meter": "@fast", "window-ms": "60000", "reference": "", "key": "",
        }),
        ("credit", "capture-usage") => json!({"usage": id, "quantity": "7", "key": ""}),
        ("credit", "void-usage") => json!({"usage": id}),
        (_, _) => json!({"grant": id, "key": ""}),
    }
}

/// Who does what next with an order, by its state, and with the milestone.
fn next_of_order(state: &str, choice: u64) -> Option<(&'static str, &'static str)> {
    Some(match state {
        "placed" => ("sam", "accept-order"),
        "accepted" | "partially-shipped" => ("sam", "ship-order"),
        "shipped" => ("fast", "record-delivery"),
        "delivered" if choice.is_multiple_of(2) => ("buyer", "confirm-order"),
        "delivered" => ("buyer", "request-return"),
        "return-requested" => ("sam", "approve-return"),
        "return-approved" => ("buyer", "send-return"),
        "return-shipped" => ("sam", "receive-return"),
        _ => return None,
    })
}

fn next_of_milestone(state: &str, choice: u64) -> Option<(&'static str, &'static str)> {
    Some(match state {
        "pending" => ("alice", "fund-milestone"),
        "funded" => ("bob", "submit-milestone"),
        "submitted" if choice.is_multiple_of(4) => ("alice", "open-dispute"),
        "submitted" => ("alice", "approve-milestone"),
        "approved" => ("alice", "release-milestone"),
        _ => return None,
    })
}

const CREDIT_CALLS: [(&str, &str); 6] = [
    ("alice", "purchase"),
    ("alice", "authorise-usage"),
    ("alice", "authorise-usage"),
    ("fast", "capture-usage"),
    ("cloud", "settle-purchase"),
    ("alice", "refund-purchase"),
];

impl Step {
    /// The order that the step means, if there is one.
    fn order(self, stage: &mut Stage) -> Option<Value> {
        let named = json!({"sub-order": self.id.to_string()});
        stage.call("bank", "marketplace", "get-sub-order", named).result.ok()
    }

    fn buyer(self, stage: &mut Stage) -> Option<String> {
        let order = self.order(stage)?;
        Some(order["buyer"].as_str()?.trim_start_matches('@').to_owned())
    }

    /// What the step is now: who calls which function of which module.
    fn chosen(self, stage: &mut Stage) -> Option<(String, &'static str, &'static str)> {
        if let Some((natural, module, function)) = CALLS.get(self.call) {
            let other = PEOPLE[self.who / 4 % PEOPLE.len()].0;
            let bought = *module == "marketplace" && *natural == "alice";
            let natural = match self.buyer(stage) {
                Some(buyer) if bought && *function != "place-order" => buyer,
                _ => (*natural).to_owned(),
            };
            let who = if self.who.is_multiple_of(4) { other.to_owned() } else { natural };
            return Some((who, module, function));
        }
        let kind = self.call - CALLS.len();
        if kind < ORDER_STEPS {
            let order = self.order(stage)?;
            let (who, function) = next_of_order(order["state"].as_str()?, self.amount)?;
            let buyer = order["buyer"].as_str()?.trim_start_matches('@');
            let who = if who == "buyer" { buyer } else { who };
            return Some((who.to_owned(), "marketplace", function));
        }
        if kind < ORDER_STEPS + MILESTONE_STEPS {
            let named = json!({"milestone": "1"});
            let milestone = stage.call("bank", "jobs", "get-milestone", named).result.ok()?;
            let (who, function) = next_of_milestone(milestone["state"].as_str()?, self.amount)?;
            return Some((who.to_owned(), "jobs", function));
        }
        if kind < ORDER_STEPS + MILESTONE_STEPS + CREDIT_STEPS {
            let (who, function) = CREDIT_CALLS[self.who % CREDIT_CALLS.len()];
            return Some((who.to_owned(), "credit", function));
        }
        stage.time_ms += self.amount;
        None
    }

    /// Does it; what the modules refuse is part of the game. Tells what was done.
    fn act(self, stage: &mut Stage) -> Option<(&'static str, &'static str)> {
        let (who, module, function) = self.chosen(stage)?;
        let id = if module == "jobs" { 1 } else { self.id };
        let arguments = arguments(module, function, id, self.amount, stage.time_ms);
        let answer = stage.call(&who, module, function, arguments);
        answer.result.is_ok().then_some((module, function))
    }
}

/// Nothing may be wrong with the books. Gives how many escrows are not over.
pub(super) fn check_books(stage: &mut Stage) -> u64 {
    let mut violations = Vec::new();
    let counted = books::check(stage, |violation| violations.push(violation)).unwrap();
    assert_eq!(violations, []);
    counted.open
}

impl Reads for Stage {
    type Error = Infallible;

    fn has(&self, module: &str, function: &str) -> bool {
        self.has_function(module, function)
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, Infallible> {
        Ok(self.call("bank", module, function, arguments.clone()).result)
    }

    fn time_ms(&self) -> u64 {
        self.time_ms
    }
}

#[test]
fn value_is_conserved_whatever_anyone_does() {
    let mut first = Stage::funded(&["wallet", "credit", "marketplace", "jobs"]);
    open_shop(&mut first);
    assert_eq!(hire(&mut first).1, "1");
    assert_eq!(open_programme(&mut first), "1");
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    // Always the same runs, so that what they reach can be asked for.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let done = RefCell::new(BTreeSet::new());
    let run = TestRunner::new_with_rng(config, rng).run(&vec(step(), 1..STEPS_MAX), |steps| {
        let mut stage = first.fork();
        for step in steps {
            if let Some(call) = step.act(&mut stage) {
                done.borrow_mut().insert(call);
                check_books(&mut stage);
            }
        }
        // Silence ends everything.
        for _ in 0..SWEEPS {
            stage.time_ms += FOREVER_MS / SWEEPS;
            for module in ["marketplace", "jobs", "credit"] {
                stage.done("till", module, "sweep", json!({"limit": 32}));
            }
        }
        assert_eq!(check_books(&mut stage), 0, "still open");
        Ok(())
    });
    run.unwrap();
    // The runs are worth little if what moves money was always refused.
    let done = done.into_inner();
    for call in [
        ("marketplace", "confirm-order"),
        ("marketplace", "cancel-order"),
        ("marketplace", "receive-return"),
        ("marketplace", "refund-line"),
        ("jobs", "release-milestone"),
        ("jobs", "open-dispute"),
        ("credit", "capture-usage"),
        ("credit", "settle-purchase"),
        ("credit", "refund-purchase"),
    ] {
        assert!(done.contains(&call), "{call:?} never happened: {done:?}");
    }
}
