use std::collections::BTreeMap;

use crate::Behaviour;
use crate::dice::Dice;

/// What goes wrong in a run, and how often: a function of the seed.
///
/// Each kind of fault is switched on or off by the seed, because faults that all happen at once hide
/// each other. Faults end after [`Plan::faults_us`]; byzantine nodes stay what they are.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Which nodes are byzantine, at most a third (rounded down) of all less one.
    pub(crate) byzantine: BTreeMap<usize, Behaviour>,
    /// How much each node's clock goes ahead of the true time, milliseconds.
    pub(crate) skew_ms: Vec<u64>,
    /// How far each node's clock is ahead beyond that, milliseconds: half of them by a minute or days.
    pub(crate) wrong_ms: Vec<i64>,
    /// When these clocks are set right, microseconds; 0 for never.
    pub(crate) clocks_set_us: u64,
    /// How long faults go on, microseconds.
    pub(crate) faults_us: u64,
    /// Nodes that start from an old copy of their disk, where none loses it.
    pub(crate) restored: Vec<usize>,
    /// Nodes that lose their whole disk, one after another, where no node is byzantine.
    pub(crate) wiped: Vec<usize>,
    pub(crate) network: NetworkPlan,
    pub(crate) disk: DiskPlan,
    pub(crate) crash: CrashPlan,
    /// The mean time between two transactions of clients, microseconds.
    pub(crate) client_us: u64,
    /// How many transactions clients send at once at the most.
    pub(crate) client_burst: u64,
    /// The mean time between two leaps of all clocks, microseconds; 0 for none.
    pub(crate) leap_us: u64,
    /// Which of the set-up's upgrades are made, by position.
    pub(crate) upgrades: &'static [usize],
}

/// What the network does to messages.
#[derive(Clone, Debug)]
pub(crate) struct NetworkPlan {
    /// How long a message takes, microseconds.
    pub(crate) latency_us: (u64, u64),
    pub(crate) loss_per_mille: u64,
    pub(crate) duplicate_per_mille: u64,
    /// How many messages take much longer, so that later ones overtake them.
    pub(crate) late_per_mille: u64,
    /// The mean time between two partitions, microseconds; 0 for none.
    pub(crate) partition_us: u64,
    /// How often the first node that commits a block is cut off from the others right then.
    pub(crate) cut_decider_per_mille: u64,
}

/// What the disk does.
#[derive(Clone, Debug)]
pub(crate) struct DiskPlan {
    /// How long an fsync takes, microseconds.
    pub(crate) sync_us: (u64, u64),
    pub(crate) sync_error_per_mille: u64,
    /// How many fsyncs take very long.
    pub(crate) stall_per_mille: u64,
}

/// When nodes stop.
#[derive(Clone, Debug)]
pub(crate) struct CrashPlan {
    /// How often a node crashes before, within or after an effect that it performs.
    pub(crate) step_per_million: u64,
    /// How often all nodes lose power when the first of them commits a block.
    pub(crate) blackout_per_mille: u64,
    /// The mean time between two pauses, microseconds; 0 for none.
    pub(crate) pause_us: u64,
}

const MS: u64 = 1_000;

/// What is upgraded, by position among the set-up's upgrades: in half of the seeds something.
const UPGRADES: [&[usize]; 6] = [&[], &[], &[], &[0], &[1], &[0, 1]];

impl Plan {
    /// The plan of a seed. `behaviour` makes the first byzantine nodes behave so, whatever the seed.
    pub(crate) fn new(seed: u64, nodes: usize, behaviour: Option<Behaviour>) -> Self {
        let dice = &mut Dice::new(seed, 1);
        let byzantine = byzantine(dice, nodes, behaviour);
        let may_wipe = byzantine.is_empty() && nodes > 3 && dice.chance(300);
        let wipes = if may_wipe { dice.between(1, 3) } else { 0 };
        let may_restore = byzantine.is_empty() && nodes > 3 && wipes == 0 && dice.chance(400);
        let restores = if may_restore { dice.between(1, 2) } else { 0 };
        Self {
            skew_ms: skews(dice, nodes, byzantine.is_empty() && nodes > 3),
            byzantine,
            faults_us: dice.between(5_000, 10_000) * MS,
            restored: (0..restores).map(|_| dice.index(nodes)).collect(),
            wrong_ms: wrong_clocks(dice, nodes),
            clocks_set_us: switched(dice, 600, 1_000, 9_000) * MS,
            wiped: (0..wipes).map(|_| dice.index(nodes)).collect(),
            network: network(dice),
            disk: disk(dice),
            crash: crash(dice),
            client_us: dice.between(60, 700) * MS,
            client_burst: dice.pick(&[1, 1, 3, 20]).unwrap_or(1),
            leap_us: switched(dice, 600, 500, 4_000) * MS,
            upgrades: dice.pick(&UPGRADES).unwrap_or_default(),
        }
    }
}

/// A value that a fault has when it is switched on, which it is so often in a thousand; else 0.
fn switched(dice: &mut Dice, per_mille: u64, low: u64, high: u64) -> u64 {
    let value = dice.between(low, high);
    if dice.chance(per_mille) { value } else { 0 }
}

fn byzantine(
    dice: &mut Dice,
    nodes: usize,
    behaviour: Option<Behaviour>,
) -> BTreeMap<usize, Behaviour> {
    let most = nodes.saturating_sub(1) / 3;
    let some = dice.chance(650);
    let mut chosen = BTreeMap::new();
    if some || behaviour.is_some() {
        while chosen.len() < most {
            let kind = behaviour.or_else(|| dice.pick(&Behaviour::ALL));
            let at = dice.index(nodes);
            chosen.extend(kind.map(|kind| (at, kind)));
        }
    }
    chosen
}

fn skews(dice: &mut Dice, nodes: usize, all_honest: bool) -> Vec<u64> {
    let most_ms = switched(dice, 500, 10, 2_000);
    let mut skews: Vec<u64> = (0..nodes).map(|_| dice.between(0, most_ms)).collect();
    // One clock beyond what others accept: its blocks are refused, its votes count.
    if all_honest && dice.chance(100) {
        skews[dice.index(nodes)] = dice.between(6_000, 9_000);
    }
    skews
}

/// Clocks that are wrong, of any number of nodes.
fn wrong_clocks(dice: &mut Dice, nodes: usize) -> Vec<i64> {
    const SECOND_MS: i64 = 1_000;
    let far = [20 * SECOND_MS, 600 * SECOND_MS, 3_600 * SECOND_MS, 90_000 * SECOND_MS];
    let wrong = dice.chance(250);
    let share = dice.pick(&[200, 500, 500, 1_000]).unwrap_or(200);
    let by = dice.pick(&far).unwrap_or(0);
    let one = |dice: &mut Dice| match (dice.chance(share), dice.chance(500)) {
        (false, _) => 0,
        (true, false) => by,
        (true, true) => -by,
    };
    (0..nodes).map(|_| one(dice)).map(|it| if wrong { it } else { 0 }).collect()
}

fn network(dice: &mut Dice) -> NetworkPlan {
    let latencies = [(100, 1_000), (1_000, 10_000), (10_000, 100_000)];
    NetworkPlan {
        latency_us: dice.pick(&latencies).unwrap_or((100, 1_000)),
        loss_per_mille: switched(dice, 400, 5, 200),
        duplicate_per_mille: switched(dice, 300, 5, 150),
        late_per_mille: switched(dice, 400, 2, 60),
        partition_us: switched(dice, 500, 800, 4_000) * MS,
        cut_decider_per_mille: switched(dice, 400, 20, 200),
    }
}

fn disk(dice: &mut Dice) -> DiskPlan {
    let times = [(50, 300), (200, 12_000)];
    DiskPlan {
        sync_us: dice.pick(&times).unwrap_or((50, 300)),
        sync_error_per_mille: switched(dice, 250, 1, 10),
        stall_per_mille: switched(dice, 200, 1, 10),
    }
}

fn crash(dice: &mut Dice) -> CrashPlan {
    CrashPlan {
        step_per_million: switched(dice, 600, 200, 4_000),
        blackout_per_mille: switched(dice, 400, 20, 600),
        pause_us: switched(dice, 300, 800, 4_000) * MS,
    }
}
