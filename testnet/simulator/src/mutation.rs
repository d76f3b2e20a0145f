use std::fmt;

use crate::checks::Rule;
use crate::faults::{
    Kind, claims, clocks, full_disks, observers, old_disks, pools, power, slow_lines, slow_steps,
    twins, versions,
};
use crate::{Behaviour, Options, disk, executions, fates, links, perform};

/// A rule that a run breaks on purpose, to prove that the checks notice. Those that belong to a fault are
/// in its file.
#[derive(Debug)]
pub struct Mutation {
    /// What people call it.
    pub name: &'static str,
    /// The rule that breaks; `None` where something else makes up for it.
    pub breaks: Option<Rule>,
    /// How byzantine nodes must behave for it.
    pub(crate) behaviour: Option<Behaviour>,
    /// The fault without which nothing breaks.
    pub(crate) fault: Option<&'static Kind>,
    /// Whether asking other validators what they saw of a key would make up for it.
    pub(crate) hides_lost_records: bool,
}

/// All of them.
pub static MUTATIONS: [&Mutation; 20] = [
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
    &twins::UNNOTICED_TWINS,
    &clocks::BELIEVED_CLOCKS,
    &claims::ENDLESS_PATIENCE,
    &power::COUNTED_HEADS,
    &observers::SHUT_OUT_OBSERVERS,
    &pools::HOARDING_POOLS,
    &versions::STRICT_VERSIONS,
];

/// Replicas remember whatever they are sent.
pub(crate) static NO_BOUNDS: Mutation = Mutation {
    behaviour: Some(Behaviour::BodyFlooder),
    ..Mutation::new("no-bounds", Rule::Bounds)
};

impl Mutation {
    /// A mutation that needs nothing else.
    pub(crate) const fn new(name: &'static str, breaks: Rule) -> Self {
        let breaks = Some(breaks);
        Self { name, breaks, behaviour: None, fault: None, hides_lost_records: false }
    }

    /// Whether nothing breaks without this fault.
    pub(crate) fn needs(&self, kind: &'static Kind) -> bool {
        self.fault.is_some_and(|fault| std::ptr::eq(fault, kind))
    }

    /// Whether validators ask nobody what was seen of their keys.
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
