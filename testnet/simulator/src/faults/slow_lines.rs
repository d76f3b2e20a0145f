//! A fault: the lines of some nodes have little bandwidth.

use std::collections::BTreeMap;

use ehb_replica::Message;
use ehb_types::encoded_len;

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::{Packet, SimEvent, World};

/// Lines with few bytes a second: the delay of a message grows with its size, and messages wait for each
/// other. In half of the runs the lines stay slow after the faults.
pub(crate) static SLOW_LINES: Kind = Kind {
    name: "slow lines",
    per_mille: 250,
    draw: |draw| {
        let stays = draw.dice.chance(500);
        let low = if stays { 128 << 10 } else { 32 << 10 };
        let bytes_per_second = draw.dice.between(low, 1 << 20);
        let share = draw.dice.pick(&[300, 1_000]).unwrap_or(1_000);
        let nodes: Vec<usize> =
            (0..draw.setup.nodes()).filter(|_| draw.dice.chance(share)).collect();
        (!nodes.is_empty())
            .then(|| Active::Acts(Box::new(SlowLines { bytes_per_second, nodes, stays })))
    },
};

/// A node requests as many blocks as one answer can contain, and gives up on a peer that has not sent all of
/// them within a fiftieth of a second: later ones are ignored.
pub(crate) static HASTY_CATCH_UP: Mutation =
    Mutation { fault: Some(&SLOW_LINES), ..Mutation::new("hasty-catch-up", Rule::Liveness) };

/// The maximum queue of a line, as transmission time, virtual microseconds; further messages are dropped, as
/// by the network's outboxes.
const WAITING_US_MAX: u64 = 8_000_000;
/// An upper bound of the overhead of a frame, bytes.
const FRAME_BYTES: usize = 32;
/// How long a hasty node waits for blocks, virtual microseconds.
const HASTE_US: u64 = 20_000;
/// The interval between reports that blocks are arriving, virtual microseconds.
const PROGRESS_US: u64 = 250_000;

#[derive(Debug)]
struct SlowLines {
    bytes_per_second: u64,
    nodes: Vec<usize>,
    /// Whether they stay slow.
    stays: bool,
}

impl Fault for SlowLines {
    fn begin(&mut self, world: &mut World<'_>) {
        for node in &self.nodes {
            world.nodes[*node].line_bytes_per_second = self.bytes_per_second;
        }
    }

    fn end(&mut self, world: &mut World<'_>) {
        if !self.stays {
            world.nodes.iter_mut().for_each(|node| node.line_bytes_per_second = 0);
        }
    }
}

/// The transmissions on slow lines.
#[derive(Default)]
pub(crate) struct Lines {
    /// The arrival time of the last byte sent: from, to, channel.
    busy_until_us: BTreeMap<(usize, usize, u8), u64>,
}

/// The channel of a packet: each has its own queue, and can use the whole line while the others are idle.
fn channel(packet: &Packet) -> u8 {
    match packet {
        Packet::Message(Message::Consensus(_)) => 0,
        Packet::Message(Message::Body(_) | Message::BodyRequest { .. }) => 1,
        Packet::Message(_) | Packet::Unknown => 2,
        Packet::Gossip(_) => 3,
    }
}

/// The size of a packet, bytes.
fn bytes(packet: &Packet) -> usize {
    FRAME_BYTES
        + match packet {
            Packet::Message(Message::Body(block)) => block.encoded().len(),
            Packet::Message(Message::Blocks(blocks)) => {
                let of = |certificate| encoded_len(certificate);
                blocks.iter().map(|it| it.block.encoded().len() + of(&it.certificate)).sum()
            }
            Packet::Message(message) => encoded_len(message),
            Packet::Gossip(transactions) => transactions.iter().map(|it| it.encoded().len()).sum(),
            Packet::Unknown => 0,
        }
}

impl World<'_> {
    /// The additional delay of a packet on a slow line, microseconds; `None` if the queue is full.
    pub(crate) fn line_us(&mut self, from: usize, to: usize, packet: &Packet) -> Option<u64> {
        let of = |node: usize| self.nodes[node].line_bytes_per_second;
        let slow = [of(from), of(to)].into_iter().filter(|it| *it > 0).min();
        let Some(bytes_per_second) = slow else { return Some(0) };
        let takes = 1_000_000 * bytes(packet) as u64 / bytes_per_second;
        let busy = self.lines.busy_until_us.entry((from, to, channel(packet))).or_default();
        let begins = self.now_us.max(*busy);
        if begins - self.now_us > WAITING_US_MAX {
            self.trace(|_| {
                format!("the line {from} -> {to} is full on channel {}", channel(packet))
            });
            return None;
        }
        *busy = begins + takes;
        self.count(SLOW_LINES.name);
        Some(begins + takes - self.now_us)
    }

    /// Notifies a node from time to time that blocks are arriving. Returns whether it still wants them.
    pub(crate) fn plan_progress(
        &mut self,
        (from, to): (usize, usize),
        connection: u64,
        line_us: u64,
    ) -> bool {
        if self.options.is(&HASTY_CATCH_UP) {
            return line_us <= HASTE_US;
        }
        let mut at = PROGRESS_US;
        while at < line_us {
            self.after(at, SimEvent::Receiving { from, to, connection });
            at += PROGRESS_US;
        }
        true
    }

    /// With [`HASTY_CATCH_UP`], the request of a node.
    pub(crate) fn hastily(&self, message: Message) -> Message {
        match message {
            Message::BlocksRequest { from, .. } if self.options.is(&HASTY_CATCH_UP) => {
                Message::BlocksRequest { from, count: ehb_replica::BLOCKS_MAX }
            }
            other => other,
        }
    }

    /// With [`HASTY_CATCH_UP`], how long a node waits for blocks, milliseconds.
    pub(crate) fn patience_ms(&self, timer: ehb_replica::Timer, after_ms: u64) -> u64 {
        let is_hasty = self.options.is(&HASTY_CATCH_UP) && timer == ehb_replica::Timer::CatchUp;
        if is_hasty { HASTE_US / 1_000 } else { after_ms }
    }
}
