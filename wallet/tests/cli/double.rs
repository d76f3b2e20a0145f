//! A double of a node, which does with submitted transactions what an honest node does not: it keeps them, loses its
//! answer or refuses for no reason. All else that it says is what the chain says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ehb_rpc_server::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate as Known,
    Lost, ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness, Refusal,
    Simulation,
};
use ehb_sdk::api::Status;
use ehb_sdk::{Code, Genesis, Hash, SignedTransaction, Transaction};
use ehb_types::{Account, Address, Parameters, Receipt, SharedTransaction};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{Notify, watch};

use crate::node::{Fate, Spoiler};

pub(crate) struct Double {
    chain: Arc<dyn Backend>,
    fate: Fate,
    pub(crate) spoiler: Spoiler,
    refused: AtomicUsize,
    pub(crate) submitted: Arc<Mutex<Vec<SignedTransaction>>>,
    /// What it took and did not pass on.
    held: Mutex<Vec<SharedTransaction>>,
    losses: watch::Sender<u64>,
    /// What was released, in order.
    lost: Mutex<Vec<Hash>>,
    /// Lets what is swallowed be refused.
    pub(crate) swallowed: Arc<Notify>,
}

impl Double {
    pub(crate) fn new(chain: Arc<dyn Backend>, fate: Fate, spoiler: Spoiler) -> Arc<Self> {
        Arc::new(Self {
            chain,
            fate,
            spoiler,
            refused: AtomicUsize::new(0),
            submitted: Arc::default(),
            held: Mutex::default(),
            losses: watch::Sender::new(0),
            lost: Mutex::default(),
            swallowed: Arc::default(),
        })
    }

    /// A transaction that it holds.
    pub(crate) fn held(&self, id: &Hash) -> SharedTransaction {
        let held = self.held.lock().unwrap();
        held.iter().find(|it| it.id() == *id).cloned().expect("the node holds it")
    }

    /// Holds a transaction no longer: the chain knows what became of it.
    pub(crate) fn release(&self, id: Hash) {
        self.held.lock().unwrap().retain(|it| it.id() != id);
        let mut lost = self.lost.lock().unwrap();
        lost.push(id);
        self.losses.send_replace(lost.len() as u64);
    }

    fn take(&self, signed: SharedTransaction) -> Result<(), Refusal> {
        let mut held = self.held.lock().unwrap();
        if held.iter().any(|it| it.id() == signed.id()) {
            return Err(Refusal::new(Code::AlreadyKnown, "the transaction is known"));
        }
        held.push(signed);
        Ok(())
    }

    /// What the chain refuses because it knows the end of it.
    fn settled(&self, signed: &SharedTransaction) -> Option<Refusal> {
        let fate = self.chain.fate(&signed.id(), Some(&signed.transaction));
        match fate.expect("the chain is of the same genesis") {
            Known::Superseded { .. } | Known::Final(..) => {
                Some(Refusal::new(Code::SequenceUsed, "the next sequence is a later one"))
            }
            Known::Expired { .. } => Some(Refusal::new(Code::Expired, "it is too late for it")),
            Known::Pending { .. } | Known::Unknown { .. } => None,
        }
    }
}

type Answers = Vec<Result<(), Refusal>>;

fn at_once(answer: Result<(), Refusal>) -> BoxFuture<'static, Answers> {
    futures::future::ready(vec![answer]).boxed()
}

/// What the chain says.
macro_rules! as_the_chain {
    ($(fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> $answer:ty;)*) => {
        $(fn $name(&self $(, $argument: $type)*) -> $answer { self.chain.$name($($argument),*) })*
    };
}

impl Backend for Double {
    as_the_chain! {
        fn status(&self) -> Status;
        fn readiness(&self) -> Readiness;
        fn genesis(&self) -> Arc<Genesis>;
        fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal>;
        fn head(&self) -> watch::Receiver<u64>;
        fn earliest(&self) -> u64;
        fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal>;
        fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal>;
        fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal>;
        fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal>;
        fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal>;
        fn height(&self) -> u64;
        fn account(&self, address: &Address, height: Option<u64>) -> Result<AtHeight<Option<Account>>, Refusal>;
        fn modules(&self) -> Vec<Arc<ModuleInfo>>;
        fn module(&self, name: &str) -> Option<Arc<ModuleInfo>>;
        fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal>;
        fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal>;
        fn module_at(&self, name: &str, height: Option<u64>) -> Result<Option<Arc<ModuleInfo>>, Refusal>;
        fn call(&self, call: ReadCall) -> Result<ReadResult, Refusal>;
        fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal>;
        fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal>;
    }

    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Known, Refusal> {
        let known = self.chain.fate(id, content)?;
        let held = self.held.lock().unwrap();
        let held = held.iter().find(|it| it.id() == *id).cloned();
        // A node that shows what it has by its id alone remembers what it had, too.
        let submitted = self.submitted.lock().unwrap();
        let content = submitted.iter().find(|it| it.id() == *id).map(|it| &it.transaction);
        match (known, held) {
            (Known::Unknown { .. }, Some(transaction)) => {
                Ok(Known::Pending { transaction, missing_sequence: None })
            }
            (Known::Unknown { .. }, None) if content.is_some() => self.chain.fate(id, content),
            (known, _) => Ok(known),
        }
    }

    fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    fn lost(&self, after: u64) -> Lost {
        let lost = self.lost.lock().unwrap();
        let newer = lost.iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
        Lost { last: lost.len() as u64, ids: newer.copied().collect() }
    }

    fn submit(&self, transactions: Vec<SharedTransaction>) -> BoxFuture<'static, Answers> {
        let [signed]: [SharedTransaction; 1] = transactions.try_into().expect("one at a time");
        match self.fate {
            Fate::Refused(code) => {
                return at_once(Err(Refusal::new(code, "this node refuses it")));
            }
            Fate::TakenTimes(times) if self.refused.fetch_add(1, Ordering::Relaxed) < times => {
                let text = "another one waits with this sequence";
                return at_once(Err(Refusal::new(Code::SequencePending, text)));
            }
            _ => {}
        }
        if let Some(refusal) = self.settled(&signed) {
            return at_once(Err(refusal));
        }
        self.submitted.lock().unwrap().push(SignedTransaction::clone(&signed));
        match self.fate {
            Fate::Final | Fate::TakenTimes(_) => self.chain.submit(vec![signed]),
            Fate::Fails => {
                let (chain, [before, after]) = (self.chain.clone(), self.spoiler.around());
                async move {
                    chain.submit(vec![before]).await;
                    let taken = chain.submit(vec![signed]).await;
                    chain.submit(vec![after]).await;
                    taken
                }
                .boxed()
            }
            Fate::TakenWith(code) => {
                let _ = self.take(signed);
                at_once(Err(Refusal::new(code, "it may have been taken")))
            }
            Fate::Swallows => {
                let _ = self.take(signed);
                let swallowed = self.swallowed.clone();
                async move {
                    swallowed.notified().await;
                    vec![Err(Refusal::new(Code::MempoolFull, "there is no room for it"))]
                }
                .boxed()
            }
            _ => at_once(self.take(signed)),
        }
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        let next = self.chain.next_sequence(address, lane)?;
        let held = self.held.lock().unwrap();
        let of_lane = held.iter().map(|it| &it.transaction);
        let of_lane = of_lane.filter(|it| it.sender == *address && it.lane == lane);
        Ok(of_lane.map(|it| it.sequence + 1).max().unwrap_or(0).max(next))
    }
}
