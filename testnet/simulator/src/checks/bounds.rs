//! A check of every honest node: its memory and disk space stay within limits.

use ehb_mempool::Limits;
use ehb_replica::{Bounds, Usage};

use crate::node::Node;

/// The maximum number of entries in the consensus log of a height in a run: each round has some dozens, and
/// the longest runs have some dozens of rounds.
const LOG_ENTRIES_MAX: usize = 5_000;
/// The maximum number of effects that wait for disk and network.
const EFFECTS_MAX: usize = 50_000;
/// The maximum size of log and undecided blocks on the disk in a run, bytes.
const UNDECIDED_BYTES_MAX: usize = 64 << 20;

/// The memory and disk space that others can make an honest node use is bounded.
pub(crate) fn check(
    index: usize,
    nodes: usize,
    usage: &Usage,
    node: &Node,
    pool: &Limits,
) -> Result<(), String> {
    let bodies_max = Bounds::default().bodies_max(nodes.saturating_sub(1));
    let (pending, pending_bytes) = node.mempool.as_ref().map_or((0, 0), |mempool| {
        let mempool = mempool.read();
        (mempool.len(), mempool.bytes())
    });
    let bounds = [
        ("undecided blocks in memory", usage.bodies, bodies_max),
        ("undecided blocks on its disk", node.disk.bodies(), bodies_max),
        ("entries in its consensus log", usage.log_entries, LOG_ENTRIES_MAX),
        ("effects that wait", node.queue.len(), EFFECTS_MAX),
        ("transactions in its mempool", pending, pool.transactions_max),
        ("bytes in its mempool", pending_bytes, pool.bytes_max),
    ];
    match bounds.into_iter().find(|(_, used, max)| used > max) {
        Some((what, used, max)) => {
            Err(format!("node {index} has {used} {what}; {max} are allowed"))
        }
        None => Ok(()),
    }
}

/// The same for the bytes of log and undecided blocks; checked only when a block is committed, because
/// counting is expensive.
pub(crate) fn check_bytes(index: usize, node: &Node) -> Result<(), String> {
    let bytes = node.disk.undecided_bytes();
    if bytes <= UNDECIDED_BYTES_MAX {
        return Ok(());
    }
    Err(format!("node {index} has {bytes} bytes of log and undecided blocks on its disk"))
}
