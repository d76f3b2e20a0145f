//! A node in memory, which can be wrong in each of the ways that an indexer must bear.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ehb_abi::Interface;
use ehb_indexer::block::FetchedBlock;
use ehb_indexer::source::{Answer, Node, SourceError};
use ehb_sdk::api::ModuleDescription;
use ehb_types::{Genesis, Hash, Name, ValidatorSet};
use futures::future::BoxFuture;

use crate::chain::{SHOP_CODE, TestChain, kernel, name, shop};
use crate::ledger::{WALLET_CODE, wallet};

/// What a node answers with.
pub(crate) struct Answers {
    pub(crate) genesis: Genesis,
    pub(crate) blocks: Vec<FetchedBlock>,
    /// The height from which a module has a code, and the interface of that code.
    pub(crate) interfaces: BTreeMap<(Name, Hash), (u64, Interface)>,
    pub(crate) sets: Vec<ValidatorSet>,
    /// Whether it answers at all.
    pub(crate) gone: bool,
    /// How often it was asked for blocks.
    pub(crate) asked: usize,
}

/// A node, and a handle on it: clones share the answers.
#[derive(Clone)]
pub(crate) struct TestNode {
    url: String,
    answers: Arc<Mutex<Answers>>,
    head: u64,
}

impl TestNode {
    pub(crate) fn new(url: &str, chain: &TestChain) -> Self {
        let interfaces = [
            ((name("kernel"), Hash::ZERO), (0, kernel())),
            ((name("shop"), SHOP_CODE), (0, shop())),
            ((name("wallet"), WALLET_CODE), (0, wallet())),
        ];
        let answers = Answers {
            genesis: chain.genesis.clone(),
            blocks: chain.blocks.clone(),
            interfaces: interfaces.into(),
            sets: vec![chain.set(), chain.smaller_set()],
            gone: false,
            asked: 0,
        };
        Self { url: url.to_owned(), answers: Arc::new(Mutex::new(answers)), head: 0 }
    }

    /// A node whose chain ends so that the last block that can be indexed is the one at `height`.
    pub(crate) fn at_height(url: &str, chain: &TestChain, height: u64) -> Self {
        let node = Self::new(url, chain);
        // The next header commits to a block's receipts.
        node.answers().blocks.truncate(usize::try_from(height + 2).unwrap());
        node
    }

    pub(crate) fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap()
    }

    fn answer<T>(
        &self,
        chain: Option<Hash>,
        of: impl FnOnce(&mut Answers) -> T,
    ) -> Result<T, SourceError> {
        let mut answers = self.answers();
        if answers.gone {
            return Err(SourceError::Answer(format!("{} is gone", self.url)));
        }
        let got = answers.genesis.hash();
        if let Some(expected) = chain.filter(|expected| *expected != got) {
            return Err(SourceError::OtherChain { url: self.url.clone(), expected, got });
        }
        Ok(of(&mut answers))
    }
}

fn ready<'a, T: Send + 'a>(answer: Result<T, SourceError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Node for TestNode {
    fn url(&self) -> &str {
        &self.url
    }

    fn head(&self) -> u64 {
        self.head
    }

    fn heartbeat(&self) -> Duration {
        Duration::from_millis(20)
    }

    fn disconnect(&mut self) {}

    fn genesis(&mut self, chain: Option<Hash>) -> Answer<'_, Genesis> {
        ready(self.answer(chain, |it| it.genesis.clone()))
    }

    fn ask_head(&mut self, chain: Option<Hash>) -> Answer<'_, u64> {
        let head = self.answer(chain, |it| it.blocks.len() as u64 - 1);
        self.head = head.as_ref().map_or(self.head, |head| *head);
        ready(head)
    }

    fn blocks(
        &mut self,
        chain: Option<Hash>,
        from: u64,
        count: u64,
    ) -> Answer<'_, Vec<FetchedBlock>> {
        let blocks = self.answer(chain, |it| {
            it.asked += 1;
            let from = usize::try_from(from).unwrap();
            it.blocks.iter().skip(from).take(usize::try_from(count).unwrap()).cloned().collect()
        });
        let head = self.answers().blocks.len() as u64 - 1;
        self.head = head;
        // A real node answers later as well.
        Box::pin(async move {
            tokio::task::yield_now().await;
            blocks
        })
    }

    fn wait(&mut self, _height: u64, at_most: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(at_most.min(Duration::from_millis(10))))
    }

    fn validators_after(&mut self, height: u64) -> Answer<'_, ValidatorSet> {
        ready(self.answer(None, |it| {
            let named = it.blocks[usize::try_from(height).unwrap()].header.next_validators;
            it.sets.iter().find(|set| set.hash() == named).unwrap().clone()
        }))
    }

    fn interface<'a>(
        &'a mut self,
        chain: Option<Hash>,
        module: &'a Name,
        expected: Hash,
        height: u64,
    ) -> Answer<'a, ModuleDescription> {
        let found = self.answer(chain, |it| {
            let versions = it
                .interfaces
                .iter()
                .filter(|((name, _), (from, _))| name == module && *from <= height);
            let last = versions.max_by_key(|(_, (from, _))| *from);
            last.map(|((_, code), (_, interface))| (*code, interface.clone()))
        });
        ready(found.and_then(|found| match found {
            Some((got, _)) if got != expected => {
                let (url, module) = (self.url.clone(), module.clone());
                Err(SourceError::Interface { url, module, height, expected, got })
            }
            Some((_, interface)) => Ok(ModuleDescription {
                name: module.clone(),
                address: String::new(),
                code_hash: expected,
                wit: "/// A text with \0 in it".to_owned(),
                interface,
            }),
            None => Err(SourceError::Answer(format!("no interface of {module}"))),
        }))
    }
}
