//! Derives the network, the delays and the workload of a run from its seed.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::faults::power;
use crate::{Behaviour, Options, Setup};

/// The network of a run and its workload: a function of the seed. Faults are in [`crate::faults`], except
/// byzantine nodes.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether validators have unequal power.
    pub(crate) unequal: bool,
    /// The voting power of each validator.
    pub(crate) powers: Vec<u64>,
    /// The byzantine nodes: together less than a third of the power.
    pub(crate) byzantine: BTreeMap<usize, Behaviour>,
    /// How far each node's clock is ahead of the true time, milliseconds.
    pub(crate) skew_ms: Vec<u64>,
    /// The duration of the faults, microseconds. Byzantine nodes stay byzantine.
    pub(crate) faults_us: u64,
    /// The delay of a message, microseconds.
    pub(crate) latency_us: (u64, u64),
    /// The duration of an fsync, microseconds.
    pub(crate) sync_us: (u64, u64),
    /// The mean time between two transactions of clients, microseconds.
    pub(crate) client_us: u64,
    /// The maximum number of transactions that clients send at once.
    pub(crate) client_burst: u64,
    /// Which of the set-up's upgrades are made, by position.
    pub(crate) upgrades: &'static [usize],
}

const MS: u64 = 1_000;

/// The planned upgrades and the new module, by position among the set-up's upgrades: half of the seeds have some.
const UPGRADES: [&[usize]; 8] = [&[], &[], &[], &[], &[0], &[1], &[0, 1], &[2, 0]];
/// The number of runs in a thousand with unequal power.
const UNEQUAL_PER_MILLE: u64 = 250;
/// The number of runs in a thousand with byzantine nodes.
const BYZANTINE_PER_MILLE: u64 = 650;

impl Plan {
    /// The plan of a run.
    pub(crate) fn new(setup: &Setup, options: &Options) -> Self {
        let dice = &mut Dice::new(options.seed, 1);
        let nodes = setup.nodes();
        let forced = options.mutation.is_some_and(|it| it.needs(&power::UNEQUAL_POWER));
        let unequal = (dice.chance(UNEQUAL_PER_MILLE) || forced) && setup.unequal.is_some();
        let powers = setup.chosen(unequal).powers.clone();
        let wanted = options.behaviour.or(options.mutation.and_then(|it| it.behaviour));
        let byzantine = byzantine(dice, &powers, wanted);
        Self {
            unequal,
            skew_ms: skews(dice, nodes, byzantine.is_empty() && nodes > 3),
            powers,
            byzantine,
            faults_us: dice.between(5_000, 10_000) * MS,
            latency_us: dice.pick(&LATENCIES_US).unwrap_or_default(),
            sync_us: dice.pick(&SYNCS_US).unwrap_or_default(),
            client_us: dice.between(60, 700) * MS,
            client_burst: dice.pick(&[1, 1, 3, 20]).unwrap_or(1),
            upgrades: dice.pick(&UPGRADES).unwrap_or_default(),
        }
    }

    /// The validators without which the others are a quorum, if no node is byzantine: their records can be
    /// lost.
    pub(crate) fn spared(&self) -> Vec<usize> {
        let total: u64 = self.powers.iter().sum();
        let is_spared = |it: &(usize, &u64)| self.byzantine.is_empty() && 3 * it.1 < total;
        self.powers.iter().enumerate().filter(is_spared).map(|(node, _)| node).collect()
    }
}

const LATENCIES_US: [(u64, u64); 3] = [(100, 1_000), (1_000, 10_000), (10_000, 100_000)];
const SYNCS_US: [(u64, u64); 2] = [(50, 300), (200, 12_000)];

/// As many byzantine nodes as the network tolerates, or none; all with the requested behaviour, if there is
/// one.
fn byzantine(
    dice: &mut Dice,
    powers: &[u64],
    wanted: Option<Behaviour>,
) -> BTreeMap<usize, Behaviour> {
    let total: u64 = powers.iter().sum();
    let mut chosen = BTreeMap::new();
    if !dice.chance(BYZANTINE_PER_MILLE) && wanted.is_none() {
        return chosen;
    }
    let mut left: Vec<usize> = (0..powers.len()).collect();
    let mut power = 0;
    while !left.is_empty() {
        let node = left.swap_remove(dice.index(left.len()));
        let kind = wanted.or_else(|| dice.pick(&Behaviour::ALL));
        if 3 * (power + powers[node]) < total {
            power += powers[node];
            chosen.extend(kind.map(|kind| (node, kind)));
        }
    }
    chosen
}

fn skews(dice: &mut Dice, nodes: usize, all_honest: bool) -> Vec<u64> {
    let most_ms = dice.between(10, 2_000);
    let most_ms = if dice.chance(500) { most_ms } else { 0 };
    let mut skews: Vec<u64> = (0..nodes).map(|_| dice.between(0, most_ms)).collect();
    // One clock beyond the accepted drift: its blocks are rejected, its votes count.
    if all_honest && dice.chance(100) {
        skews[dice.index(nodes)] = dice.between(6_000, 9_000);
    }
    skews
}
