//! Compares the root recomputed from the state's entries with the root of the head.

use ehb_state::root_of_entries;
use ehb_store::Store;

use super::{Audited, Findings};

/// The entries of the state do not match its root.
const STATE_ROOT: &str = "STATE_ROOT";

/// Recomputes the root of the state from its entries alone.
pub(super) fn check(
    store: &Store,
    audited: &mut Audited,
    findings: &mut Findings,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    progress("the state's root");
    let snapshot = store.snapshot();
    let (root, entries) = root_of_entries(&*snapshot)?;
    audited.entries = entries;
    let head = snapshot.head();
    if root != head.state_root {
        let message = format!(
            "the {entries} entries have the root {root}, but the state after block {} has {}",
            head.height(),
            head.state_root
        );
        findings.found(STATE_ROOT, "state", message);
    }
    Ok(())
}
