//! What the module tells; see the `events` interface.

use ehb_contract::Emit;

use crate::bindings::ehb::marketplace::events::{Event, emit};

impl Emit for Event {
    fn emit(&self) {
        emit(self);
    }
}
