//! Reads of the node's own database that failed: the conditions name the first one, and clients are answered that it could
//! not be read. The log has the cause.

use std::sync::OnceLock;

use ehb_rpc_server::Refusal;
use ehb_store::StoreError;
use ehb_types::Code;

/// The first read of this process that failed. A process has one database, and damage does not pass by itself.
static FIRST: OnceLock<String> = OnceLock::new();

/// Why the database could not be read, if that happened since the start.
pub(crate) fn first() -> Option<&'static str> {
    FIRST.get().map(String::as_str)
}

/// Logs that a read failed, and remembers it.
pub(crate) fn met(error: &StoreError, what: &'static str) {
    if matches!(error, StoreError::Damaged(_) | StoreError::Disk(_)) {
        FIRST.get_or_init(|| error.to_string());
    }
    tracing::error!(%error, "{what}");
}

/// Logs that a read of the state failed, and remembers it.
pub(crate) fn met_in_state(error: &ehb_state::StoreError, what: &'static str) {
    FIRST.get_or_init(|| error.to_string());
    tracing::error!(%error, "{what}");
}

/// The answer when a record cannot be read.
pub(crate) fn failed(error: StoreError) -> Refusal {
    met(&error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its database")
}

/// The answer when an entry of the state cannot be read.
pub(crate) fn state_failed(error: ehb_state::StoreError) -> Refusal {
    met_in_state(&error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its state")
}

#[cfg(test)]
mod tests {
    use ehb_store::StoreError;

    use super::{failed, first};

    /// One test, because what is remembered is the process's.
    #[test]
    fn the_first_failed_read_is_remembered() {
        let _ = failed(StoreError::Height { height: 9, head: 1 });
        assert_eq!(first(), None, "a caller's error is no damage");
        for reason in ["block checksum mismatch", "another one"] {
            let _ = failed(StoreError::Damaged(reason.to_owned()));
            assert_eq!(first(), Some("the stored data is damaged: block checksum mismatch"));
        }
    }
}
