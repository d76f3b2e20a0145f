//! The costs of the most used calls in a small and in a large state: only the work of the vm, with the state
//! in memory; signatures, receipts and tree have separate lines.

mod arguments;
mod chain;
mod fill;
mod twenty;

use crate::table::{CallLine, Line};

/// The number of items of each kind in the small state.
const SMALL: u64 = 1_000;
/// The call that has its own budget.
const PLACE_ORDER: &str = "marketplace.place-order, two lines";

/// The measurements.
pub struct Calls {
    /// The number of products, orders, jobs, accounts and grants in each state.
    pub sizes: [u64; 2],
    /// The calls.
    pub lines: Vec<CallLine>,
}

/// Measures all calls in the small state and in a large one.
pub(super) fn run(large: u64) -> anyhow::Result<Calls> {
    let sizes = [SMALL, large.max(SMALL)];
    let (small, large) = (twenty::measure(sizes[0])?, twenty::measure(sizes[1])?);
    let lines = small.into_iter().zip(large).map(|(small, large)| CallLine {
        what: small.what,
        gas: [small.gas, large.gas],
        us: [small.us, large.us],
    });
    Ok(Calls { sizes, lines: lines.collect() })
}

impl Calls {
    /// The lines that have a budget.
    pub(super) fn budgets(&self) -> Vec<Line> {
        let [small, large] = self.sizes;
        let placing = self.lines.iter().filter(|it| it.what == PLACE_ORDER);
        let mut lines: Vec<Line> = placing
            .map(|it| {
                let what = format!("{PLACE_ORDER}, {large} of all in the state");
                Line::at_most(what, "us", 60.0, it.us[1])
            })
            .collect();
        let worst = self.lines.iter().map(|it| it.gas[1] / it.gas[0]).fold(0.0, f64::max);
        let what = format!("gas with {large} by gas with {small}, the worst of the calls");
        lines.push(Line::at_most(what, "%", 101.0, worst * 100.0));
        lines
    }
}
