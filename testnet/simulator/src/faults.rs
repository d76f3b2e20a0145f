//! The faults in a run. Each kind of fault is a [`Kind`] in its own file and a line in [`KINDS`]; a mutation
//! that proves that its rule can fail is in the same file and a line in [`crate::mutation::MUTATIONS`].
//!
//! The seed switches each kind on or off, because faults that happen at the same time hide each other. Each
//! kind has its own dice, so a new kind does not change the plans of others. Each fault that actually happens
//! is counted: a kind that never happens is a bug in the simulator.

pub(crate) mod changes;
pub(crate) mod claims;
pub(crate) mod clocks;
pub(crate) mod full_disks;
pub(crate) mod gaps;
pub(crate) mod leaps;
pub(crate) mod lost_disks;
pub(crate) mod observers;
pub(crate) mod old_disks;
pub(crate) mod partitions;
pub(crate) mod pauses;
pub(crate) mod pools;
pub(crate) mod power;
mod recurring;
mod resets;
pub(crate) mod slow_lines;
pub(crate) mod slow_steps;
pub(crate) mod twins;
pub(crate) mod versions;

use std::collections::BTreeMap;
use std::fmt;

use crate::dice::Dice;
use crate::plan::Plan;
use crate::world::{SimEvent, World};
use crate::{Options, Setup, crashes, links, perform};

/// The number of times that each kind of fault happened, by name.
pub type Fired = BTreeMap<&'static str, u64>;

/// A kind of fault.
#[derive(Debug)]
pub struct Kind {
    /// The name by which outcomes count it.
    pub name: &'static str,
    /// The number of runs in a thousand in which it is switched on.
    pub(crate) per_mille: u64,
    /// Creates the fault for a run; `None` if the run cannot have it.
    pub(crate) draw: fn(&mut Draw<'_>) -> Option<Active>,
}

/// A fault in a run.
#[derive(Debug)]
pub(crate) enum Active {
    /// A number that the affected code reads, usually the rate of the fault.
    Rate(u64),
    /// It acts by itself.
    Acts(Box<dyn Fault>),
}

/// A fault that acts by itself.
pub(crate) trait Fault: fmt::Debug {
    /// Called at the beginning of the run, before any node has started.
    fn begin(&mut self, _world: &mut World<'_>) {}

    /// Called at the time that was planned with [`World::strike_after`].
    fn strike(&mut self, _world: &mut World<'_>, _what: u64) {}

    fn end(&mut self, _world: &mut World<'_>) {}

    /// Whether it still has an effect after the faults have ended, so that the chain does not need to make
    /// progress yet.
    fn holds_up(&self) -> bool {
        false
    }
}

/// The inputs of a kind of fault.
pub(crate) struct Draw<'a> {
    pub(crate) dice: Dice,
    pub(crate) setup: &'a Setup,
    pub(crate) plan: &'a Plan,
    /// Whether a fault of another kind removes or duplicates a validator's records of its votes. Two of them
    /// at once could leave no quorum.
    pub(crate) records_at_risk: bool,
}

impl Draw<'_> {
    /// A rate or another number.
    pub(crate) fn rate(&mut self, low: u64, high: u64) -> Option<Active> {
        Some(Active::Rate(self.dice.between(low, high)))
    }

    /// Some validators, at least one, whose records the network does not need.
    pub(crate) fn spared(&mut self, most: u64) -> Vec<usize> {
        let spared = self.plan.spared();
        if self.records_at_risk || spared.is_empty() {
            return Vec::new();
        }
        self.records_at_risk = true;
        let count = self.dice.between(1, most);
        (0..count).filter_map(|_| self.dice.pick(&spared)).collect()
    }
}

/// All kinds.
pub(crate) static KINDS: &[&Kind] = &[
    &links::LOSS,
    &links::DUPLICATES,
    &links::LATENESS,
    &partitions::PARTITIONS,
    &partitions::DECIDER_CUT_OFF,
    &resets::RESETS,
    &slow_lines::SLOW_LINES,
    &perform::SYNC_ERRORS,
    &perform::STALLS,
    &full_disks::FULL_DISKS,
    &crashes::CRASHES,
    &crashes::BLACKOUTS,
    &pauses::PAUSES,
    &slow_steps::SLOW_STEPS,
    &lost_disks::LOST_DISKS,
    &old_disks::OLD_DISKS,
    &twins::TWINS,
    &leaps::LEAPS,
    &clocks::WRONG_CLOCKS,
    &power::UNEQUAL_POWER,
    &observers::OBSERVERS,
    &gaps::GAPS,
    &pools::SMALL_POOLS,
    &versions::OTHER_VERSIONS,
    &versions::UNKNOWN_MESSAGES,
    // After all kinds that put records at risk.
    &changes::CHANGES,
];

/// The faults of a run.
#[derive(Debug)]
pub(crate) struct Faults {
    /// In the order of [`KINDS`].
    active: Vec<Option<Active>>,
    /// The kind of the active fault.
    acting: usize,
    pub(crate) fired: Fired,
}

/// The first stream of dice that faults use.
const FIRST_STREAM: u64 = 16;

impl Faults {
    pub(crate) fn new(setup: &Setup, plan: &Plan, options: &Options) -> Self {
        let mut records_at_risk = false;
        let of_kind = |kind: &&'static Kind| {
            let dice = Dice::new(options.seed, FIRST_STREAM + stream(kind.name));
            let mut draw = Draw { dice, setup, plan, records_at_risk };
            let forced = options.mutation.is_some_and(|it| it.needs(kind));
            let is_on = draw.dice.chance(kind.per_mille) || forced;
            let active = is_on.then(|| (kind.draw)(&mut draw)).flatten();
            records_at_risk = draw.records_at_risk;
            active
        };
        let active = KINDS.iter().map(of_kind).collect();
        Self { active, acting: 0, fired: Fired::new() }
    }
}

/// A number for a name.
fn stream(name: &str) -> u64 {
    name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) >> 8
}

impl World<'_> {
    /// The rate of a kind of fault; 0 if it is switched off.
    pub(crate) fn rate(&self, kind: &'static Kind) -> u64 {
        let position = KINDS.iter().position(|it| std::ptr::eq(*it, kind));
        match position.and_then(|position| self.faults.active[position].as_ref()) {
            Some(Active::Rate(rate)) => *rate,
            Some(Active::Acts(_)) | None => 0,
        }
    }

    /// Decides whether a fault with a rate in a thousand happens, and counts it.
    pub(crate) fn strikes(&mut self, kind: &'static Kind) -> bool {
        self.strikes_in(kind, 1_000)
    }

    /// Decides whether a fault with a rate in `many` happens, and counts it.
    pub(crate) fn strikes_in(&mut self, kind: &'static Kind, many: u64) -> bool {
        let rate = if self.faulty { self.rate(kind) } else { 0 };
        let strikes = rate > 0 && self.dice.below(many) < rate;
        if strikes {
            self.count(kind.name);
        }
        strikes
    }

    /// Counts a fault that happened.
    pub(crate) fn count(&mut self, name: &'static str) {
        *self.faults.fired.entry(name).or_default() += 1;
    }

    /// Counts the active fault.
    pub(crate) fn count_acting(&mut self) {
        self.count(KINDS[self.faults.acting].name);
    }

    /// Plans the next strike of the active fault; `what` is passed back to it.
    pub(crate) fn strike_after(&mut self, delay_us: u64, what: u64) {
        self.after(delay_us, SimEvent::Strike { kind: self.faults.acting, what });
    }

    pub(crate) fn begin_faults(&mut self) {
        (0..KINDS.len()).for_each(|kind| self.act_as(kind, |fault, world| fault.begin(world)));
    }

    pub(crate) fn strike(&mut self, kind: usize, what: u64) {
        self.act_as(kind, |fault, world| fault.strike(world, what));
    }

    pub(crate) fn end_faults(&mut self) {
        (0..KINDS.len()).for_each(|kind| self.act_as(kind, |fault, world| fault.end(world)));
    }

    /// Whether a fault delays the chain after the faults have ended.
    pub(crate) fn is_held_up(&self) -> bool {
        let mut active = self.faults.active.iter().flatten();
        active.any(|it| matches!(it, Active::Acts(fault) if fault.holds_up()))
    }

    fn act_as(&mut self, kind: usize, act: impl FnOnce(&mut dyn Fault, &mut Self)) {
        self.faults.acting = kind;
        let active = self.faults.active[kind].take();
        self.faults.active[kind] = match active {
            Some(Active::Acts(mut fault)) => {
                act(&mut *fault, self);
                Some(Active::Acts(fault))
            }
            other => other,
        };
    }
}
