//! Mutations: deliberate bugs, each of which proves that a rule can fail.

use std::fmt;

use crate::checks::Rule;
use crate::faults::{
    Kind, changes, claims, clocks, full_disks, gaps, observers, old_disks, pools, power,
    slow_lines, slow_steps, twins, versions,
};
use crate::{Behaviour, Options, disk, executions, fates, links, perform};

/// A deliberate bug in a run, to prove that the checks detect it. Mutations that belong to a fault are in its
/// file.
#[derive(Debug)]
pub struct Mutation {
    /// The name by which the command line selects it.
    pub name: &'static str,
    /// The rule that it breaks; `None` if another mechanism compensates for it.
    pub breaks: Option<Rule>,
    /// The byzantine behaviour that it needs.
    pub(crate) behaviour: Option<Behaviour>,
    /// The fault that it needs.
    pub(crate) fault: Option<&'static Kind>,
    /// Whether asking other validators what they saw of a key would compensate for it.
    pub(crate) hides_lost_records: bool,
}

/// All mutations.
pub static MUTATIONS: [&Mutation; 24] = [
    &disk::NO_REPLAY,
    &disk::LOST_LOG,
    &disk::NO_LOCK,
    &disk::SMALL_STORE,
    &perform::LATE_SYNC,
    &full_disks::UNNOTICED_FULL_DISKS,
    &fates::LOST_POOL,
    &links::NO_OFFERS,
    &NO_BOUNDS,
    &old_disks::NO_ASKING,
    &executions::WRONG_WRITE,
    &slow_lines::HASTY_CATCH_UP,
    &slow_steps::FORGETFUL_INBOX,
    &twins::UNMARKED_COPIES,
    &twins::UNNOTICED_TWINS,
    &clocks::BELIEVED_CLOCKS,
    &claims::ENDLESS_PATIENCE,
    &power::COUNTED_HEADS,
    &observers::SHUT_OUT_OBSERVERS,
    &pools::HOARDING_POOLS,
    &gaps::FORGOTTEN_GAPS,
    &versions::STRICT_VERSIONS,
    &changes::EARLY_SET,
    &changes::COUNTED_CANDIDATES,
];

/// Replicas remember everything that they receive.
pub(crate) static NO_BOUNDS: Mutation = Mutation {
    behaviour: Some(Behaviour::BodyFlooder),
    ..Mutation::new("no-bounds", Rule::Bounds)
};

impl Mutation {
    /// A mutation without requirements.
    pub(crate) const fn new(name: &'static str, breaks: Rule) -> Self {
        let breaks = Some(breaks);
        Self { name, breaks, behaviour: None, fault: None, hides_lost_records: false }
    }

    /// Whether it needs this fault.
    pub(crate) fn needs(&self, kind: &'static Kind) -> bool {
        self.fault.is_some_and(|fault| std::ptr::eq(fault, kind))
    }

    /// Whether validators do not ask what others saw of their keys.
    pub(crate) fn asks_nobody(&self) -> bool {
        self.hides_lost_records || std::ptr::eq(self, &old_disks::NO_ASKING)
    }

    /// Whether nodes start from old copies of their disks, as they do without a mutation.
    pub(crate) fn bears_old_copies(&self) -> bool {
        !self.hides_lost_records
    }

    /// The mutation of this name. An error lists all names.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        let found = MUTATIONS.into_iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            let names = MUTATIONS.map(|it| it.name).join(", ");
            format!("there is no mutation {name}; there are: {names}")
        })
    }
}

impl Options {
    /// Whether a run has this mutation.
    pub(crate) fn is(&self, mutation: &'static Mutation) -> bool {
        self.mutation.is_some_and(|it| std::ptr::eq(it, mutation))
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
