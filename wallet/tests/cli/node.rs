//! A node that answers as the methods' descriptions say, with one account of each kind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ehb_abi::{Field, Function, Interface, Type};
use ehb_rpc_api::{
    AccountServer, AccountView, At, Base64, BlockId, BlockView, BlocksView, ChainServer, Decimal,
    Detail, ErrorData, FateView, GenesisPart, LocatedReceipt, MempoolView, ModuleCallResult,
    ModuleDescription, ModuleServer, ModuleSummary, ModuleVersionView, OutcomeView, Position,
    ReceiptFilter, ReceiptProof, ReceiptView, SignedHeaderView, Status, Strict, SubmitResult,
    TransactionServer, TransactionView, TypedErrorView, ValueView, error, error_with, rpc_number,
};
use ehb_types::{
    Account, Address, Code, Hash, Name, Network, Parameters, Policy, PublicKey, SecretKey,
    SignedTransaction, Transaction, WeightedKey, decode,
};
use jsonrpsee::core::{RpcResult, SubscriptionResult, async_trait};
use jsonrpsee::types::ErrorObject;
use jsonrpsee::{Methods, PendingSubscriptionSink};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::SEED;

/// The hash of the genesis.
pub(crate) const GENESIS_HASH: &str =
    "0101010101010101010101010101010101010101010101010101010101010101";

const HEIGHT: u64 = 41;
const BALANCE_UNITS: u64 = 100_000;

/// What becomes of submitted transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Final,
    Fails,
    NeverDecided,
    /// Another transaction took its sequence.
    Superseded,
    /// A decided block is later than its validity.
    Expired,
    /// It is taken, and never answered.
    Swallows,
    /// It is taken, and a proxy answers in the node's stead.
    ProxyFails,
    /// It is taken, and the node answers with this error.
    TakenWith(Code),
    /// Final, after others took the sequence this often.
    TakenTimes(usize),
    Refused(Code),
}

/// A node on a port of its own, until it is dropped.
pub(crate) struct Node {
    pub(crate) url: String,
    pub(crate) submitted: Arc<Mutex<Vec<SignedTransaction>>>,
    decided: Arc<Mutex<BTreeMap<Hash, Fate>>>,
    held: Arc<Notify>,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Answers {
    fate: Fate,
    refused: Arc<AtomicUsize>,
    submitted: Arc<Mutex<Vec<SignedTransaction>>>,
    /// The fates that differ from that of all others.
    decided: Arc<Mutex<BTreeMap<Hash, Fate>>>,
    /// Lets what is held be refused.
    held: Arc<Notify>,
}

impl Node {
    pub(crate) fn start(fate: Fate) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (submitted, decided, held): (Arc<_>, Arc<_>, Arc<Notify>) = Default::default();
        let answers = Answers {
            fate,
            refused: Arc::default(),
            submitted: Arc::clone(&submitted),
            decided: Arc::clone(&decided),
            held: Arc::clone(&held),
        };
        let mut methods = ChainServer::into_rpc(answers.clone());
        methods.merge(TransactionServer::into_rpc(answers.clone())).unwrap();
        methods.merge(ModuleServer::into_rpc(answers.clone())).unwrap();
        methods.merge(AccountServer::into_rpc(answers)).unwrap();
        let methods = Methods::from(methods);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, methods.clone()));
            }
        });
        Self { url, submitted, decided, held, _runtime: runtime }
    }

    /// Lets one transaction have another fate than all others.
    pub(crate) fn decide(&self, id: Hash, fate: Fate) {
        self.decided.lock().unwrap().insert(id, fate);
    }

    /// Refuses one transaction that was taken and not answered yet.
    pub(crate) fn refuse_held(&self) {
        self.held.notify_one();
    }

    /// The transactions that were submitted, all of them signed well.
    pub(crate) fn submitted(&self) -> Vec<SignedTransaction> {
        let submitted = self.submitted.lock().unwrap().clone();
        assert!(submitted.iter().all(|it| it.is_well_formed() && it.verify().is_ok()));
        submitted
    }
}

/// Answers one request after the other, as far as HTTP/1.1 is needed for that.
async fn serve(stream: TcpStream, methods: Methods) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut body_bytes = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim_end().to_lowercase();
            if let Some(length) = line.strip_prefix("content-length:") {
                body_bytes = length.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; body_bytes];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let request = String::from_utf8(body).unwrap();
        let (answer, _) = methods.raw_json_request(&request, 1).await.unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            answer.get().len()
        );
        if stream.write_all((head + answer.get()).as_bytes()).await.is_err() {
            return;
        }
    }
}

pub(crate) fn key(seed: u8) -> PublicKey {
    SecretKey::from_seed(&[seed; 32]).public_key()
}

/// The address of the account with one key of a seed.
pub(crate) fn address(seed: u8) -> String {
    Address::of_account(&Policy::Key(key(seed))).to_text(Network::Test)
}

fn joint_policy() -> Policy {
    let keys = [1, 2].map(|seed| WeightedKey { key: key(seed), weight: 1 });
    Policy::Weighted { keys: keys.to_vec(), threshold: 2 }
}

/// The address of an account that two keys hold together.
pub(crate) fn joint_address() -> String {
    Address::of_account(&joint_policy()).to_text(Network::Test)
}

fn interface() -> Interface {
    let field = |name: &str, kind| Field { name: name.to_owned(), kind };
    let transfer = |name: &str, more: Vec<Field>| Function {
        name: name.to_owned(),
        interface: "ehb:wallet/transfers@1.0.0".to_owned(),
        parameters: [
            vec![
                field("to", Type::Address),
                field("asset", Type::String),
                field("amount", Type::U64),
            ],
            more,
        ]
        .concat(),
        result: Some(Type::Result { ok: None, err: Some(Box::new(Type::String)) }),
        docs: "Pays an amount. It is final\n with its block.".to_owned(),
    };
    let functions = vec![
        transfer("transfer", vec![]),
        transfer("transfer-with-reference", vec![field("reference", Type::String)]),
    ];
    Interface { functions, event: None }
}

fn arguments(transaction: &Transaction) -> Value {
    let call = &transaction.calls[0];
    let interface = interface();
    let function = interface.function(call.function.as_str()).unwrap();
    function.arguments_to_json(Network::Test, &call.arguments).unwrap()
}

fn module_error(error: Value) -> TypedErrorView {
    TypedErrorView {
        module: "wallet".parse().unwrap(),
        function: "transfer".parse().unwrap(),
        value: ValueView { data: Default::default(), value: error },
    }
}

fn failure(code: Code, message: &str, error: Option<Value>) -> OutcomeView {
    OutcomeView::Failure {
        call: Some(0),
        code: code.to_string(),
        message: message.to_owned(),
        hint: code.hint().to_owned(),
        retryable: code.retryable(),
        error: error.map(module_error),
    }
}

fn receipt(id: Hash, outcome: OutcomeView) -> ReceiptView {
    ReceiptView { transaction: id, outcome, gas_used: Decimal(1_000), events: vec![] }
}

fn success() -> OutcomeView {
    OutcomeView::Success { results: vec![] }
}

impl Answers {
    fn find(&self, id: Hash) -> Option<SignedTransaction> {
        self.submitted.lock().unwrap().iter().find(|it| it.id() == id).cloned()
    }

    fn fate_of(&self, id: &Hash) -> Fate {
        self.decided.lock().unwrap().get(id).copied().unwrap_or(self.fate)
    }

    fn located(&self, signed: &SignedTransaction) -> LocatedReceipt {
        let outcome = match self.fate_of(&signed.id()) {
            Fate::Fails => failure(Code::OutOfGas, "no gas is left", None),
            _ => success(),
        };
        LocatedReceipt {
            position: Position { height: HEIGHT + 1, index: 0 },
            timestamp_ms: 1_700_000_000_000,
            sender: Some(signed.transaction.sender.to_text(Network::Test)),
            receipt: receipt(signed.id(), outcome),
        }
    }
}

#[async_trait]
impl ChainServer for Answers {
    async fn status(&self) -> RpcResult<Status> {
        Ok(Status {
            chain_id: "test-1".parse().unwrap(),
            network: Network::Test,
            genesis_hash: GENESIS_HASH.parse().unwrap(),
            height: HEIGHT,
            head: Hash([2; 32]),
            earliest_height: 0,
            history_from: 0,
            timestamp_ms: 1_700_000_000_000,
            round: 0,
            validators: vec![],
            validator: None,
            clock_ahead_ms: None,
            signing: Default::default(),
            stalled: false,
            ready: true,
            conditions: vec![],
            peers: 0,
            syncing: false,
            mempool: MempoolView::default(),
            version: "0.0.0".to_owned(),
        })
    }

    async fn parameters(&self, _: Option<At>) -> RpcResult<Parameters> {
        Ok(Parameters::default())
    }

    async fn genesis(&self, _: Option<u64>) -> RpcResult<GenesisPart> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn block(
        &self,
        _: Option<BlockId>,
        _: Option<Detail>,
        _: Option<u32>,
    ) -> RpcResult<BlockView> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn blocks(&self, _: u64, _: Option<u64>, _: Option<Detail>) -> RpcResult<BlocksView> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn header(&self, _: Option<BlockId>) -> RpcResult<SignedHeaderView> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn subscribe_blocks(
        &self,
        _: PendingSubscriptionSink,
        _: &jsonrpsee::Extensions,
        _: Option<u64>,
        _: Option<Detail>,
    ) -> SubscriptionResult {
        Ok(())
    }
}

#[async_trait]
impl TransactionServer for Answers {
    async fn submit(&self, transaction: Base64) -> RpcResult<Hash> {
        let signed: SignedTransaction = decode(&transaction.0).unwrap();
        if let Fate::Refused(code) = self.fate {
            return Err(error(code, "this node refuses it"));
        }
        if let Fate::TakenTimes(times) = self.fate
            && self.refused.fetch_add(1, Ordering::Relaxed) < times
        {
            return Err(error(Code::SequencePending, "another one waits with this sequence"));
        }
        let id = signed.id();
        let fate = self.fate_of(&id);
        if matches!(fate, Fate::Superseded) {
            return Err(error(Code::SequenceUsed, "the next sequence is a later one"));
        }
        if matches!(fate, Fate::Expired) {
            return Err(error(Code::Expired, "it is too late for it"));
        }
        self.submitted.lock().unwrap().push(signed);
        if matches!(fate, Fate::Swallows) {
            self.held.notified().await;
            return Err(error(Code::MempoolFull, "there is no room for it"));
        }
        match fate {
            Fate::ProxyFails => Err(ErrorObject::owned(-32603, "upstream timed out", None::<()>)),
            Fate::TakenWith(code) => Err(error(code, "it may have been taken")),
            _ => Ok(id),
        }
    }

    async fn submit_batch(&self, _: Vec<Base64>) -> RpcResult<Vec<SubmitResult>> {
        Err(error(Code::LimitExceeded, "one at a time"))
    }

    async fn get(&self, id: Hash, _: Option<Base64>) -> RpcResult<FateView> {
        let Some(signed) = self.find(id) else {
            return Ok(FateView::Unknown { dropped: None });
        };
        let mut transaction = TransactionView::new(&signed, Network::Test);
        transaction.calls[0].arguments = arguments(&signed.transaction);
        let height = HEIGHT + 1;
        Ok(match self.fate_of(&id) {
            Fate::NeverDecided | Fate::Swallows | Fate::ProxyFails | Fate::TakenWith(_) => {
                FateView::Pending { transaction }
            }
            Fate::Superseded => FateView::Superseded { by: Some(Hash([9; 32])), height },
            Fate::Expired => FateView::Expired { height, timestamp_ms: 1_700_000_000_000 },
            _ => FateView::Final { receipt: Box::new(self.located(&signed)), transaction },
        })
    }

    async fn receipt(&self, _: Hash) -> RpcResult<LocatedReceipt> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn wait(
        &self,
        id: Hash,
        timeout_ms: Option<u64>,
        transaction: Option<Base64>,
    ) -> RpcResult<FateView> {
        let status = TransactionServer::get(self, id, transaction).await?;
        if !status.is_settled() {
            tokio::time::sleep(std::time::Duration::from_millis(timeout_ms.unwrap())).await;
        }
        Ok(status)
    }

    async fn simulate(&self, transaction: Base64) -> RpcResult<ReceiptView> {
        let transaction: Transaction = decode(&transaction.0).unwrap();
        let needed: u64 = arguments(&transaction)["amount"].as_str().unwrap().parse().unwrap();
        let outcome = if needed > BALANCE_UNITS {
            let shortfall = json!({
                "asset": "EUR",
                "available": BALANCE_UNITS.to_string(),
                "needed": needed.to_string(),
            });
            let error = json!({ "insufficient-balance": shortfall });
            failure(Code::ModuleError, "wallet.transfer returned an error", Some(error))
        } else {
            success()
        };
        Ok(receipt(transaction.id(), outcome))
    }

    async fn proof(&self, _: Hash) -> RpcResult<ReceiptProof> {
        Err(error(Code::NotFound, "not here"))
    }

    async fn subscribe_receipts(
        &self,
        _: PendingSubscriptionSink,
        _: &jsonrpsee::Extensions,
        _: Option<ReceiptFilter>,
        _: Option<Position>,
    ) -> SubscriptionResult {
        Ok(())
    }
}

#[async_trait]
impl ModuleServer for Answers {
    async fn list(&self) -> RpcResult<Vec<ModuleSummary>> {
        Ok(vec![])
    }

    async fn history(&self, _: Option<Name>) -> RpcResult<Vec<ModuleVersionView>> {
        Ok(vec![])
    }

    async fn describe(&self, module: Name, _: Option<BlockId>) -> RpcResult<ModuleDescription> {
        Ok(ModuleDescription {
            address: Address::of_module(&module).to_text(Network::Test),
            name: module,
            code_hash: Hash([3; 32]),
            wit: "package ehb:wallet@1.0.0;\n\ninterface transfers {}\n".to_owned(),
            interface: interface(),
        })
    }

    async fn call(
        &self,
        _: Name,
        function: Name,
        arguments: Strict,
        _: Option<String>,
        _: Option<At>,
    ) -> RpcResult<ModuleCallResult> {
        let unknown = |error: Value| {
            let mut data = ErrorData::new(Code::ModuleError, format!("wallet.{function} refuses"));
            data.error = Some(module_error(error));
            error_with(rpc_number(Code::ModuleError), data)
        };
        let Strict(arguments) = arguments;
        let balance = |asset: &str| json!({ "asset": asset, "available": "100000", "held": "5" });
        let value = match (function.as_str(), arguments["asset"].as_str()) {
            ("get-asset", Some(id @ ("EUR" | "JPY"))) => {
                let (name, precision) = if id == "EUR" { ("Euro", 2) } else { ("Yen", 0) };
                json!({ "id": id, "name": name, "precision": precision, "issuer": address(9) })
            }
            ("get-balance", Some(id @ ("EUR" | "JPY"))) => balance(id),
            ("list-balances", None) if arguments["account"] != json!(address(7)) => {
                json!({ "balances": [], "next": null })
            }
            // One balance a page, so that the next page has to be asked for.
            ("list-balances", None) if arguments["after"] == json!(null) => {
                json!({ "balances": [balance("EUR")], "next": "EUR" })
            }
            ("list-balances", None) => json!({ "balances": [balance("JPY")], "next": null }),
            (_, asset) => return Err(unknown(json!({ "unknown-asset": asset }))),
        };
        Ok(ModuleCallResult { height: HEIGHT, value, gas_used: Decimal(5) })
    }
}

#[async_trait]
impl AccountServer for Answers {
    async fn get(&self, text: String, _: Option<At>) -> RpcResult<AccountView> {
        let policy = if text == address(7) {
            Policy::Key(key(7))
        } else if text == joint_address() {
            joint_policy()
        } else {
            return Err(error(Code::NotFound, "no such account"));
        };
        let account = Account {
            policy,
            organisation: "acme".parse().unwrap(),
            roles: ["issuer", "auditor"].map(|role| role.parse().unwrap()).into(),
            status: ehb_types::Status::Active,
        };
        let address = Address::from_text(Network::Test, &text).unwrap();
        Ok(AccountView::new(&address, account, Network::Test))
    }

    async fn next_sequence(&self, _: String, _: u32) -> RpcResult<Decimal> {
        Ok(Decimal(self.submitted.lock().unwrap().len() as u64))
    }
}

#[test]
fn the_known_seed_is_that_of_seven() {
    assert_eq!(hex::encode([7; 32]), SEED);
    assert_eq!(address(7), crate::SEED_ADDRESS);
}
