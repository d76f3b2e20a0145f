//! Genesis as block 0.

use ehb_abi::Interface;
use ehb_kernel::event::KernelEvent;
use ehb_types::{Header, Receipt, WeightedKey, decode, encode};

use super::*;
use crate::{EVENTS_MAX, KERNEL};

/// The events of receipts as JSON, each with its module's name.
fn events(chain: &Chain, receipts: &[Receipt]) -> Vec<(String, Value)> {
    let modules = chain.modules();
    let kernel = chain.executor.library().kernel();
    let shown = |event: &ehb_types::Event| {
        let module = event.module.as_str();
        let interface: &Interface = match module {
            KERNEL => kernel,
            module => modules.get(module).unwrap().interface(),
        };
        let value = interface.event_to_json(Network::Test, &event.data).unwrap().unwrap();
        (module.to_owned(), value)
    };
    receipts.iter().flat_map(|it| &it.events).map(shown).collect()
}

#[test]
fn genesis_is_a_block_of_receipts() {
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &code()).unwrap();
    let chain = chain();
    let [kernel, asset, mint] = &first.receipts[..] else { panic!("{:?}", first.receipts) };
    for (index, receipt) in first.receipts.iter().enumerate() {
        let id = Receipt::id_without_transaction(&chain.header.chain, 0, index as u32);
        assert_eq!(receipt.transaction, id);
    }
    let names: Vec<String> = events(&chain, std::slice::from_ref(kernel))
        .into_iter()
        .map(|(_, event)| event.as_object().unwrap().keys().next().unwrap().clone())
        .collect();
    assert_eq!(
        names,
        [
            "chain-started",
            "parameters-changed",
            "organisation-added",
            "validators-changed",
            "node-permitted",
            "account-changed",
            "account-changed",
            "account-changed",
            "module-installed"
        ]
    );
    let of_calls = events(&chain, &[asset.clone(), mint.clone()]);
    assert_eq!(of_calls.len(), 2, "{of_calls:?}");
    assert!(of_calls.iter().all(|(module, _)| module == "wallet"));
    assert!(asset.gas_used > 0);
}

#[test]
fn header_1_contains_the_root_of_the_genesis_receipts() {
    let chain = chain();
    let block = chain.block(vec![]);
    chain.check(&block).unwrap();
    assert_eq!(block.header.receipts_count, 3);
    let none = Header { receipts_count: 0, ..block.header };
    let block = Block::sign(none, vec![], None, vec![], &secret(1));
    let error = chain.check(&block).unwrap_err().to_string();
    assert!(error.contains("receipts count"), "{error}");
}

/// As many accounts as in the genesis of a large network: no receipt becomes large.
#[test]
fn a_large_genesis_has_many_bounded_receipts() {
    const ACCOUNTS: u32 = 20_000;
    let mut genesis = genesis();
    let key = secret(77).public_key();
    genesis.accounts.extend((0..ACCOUNTS).map(|index| {
        let (weight, threshold) = (1_000 + (index / 1_000) as u16, 1 + index % 1_000);
        let policy = Policy::Weighted { keys: vec![WeightedKey { key, weight }], threshold };
        GenesisAccount {
            address: Address::of_account(&policy).to_text(Network::Test),
            policy,
            organisation: name("org"),
            roles: BTreeSet::new(),
            status: Status::Active,
        }
    }));
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis, &code()).unwrap();
    assert!(first.receipts.len() > 10, "{}", first.receipts.len());
    let mut accounts = 0;
    for receipt in &first.receipts {
        assert!(receipt.events.len() <= EVENTS_MAX);
        assert!(encode(receipt).len() <= Receipt::KERNEL_EVENT_BYTES_MAX + (32 << 10));
        let kernels = receipt.events.iter().filter(|event| event.module.as_str() == KERNEL);
        accounts += kernels
            .map(|event| decode::<KernelEvent>(&event.data).unwrap())
            .filter(|event| matches!(event, KernelEvent::AccountChanged(_)))
            .count();
    }
    assert_eq!(accounts, genesis.accounts.len());
}
