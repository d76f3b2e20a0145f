//! One table: what was budgeted, what was measured, and the ratio.

use std::fmt::Write;
use std::time::Duration;

use crate::gas::{GasTable, RATIO_MAX};

/// The unit of processor time.
const PROCESSOR_TIME: &str = "us";

/// Whether more or less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// As with a rate.
    Higher,
    /// As with a time.
    Lower,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What was measured.
    pub what: String,
    /// The unit of both figures.
    pub unit: &'static str,
    /// The budget: a floor where more is better, a ceiling where less is.
    pub budget: f64,
    /// What was measured.
    pub measured: f64,
    /// Which direction is better.
    pub better: Better,
}

impl Line {
    /// A figure that must not be more than its budget.
    pub fn at_most(
        what: impl Into<String>,
        unit: &'static str,
        budget: f64,
        measured: f64,
    ) -> Self {
        Self { what: what.into(), unit, budget, measured, better: Better::Lower }
    }

    /// A figure that must not be less than its budget.
    pub fn at_least(
        what: impl Into<String>,
        unit: &'static str,
        budget: f64,
        measured: f64,
    ) -> Self {
        Self { what: what.into(), unit, budget, measured, better: Better::Higher }
    }

    /// How much better than the budget: 1 is just kept, 2 is twice as good.
    pub fn ratio(&self) -> f64 {
        match self.better {
            Better::Higher => self.measured / self.budget,
            Better::Lower => self.budget / self.measured,
        }
    }

    /// The ratio on a processor of the speed that the budget was measured on, where this one has
    /// `speed` of it. Only processor time (all that is in microseconds) is so converted.
    pub fn ratio_at_budget_speed(&self, speed: f64) -> Option<f64> {
        (self.unit == PROCESSOR_TIME).then(|| self.ratio() / speed)
    }
}

/// The time that this many percent of some times do not exceed, milliseconds; infinite without a time.
pub(crate) fn quantile_ms(mut times: Vec<Duration>, percent: usize) -> f64 {
    times.sort();
    let time = times.get(times.len() * percent / 100);
    time.map_or(f64::INFINITY, |time| time.as_secs_f64() * 1e3)
}

/// The cost of a call in two states.
#[derive(Clone, Debug, PartialEq)]
pub struct CallLine {
    /// The call.
    pub what: &'static str,
    /// Its gas, in the small state and in the large one.
    pub gas: [f64; 2],
    /// Its processor time, microseconds, in both.
    pub us: [f64; 2],
}

/// The costs of calls in states of these sizes, as text.
pub fn render_calls([small, large]: [u64; 2], lines: &[CallLine]) -> String {
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    let heads = [format!("gas {small}"), format!("gas {large}"), "ratio".to_owned()];
    let times = [format!("us {small}"), format!("us {large}"), "ratio".to_owned()];
    let mut text = format!("{:width$}", "of each kind in the state");
    for head in heads.iter().chain(&times) {
        let _ = write!(text, "  {head:>10}");
    }
    text.push('\n');
    for CallLine { what, gas, us } in lines {
        let (gas_ratio, us_ratio) = (gas[1] / gas[0], us[1] / us[0]);
        let _ =
            write!(text, "{what:width$}  {:>10.0}  {:>10.0}  {gas_ratio:>10.3}", gas[0], gas[1]);
        let _ = writeln!(text, "  {:>10.1}  {:>10.1}  {us_ratio:>10.2}", us[0], us[1]);
    }
    text
}

/// How long a unit of gas lasts, as text, the slowest first.
pub fn render_gas(table: &GasTable) -> String {
    let mut lines: Vec<_> = table.lines.iter().collect();
    lines.sort_by(|a, b| b.ns_by_gas().total_cmp(&a.ns_by_gas()));
    lines.insert(0, &table.transfer);
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>12}  {:>12}  {:>8}  by a transfer's, at most {RATIO_MAX}\n",
        "what a unit of gas lasts", "gas", "us", "ns/gas"
    );
    for line in lines {
        let (what, by_gas, ratio) = (&line.what, line.ns_by_gas(), table.ratio(line));
        let kept = if ratio <= RATIO_MAX { "" } else { "  <- too cheap" };
        let (gas, us) = (line.gas, line.ns / 1e3);
        let _ = writeln!(
            text,
            "{what:width$}  {gas:>12.0}  {us:>12.1}  {by_gas:>8.3}  {ratio:>6.2}{kept}"
        );
    }
    text
}

/// The lines as text. `speed` is that of this machine's processor, 1 for the one that the budget was
/// measured on.
pub fn render(lines: &[Line], speed: f64) -> String {
    let width = lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>10}  {:>10}  {:8}  ratio  at the budget's speed\n",
        "what", "budget", "measured", "unit"
    );
    for line in lines {
        let Line { what, unit, budget, measured, .. } = line;
        let ratio = line.ratio();
        let scaled = line.ratio_at_budget_speed(speed);
        let scaled = scaled.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let kept = if ratio >= 1.0 { "" } else { "  <- missed" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{what:width$}  {budget:>10.1}  {measured:>10.1}  {unit:8}  {ratio:>5.2}  {scaled:>21}{kept}"
        );
    }
    let _ = writeln!(
        text,
        "this processor verifies signatures at {speed:.2} of the speed that the budget was measured at"
    );
    text
}
