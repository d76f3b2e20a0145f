//! Opens the chain of a data directory: builds the genesis state, reads the recovery data, loads modules.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use ehb_code_cache::CompiledFiles;
use ehb_consensus::{LastSigned, LogEntry};
use ehb_crypto::{Domain, hash};
use ehb_executor::{Engine, Executor, GenesisState, Installation, Library, Roots, load_modules};
use ehb_replica::{HeadState, Recovery};
use ehb_state::Overlay;
use ehb_store::{GenesisBlock, OpenError, Opened, Store};
use ehb_types::{Block, Genesis, Hash, decode, encode};

use crate::config::Config;
use crate::descriptors::Descriptors;
use crate::interfaces::new_modules;
use crate::place::Place;
use crate::{error_code, fresh_key};

/// The folder next to the genesis with code of modules that are not built into this program.
const MODULES_DIR: &str = "modules";
/// The database in the data directory.
pub(crate) const DATABASE_DIR: &str = "db";
/// The maximum size of a module file, bytes.
const MODULE_BYTES_MAX: u64 = 16 << 20;

/// A chain opened from its data directory.
pub(crate) struct Chain {
    pub(crate) store: Store,
    /// Its directory.
    pub(crate) place: Place,
    pub(crate) executor: Executor,
    pub(crate) recovery: Recovery,
}

/// Opens the chain of a data directory, and creates it if there is none yet.
pub(crate) fn open(
    data_dir: &Path,
    genesis: &Genesis,
    config: &Config,
    descriptors: &Descriptors,
) -> anyhow::Result<Chain> {
    let engine = Engine::new().context("cannot set up the module runtime")?;
    let compiled_dir = config.modules.compiled_dir(data_dir);
    let engine = engine.with_compiled(Arc::new(CompiledFiles::new(compiled_dir)));
    let database = data_dir.join(DATABASE_DIR);
    if let Some(path) = &config.store.signer_state {
        Place::check_signer_state(path, genesis.hash())?;
    }
    // If there was no chain, creating the genesis has prepared the modules.
    let mut compiled = None;
    let store = match Store::open(&database, &config.store_options(descriptors.database))? {
        Opened::Chain(store) => store,
        Opened::Empty(empty) => {
            let code = error_code::step(error_code::GENESIS, module_code(data_dir, genesis))?;
            let first = GenesisState::build(&engine, genesis, &code)?;
            let block = GenesisBlock {
                genesis: genesis.hash(),
                header: &first.header,
                receipts: &first.receipts,
                changes: &first.changes,
                validators: Some(&genesis.validator_set()?),
                modules: &new_modules(0, &Installation::of_genesis(&first.modules)),
            };
            let signed = encode(&LastSigned::below(1));
            let place = error_code::step(error_code::DISK, Place::of(&database, genesis.hash()))?;
            let signed = fresh_key::is_marked(data_dir).then(|| place.stored(&signed));
            compiled = Some(first.modules);
            empty.initialise(&block, signed.as_deref())?
        }
    };
    check_genesis(&store, genesis)?;
    // From here on the store records what the key signed.
    error_code::step(error_code::DISK, fresh_key::clear(data_dir))?;
    let place = error_code::step(error_code::DISK, Place::of(&database, genesis.hash()))?;
    let recovery = recover(&store, &place).map_err(|error| damaged(&database, error))?;
    let modules = match compiled {
        Some(modules) => modules,
        None => load_modules(&engine, &Overlay::new(store.state()))
            .map_err(|error| damaged(&database, error.into()))?,
    };
    Ok(Chain { store, place, executor: Executor::new(Library::new(modules)?), recovery })
}

/// Checks that the chain of a data directory belongs to the genesis file in it.
pub(crate) fn check_genesis(store: &Store, genesis: &Genesis) -> anyhow::Result<()> {
    let (found, expected) = (store.genesis(), genesis.hash());
    if found == expected {
        return Ok(());
    }
    let error = anyhow!(
        "the data directory belongs to the chain with genesis {found}, but the genesis file here is \
         {expected}: put the right genesis file back, or use another data directory"
    );
    Err(error_code::coded(error_code::OTHER_GENESIS, error))
}

/// Reports damage that is detected during reads like damage that is detected at the start.
fn damaged(database: &Path, error: anyhow::Error) -> anyhow::Error {
    if [error_code::DISK, error_code::SIGNER_STATE].contains(&error_code::of(&error)) {
        return error;
    }
    OpenError::Damaged { path: database.to_owned(), reason: format!("{error:#}") }.into()
}

fn recover(store: &Store, place: &Place) -> anyhow::Result<Recovery> {
    let head = store.head();
    let height = head.height();
    let log = store.log(height + 1)?;
    let log: Result<Vec<LogEntry>, _> = log.iter().map(|entry| decode(entry)).collect();
    let last_signed = store.last_signed().map(|stored| place.read(&stored)).transpose()?;
    let mut bodies: Vec<Block> = Vec::new();
    for hash in store.undecided(height + 1) {
        if let Some(body) = store.body(height + 1, &hash)? {
            bodies.push(decode(&body).context("a stored block is damaged")?);
        }
    }
    let receipts = store.receipts(height)?.unwrap_or_default();
    Ok(Recovery {
        head: HeadState {
            certificate: store.certificate(height)?,
            state: store.state(),
            roots: Roots {
                state: head.state_root,
                receipts: receipts.root(),
                receipts_count: receipts.count(),
            },
            unsealed: head.header.transactions_count > 0,
            header: head.header,
        },
        log: log.context("the consensus log is damaged")?,
        copied: last_signed.is_some_and(|(_, copied)| copied),
        last_signed: last_signed.map(|(record, _)| record),
        bodies,
    })
}

/// The code of the genesis modules: built into this program, or in the folder next to the genesis.
pub(crate) fn module_code(
    folder: &Path,
    genesis: &Genesis,
) -> anyhow::Result<BTreeMap<Hash, Vec<u8>>> {
    let mut code = BTreeMap::new();
    for entry in ehb_catalog::all() {
        code.insert(hash(Domain::ModuleCode, entry.code), entry.code.to_vec());
    }
    let dir = folder.join(MODULES_DIR);
    for module in &genesis.modules {
        let path = dir.join(format!("{}.wasm", module.name));
        if code.contains_key(&module.code) || !path.exists() {
            continue;
        }
        let cannot_read = || format!("cannot read the module {}", path.display());
        let size = std::fs::metadata(&path).with_context(cannot_read)?.len();
        if size > MODULE_BYTES_MAX {
            bail!(
                "the module {} has {size} bytes; at most {MODULE_BYTES_MAX} are read",
                path.display()
            );
        }
        let bytes = std::fs::read(&path).with_context(cannot_read)?;
        code.insert(hash(Domain::ModuleCode, &bytes), bytes);
    }
    Ok(code)
}
