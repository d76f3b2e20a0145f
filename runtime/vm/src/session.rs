//! The state that the calls of a transaction share, and its limits of events and messages.

use std::sync::Arc;

use ehb_state::{Mark, Overlay, StoreError};
use ehb_types::{Account, Address, Event, GasSchedule, Hash, Name};

/// The maximum number of events that one transaction can emit.
pub const EVENTS_MAX: usize = 1_024;
/// The largest event, bytes.
pub const EVENT_BYTES_MAX: usize = 64 << 10;
/// The maximum number of debug messages; later ones are dropped.
pub const MESSAGES_MAX: usize = 64;
/// The maximum length of a debug message; the rest is dropped, bytes.
pub const MESSAGE_BYTES_MAX: usize = 1_024;

/// The facts about the transaction and the chain that calls can query.
#[derive(Clone, Debug)]
pub struct Context {
    /// The sender's account. In a read without a sender: 32 zero bytes.
    pub sender: Address,
    /// The height of the executed block.
    pub height: u64,
    /// The block's time, milliseconds since 1970 (UTC).
    pub time_ms: u64,
    /// The transaction's id.
    pub transaction: Hash,
    /// Whether writes and events are rejected.
    pub read_only: bool,
    /// The gas schedule of host functions.
    pub gas: GasSchedule,
    /// The shortest window that a module can set, milliseconds: a parameter of the chain.
    pub window_min_ms: u64,
    /// Reads an account from the state.
    pub accounts: fn(&Overlay, &Address) -> Result<Option<Account>, StoreError>,
}

/// The state, events and log of a transaction's calls.
pub struct Session {
    /// The state with the calls' writes.
    pub overlay: Overlay,
    /// The position of the current call in the transaction; the owner sets it.
    pub call: u16,
    /// The emitted events; the owner takes them after each transaction, and until then there are at most
    /// [`EVENTS_MAX`].
    pub events: Vec<Event>,
    /// Debug messages of modules, with the module's name; not part of any result.
    pub messages: Vec<(Name, String)>,
    /// The transaction and the chain.
    pub context: Arc<Context>,
    /// Whether its changes are discarded, so that its calls are scheduled with reads and not with blocks.
    pub simulated: bool,
    /// The active modules, outermost first, by position.
    pub(crate) active: Vec<usize>,
}

/// A savepoint of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionMark {
    overlay: Mark,
    events: usize,
}

impl Session {
    /// A session on the state of `overlay`.
    pub fn new(overlay: Overlay, context: Arc<Context>) -> Self {
        let (events, messages, active) = (Vec::new(), Vec::new(), Vec::new());
        Self { overlay, call: 0, events, messages, context, simulated: false, active }
    }

    pub(crate) fn mark(&self) -> SessionMark {
        SessionMark { overlay: self.overlay.mark(), events: self.events.len() }
    }

    pub(crate) fn rollback(&mut self, mark: SessionMark) {
        self.overlay.rollback(mark.overlay);
        self.events.truncate(mark.events);
    }

    /// Moves the session into the store of an instance, and leaves an empty one in its place until it is
    /// moved back.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self::new(Overlay::new(self.overlay.base().clone()), self.context.clone());
        std::mem::replace(self, empty)
    }
}
