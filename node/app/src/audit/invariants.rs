//! Checks value conservation through the modules' own functions, with a limit on the number of reads.

use std::sync::Arc;

use anyhow::anyhow;
use ehb_executor::{EVENTS_MAX, Library, Modules, QueryError, ReadLibrary, call};
use ehb_invariants::{Counted, ModuleReader};
use ehb_kernel::chain;
use ehb_state::Overlay;
use ehb_store::{Snapshot, Store};
use ehb_types::{Address, Network};
use serde_json::Value;

use super::{Audited, Findings};

/// The number of reads between two progress messages.
const READS_PER_MESSAGE: u64 = 100_000;

/// The maximum number of reads of each item: by number, in lists, and by references.
const READS_OF_A_THING_MAX: u64 = 8;
/// Additional reads, for example of items that genesis resolved.
const READS_BESIDE_MAX: u64 = 10_000;

/// A module counts more items than can exist.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} reads found no end, more than the entries and transactions of the chain can need: a number from \
     which a module counts is damaged"
)]
struct NoEnd(u64);

/// The modules' functions at the head.
struct AtHead<'a> {
    library: ReadLibrary,
    modules: Modules,
    network: Network,
    snapshot: Arc<Snapshot>,
    progress: &'a mut dyn FnMut(&str),
    reads: u64,
    reads_max: u64,
}

/// Checks that value is conserved, according to the modules.
pub(super) fn check(
    store: &Store,
    library: &Library,
    audited: &Audited,
    findings: &mut Findings,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<Counted> {
    progress("the modules' books");
    let snapshot = store.snapshot();
    let overlay = Overlay::new(snapshot.clone());
    let network = chain::identity(&overlay)?.network;
    let modules = library.modules(&overlay)?;
    let (library, reads_max) = (library.for_reads(), reads_max(audited));
    let mut reads = AtHead { library, modules, network, snapshot, progress, reads: 0, reads_max };
    match ehb_invariants::check(&mut reads, |violation| findings.report(violation)) {
        Err(error) if error.is::<NoEnd>() => {
            findings.found(ehb_invariants::UNREADABLE, "books", error.to_string());
            Ok(Counted::default())
        }
        other => other,
    }
}

/// An item has an entry, or had one and ended with an event.
fn reads_max(audited: &Audited) -> u64 {
    let events_max = audited.transactions.saturating_mul(EVENTS_MAX as u64);
    let things = audited.entries.saturating_add(events_max);
    things.saturating_mul(READS_OF_A_THING_MAX).saturating_add(READS_BESIDE_MAX)
}

impl ModuleReader for AtHead<'_> {
    type Error = anyhow::Error;

    fn has(&self, module: &str, function: &str) -> bool {
        let module = self.modules.get(module);
        module.is_some_and(|module| module.interface().function(function).is_some())
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> anyhow::Result<Result<Value, Value>> {
        self.reads += 1;
        if self.reads > self.reads_max {
            return Err(NoEnd(self.reads_max).into());
        }
        if self.reads.is_multiple_of(READS_PER_MESSAGE) {
            (self.progress)(&format!("{} reads of the modules' books", self.reads));
        }
        let declared = self.modules.get(module).and_then(|it| it.interface().function(function));
        let declared =
            declared.ok_or_else(|| anyhow!("the module {module} has no function {function}"))?;
        let arguments = declared.arguments_from_json(self.network, arguments)?;
        let header = self.snapshot.head().header.clone();
        let (state, nobody) = (self.snapshot.clone(), Address([0; 32]));
        let names = (module, function);
        match call(&self.library, state, &header, nobody, names, &arguments) {
            Ok(answer) => Ok(Ok(declared.output_to_json(self.network, &answer.output)?)),
            Err(QueryError::Failed(failure)) => match failure.error {
                Some(error) => Ok(Err(declared.error_to_json(self.network, &error.data)?)),
                None => Err(anyhow!("{module}.{function} failed: {}", failure.message)),
            },
            Err(QueryError::Store(error)) => Err(error.into()),
        }
    }

    fn time_ms(&self) -> u64 {
        self.snapshot.head().header.timestamp_ms
    }
}
