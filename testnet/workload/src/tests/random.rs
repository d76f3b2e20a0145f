//! Random calls in random order, with the components that ship: value is conserved.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::Range;

use ehb_invariants::ModuleReader;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::scenes::{hire, open_programme, open_shop};
use super::stage::Stage;
use super::stories;
use crate::arguments::kinds;
use crate::{Call, FOREVER_MS, PEOPLE, Step, functions, further_under_way, mint, under_way};

/// The number of runs, and the steps of one.
const CASES: u32 = 80;
const STEPS: Range<usize> = 100..300;

/// The number of calls of `advance-due` that settle everything that a run leaves open.
const CALLS: u64 = 12;

/// The number of kinds of steps that let time pass instead, and that freeze an account or end its freeze.
const PAUSES: usize = 10;
const FREEZES: usize = 2;

/// A function that the runs may leave out: its module and name, the reason, and the story that calls it.
type Rare = (&'static str, &'static str, &'static str, fn() -> Stage);

const RARE: [Rare; 7] = [
    (
        "credit",
        "pay-bill",
        "a bill is due for an hour",
        stories::a_line_is_drawn_billed_missed_and_written_off,
    ),
    (
        "credit",
        "write-off-credit-line",
        "a line is delinquent for an hour",
        stories::an_issuer_writes_a_delinquent_line_off,
    ),
    (
        "jobs",
        "join-arbitration",
        "both parties must have ended the evidence before",
        stories::disputes_about_milestones_are_argued_ruled_and_appealed,
    ),
    (
        "jobs",
        "appeal-ruling",
        "an arbiter must have ruled within the last minute",
        stories::disputes_about_milestones_are_argued_ruled_and_appealed,
    ),
    (
        "jobs",
        "reveal-rating",
        "ratings are revealed for half a minute, after both were committed",
        stories::ratings_are_committed_and_revealed,
    ),
    (
        "marketplace",
        "join-arbitration",
        "both parties must have ended the evidence before",
        stories::disputes_about_orders_are_argued_ruled_and_appealed,
    ),
    (
        "marketplace",
        "offer-settlement",
        "both parties must have ended the evidence before",
        stories::disputes_about_orders_are_argued_ruled_and_appealed,
    ),
];

/// The next step: somebody makes a call, time passes, or an account is frozen or not any more.
#[derive(Clone, Copy, Debug)]
enum Next {
    Step(Step),
    Pause { ms: u64 },
    Freeze { who: usize },
}

fn next() -> impl Strategy<Value = Next> {
    let numbers = (0..Step::KINDS + PAUSES + FREEZES, any::<u16>(), 1..9u64, 0..3_000u64);
    numbers.prop_map(|(kind, who, id, amount)| match kind {
        kind if kind < Step::KINDS => Next::Step(Step { kind, who: who.into(), id, amount }),
        kind if kind < Step::KINDS + FREEZES => Next::Freeze { who: who.into() },
        // At times for hours: until a bill is due, and beyond.
        _ if amount.is_multiple_of(8) => Next::Pause { ms: amount * 3_000 },
        _ => Next::Pause { ms: amount },
    })
}

impl Next {
    /// Does it; a refusal is fine. Returns what was done.
    fn act(self, stage: &mut Stage) -> Option<(&'static str, &'static str)> {
        let step = match self {
            Self::Step(step) => step,
            Self::Pause { ms } => {
                stage.time_ms += ms;
                return None;
            }
            Self::Freeze { who } => {
                let who = PEOPLE[who % PEOPLE.len()].name;
                stage.freeze(who, !stage.is_frozen(who));
                return None;
            }
        };
        let Ok(call) = step.call(stage);
        // The chain accepts nothing of a frozen account.
        let Call { who, module, function, arguments } =
            call.filter(|it| !stage.is_frozen(it.who))?;
        let answer = stage.call(who, module, function, arguments);
        answer.result.is_ok().then_some((module, function))
    }
}

/// Checks that no invariant is broken. Returns the number of open escrows.
pub(super) fn check_books(stage: &mut Stage) -> u64 {
    let mut violations = Vec::new();
    let counted = ehb_invariants::check(stage, |violation| violations.push(violation)).unwrap();
    assert_eq!(violations, []);
    counted.open
}

impl ModuleReader for Stage {
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
        let result = self.call("bank", module, function, arguments.clone()).result;
        if function == "list-due"
            && let Ok(page) = &result
        {
            for due in page["due"].as_array().unwrap() {
                let kind = due["item"]["kind"].as_str().unwrap();
                assert!(kinds(module).contains(&kind), "{module}: no step advances a {kind}");
            }
        }
        Ok(result)
    }

    fn time_ms(&self) -> u64 {
        self.time_ms
    }
}

#[test]
fn what_is_rare_has_a_story() {
    for (module, function, _, story) in RARE {
        assert!(story().has_done(module, function), "{module} {function}");
    }
}

#[test]
fn value_is_conserved_whatever_anyone_does() {
    let mut first = Stage::funded(&["wallet", "credit", "marketplace", "jobs"]);
    open_shop(&mut first);
    assert_eq!(hire(&mut first).1, "1");
    assert_eq!(open_programme(&mut first), "1");
    first.all([mint("cloud", 1_000)]);
    let now_ms = first.time_ms;
    first.all(under_way(now_ms).into_iter().chain(further_under_way(now_ms)));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    // Always the same runs, so that the test can require what they reach.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let done = RefCell::new(BTreeSet::new());
    let run = TestRunner::new_with_rng(config, rng).run(&vec(next(), STEPS), |steps| {
        let mut stage = first.fork();
        for next in steps {
            if let Some(call) = next.act(&mut stage) {
                done.borrow_mut().insert(call);
                check_books(&mut stage);
            }
        }
        // The deadlines end everything, also those of frozen accounts.
        for _ in 0..CALLS {
            stage.time_ms += FOREVER_MS / CALLS;
            for module in ["marketplace", "jobs", "credit", "wallet"] {
                stage.done("crowd-0", module, "advance-due", json!({"limit": 32}));
            }
        }
        assert_eq!(check_books(&mut stage), 0, "still open");
        Ok(())
    });
    run.unwrap();
    // The runs are worth little where calls are always refused.
    let done = done.into_inner();
    let mut never: BTreeSet<_> = functions().filter(|call| !done.contains(call)).collect();
    for (module, function, ..) in RARE {
        never.remove(&(module, function));
    }
    assert_eq!(never, BTreeSet::new(), "these were always refused");
}
