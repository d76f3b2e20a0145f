//! The benchmark of executing blocks of transfers, and the funded chain in memory that others use too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, ensure};
use ehb_crypto::{Domain, SecretKey, hash};
use ehb_executor::{Engine, Executor, GenesisState, Library, Parent};
use ehb_state::{Changes, MemoryStore};
use ehb_types::{
    Address, Block, Call, ChainId, Genesis, GenesisAccount, GenesisCall, GenesisModule,
    GenesisValidator, Hash, Header, Name, Network, Outcome, Parameters, Policy, SharedTransaction,
    Transaction,
};
use ehb_vm::{Module, Modules};
use serde_json::{Value, json};

use super::best_us;
use crate::table::Line;

/// A chain in memory with funded accounts.
pub(crate) struct Ledger {
    genesis: Genesis,
    pub(crate) header: Header,
    /// The entries of the genesis.
    pub(crate) first: Changes,
    keys: Vec<SecretKey>,
    engine: Engine,
    pub(crate) modules: Modules,
    pub(crate) parent: Parent,
}

const TRANSFERS: usize = 1_000;
const ACCOUNTS: usize = 256;

pub(super) fn run() -> anyhow::Result<Vec<Line>> {
    let ledger = Ledger::new(ACCOUNTS)?;
    let block = ledger.block()?;
    let mut executor = Executor::new(Library::new(ledger.modules.clone())?);
    let whole = best_us(TRANSFERS, || {
        let execution = executor.execute(&ledger.parent, &block)?;
        let failed =
            execution.receipts.iter().find(|it| !matches!(it.outcome, Outcome::Success(_)));
        ensure!(failed.is_none(), "a transfer failed: {failed:?}");
        Ok(())
    })?;
    let wallet = ehb_catalog::get("wallet").context("the catalog has no wallet")?;
    let compile = best_us(1, || {
        Module::compile(&ledger.engine, Name::new("wallet")?, wallet.code)?;
        Ok(())
    })?;
    Ok(vec![
        Line::at_most("transfer by name: decode, fresh instance, event", "us", 9.0, ledger.call()?),
        Line::at_most(
            "execute a transfer in a block of 1,000, with receipts and tree",
            "us",
            20.0,
            whole,
        ),
        Line::at_most(
            "compile the wallet module, for each 30 KB",
            "ms",
            52.0,
            compile / 1e3 * 30e3 / wallet.code.len() as f64,
        ),
    ])
}

impl Ledger {
    pub(crate) fn new(accounts: usize) -> anyhow::Result<Self> {
        let keys: Vec<SecretKey> = (0..accounts)
            .map(|index| {
                let mut seed = [9; 32];
                seed[..8].copy_from_slice(&(index as u64).to_le_bytes());
                SecretKey::from_seed(&seed)
            })
            .collect();
        let genesis = genesis(&keys)?;
        let engine = Engine::new()?;
        let code = ehb_catalog::all()
            .iter()
            .map(|it| (hash(Domain::ModuleCode, it.code), it.code.to_vec()))
            .collect::<BTreeMap<Hash, Vec<u8>>>();
        let first = GenesisState::build(&engine, &genesis, &code)?;
        let mut store = MemoryStore::default();
        store.apply(&first.changes);
        let parent = Parent { state: Arc::new(store), root: first.changes.root };
        let GenesisState { header, modules, changes, .. } = first;
        Ok(Self { genesis, header, first: changes, keys, engine, modules, parent })
    }

    /// The key of an account.
    pub(crate) fn key(&self, index: usize) -> &SecretKey {
        &self.keys[index]
    }

    fn address(&self, index: usize) -> Address {
        Address::of_account(&Policy::Key(self.keys[index].public_key()))
    }

    fn block(&self) -> anyhow::Result<Block> {
        let transactions: Vec<SharedTransaction> = (0..TRANSFERS)
            .map(|index| {
                let from = index % ACCOUNTS;
                transfer(self, from, (from + 1) % ACCOUNTS, (index / ACCOUNTS) as u64)
            })
            .collect::<anyhow::Result<_>>()?;
        let header = Header {
            height: 1,
            timestamp_ms: self.header.timestamp_ms + 1,
            parent: self.header.hash(),
            transactions_count: u32::try_from(transactions.len())?,
            transactions_root: Block::transactions_root(&transactions),
            state_root: self.parent.root,
            ..self.header.clone()
        };
        Ok(Block::sign(header, transactions, None, Vec::new(), &self.keys[0]))
    }

    /// Only the call of a transfer, with all work of the vm.
    fn call(&self) -> anyhow::Result<f64> {
        let calls = TRANSFERS;
        let signed = transfer(self, 0, 1, 0)?;
        let transaction = &signed.transaction;
        let arguments = &transaction.calls[0].arguments;
        let context = Arc::new(ehb_vm::Context {
            sender: transaction.sender,
            height: 1,
            time_ms: self.header.timestamp_ms + 1,
            transaction: transaction.id(),
            read_only: false,
            gas: self.genesis.parameters.gas.clone(),
            window_min_ms: self.genesis.parameters.modules.window_min_ms,
            accounts: ehb_kernel::accounts::account,
        });
        let overlay = ehb_state::Overlay::new(self.parent.state.clone());
        let mut session = ehb_vm::Session::new(overlay, context);
        best_us(calls, || {
            for _ in 0..calls {
                let mut gas = 10_000_000;
                self.modules.call(&mut session, "wallet", "transfer", arguments, &mut gas)?;
                session.events.clear();
                session.overlay.keep();
            }
            Ok(())
        })
    }
}

/// A signed transfer of 1 between two accounts.
pub(crate) fn transfer(
    ledger: &Ledger,
    from: usize,
    to: usize,
    sequence: u64,
) -> anyhow::Result<SharedTransaction> {
    let wallet = ledger.modules.get("wallet").context("no wallet is installed")?;
    let function = wallet.interface().function("transfer").context("the wallet has no transfer")?;
    let to = ledger.address(to).to_text(Network::Test);
    let arguments = json!({ "to": to, "asset": "EUR", "amount": "1" });
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: ledger.header.chain,
        sender: ledger.address(from),
        lane: 0,
        sequence,
        valid_until_ms: ledger.header.timestamp_ms + 60_000,
        gas_limit: 1_000_000,
        calls: vec![Call {
            module: Name::new("wallet")?,
            function: Name::new("transfer")?,
            arguments: function.arguments_from_json(Network::Test, &arguments)?,
        }],
        memo: String::new(),
    };
    Ok(transaction.sign(&[&ledger.keys[from]]).into())
}

/// A chain whose accounts have these keys, and nothing else: no module and no call.
pub(super) fn genesis_without_calls(keys: &[SecretKey]) -> anyhow::Result<Genesis> {
    Ok(Genesis { modules: Vec::new(), calls: Vec::new(), ..genesis(keys)? })
}

fn genesis(keys: &[SecretKey]) -> anyhow::Result<Genesis> {
    let organisation = Name::new("bench")?;
    let text = |key: &SecretKey| {
        Address::of_account(&Policy::Key(key.public_key())).to_text(Network::Test)
    };
    let issuer = text(&keys[0]);
    let call = |function: &str, arguments: Value| -> anyhow::Result<GenesisCall> {
        Ok(GenesisCall {
            sender: issuer.clone(),
            module: Name::new("wallet")?,
            function: Name::new(function)?,
            arguments: serde_json::from_value(arguments)?,
        })
    };
    let asset = json!({ "asset": "EUR", "name": "Euro", "decimals": 2, "issuer": issuer });
    let mut calls = vec![call("create-asset", asset)?];
    for key in keys {
        let mint = json!({ "asset": "EUR", "to": text(key), "amount": "1000000000" });
        calls.push(call("mint", mint)?);
    }
    let accounts = keys.iter().map(|key| GenesisAccount {
        address: text(key),
        policy: Policy::Key(key.public_key()),
        organisation: organisation.clone(),
        roles: BTreeSet::from_iter(Name::new("issuer").ok()),
        status: Default::default(),
    });
    let modules = ehb_catalog::get("wallet").into_iter().map(|it| {
        Ok(GenesisModule { name: Name::new(it.name)?, code: hash(Domain::ModuleCode, it.code) })
    });
    Ok(Genesis {
        chain_id: ChainId::new("bench")?,
        network: Network::Test,
        timestamp_ms: 1_790_000_000_000,
        parameters: Parameters::default(),
        validators: vec![GenesisValidator {
            name: Name::new("validator")?,
            organisation: organisation.clone(),
            consensus_key: SecretKey::from_seed(&[1; 32]).public_key(),
            node_key: SecretKey::from_seed(&[2; 32]).public_key(),
            power: 1,
        }],
        observers: Vec::new(),
        accounts: accounts.collect(),
        modules: modules.collect::<anyhow::Result<_>>()?,
        calls,
    })
}
