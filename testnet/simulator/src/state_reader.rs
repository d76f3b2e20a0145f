//! Reads the modules' queries in a state, for generated business and for the invariants.

use std::sync::Arc;

use ehb_executor::{Library, Modules, QueryError, ReadLibrary, call};
use ehb_invariants::ModuleReader;
use ehb_state::{Overlay, StateStore};
use ehb_types::{Address, Header};
use serde_json::Value;

use crate::Setup;

/// The maximum number of reads of one state: with a wrong count there would be no end.
const READS_MAX: u32 = 20_000;

/// The functions of the modules in a state; accounts are shown by name.
pub(crate) struct StateReader<'a> {
    setup: &'a Setup,
    library: ReadLibrary,
    modules: Modules,
    state: Arc<dyn StateStore>,
    header: &'a Header,
    time_ms: u64,
    reads: u32,
}

impl<'a> StateReader<'a> {
    /// Reads after a block, at its time.
    pub(crate) fn after(
        setup: &'a Setup,
        library: &'a Library,
        state: Arc<dyn StateStore>,
        header: &'a Header,
    ) -> Result<Self, String> {
        let modules = library.modules(&Overlay::new(state.clone()));
        let modules = modules.map_err(|error| error.to_string())?;
        let library = library.for_reads();
        Ok(Self { setup, library, modules, state, header, time_ms: header.timestamp_ms, reads: 0 })
    }

    /// The same state, read at a later time, milliseconds since 1970.
    pub(crate) fn at(self, now_ms: u64) -> Self {
        Self { time_ms: self.time_ms.max(now_ms), ..self }
    }
}

impl ModuleReader for StateReader<'_> {
    type Error = String;

    fn has(&self, module: &str, function: &str) -> bool {
        let module = self.modules.get(module);
        module.is_some_and(|module| module.interface().function(function).is_some())
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, String> {
        self.reads += 1;
        if self.reads > READS_MAX {
            return Err(format!("{module}.{function}: the reads have no end"));
        }
        let declared = self.modules.get(module).and_then(|it| it.interface().function(function));
        let declared = declared.ok_or_else(|| format!("{module} has no {function}"))?;
        let (network, nobody) = (self.setup.genesis.network, Address([0; 32]));
        let arguments = self.setup.call(module, function, arguments)?.arguments;
        let names = (module, function);
        let state = self.state.clone();
        let read = match call(&self.library, state, self.header, nobody, names, &arguments) {
            Ok(answer) => declared.output_to_json(network, &answer.output).map(Ok),
            Err(QueryError::Failed(failure)) => match failure.error {
                Some(error) => declared.error_to_json(network, &error.data).map(Err),
                None => return Err(format!("{module}.{function} failed: {}", failure.message)),
            },
            Err(QueryError::Store(error)) => return Err(error.to_string()),
        };
        let named = |value: Value| self.setup.names.to_names(&value);
        let read = read.map_err(|error| format!("{module}.{function}: {error}"))?;
        Ok(read.map(named).map_err(named))
    }

    fn time_ms(&self) -> u64 {
        self.time_ms
    }
}
