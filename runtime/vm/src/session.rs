use std::sync::Arc;

use ehb_state::{Mark, Overlay, StoreError};
use ehb_types::{Account, Address, Event, GasSchedule, Hash, Name};

/// How many events one transaction can tell.
pub const EVENTS_MAX: usize = 1_024;
/// The largest event, bytes.
pub const EVENT_BYTES_MAX: usize = 64 << 10;
/// How many debug messages are kept; later ones are dropped.
pub const MESSAGES_MAX: usize = 64;
/// How much of a debug message is kept, bytes.
pub const MESSAGE_BYTES_MAX: usize = 1_024;

/// What calls can ask about the transaction and the chain.
#[derive(Clone, Debug)]
pub struct Context {
    /// The account whose transaction this is. In a read without a sender: 32 zero bytes.
    pub sender: Address,
    /// The height of the block that is executed.
    pub height: u64,
    /// The block's time, milliseconds since 1970 (UTC).
    pub time_ms: u64,
    /// The transaction's id.
    pub transaction: Hash,
    /// Whether writes and events are refused.
    pub read_only: bool,
    /// What the host's work costs.
    pub gas: GasSchedule,
    /// Reads an account from the state.
    pub accounts: fn(&Overlay, &Address) -> Result<Option<Account>, StoreError>,
}

/// What a transaction's calls read, write and tell.
pub struct Session {
    /// The state with the calls' writes.
    pub overlay: Overlay,
    /// The position in the transaction of the call that is executed; the owner sets it.
    pub call: u16,
    /// What the calls emitted; the owner takes them out after each transaction, and before that they
    /// number [`EVENTS_MAX`] at most.
    pub events: Vec<Event>,
    /// What modules told their developers, with the module's name; not part of any result.
    pub messages: Vec<(Name, String)>,
    /// The transaction and the chain.
    pub context: Arc<Context>,
    /// Whether nothing of it is kept, so that its calls take their turn with the reads and not with blocks.
    pub simulated: bool,
    /// The modules that are being executed, the outermost first, by position.
    pub(crate) active: Vec<usize>,
}

/// A point that a session can be taken back to.
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

    /// Moves the session out, into the store of an instance, and leaves an empty one behind until
    /// it is moved back.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self::new(Overlay::new(self.overlay.base().clone()), self.context.clone());
        std::mem::replace(self, empty)
    }
}
