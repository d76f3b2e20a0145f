//! A chain in this process, and in front of it a node that does with transactions what a test asks for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ehb_devnet::{DevNet, Endpoint};
use ehb_rpc_server::Backend;
use ehb_sdk::{Call, Code, Hash, Policy, PublicKey, SecretKey, SignedTransaction, Transaction};
use ehb_types::{Address, Network, SharedTransaction, WeightedKey};
use serde_json::{Value, json};

use crate::SEED;
use crate::double::Double;
use crate::proxy::Proxy;

/// The accounts that exist besides the bank: alice, bob, and [`joint_address`].
const ALICE: u8 = 7;
const BOB: u8 = 8;
/// What alice has of each asset at first, base units, besides a hold of [`HELD`].
const FUNDS: u64 = 100_000;
const HELD: u64 = 5;
/// For how long what a test does itself is valid, milliseconds, and its gas limit.
const VALID_MS: u64 = 3_600_000;
const GAS_LIMIT: u64 = 1_000_000;
/// The lane of what a test does itself.
const LANE: u32 = 9_999;

/// What becomes of submitted transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Final,
    /// It is in a block, and rejected there: the money was spent before.
    Fails,
    NeverDecided,
    /// Another transaction took its sequence.
    Superseded,
    /// A decided block is later than its validity.
    Expired,
    /// It is taken, and never answered.
    Swallows,
    /// It is taken, and a proxy answers in the node's stead, with this HTTP status.
    ProxyFails(u16),
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
    net: Arc<DevNet>,
    double: Arc<Double>,
    _endpoint: Endpoint,
    proxy: Option<Proxy>,
}

impl Node {
    /// A node of a chain of its own.
    pub(crate) fn start(fate: Fate) -> Self {
        Self::of(chain(0), fate)
    }

    /// As [`Self::start`], with this many assets more, of which alice has one unit each.
    pub(crate) fn with_assets(more: usize) -> Self {
        Self::of(chain(more), Fate::Final)
    }

    /// Another node of the same chain.
    pub(crate) fn beside(&self, fate: Fate) -> Self {
        Self::serve(self.net.clone(), fate)
    }

    fn of(net: DevNet, fate: Fate) -> Self {
        Self::serve(Arc::new(net), fate)
    }

    fn serve(net: Arc<DevNet>, fate: Fate) -> Self {
        let spoiler = Spoiler::new(net.backend());
        let double = Double::new(net.backend(), fate, spoiler);
        let endpoint = net.serve(([127, 0, 0, 1], 0).into(), double.clone()).unwrap();
        let proxy = match fate {
            Fate::ProxyFails(status) => Some(Proxy::before(endpoint.address(), status)),
            _ => None,
        };
        let url = proxy.as_ref().map_or(endpoint.url(), |it| &it.url).to_owned();
        let submitted = double.submitted.clone();
        Self { url, submitted, net, double, _endpoint: endpoint, proxy }
    }

    /// The genesis hash.
    pub(crate) fn genesis(&self) -> String {
        self.net.genesis().hash().to_string()
    }

    /// The text of the genesis file.
    pub(crate) fn genesis_text(&self) -> String {
        self.net.genesis().to_json().unwrap()
    }

    /// Decides a block.
    pub(crate) fn produce_block(&self) {
        self.net.produce_block().unwrap();
    }

    /// Lets time pass on the chain's clock.
    pub(crate) fn advance(&self, time: Duration) {
        self.net.advance(time).unwrap();
    }

    /// The chain's clock, milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        self.net.now_ms()
    }

    /// Lets a transaction that the node holds have a fate for certain.
    pub(crate) fn decide(&self, id: Hash, fate: Fate) {
        if let Some(proxy) = &self.proxy {
            proxy.mend();
        }
        let signed = self.double.held(&id);
        match fate {
            Fate::Final => self.chain(vec![signed]),
            Fate::Fails => {
                let [before, after] = self.double.spoiler.around();
                self.chain(vec![before]);
                self.chain(vec![signed]);
                self.chain(vec![after]);
            }
            Fate::Superseded => self.chain(vec![instead_of(&*self.net.backend(), &signed)]),
            Fate::Expired => {
                let until_ms = signed.transaction.valid_until_ms;
                let late = until_ms.saturating_sub(self.net.now_ms()) + 1_000;
                self.net.advance(Duration::from_millis(late)).unwrap();
                self.net.produce_block().unwrap();
            }
            other => panic!("{other:?} is not certain"),
        }
        self.double.release(id);
    }

    /// Refuses one transaction that was taken and not answered yet.
    pub(crate) fn refuse_held(&self) {
        self.double.swallowed.notify_one();
    }

    /// The transactions that were submitted, all of them signed well.
    pub(crate) fn submitted(&self) -> Vec<SignedTransaction> {
        let submitted = self.submitted.lock().unwrap().clone();
        assert!(submitted.iter().all(|it| it.is_well_formed() && it.verify().is_ok()));
        submitted
    }

    /// Lets the chain take transactions. They are in a block when this returns: blocks are decided at once.
    fn chain(&self, transactions: Vec<SharedTransaction>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let taken = runtime.block_on(self.net.backend().submit(transactions));
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
        // Once the chain answers this, it has done all that it had to do before.
        self.net.advance(Duration::ZERO).unwrap();
    }
}

/// A chain with alice, bob, a joint account and two assets.
fn chain(more_assets: usize) -> DevNet {
    let in_a_month = SystemTime::now() + Duration::from_secs(30 * 24 * 3_600);
    let expires_ms = in_a_month.duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    let hold = |asset: &str| {
        json!({
            "asset": asset, "amount": HELD.to_string(), "payee": null, "controller": null,
            "expires-ms": expires_ms, "reference": "",
        })
    };
    let mut builder = DevNet::builder()
        .chain_id("test-1")
        .modules(&["wallet"])
        .account("alice", secret(ALICE), "acme", &["issuer", "auditor"])
        .account("bob", secret(BOB), "acme", &[])
        .account_of("joint", secret(1), joint_policy(), "acme", &[])
        .asset("EUR", "Euro", 2)
        .asset("JPY", "Yen", 0);
    for asset in ["EUR", "JPY"] {
        builder = builder.funds("alice", asset, FUNDS + HELD);
        builder = builder.call("alice", "wallet", "place-hold", hold(asset));
    }
    builder = builder.funds("bob", "EUR", FUNDS);
    for number in 0..more_assets {
        let asset = format!("A{number:03}");
        builder = builder.asset(&asset, "One of many", 0).funds("alice", &asset, 1);
    }
    builder.start().unwrap()
}

/// Makes a payment of alice's fail: bob has all her euros meanwhile.
pub(crate) struct Spoiler {
    chain: Arc<dyn Backend>,
    /// How often it did; both have a lane for that.
    next: AtomicU64,
}

impl Spoiler {
    fn new(chain: Arc<dyn Backend>) -> Self {
        let alice = Address::of_account(&Policy::Key(key(ALICE)));
        let next = chain.next_sequence(&alice, LANE).unwrap();
        Self { chain, next: AtomicU64::new(next) }
    }

    /// What takes the money before a payment, and what returns it after the payment failed.
    pub(crate) fn around(&self) -> [SharedTransaction; 2] {
        let sequence = self.next.fetch_add(1, Ordering::Relaxed);
        [(ALICE, BOB), (BOB, ALICE)].map(|(from, to)| {
            let all = FUNDS.to_string();
            let arguments = json!({"to": address(to), "asset": "EUR", "amount": all});
            let call = call(&*self.chain, "transfer", &arguments);
            let sender = Address::of_account(&Policy::Key(key(from)));
            sign(&*self.chain, &secret(from), (sender, LANE, sequence), call)
        })
    }
}

/// Another transaction of alice's with the same sequence.
fn instead_of(chain: &dyn Backend, signed: &SignedTransaction) -> SharedTransaction {
    let Transaction { sender, lane, sequence, .. } = signed.transaction;
    let arguments = json!({"to": address(BOB), "asset": "JPY", "amount": "1"});
    sign(chain, &secret(ALICE), (sender, lane, sequence), call(chain, "transfer", &arguments))
}

fn call(chain: &dyn Backend, function: &str, arguments: &Value) -> Call {
    let wallet = chain.module("wallet").unwrap();
    let signature = wallet.interface.function(function).unwrap();
    let arguments = signature.arguments_from_json(Network::Test, arguments).unwrap();
    Call { module: wallet.name.clone(), function: function.parse().unwrap(), arguments }
}

fn sign(
    chain: &dyn Backend,
    key: &SecretKey,
    (sender, lane, sequence): (Address, u32, u64),
    call: Call,
) -> SharedTransaction {
    let status = chain.status();
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: status.genesis_hash,
        sender,
        lane,
        sequence,
        valid_until_ms: status.timestamp_ms + VALID_MS,
        gas_limit: GAS_LIMIT,
        calls: vec![call],
        memo: String::new(),
    };
    transaction.sign(&[key]).into()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn key(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

/// The address of the account with one key of a seed.
pub(crate) fn address(seed: u8) -> String {
    Address::of_account(&Policy::Key(key(seed))).to_text(Network::Test)
}

fn joint_policy() -> Policy {
    let keys = [1, 2].map(|seed| WeightedKey { key: key(seed), weight: 1 });
    let by_key: BTreeMap<PublicKey, WeightedKey> = keys.map(|it| (it.key, it)).into();
    Policy::Weighted { keys: by_key.into_values().collect(), threshold: 2 }
}

/// The address of an account that two keys hold together.
pub(crate) fn joint_address() -> String {
    Address::of_account(&joint_policy()).to_text(Network::Test)
}

#[test]
fn the_known_seed_is_that_of_seven() {
    assert_eq!(hex::encode([7; 32]), SEED);
    assert_eq!(address(7), crate::SEED_ADDRESS);
}
