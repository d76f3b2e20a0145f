//! The code of a module as the projection needs it, and its row.

use ehb_abi::Interface;
use ehb_types::{Hash, Name};

use crate::rows::ModuleVersionRow;
use crate::text::{escape, escape_json};

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

impl ModuleVersion {
    /// The row of this version, in force from a position on.
    pub(crate) fn row(
        &self,
        module: &Name,
        height: i64,
        index: i32,
        event: i32,
    ) -> ModuleVersionRow {
        let mut interface = serde_json::to_value(&self.interface).unwrap_or_default();
        escape_json(&mut interface);
        ModuleVersionRow {
            module: module.to_string(),
            from_height: height,
            from_index: index,
            from_event: event,
            code: self.code.to_string(),
            interface,
            wit: escape(&self.wit).into_owned(),
        }
    }
}
