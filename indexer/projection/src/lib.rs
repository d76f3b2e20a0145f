//! Turns proven blocks into rows of tables: a pure function that knows no SQL, clock or network.
//!
//! [`Projection`] maps a block to the rows of the schema `chain`, decoded by the interfaces in force. [`apply`] maps
//! the events among them, and the rows that they change, to the rows of the business tables ([`TABLES`]): [`advance`] returns
//! which ones must be loaded first. Each table is declared once, and what is known about an
//! event is in one function.

mod apply;
pub mod cell;
mod credits;
mod decode;
mod disputes;
mod error;
mod event;
mod jobs;
mod market;
mod members;
mod mention;
pub mod mirror;
mod money;
pub mod proof;
mod proven;
mod rows;
mod settings;
mod start;
pub mod table;
mod tables;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_abi::Interface;
use ehb_types::{Hash, Name, Network, ValidatorSet};

pub use apply::{TABLES, advance, apply, events};
pub use decode::{KERNEL, ModuleChange};
pub use error::ProjectError;
pub use event::Event;
pub use proven::ProvenBlock;
pub use rows::{
    BlockRow, CallRow, EventRow, MentionRow, MissedVoteRow, ModuleVersionRow, NodeRow,
    ParameterRow, Rows, TransactionRow, ValidatorRow,
};
pub use start::genesis;
pub use tables::{Changes, Needs, Tables};

/// The version of the projection. Tables that another version wrote are not continued.
pub const VERSION: i32 = 6;

/// The code of a module from a position on.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleVersion {
    /// The hash of its code; zero for the kernel.
    pub code: Hash,
    /// Its functions and events.
    pub interface: Interface,
    /// Its WIT, for people.
    pub wit: String,
}

/// The state that the projection keeps between blocks. All of it can be read from the tables.
#[derive(Clone, Debug)]
pub struct Projection {
    network: Network,
    modules: BTreeMap<Name, Arc<ModuleVersion>>,
}

impl Projection {
    /// Continues with these modules in force.
    pub fn new(network: Network, modules: BTreeMap<Name, Arc<ModuleVersion>>) -> Self {
        Self { network, modules }
    }

    /// The modules in force after the last projected block.
    pub fn modules(&self) -> &BTreeMap<Name, Arc<ModuleVersion>> {
        &self.modules
    }

    /// The codes that a block installs, whose interfaces [`Self::block`] needs.
    pub fn changes(&self, block: &ProvenBlock<'_>) -> Result<Vec<ModuleChange>, ProjectError> {
        decode::changes(self, block)
    }

    /// The rows of a block. `versions` has the interfaces of [`Self::changes`] by code. After an error the
    /// projection is as before.
    pub fn block(
        &mut self,
        block: &ProvenBlock<'_>,
        versions: &BTreeMap<Hash, Arc<ModuleVersion>>,
    ) -> Result<Rows, ProjectError> {
        let before = self.modules.clone();
        let rows = decode::block(self, block, versions);
        if rows.is_err() {
            self.modules = before;
        }
        rows
    }

    fn module(&self, name: &Name) -> Option<&Arc<ModuleVersion>> {
        self.modules.get(name)
    }
}

/// The validators of a set as rows in force from a height on; validators that are only in `before` get power
/// 0.
pub fn validator_rows(
    before: Option<&ValidatorSet>,
    after: &ValidatorSet,
    from_height: i64,
) -> Vec<ValidatorRow> {
    let known: BTreeSet<_> = after.validators().iter().map(|it| it.consensus_key).collect();
    let gone = before.map_or(&[][..], ValidatorSet::validators);
    let gone = gone.iter().filter(|it| !known.contains(&it.consensus_key)).map(|it| (it, 0));
    let here = after.validators().iter().filter(|it| {
        let before =
            before.and_then(|set| set.index_of(&it.consensus_key).and_then(|index| set.get(index)));
        before != Some(*it)
    });
    let rows = gone.chain(here.map(|it| (it, it.power)));
    rows.map(|(validator, power)| ValidatorRow {
        key: validator.consensus_key.to_string(),
        from_height,
        name: validator.name.to_string(),
        node_key: validator.node_key.to_string(),
        power: power.to_string(),
    })
    .collect()
}
