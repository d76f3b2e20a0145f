//! A fault: the clocks of nodes are wrong.

use ehb_replica::{Event, Message};

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// Clocks of any number of nodes are wrong by seconds, an hour or a day; in some runs they are corrected
/// later, so that some go back.
pub(crate) static WRONG_CLOCKS: Kind = Kind {
    name: "wrong clocks",
    per_mille: 250,
    draw: |draw| {
        let share = draw.dice.pick(&[200, 500, 500, 1_000]).unwrap_or(200);
        let by = draw.dice.pick(&WRONG_MS).unwrap_or_default();
        let nodes = 0..draw.setup.nodes();
        let wrong_ms = nodes.map(|_| match (draw.dice.chance(share), draw.dice.chance(500)) {
            (false, _) => 0,
            (true, false) => by,
            (true, true) => -by,
        });
        let wrong_ms = wrong_ms.collect();
        let set = draw.dice.chance(600).then(|| draw.dice.between(1_000_000, 9_000_000));
        Some(Active::Acts(Box::new(Clocks { wrong_ms, set_after_us: set })))
    },
};

/// Nodes adopt the time that a proposer claims: then no block is ahead of their clock.
pub(crate) static BELIEVED_CLOCKS: Mutation =
    Mutation { fault: Some(&WRONG_CLOCKS), ..Mutation::new("believed-clocks", Rule::Time) };

const SECOND_MS: i64 = 1_000;
/// The errors of the clocks, milliseconds.
const WRONG_MS: [i64; 4] = [20 * SECOND_MS, 600 * SECOND_MS, 3_600 * SECOND_MS, 90_000 * SECOND_MS];

#[derive(Debug)]
struct Clocks {
    wrong_ms: Vec<i64>,
    /// When they are corrected, if they are, microseconds.
    set_after_us: Option<u64>,
}

impl Fault for Clocks {
    fn begin(&mut self, world: &mut World<'_>) {
        for (node, wrong_ms) in self.wrong_ms.iter().enumerate().filter(|(_, it)| **it != 0) {
            world.nodes[node].wrong_ms = *wrong_ms;
            world.nodes[node].had_wrong_clock = true;
            world.count_acting();
        }
        if let Some(after_us) = self.set_after_us {
            world.strike_after(after_us, 0);
        }
    }

    fn strike(&mut self, world: &mut World<'_>, _what: u64) {
        world.trace(|_| format!("clocks are set: {:?} ms go away", self.wrong_ms));
        world.nodes.iter_mut().for_each(|node| node.wrong_ms = 0);
    }
}

impl World<'_> {
    /// With [`BELIEVED_CLOCKS`], sets a node's clock by a block that it receives.
    pub(crate) fn believe_clock(&mut self, node: usize, event: &Event) {
        let Event::Message { message: Message::Body(block), .. } = event else { return };
        let ahead = block.header.timestamp_ms.saturating_sub(self.clock_ms(node));
        if self.options.is(&BELIEVED_CLOCKS) && self.nodes[node].is_honest() {
            let wrong = &mut self.nodes[node].wrong_ms;
            *wrong = wrong.saturating_add_unsigned(ahead);
        }
    }
}
