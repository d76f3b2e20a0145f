//! A fault: the time of all nodes jumps ahead, so that deadlines pass.

use super::Kind;
use crate::world::World;

/// All clocks jump ahead together, as if the chain had been idle for hours or weeks: deadlines pass that a
/// run of seconds would never reach.
pub(crate) static LEAPS: Kind = Kind {
    name: "leaps of time",
    per_mille: 600,
    draw: |draw| draw.recurring((500_000, 4_000_000), leap),
};

const SECOND_MS: u64 = 1_000;
const HOUR_MS: u64 = 3_600 * SECOND_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// The maximum jump of the clocks, milliseconds: beyond the deadlines of an order, a dispute, a bill, a
/// month.
const LEAPS_MS: [u64; 6] =
    [3 * SECOND_MS, 20 * SECOND_MS, 120 * SECOND_MS, 2 * HOUR_MS, 2 * HOUR_MS, 40 * DAY_MS];

fn leap(world: &mut World<'_>) {
    world.count_acting();
    let most = world.dice.pick(&LEAPS_MS).unwrap_or_default();
    let leap = world.dice.between(1, most);
    world.leapt_ms = world.leapt_ms.saturating_add(leap);
    world.trace(|_| format!("all clocks go {leap} ms ahead"));
}
