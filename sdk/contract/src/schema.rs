//! The version of a module's stored entries, and their migration at an upgrade.

use crate::common::Refusal;
use crate::{Address, Host, Item};

#[cfg(test)]
mod tests;

/// The version of a module's stored entries, in the entry of the first byte 0, and the way from
/// each version to the next.
///
/// ```
/// use ehb_contract::{Host, Schema};
///
/// /// Version 2 added the column of prices.
/// fn add_prices(_host: &mut Host) {}
///
/// const SCHEMA: Schema = Schema::new(&[add_prices]);
/// assert_eq!(SCHEMA.version(), 2);
/// ```
pub struct Schema {
    steps: &'static [fn(&mut Host)],
}

/// The version of what is stored.
const VERSION: Item<u32> = Item::new(0);

impl Schema {
    /// The first step makes version 2 of version 1, and so on; without any step the code has version
    /// one. A step's work is bounded: what grows with the state is migrated entry by entry when it
    /// is next written.
    pub const fn new(steps: &'static [fn(&mut Host)]) -> Self {
        Self { steps }
    }

    /// The version of what this code stores.
    pub fn version(&self) -> u32 {
        u32::try_from(self.steps.len()).map_or(u32::MAX, |steps| steps.saturating_add(1))
    }

    /// Notes the version beside the module's first entry; does nothing after that. A module calls it
    /// where its first entry is written, at a place that is not on every call's way.
    pub fn mark(&self, host: &mut Host) {
        if VERSION.get(host).is_none() {
            VERSION.set(host, &self.version());
        }
    }

    /// Brings what is stored to the code's version: the module's function `upgrade.migrate`. Only
    /// the chain's own upgrade may call it, which calls as the zero address. An upgrade that changes
    /// nothing about what is stored has nothing to do here, and succeeds.
    ///
    /// # Errors
    /// `not-kernel`, `unknown-version`.
    pub fn migrate(&self, host: &mut Host) -> Result<(), Refusal> {
        if host.caller() != Address::default() {
            return Err(Refusal::NotKernel);
        }
        let own = self.version();
        // Where nothing was ever stored there is nothing to bring anywhere.
        let found = VERSION.get(host).unwrap_or(own);
        if found == own {
            return Ok(());
        }
        let steps = usize::try_from(found).ok().and_then(|found| found.checked_sub(1));
        let Some(steps) = steps.and_then(|done| self.steps.get(done..)) else {
            return Err(Refusal::UnknownVersion(found));
        };
        for step in steps {
            step(host);
        }
        VERSION.set(host, &own);
        Ok(())
    }
}
