use ehb_replica::{Bounds, Usage};

/// How many entries the consensus log of a height may have in a run: each round has some dozen, and the
/// longest runs some dozen rounds.
const LOG_ENTRIES_MAX: usize = 5_000;

/// What others can make an honest node remember has bounds.
///
/// `bodies` are the undecided blocks on its disk.
pub(crate) fn check(node: usize, nodes: usize, usage: &Usage, bodies: usize) -> Result<(), String> {
    let bodies_max = Bounds::default().bodies_max(nodes.saturating_sub(1));
    if usage.bodies > bodies_max || bodies > bodies_max {
        return Err(format!(
            "node {node} holds {} undecided blocks in memory and {bodies} on its disk; {bodies_max} are \
             allowed",
            usage.bodies
        ));
    }
    if usage.log_entries > LOG_ENTRIES_MAX {
        let entries = usage.log_entries;
        return Err(format!("the consensus log of node {node} has {entries} entries"));
    }
    Ok(())
}
