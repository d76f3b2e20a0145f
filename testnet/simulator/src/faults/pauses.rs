//! A fault: a node stops for a while and then continues.

use super::Kind;
use crate::world::World;

/// A node is paused for a while, as in a debugger; then it receives all that it missed.
pub(crate) static PAUSES: Kind = Kind {
    name: "pauses",
    per_mille: 300,
    draw: |draw| draw.recurring((800_000, 4_000_000), pause),
};

/// The duration of a pause, virtual microseconds.
const PAUSE_US: (u64, u64) = (50_000, 3_000_000);

fn pause(world: &mut World<'_>) {
    world.count_acting();
    let node = world.dice.index(world.nodes.len());
    let pause = world.dice.between(PAUSE_US.0, PAUSE_US.1);
    world.trace(|_| format!("node {node} pauses for {} ms", pause / 1_000));
    world.nodes[node].paused_until_us = world.now_us + pause;
}
