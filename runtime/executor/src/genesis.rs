//! Builds block 0 and the first state from a genesis file, including the calls that the file contains.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_abi::ValueError;
use ehb_crypto::merkle;
use ehb_kernel::genesis::WriteError;
use ehb_kernel::{genesis as kernel, organisations};
use ehb_state::{Changes, MemoryStore, Overlay, StoreError, Tree};
use ehb_types::{
    Address, AddressError, Block, Genesis, GenesisCall, Hash, Header, Outcome, PublicKey, Receipt,
    Receipts, ValidatorSetError,
};
use ehb_vm::{CallError, CallFailure, Context, Engine, Modules, Session};

use crate::Roots;
use crate::library::{LoadError, load_modules};
use crate::receipts::BlockReceipts;

/// The genesis block, as nodes store it.
pub struct GenesisState {
    /// Height 0: its parent is the genesis hash, its roots are those of empty trees.
    pub header: Header,
    /// The receipts of the kernel for the contents of the file, followed by one for each genesis call. Header
    /// 1 contains their root.
    pub receipts: Receipts,
    /// The first state.
    pub changes: Changes,
    /// The installed modules, compiled.
    pub modules: Modules,
}

/// Why no chain can be created from a genesis.
#[derive(Debug, thiserror::Error)]
pub enum GenesisFailure {
    /// The kernel rejects it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The validators do not form a set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// A module is rejected.
    #[error("the genesis modules: {0}")]
    Modules(LoadError),
    /// A call's sender is not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A call names an unknown function.
    #[error("genesis call {index} names {module}.{function}, which is not installed")]
    UnknownFunction {
        /// The call's position, from 0.
        index: usize,
        /// The module.
        module: String,
        /// The function.
        function: String,
    },
    /// A call's arguments do not match the function.
    #[error("genesis call {index}: {error}")]
    Arguments {
        /// The call's position, from 0.
        index: usize,
        /// The mismatch.
        error: ValueError,
    },
    /// A call failed.
    #[error("genesis call {index} failed with {}: {}", failure.code, failure.message)]
    Call {
        /// The call's position, from 0.
        index: usize,
        /// The failure.
        failure: CallFailure,
    },
    /// The store failed, which does not happen in memory.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Has no source in the chain of causes, because the text already contains it.
impl From<LoadError> for GenesisFailure {
    fn from(error: LoadError) -> Self {
        Self::Modules(error)
    }
}

impl GenesisState {
    /// Creates the first state. `code` contains the code of the modules by hash.
    pub fn build(
        engine: &Engine,
        genesis: &Genesis,
        code: &BTreeMap<Hash, Vec<u8>>,
    ) -> Result<Self, GenesisFailure> {
        let store = Arc::new(MemoryStore::default());
        let mut overlay = Overlay::new(store.clone());
        let events = kernel::write(&mut overlay, genesis, code)?;
        let modules = load_modules(engine, &overlay)?;
        let hash = genesis.hash();
        let mut receipts = BlockReceipts::new(hash, 0, genesis.calls.len() + 1);
        receipts.push_kernel(&events)?;
        for (index, call) in genesis.calls.iter().enumerate() {
            let id = receipts.next_id();
            let receipt;
            (overlay, receipt) = run_call(&modules, overlay, (genesis, id), index, call)?;
            receipts.receipts.push(receipt);
        }
        let changes = Tree::default().update(&*store, Hash::ZERO, overlay.into_entries())?;
        let receipts = Receipts::from(receipts.receipts);
        Ok(Self { header: header(genesis, hash)?, receipts, changes, modules })
    }

    /// The roots for header 1.
    pub fn roots(&self) -> Roots {
        Roots {
            state: self.changes.root,
            receipts: self.receipts.root(),
            receipts_count: self.receipts.count(),
        }
    }
}

fn header(genesis: &Genesis, hash: Hash) -> Result<Header, ValidatorSetError> {
    let nothing = merkle::root::<&[u8]>(&[]);
    let validators = genesis.validator_set()?.hash();
    Ok(Header {
        version: Header::VERSION,
        chain: hash,
        height: 0,
        timestamp_ms: genesis.timestamp_ms,
        parent: hash,
        round: 0,
        proposer: PublicKey([0; 32]),
        transactions_count: 0,
        transactions_root: nothing,
        state_root: Hash::ZERO,
        receipts_count: 0,
        receipts_root: nothing,
        validators,
        next_validators: validators,
        certificate: Block::certificate_hash(None),
        evidence: Block::evidence_hash(&[]),
    })
}

fn run_call(
    modules: &Modules,
    overlay: Overlay,
    (genesis, id): (&Genesis, Hash),
    index: usize,
    call: &GenesisCall,
) -> Result<(Overlay, Receipt), GenesisFailure> {
    let (module, function) = (call.module.as_str(), call.function.as_str());
    let unknown = || GenesisFailure::UnknownFunction {
        index,
        module: module.to_owned(),
        function: function.to_owned(),
    };
    let interface = modules.get(module).ok_or_else(unknown)?.interface();
    let signature = interface.function(function).ok_or_else(unknown)?;
    let arguments = serde_json::Value::Object(call.arguments.clone());
    let arguments = signature
        .arguments_from_json(genesis.network, &arguments)
        .map_err(|error| GenesisFailure::Arguments { index, error })?;
    let context = Context {
        sender: Address::from_text(genesis.network, &call.sender)?,
        height: 0,
        time_ms: genesis.timestamp_ms,
        transaction: id,
        read_only: false,
        gas: genesis.parameters.gas.clone(),
        window_min_ms: genesis.parameters.modules.window_min_ms,
        accounts: organisations::acting_account,
    };
    let mut session = Session::new(overlay, Arc::new(context));
    let gas_limit = genesis.parameters.transaction_gas_max;
    let mut gas = gas_limit;
    match modules.call(&mut session, module, function, &arguments, &mut gas) {
        Ok(result) => {
            let outcome = Outcome::Success(vec![result]);
            let gas_used = gas_limit.saturating_sub(gas);
            let events = session.events;
            Ok((session.overlay, Receipt { transaction: id, outcome, gas_used, events }))
        }
        Err(CallError::Store(error)) => Err(error.into()),
        Err(CallError::Machine(error)) => Err(StoreError(error).into()),
        Err(CallError::Failed(failure)) => Err(GenesisFailure::Call { index, failure }),
    }
}
