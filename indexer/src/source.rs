//! Reads blocks, validators and interfaces from nodes of the chain, and switches to another node when one
//! fails, lags or sends unproven data.

mod endpoint;
mod node;

use std::time::Duration;

use ehb_sdk::api::ModuleDescription;
use ehb_types::{Genesis, Hash, Name, ValidatorSet};
use tokio::time::{Instant, sleep};

use crate::block::FetchedBlock;
use crate::progress::Progress;
pub use endpoint::Endpoint;
pub use node::{Answer, Node};

/// The maximum number of endpoints.
pub const ENDPOINTS_MAX: usize = 16;
/// The maximum number of blocks in one read.
pub const BLOCKS_PER_READ_MAX: u64 = 500;
/// The first and the longest pause before a failed endpoint is retried, milliseconds.
const PAUSE_FIRST_MS: u64 = 100;
const PAUSE_MAX_MS: u64 = 5_000;
/// The number of consecutive failures, at whatever endpoints, from which on they are shown.
const FAILURES_SHOWN: u32 = 4;
/// How long to wait for a new block before the endpoint is queried again, milliseconds.
const WAIT_MS: u64 = 1_000;
/// The number of heartbeats without a new block after which the other endpoints are queried.
const SILENT_HEARTBEATS: u32 = 3;

/// Why an endpoint returned no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No endpoint, or too many.
    #[error("{0} endpoints are given, expected 1 to {ENDPOINTS_MAX} (--endpoint URL)")]
    Endpoints(usize),
    /// The node did not answer, or returned an error.
    #[error("{0}")]
    Node(#[from] ehb_sdk::Error),
    /// The node's answer is not a valid block, interface or set.
    #[error("the node's answer is wrong: {0}")]
    Answer(String),
    /// A node of another chain.
    #[error(
        "the node at {url} is on the chain with genesis {got}, and this index holds the chain with genesis {expected}"
    )]
    OtherChain {
        /// The endpoint.
        url: String,
        /// The genesis of the indexed chain.
        expected: Hash,
        /// The node's genesis.
        got: Hash,
    },
    /// Two nodes show different interfaces of one code.
    #[error(
        "the nodes at {} and {} show different interfaces of the module {module}: find out which one lies",
        .urls[0], .urls[1]
    )]
    Interfaces {
        /// The module.
        module: Name,
        /// The endpoints.
        urls: [String; 2],
    },
    /// The node reports other code of a module at a height than the chain does.
    #[error(
        "the node at {url} has the module {module} with the code {got} after height {height}, and the chain installed \
         the code {expected} there: add an endpoint that keeps its interface"
    )]
    Interface {
        /// The endpoint.
        url: String,
        /// The module.
        module: Name,
        /// The height.
        height: u64,
        /// The hash of the code whose interface is needed.
        expected: Hash,
        /// The hash of the code that the node has.
        got: Hash,
    },
}

/// The nodes of the chain that blocks are read from.
pub struct Source {
    endpoints: Vec<Box<dyn Node>>,
    current: usize,
    chain: Option<Hash>,
    failures: u32,
    /// Where an error is shown that lasts.
    progress: Option<Progress>,
    /// When the endpoint in use last returned a block.
    moved: Instant,
}

/// The facts about the chain from its genesis.
pub struct ChainStart {
    /// The genesis hash.
    pub chain: Hash,
    /// The genesis, whose hash was compared with the expected one.
    pub genesis: Genesis,
}

impl Source {
    /// Reads from the nodes at these URLs, like [`Self::of_nodes`].
    pub fn new(urls: &[String], chain: Option<Hash>) -> Result<Self, SourceError> {
        let nodes = urls.iter().map(|url| Box::new(Endpoint::new(url)) as Box<dyn Node>);
        Self::of_nodes(nodes.collect(), chain)
    }

    /// Reads from these nodes, the first one first. `chain` is the genesis hash that each of them must have;
    /// if it is not given, that of the first node that answers.
    pub fn of_nodes(
        endpoints: Vec<Box<dyn Node>>,
        chain: Option<Hash>,
    ) -> Result<Self, SourceError> {
        if endpoints.is_empty() || endpoints.len() > ENDPOINTS_MAX {
            return Err(SourceError::Endpoints(endpoints.len()));
        }
        Ok(Self {
            endpoints,
            current: 0,
            chain,
            failures: 0,
            progress: None,
            moved: Instant::now(),
        })
    }

    /// Shows errors that last in the indexer's progress, until an endpoint returns something.
    pub(crate) fn report_to(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    /// The endpoint in use.
    pub fn url(&self) -> &str {
        self.endpoint().url()
    }

    /// The greatest height that the endpoints in use are known to have.
    pub fn head(&self) -> u64 {
        self.endpoints.iter().map(|node| node.head()).max().unwrap_or(0)
    }

    /// The genesis, from the first endpoint that answers. Tries once at each.
    pub async fn start(&mut self) -> Result<ChainStart, SourceError> {
        let mut first = None;
        for _ in 0..self.endpoints.len() {
            let chain = self.chain;
            match self.endpoint_mut().genesis(chain).await {
                Ok(genesis) => {
                    let chain = genesis.hash();
                    self.chain = Some(chain);
                    return Ok(ChainStart { chain, genesis });
                }
                Err(error) => {
                    // Only if all are on another chain does the indexer exit, so any other failure has
                    // priority.
                    first = match first {
                        None | Some(SourceError::OtherChain { .. }) => Some(error),
                        known => known,
                    };
                    self.next_endpoint();
                }
            }
        }
        Err(first.unwrap_or(SourceError::Endpoints(0)))
    }

    /// The blocks from a height on: waits for at least one, and returns at most [`BLOCKS_PER_READ_MAX`].
    /// Errors that another endpoint or a retry could resolve are not returned; it retries forever.
    pub async fn blocks(&mut self, from: u64) -> Vec<FetchedBlock> {
        loop {
            let chain = self.chain;
            match self.endpoint_mut().blocks(chain, from, BLOCKS_PER_READ_MAX).await {
                Ok(blocks) if blocks.is_empty() => {
                    self.recover();
                    self.leave_if_silent(from).await;
                    let wait = Duration::from_millis(WAIT_MS);
                    self.endpoint_mut().wait(from, wait).await;
                }
                Ok(blocks) => {
                    self.recover();
                    self.moved = Instant::now();
                    return blocks;
                }
                Err(error) => self.fail(&error.to_string()).await,
            }
        }
    }

    /// Switches to another endpoint, because the one in use sent unproven data. The pause grows with each
    /// consecutive call.
    pub async fn reject(&mut self, reason: &str) {
        self.fail(reason).await;
    }

    /// The validators with this hash, which decide the height after `height`.
    pub async fn validators(
        &mut self,
        height: u64,
        hash: Hash,
    ) -> Result<ValidatorSet, SourceError> {
        let set = self.endpoint_mut().validators_after(height).await?;
        if set.hash() == hash {
            return Ok(set);
        }
        let text = format!("the validators after height {height} are {}, not {hash}", set.hash());
        Err(SourceError::Answer(text))
    }

    /// The interface of the code that a module has after the block at a height, from all endpoints that have
    /// it. Errors: none has it, or two of them disagree. No root covers the interface of a code, so this comparison protects against a malicious
    /// node.
    pub async fn interface(
        &mut self,
        module: &Name,
        code: Hash,
        height: u64,
    ) -> Result<ModuleDescription, SourceError> {
        let (mut found, mut first_error) = (None::<(String, ModuleDescription)>, None);
        for endpoint in &mut self.endpoints {
            match (endpoint.interface(self.chain, module, code, height).await, &found) {
                (Ok(described), None) => found = Some((endpoint.url().to_owned(), described)),
                (Ok(other), Some((url, described))) if other.interface != described.interface => {
                    return Err(SourceError::Interfaces {
                        module: module.clone(),
                        urls: [url.clone(), endpoint.url().to_owned()],
                    });
                }
                (Ok(_), Some(_)) => {}
                (Err(error), _) => first_error = first_error.or(Some(error)),
            }
        }
        match found {
            Some((_, described)) => Ok(described),
            None => Err(first_error.unwrap_or(SourceError::Endpoints(0))),
        }
    }

    /// Switches to another endpoint that has the block at `from` if the one in use returned nothing for three
    /// heartbeats.
    async fn leave_if_silent(&mut self, from: u64) {
        let heartbeat = self.endpoint().heartbeat();
        if self.moved.elapsed() < heartbeat * SILENT_HEARTBEATS || self.endpoints.len() == 1 {
            return;
        }
        self.moved = Instant::now();
        let silent = self.current;
        for offset in 1..self.endpoints.len() {
            let index = (silent + offset) % self.endpoints.len();
            let head = self.endpoints[index].ask_head(self.chain).await;
            if head.is_ok_and(|head| head >= from) {
                let (from_url, to_url) = (self.url().to_owned(), self.endpoints[index].url());
                tracing::warn!(
                    "the node at {from_url} makes no progress and {to_url} has height {from}: switching to it"
                );
                self.current = index;
                return;
            }
        }
    }

    async fn fail(&mut self, reason: &str) {
        self.failures = self.failures.saturating_add(1);
        let pause = PAUSE_FIRST_MS << self.failures.saturating_sub(1).min(10);
        let pause = Duration::from_millis(pause.min(PAUSE_MAX_MS));
        tracing::warn!("{}: {reason}", self.url());
        if let Some(progress) = self.progress.as_ref().filter(|_| self.failures >= FAILURES_SHOWN) {
            progress.fail(&format!("{}: {reason}", self.url()));
        }
        self.endpoint_mut().disconnect();
        self.next_endpoint();
        // No pause is needed while another endpoint has not failed yet.
        if self.failures as usize >= self.endpoints.len() {
            sleep(pause).await;
        }
    }

    fn recover(&mut self) {
        if let Some(progress) = self.progress.as_ref().filter(|_| self.failures >= FAILURES_SHOWN) {
            progress.recover();
        }
        self.failures = 0;
    }

    fn next_endpoint(&mut self) {
        self.current = (self.current + 1) % self.endpoints.len();
        self.moved = Instant::now();
    }

    fn endpoint(&self) -> &dyn Node {
        &*self.endpoints[self.current % self.endpoints.len()]
    }

    fn endpoint_mut(&mut self) -> &mut dyn Node {
        let index = self.current % self.endpoints.len();
        &mut *self.endpoints[index]
    }
}
