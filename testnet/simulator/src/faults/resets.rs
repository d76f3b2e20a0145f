//! A fault: connections between nodes are reset.

use super::Kind;
use crate::world::World;

/// Single connections are reset: what is on its way is lost, both ends notice, and they connect again.
pub(crate) static RESETS: Kind = Kind {
    name: "reset connections",
    per_mille: 300,
    draw: |draw| draw.recurring((100_000, 2_000_000), reset),
};

fn reset(world: &mut World<'_>) {
    let nodes = world.nodes.len();
    let (a, b) = (world.dice.index(nodes), world.dice.index(nodes));
    if world.links.is_connected(a, b) {
        world.count_acting();
        world.trace(|_| format!("the connection between nodes {a} and {b} is reset"));
        world.disconnect(a, b);
    }
}
