//! The releases of modules that runs use, at genesis and as upgrades, and the engine that compiles them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ehb_crypto::{Domain, hash};
use ehb_executor::{CompiledCode, Engine, EngineError, InstallError};
use ehb_types::Hash;

use crate::setup::SetupError;

/// A module that adds up numbers: version 1 stores four bytes, version 2 eight, and migrates the stored
/// value.
const TALLY_1: &str = include_str!("../../../runtime/executor/src/tests/tally/version-1.wat");
const TALLY_2: &str = include_str!("../../../runtime/executor/src/tests/tally/version-2.wat");
/// The name of that module.
pub(crate) const TALLY: &str = "tally";
/// A module that calls the tally.
const WATCHER: &str = include_str!("../../../runtime/executor/src/tests/tally/watcher.wat");
/// Makes another release of a component by adding a custom section, which is ignored.
const NOTE: &[u8] = b"\0\x09\x04note, 2.";

/// A module's code.
pub(crate) struct Release {
    pub(crate) module: &'static str,
    pub(crate) code: Vec<u8>,
    pub(crate) hash: Hash,
}

impl Release {
    fn new(module: &'static str, code: Vec<u8>) -> Self {
        Self { module, hash: hash(Domain::ModuleCode, &code), code }
    }
}

/// The modules in genesis: those that ship, and the tally.
pub(crate) fn at_genesis() -> Result<Vec<Release>, SetupError> {
    let tally = Release::new(TALLY, wat::parse_str(TALLY_1)?);
    let shipped = ehb_catalog::all().iter().map(|it| Release::new(it.name, it.code.to_vec()));
    Ok(shipped.chain([tally]).collect())
}

/// The upgrades in some runs: a tally that migrates, and a wallet that behaves as before; and a new module.
pub(crate) fn upgrades() -> Result<Vec<Release>, SetupError> {
    let tally = Release::new(TALLY, wat::parse_str(TALLY_2)?);
    let wallet = ehb_catalog::get("wallet");
    let wallet = wallet.map(|it| Release::new(it.name, [it.code, NOTE].concat()));
    let watcher = Release::new("watcher", wat::parse_str(WATCHER)?);
    Ok([tally].into_iter().chain(wallet).chain([watcher]).collect())
}

/// The engine of this process. All set-ups and runs share its compiled code.
pub(crate) fn engine() -> Result<Engine, EngineError> {
    static ENGINE: OnceLock<Result<Engine, EngineError>> = OnceLock::new();
    ENGINE.get_or_init(|| Ok(Engine::new()?.with_compiled(Arc::<CompiledHere>::default()))).clone()
}

/// Caches compiled code until the process ends.
#[derive(Default)]
struct CompiledHere(Mutex<BTreeMap<Hash, Compiled>>);

/// The result of compiling; concurrent requests wait for it.
type Compiled = Arc<OnceLock<Result<Vec<u8>, InstallError>>>;

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: every returned value came from `compile` for the same key, and nothing else can write to the cache.
unsafe impl CompiledCode for CompiledHere {
    fn get_or_compile(
        &self,
        key: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError> {
        let place = {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            places.entry(*key).or_default().clone()
        };
        place.get_or_init(compile).clone()
    }
}
