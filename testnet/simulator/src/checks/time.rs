//! A check of decided blocks: while most clocks are right, no block is from the future.

use ehb_types::Header;

use crate::world::World;

/// While the clocks of more than two thirds of the power are right, no block is ahead of the true time by
/// more than these clocks plus the permitted drift, except for the minimum step after its parent.
pub(crate) fn check(world: &World<'_>, header: &Header) -> Result<(), String> {
    let is_wrong = |node: usize| {
        let it = &world.nodes[node];
        it.had_wrong_clock || !it.is_honest() || world.is_twinned(&it.consensus_key.public_key())
    };
    let drift_max_ms = world.setup.genesis.parameters.consensus.drift_max_ms;
    let skews = world.plan.skew_ms.iter().copied();
    let set = world.checks.validators.deciding(header.height);
    let powers = world.nodes.iter().enumerate().map(|(node, it)| {
        let key = it.consensus_key.public_key();
        let validator = set.and_then(|set| set.get(set.index_of(&key)?));
        (node, validator.filter(|_| it.has_key).map_or(0, |it| it.power))
    });
    let powers: Vec<(usize, u64)> = powers.collect();
    let power = |of: &dyn Fn(usize) -> bool| -> u64 {
        powers.iter().filter(|(node, _)| of(*node)).map(|(_, power)| *power).sum()
    };
    if 3 * power(&is_wrong) >= power(&|_| true) {
        return Ok(());
    }
    let latest_ms = world.true_ms() + skews.max().unwrap_or_default() + drift_max_ms;
    let parent = header.height.checked_sub(1).and_then(|height| world.block_time_ms(height));
    let earliest_ms = parent.map_or(0, |parent_ms| parent_ms + 1);
    let time_ms = header.timestamp_ms;
    if time_ms <= latest_ms.max(earliest_ms) {
        return Ok(());
    }
    let (height, ahead_ms) = (header.height, time_ms.saturating_sub(world.true_ms()));
    Err(format!("block {height} is {ahead_ms} ms ahead of the time, and the clocks are right"))
}
