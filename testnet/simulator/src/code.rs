use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ehb_crypto::{Domain, hash};
use ehb_executor::{CompiledCode, Engine, EngineError, InstallError};
use ehb_types::Hash;

use crate::setup::SetupError;

/// A module that adds numbers up: version 1 stores four bytes, version 2 eight, and migrates what there is.
const TALLY_1: &str = include_str!("../../../runtime/executor/src/tests/tally/version-1.wat");
const TALLY_2: &str = include_str!("../../../runtime/executor/src/tests/tally/version-2.wat");
/// The name of that module.
pub(crate) const TALLY: &str = "tally";
/// Makes another release of a component: a custom section, which is skipped.
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

/// What genesis installs: the modules that ship, and the tally.
pub(crate) fn at_genesis() -> Result<Vec<Release>, SetupError> {
    let tally = Release::new(TALLY, wat::parse_str(TALLY_1)?);
    let shipped = ehb_catalog::all().iter().map(|it| Release::new(it.name, it.code.to_vec()));
    Ok(shipped.chain([tally]).collect())
}

/// What some runs bring the chain to: a tally that migrates, and a wallet that does the same as before.
pub(crate) fn upgrades() -> Result<Vec<Release>, SetupError> {
    let tally = Release::new(TALLY, wat::parse_str(TALLY_2)?);
    let wallet = ehb_catalog::get("wallet");
    let wallet = wallet.map(|it| Release::new(it.name, [it.code, NOTE].concat()));
    Ok([tally].into_iter().chain(wallet).collect())
}

/// The engine of this process. All set-ups and runs share what it has compiled.
pub(crate) fn engine() -> Result<Engine, EngineError> {
    static ENGINE: OnceLock<Result<Engine, EngineError>> = OnceLock::new();
    ENGINE.get_or_init(|| Ok(Engine::new()?.with_compiled(Arc::<CompiledHere>::default()))).clone()
}

/// Keeps what this process has compiled, until it ends.
#[derive(Default)]
struct CompiledHere(Mutex<BTreeMap<Hash, Compiled>>);

/// What compiling gave, or will have given: whoever comes while it is under way waits for it.
type Compiled = Arc<OnceLock<Result<Vec<u8>, InstallError>>>;

#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
// SAFETY: what is given was given by `compile` for the same key, and nothing else reaches it.
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
