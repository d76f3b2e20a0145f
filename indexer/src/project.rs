//! Turns a checked block into rows: a pure function of the block and the interfaces in force, which knows no
//! SQL and no clock.

mod decode;
mod mention;
pub mod money;
mod rows;
mod start;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_abi::Interface;
use ehb_types::{Hash, Name, Network, ValidatorSet};

use crate::check::CheckedBlock;
pub use decode::{KERNEL, ModuleChange, ProjectError};
pub use rows::{
    BlockRow, CallRow, EventRow, MentionRow, MissedVoteRow, ModuleVersionRow, NodeRow,
    ParameterRow, Rows, TransactionRow, ValidatorRow,
};
pub use start::genesis;

/// The version of the projection. Tables that another version wrote are not continued.
pub const VERSION: i32 = 2;

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
    pub fn changes(&self, checked: &CheckedBlock) -> Result<Vec<ModuleChange>, ProjectError> {
        decode::changes(self, checked)
    }

    /// The rows of a block. `versions` has the interfaces of [`Self::changes`] by code. After an error the
    /// projection is as before.
    pub fn block(
        &mut self,
        checked: &CheckedBlock,
        versions: &BTreeMap<Hash, Arc<ModuleVersion>>,
    ) -> Result<Rows, ProjectError> {
        let before = self.modules.clone();
        let rows = decode::block(self, checked, versions);
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
