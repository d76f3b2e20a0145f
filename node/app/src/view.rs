//! The state after a height, for the reads of clients.

use std::sync::Arc;

use ehb_rpc_server::Refusal;
use ehb_state::{Overlay, StateStore};
use ehb_store::{Past, PastError, Store};
use ehb_types::{Code, Hash, Header};

use crate::unreadable::{failed, state_failed};

/// The state after a height. All reads of it are of one state, or fail because it was pruned meanwhile.
pub(crate) struct View {
    pub(crate) header: Header,
    pub(crate) state_root: Hash,
    pub(crate) state: Arc<dyn StateStore>,
    /// Whether a height was named.
    pub(crate) is_past: bool,
    past: Option<(Arc<Past>, Store)>,
}

impl View {
    /// The state after a height, the head's where it is `None`.
    pub(crate) fn open(store: &Store, height: Option<u64>) -> Result<Self, Refusal> {
        let snapshot = store.snapshot();
        let Some(height) = height else {
            let head = snapshot.head().clone();
            let (header, state_root) = (head.header, head.state_root);
            return Ok(Self { header, state_root, state: snapshot, is_past: false, past: None });
        };
        let past = Arc::new(snapshot.at(height).map_err(|error| match error {
            PastError::AboveHead { head } => {
                let text = format!("no block is decided at height {height}; the head is {head}");
                Refusal::new(Code::NotFound, text)
            }
            PastError::Pruned { from } => pruned(height, from),
            PastError::Store(error) => failed(error),
        })?);
        let (header, state_root) = (past.header().clone(), past.state_root());
        let (state, past) = (past.clone(), Some((past, store.clone())));
        Ok(Self { header, state_root, state, is_past: true, past })
    }

    /// The state, for code that reads through an overlay.
    pub(crate) fn overlay(&self) -> Overlay {
        Overlay::new(self.state.clone())
    }

    /// Why it could not be read: it may have been pruned meanwhile.
    pub(crate) fn failed(&self, error: ehb_state::StoreError) -> Refusal {
        match &self.past {
            Some((past, store)) if !past.is_kept() => {
                pruned(self.header.height, store.history_from())
            }
            _ => state_failed(error),
        }
    }
}

fn pruned(height: u64, from: u64) -> Refusal {
    let text = format!(
        "the state of height {height} is not kept; this node keeps it from height {from} on, an archive \
         node keeps all"
    );
    Refusal::new(Code::Pruned, text)
}
