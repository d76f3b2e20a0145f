//! A check at the end: every open item of the modules can still be closed.

use ehb_executor::Library;
use ehb_invariants::ModuleReader;
use ehb_workload::{Call, FOREVER_MS};
use serde_json::json;

use super::conservation;
use crate::Setup;
use crate::afterwards::Afterwards;
use crate::state_reader::StateReader;

/// The minimum number of blocks until everything has expired.
const BLOCKS: u64 = 6;
/// The number of attempts, because one call of `advance-due` ends only a limited number of items.
const ROUNDS: u64 = 16;
/// The modules whose queries show that nothing stays open.
const MODULES: [&str; 4] = ["marketplace", "jobs", "credit", "wallet"];

/// Every state has an exit: if all accounts stop acting, one unrelated account can close every open item, and
/// value is conserved.
pub(crate) fn check(
    setup: &Setup,
    library: &Library,
    mut chain: Afterwards<'_>,
) -> Result<(), String> {
    let advance_due = |module| Call {
        who: "plat",
        module,
        function: "advance-due",
        arguments: json!({ "limit": 32 }),
    };
    let calls = MODULES.map(advance_due);
    let mut left = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..BLOCKS {
            chain.block(FOREVER_MS / BLOCKS, &calls)?;
        }
        let (state, header) = (chain.state.clone(), &chain.header);
        let open = conservation::check(setup, library, state.clone(), header)?.open;
        left = vec![(open > 0).then(|| format!("{open} escrows"))];
        let mut reader = StateReader::after(setup, library, state, header)?;
        for module in MODULES {
            let page = json!({ "after": null, "limit": 1 });
            let due = reader.read(module, "list-due", &page)?;
            let items = due.as_ref().ok().and_then(|page| page["due"].as_array());
            let none = items.is_some_and(Vec::is_empty);
            left.push((!none).then(|| format!("{due:?} of {module}")));
        }
        if left.iter().all(Option::is_none) {
            return Ok(());
        }
    }
    let left: Vec<String> = left.into_iter().flatten().collect();
    Err(format!("no account can close these open items: {}", left.join(", ")))
}
