//! Implements `Node` with the SDK's client: queries over JSON-RPC, and a subscription to new blocks.

use std::time::Duration;

use ehb_sdk::api::{
    At, BlockNotice, BlockView, ChainClient, Detail, ModuleClient, ModuleDescription, ValidatorView,
};
use ehb_sdk::{Blocks, Client, Error};
use ehb_types::{Code, Genesis, Hash, Name, ValidatorSet};
use futures::future::BoxFuture;
use tokio::time::timeout;

use super::node::Answer;
use super::{Node, SourceError};
use crate::block::FetchedBlock;

/// The time limit for an answer, and for all parts of a long block.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// The assumed heartbeat before the parameters are read.
const HEARTBEAT_DEFAULT: Duration = Duration::from_secs(10);

/// A node that is queried over JSON-RPC.
pub struct Endpoint {
    url: String,
    line: Option<Line>,
    head: u64,
}

/// A connection to the node, checked to be on the right chain.
struct Line {
    client: Client,
    heartbeat: Duration,
    news: Option<Blocks>,
}

impl Endpoint {
    /// The node at a URL. The connection is made at the first query.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), line: None, head: 0 }
    }

    async fn client(&mut self, chain: Option<Hash>) -> Result<Client, SourceError> {
        if let Some(line) = &self.line {
            return Ok(line.client.clone());
        }
        let client = within(&self.url, Client::connect(&self.url)).await?;
        let got = client.chain().genesis_hash;
        if let Some(expected) = chain.filter(|expected| *expected != got) {
            return Err(SourceError::OtherChain { url: self.url.clone(), expected, got });
        }
        let parameters = within(&self.url, client.parameters()).await?;
        let heartbeat = Duration::from_millis(parameters.consensus.heartbeat_ms);
        self.line = Some(Line { client: client.clone(), heartbeat, news: None });
        Ok(client)
    }
}

impl Node for Endpoint {
    fn url(&self) -> &str {
        &self.url
    }

    fn head(&self) -> u64 {
        self.head
    }

    fn heartbeat(&self) -> Duration {
        self.line.as_ref().map_or(HEARTBEAT_DEFAULT, |line| line.heartbeat)
    }

    fn disconnect(&mut self) {
        self.line = None;
    }

    fn genesis(&mut self, chain: Option<Hash>) -> Answer<'_, Genesis> {
        Box::pin(async move {
            let client = self.client(chain).await?;
            Ok(client.genesis().await?)
        })
    }

    fn ask_head(&mut self, chain: Option<Hash>) -> Answer<'_, u64> {
        Box::pin(async move {
            let client = self.client(chain).await?;
            self.head = within(&self.url, client.status()).await?.height;
            Ok(self.head)
        })
    }

    fn blocks(
        &mut self,
        chain: Option<Hash>,
        from: u64,
        count: u64,
    ) -> Answer<'_, Vec<FetchedBlock>> {
        Box::pin(async move {
            let client = self.client(chain).await?;
            let asked = client.rpc().blocks(from, Some(count), Some(Detail::Canonical));
            let answer =
                within(&self.url, async { asked.await.map_err(|error| client.error(error)) });
            let view = match answer.await {
                Ok(view) => view,
                // The node is behind: it does not even have the previous block.
                Err(SourceError::Node(error)) if error.is(Code::NotFound) => {
                    return Ok(Vec::new());
                }
                // The first block alone is longer than an answer.
                Err(SourceError::Node(error)) if error.is(Code::LimitExceeded) => {
                    let view = within(&self.url, client.whole_block(from, Detail::Canonical));
                    return Ok(vec![block(&view.await?)?]);
                }
                Err(error) => return Err(error),
            };
            self.head = view.head;
            view.blocks.iter().map(block).collect()
        })
    }

    fn wait(&mut self, height: u64, at_most: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(line) = &mut self.line else { return };
            let client = &line.client;
            let news = line.news.get_or_insert_with(|| client.blocks(Some(height), Detail::Header));
            let announced = async {
                loop {
                    match news.next().await {
                        Ok(BlockNotice::Block { block }) if block.header.height >= height => {
                            return block.header.height;
                        }
                        Ok(BlockNotice::Gap { to_height, .. }) if to_height >= height => {
                            return to_height;
                        }
                        // The subscription continues by itself; a dead node is detected by the next query.
                        Ok(_) | Err(_) => {}
                    }
                }
            };
            if let Ok(head) = timeout(at_most, announced).await {
                self.head = self.head.max(head);
            }
        })
    }

    fn validators_after(&mut self, height: u64) -> Answer<'_, ValidatorSet> {
        Box::pin(async move {
            let client = self.client(None).await?;
            let next = At::Height(height.saturating_add(1));
            let header = within(&self.url, async {
                client.rpc().header(Some(next)).await.map_err(|error| client.error(error))
            });
            let views = match header.await {
                Ok(header) => header.validators,
                Err(SourceError::Node(error)) if error.is(Code::NotFound) => {
                    within(&self.url, client.status()).await?.validators
                }
                Err(error) => return Err(error),
            };
            ValidatorView::to_set(views).map_err(|error| SourceError::Answer(error.to_string()))
        })
    }

    fn interface<'a>(
        &'a mut self,
        chain: Option<Hash>,
        module: &'a Name,
        expected: Hash,
        height: u64,
    ) -> Answer<'a, ModuleDescription> {
        Box::pin(async move {
            let client = self.client(chain).await?;
            let at = Some(At::Height(height));
            let described = within(&self.url, async {
                client.rpc().describe(module.clone(), at).await.map_err(|error| client.error(error))
            });
            let described = described.await?;
            let checked = described.interface.check();
            checked.map_err(|error| {
                SourceError::Answer(format!("the interface of {module}: {error}"))
            })?;
            let got = described.code_hash;
            if got != expected {
                let (url, module) = (self.url.clone(), module.clone());
                return Err(SourceError::Interface { url, module, height, expected, got });
            }
            Ok(described)
        })
    }
}

fn block(view: &BlockView) -> Result<FetchedBlock, SourceError> {
    let wrong = |text: &str| {
        SourceError::Answer(format!("the block at height {}: {text}", view.header.height))
    };
    let canonical = view.canonical.as_ref().ok_or_else(|| wrong("its bytes are missing"))?;
    let decoded = canonical.decode().map_err(|error| wrong(&error.to_string()));
    let (block, receipts, certificate) = decoded?;
    Ok(FetchedBlock {
        header: block.header,
        transactions: block.transactions,
        parent_certificate: block.certificate,
        evidence: block.evidence,
        receipts,
        certificate,
    })
}

/// Waits for an answer with a time limit.
async fn within<T>(
    url: &str,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, SourceError> {
    match timeout(ANSWER_MAX, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            let text = format!("{url} did not answer within {} s", ANSWER_MAX.as_secs());
            Err(SourceError::Answer(text))
        }
    }
}
