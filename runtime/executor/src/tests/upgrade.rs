//! Module upgrades during the execution of blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_kernel::chain as kernel;
use ehb_state::{MemoryStore, Overlay, StateStore};
use ehb_types::{
    Call, Code, Genesis, GenesisModule, Hash, Name, Network, Outcome, Receipt, Transaction,
};
use serde_json::{Value, json};

use super::{ALICE, BOB, Chain, address, code, genesis, name, secret, text};
use crate::{DEPLOYER, Engine, Execution, Executor, GenesisState, Library, Parent, UPGRADER, call};

mod agreement;
mod refusals;
mod simulated;
mod together;

pub(super) const VERSION_1: &str = include_str!("tally/version-1.wat");
pub(super) const VERSION_2: &str = include_str!("tally/version-2.wat");
/// A module that calls the tally.
pub(super) const WATCHER: &str = include_str!("tally/watcher.wat");

/// The maximum gas of a transaction.
const GAS: u64 = 50_000_000;
/// The size of the parts in which code is uploaded here.
const PART_BYTES: usize = 700;
/// The size of a part that [`GAS`] pays for.
const PART_BYTES_MAX: usize = 12 << 10;

pub(super) fn compiled(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).unwrap()
}

pub(super) fn id(code: &[u8]) -> Hash {
    hash(Domain::ModuleCode, code)
}

/// The genesis of the other tests with the tally and its watcher; Alice can upgrade modules and install others.
pub(super) fn with_tally() -> (Genesis, BTreeMap<Hash, Vec<u8>>) {
    let (mut genesis, mut code) = (genesis(), code());
    genesis.accounts[0].roles.extend([name(UPGRADER), name(DEPLOYER)]);
    genesis.parameters.modules.deployers_install = 1;
    for (module, wat) in [("tally", VERSION_1), ("watcher", WATCHER)] {
        let bytes = compiled(wat);
        genesis.modules.push(GenesisModule { name: name(module), code: id(&bytes) });
        code.insert(id(&bytes), bytes);
    }
    (genesis, code)
}

/// A chain whose state advances from block to block.
pub(super) struct Ledger {
    pub(super) chain: Chain,
    store: MemoryStore,
    sequences: BTreeMap<u8, u64>,
}

/// A call: module, function and arguments.
pub(super) type Asked = (&'static str, &'static str, Value);

impl Ledger {
    fn new() -> Self {
        let (genesis, code) = with_tally();
        Self::of(&genesis, &code)
    }

    pub(super) fn of(genesis: &Genesis, code: &BTreeMap<Hash, Vec<u8>>) -> Self {
        let first = GenesisState::build(&Engine::new().unwrap(), genesis, code).unwrap();
        let mut store = MemoryStore::default();
        store.apply(&first.changes);
        let parent = Parent { state: Arc::new(store.clone()), root: first.changes.root };
        let roots = first.roots();
        let executor = Executor::new(Library::new(first.modules).unwrap());
        let chain = Chain { roots, header: first.header, parent, executor };
        Self { chain, store, sequences: BTreeMap::new() }
    }

    pub(super) fn state(&self) -> Overlay {
        Overlay::new(self.chain.parent.state.clone())
    }

    /// A transaction of an account.
    pub(super) fn transaction(&mut self, from: u8, gas_limit: u64, calls: &[Asked]) -> Transaction {
        let modules = self.chain.modules();
        let library = self.chain.executor.library();
        let calls = calls.iter().map(|(module, function, arguments)| Call {
            module: name(module),
            function: name(function),
            arguments: match *module {
                "kernel" => library.kernel().function(function),
                module => modules.get(module).and_then(|it| it.interface().function(function)),
            }
            .map(|it| it.arguments_from_json(Network::Test, arguments).unwrap())
            .unwrap_or_default(),
        });
        let sequence = self.sequences.entry(from).or_default();
        *sequence += 1;
        Transaction {
            version: Transaction::VERSION,
            chain: self.chain.header.chain,
            sender: address(from),
            lane: 0,
            sequence: *sequence - 1,
            valid_until_ms: self.chain.header.timestamp_ms + 300_000,
            gas_limit,
            calls: calls.collect(),
            memo: String::new(),
        }
    }

    /// Executes a block and discards its changes.
    pub(super) fn try_block(&mut self, transactions: &[(u8, Transaction)]) -> Execution {
        let signed = transactions.iter().map(|(from, it)| it.clone().sign(&[&secret(*from)]));
        let block = self.chain.block(signed.collect());
        self.chain.executor.execute(&self.chain.parent, &block).unwrap()
    }

    /// Executes a block, and continues from its state.
    pub(super) fn block(&mut self, transactions: &[(u8, Transaction)]) -> Vec<Receipt> {
        let execution = self.try_block(transactions);
        self.commit(&execution);
        execution.receipts.to_vec()
    }

    fn commit(&mut self, execution: &Execution) {
        self.store.apply(&execution.changes);
        self.chain.executor.committed(&execution.changes);
        let root = execution.changes.root;
        self.chain.parent = Parent { state: Arc::new(self.store.clone()), root };
    }

    /// Executes calls of an account in their own block.
    pub(super) fn run(&mut self, from: u8, calls: &[Asked]) -> Receipt {
        let transaction = self.transaction(from, GAS, calls);
        self.block(&[(from, transaction)]).remove(0)
    }

    /// Uploads code in parts, one block each.
    pub(super) fn bring(&mut self, module: &str, code: &[u8]) {
        for store in store_calls(module, code) {
            success(&self.run(ALICE, &[store]));
        }
    }

    /// The modules for which Alice has uploaded code, ascending.
    fn uploads(&self) -> Vec<String> {
        let state = self.state();
        let modules = kernel::modules(&state).unwrap().into_iter().map(|(module, _)| module);
        let uploaded = |module: &Name| {
            ehb_kernel::upload::get(&state, &address(ALICE), module).unwrap().is_some()
        };
        modules.filter(uploaded).map(|module| module.to_string()).collect()
    }

    /// The output of a read-only function.
    pub(super) fn read(&self, module: &str, function: &str) -> Value {
        read_at(self, self.chain.parent.state.clone(), module, function)
    }
}

fn read_at(ledger: &Ledger, state: Arc<dyn StateStore>, module: &str, function: &str) -> Value {
    let library = ledger.chain.executor.library();
    let modules = library.modules(&Overlay::new(state.clone())).unwrap();
    let declared = modules.get(module).unwrap().interface().function(function).unwrap().clone();
    let names = (module, function);
    let reads = library.for_reads();
    let answer = call(&reads, state, &ledger.chain.header, address(BOB), names, &[]).unwrap();
    declared.output_to_json(Network::Test, &answer.output).unwrap()
}

pub(super) fn store_call(module: &str, code: &[u8], offset: usize, part: &[u8]) -> Asked {
    let part = format!("0x{}", hex_text(part));
    let arguments = json!({
        "module": module, "code": id(code), "size": code.len(), "offset": offset, "part": part,
    });
    ("kernel", "upload-code", arguments)
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn store_calls(module: &str, code: &[u8]) -> Vec<Asked> {
    // The larger ones in parts that one transaction can pay for.
    let part_bytes = PART_BYTES.max(code.len() / 3 + 1).min(PART_BYTES_MAX);
    let parts = code.chunks(part_bytes).enumerate();
    parts.map(|(index, part)| store_call(module, code, index * part_bytes, part)).collect()
}

pub(super) fn upgrade(module: &str, code: &[u8]) -> Asked {
    upgrades(&[(module, code)])
}

/// The call that installs a new module.
pub(super) fn install(module: &str, code: &[u8]) -> Asked {
    ("kernel", "install-module", json!({ "module": module, "code": id(code) }))
}

/// The call that upgrades modules together.
fn upgrades(new: &[(&str, &[u8])]) -> Asked {
    let new = new.iter().map(|(module, code)| json!({ "module": module, "code": id(code) }));
    ("kernel", "upgrade-modules", json!({ "upgrades": new.collect::<Vec<_>>() }))
}

/// The results of a transaction that took effect.
pub(super) fn success(receipt: &Receipt) -> &[Vec<u8>] {
    match &receipt.outcome {
        Outcome::Success(results) => results,
        Outcome::Failure(failure) => panic!("{failure:?}"),
    }
}

/// The kernel's events of a transaction.
pub(super) fn kernel_events(ledger: &Ledger, receipt: &Receipt) -> Vec<Value> {
    let kernel = ledger.chain.executor.library().kernel();
    let events = receipt.events.iter().filter(|event| event.module.as_str() == "kernel");
    events.map(|event| kernel.event_to_json(Network::Test, &event.data).unwrap().unwrap()).collect()
}

/// A release of the module with the same behaviour: its code has one more custom section.
fn released_again(code: &[u8]) -> Vec<u8> {
    [code, b"\0\x09\x04note, 2."].concat()
}

#[test]
fn a_module_is_upgraded_and_migrates_what_it_has_stored() {
    let mut ledger = Ledger::new();
    success(&ledger.run(BOB, &[("tally", "add", json!({ "n": 7 }))]));
    let old_state = ledger.chain.parent.state.clone();
    let code = compiled(VERSION_2);
    let parts = store_calls("tally", &code);
    let (last, others) = parts.split_last().unwrap();
    for part in others {
        let receipt = ledger.run_ref(part);
        assert!(kernel_events(&ledger, &receipt).is_empty());
    }
    let receipt = ledger.run_ref(last);
    let by = text(ALICE);
    assert_eq!(
        kernel_events(&ledger, &receipt),
        [json!({ "code-uploaded": {
            "module": "tally", "code": id(&code), "size": code.len(), "by": by,
        } })]
    );
    assert_eq!(ledger.read("tally", "total"), 7, "uploaded code does not run");

    // One block: the old code before, the new code from the next call on.
    let before = ledger.transaction(BOB, GAS, &[("tally", "add", json!({ "n": 1 }))]);
    let wide = ("tally", "wide-total", json!({}));
    let upgrading = ledger.transaction(ALICE, GAS, &[upgrade("tally", &code), wide.clone()]);
    let after = ledger.transaction(BOB, GAS, &[("tally", "add", json!({ "n": 2 })), wide]);
    let receipts = ledger.block(&[(BOB, before), (ALICE, upgrading), (BOB, after)]);
    assert_eq!(success(&receipts[0]), [8u32.to_le_bytes()]);
    assert_eq!(success(&receipts[1]), [vec![], 8u64.to_le_bytes().to_vec()]);
    assert_eq!(success(&receipts[2]), [10u32.to_le_bytes().to_vec(), 10u64.to_le_bytes().to_vec()]);
    let old = id(&compiled(VERSION_1));
    assert_eq!(
        kernel_events(&ledger, &receipts[1]),
        [json!({ "module-upgraded": {
            "module": "tally", "before": old, "after": id(&code), "by": by,
        } })]
    );

    assert_eq!(ledger.read("tally", "wide-total"), "10");
    assert_eq!(ledger.read("watcher", "look"), 10, "the importing module calls the new code");
    assert_eq!(read_at(&ledger, old_state, "tally", "total"), 7, "an old state runs its own code");
    assert!(kernel::code(&ledger.state(), &old).is_err(), "the old code is deleted");
    assert_eq!(ledger.uploads(), Vec::<String>::new());

    // The next version.
    let again = released_again(&code);
    ledger.bring("tally", &again);
    let receipt = ledger.run(ALICE, &[upgrade("tally", &again)]);
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    assert_eq!(
        (failure.code, failure.message.as_str()),
        (Code::ModuleError, "tally.migrate: what is stored is not of version 1")
    );
}

/// An installation is reported with its call; a failed one installs nothing.
#[test]
fn an_installation_is_reported_with_its_call() {
    let mut ledger = Ledger::new();
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    let add = ("tally", "add", json!({ "n": 1 }));
    let calls = [add.clone(), upgrade("tally", &code), add.clone()];
    let before = ledger.transaction(BOB, GAS, &[add]);
    let upgrading = ledger.transaction(ALICE, GAS, &calls);
    let execution = ledger.try_block(&[(BOB, before.clone()), (ALICE, upgrading.clone())]);
    let [installed] = &execution.installed[..] else { panic!("{:?}", execution.installed) };
    assert_eq!((installed.index, installed.call), (1, 1));
    assert_eq!((installed.module.as_str(), installed.code), ("tally", id(&code)));
    assert!(installed.interface.function("wide-total").is_some());
    assert!(installed.wit.contains("wide-total"), "{}", installed.wit);

    // The second time the upload no longer exists.
    let mut failing = upgrading;
    failing.calls.push(failing.calls[1].clone());
    let execution = ledger.try_block(&[(BOB, before), (ALICE, failing)]);
    assert!(matches!(execution.receipts[1].outcome, Outcome::Failure(_)));
    assert_eq!(execution.installed, []);
}

#[test]
fn a_release_with_the_same_schema_needs_no_migration() {
    let mut ledger = Ledger::new();
    let wallet = released_again(ehb_catalog::get("wallet").unwrap().code);
    ledger.bring("wallet", &wallet);
    let pay = ("wallet", "transfer", json!({ "to": text(BOB), "asset": "EUR", "amount": "5" }));
    let migrate = ("wallet", "migrate", json!({}));
    let upgrading = ledger.transaction(ALICE, GAS, &[upgrade("wallet", &wallet), pay]);
    let migrating = ledger.transaction(BOB, GAS, &[migrate]);
    let receipts = ledger.block(&[(ALICE, upgrading), (BOB, migrating)]);
    success(&receipts[0]);
    let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{receipts:?}") };
    assert_eq!(failure.message, "wallet.migrate: not-kernel", "accounts cannot migrate");
    let installed = kernel::modules(&ledger.state()).unwrap();
    let found = installed.iter().find(|(module, _)| module.as_str() == "wallet").unwrap();
    assert_eq!(found.1.code, id(&wallet));
}

#[test]
fn an_upload_can_be_begun_again_read_and_dropped() {
    let mut ledger = Ledger::new();
    let (code, other) = (compiled(VERSION_2), compiled(WATCHER));
    success(&ledger.run(ALICE, &[store_call("tally", &code, 0, &code[..900])]));
    let shown = |ledger: &Ledger| {
        let library = ledger.chain.executor.library();
        let state = ledger.chain.parent.state.clone();
        let names = ("kernel", "list-uploads");
        let account = address(ALICE).0;
        let reads = library.for_reads();
        let answer = call(&reads, state, &ledger.chain.header, address(BOB), names, &account);
        let declared = library.kernel().function("list-uploads").unwrap();
        declared.output_to_json(Network::Test, &answer.unwrap().output).unwrap()
    };
    let expected = |code: &[u8], uploaded: usize| json!([{ "module": "tally", "code": id(code), "size": code.len(), "uploaded": uploaded }]);
    assert_eq!(shown(&ledger), expected(&code, 900));
    success(&ledger.run(ALICE, &[store_call("tally", &other, 0, &other[..10])]));
    assert_eq!(shown(&ledger), expected(&other, 10));
    success(&ledger.run(ALICE, &[store_call("tally", &code, 0, &code)]));
    assert_eq!(shown(&ledger), expected(&code, code.len()));
    success(&ledger.run(ALICE, &[upgrade("tally", &code)]));
    assert_eq!(shown(&ledger), json!([]));

    ledger.bring("tally", &other);
    let parts = |ledger: &Ledger| ledger.state().scan(b"k/upload", None, usize::MAX).unwrap().len();
    assert!(parts(&ledger) > 1, "the upload and its parts");
    let (reads, state) =
        (ledger.chain.executor.library().for_reads(), ledger.chain.parent.state.clone());
    let names = ("kernel", "drop-upload");
    let tally = ehb_types::encode(&"tally".to_owned());
    let read = call(&reads, state, &ledger.chain.header, address(ALICE), names, &tally);
    assert!(format!("{read:?}").contains("ReadOnly"), "{read:?}");
    success(&ledger.run(ALICE, &[("kernel", "drop-upload", json!({ "module": "tally" }))]));
    assert_eq!((shown(&ledger), parts(&ledger)), (json!([]), 0));
}

impl Ledger {
    fn run_ref(&mut self, call: &Asked) -> Receipt {
        let receipt = self.run(ALICE, std::slice::from_ref(call));
        success(&receipt);
        receipt
    }
}
