//! Accounts that the genesis freezes.

use std::fs;

use ehb_sdk::api::{AccountClient, Base64, Detail, TransactionClient};
use ehb_sdk::{Address, Client, Code, Draft, Genesis, Name, Policy, SecretKey, Signer, encode};
use ehb_types::{GenesisAccount, Status};
use serde_json::json;

use crate::net::Net;

#[test]
fn a_frozen_account_sends_nothing() {
    let net = Net::created(1);
    let key = SecretKey::from_seed(&[77; 32]);
    let policy = Policy::Key(key.public_key());
    let address = Address::of_account(&policy);
    let path = net.node(1).data_dir.join("genesis.json");
    let mut genesis = Genesis::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
    let text = address.to_text(genesis.network);
    genesis.accounts.push(GenesisAccount {
        address: text.clone(),
        policy,
        organisation: Name::new("testnet").unwrap(),
        roles: [].into(),
        status: Status::Frozen,
    });
    fs::write(&path, genesis.to_json().unwrap()).unwrap();
    net.note_genesis(genesis.hash());
    net.start_all();

    let client: Client = net.client(1);
    let runtime = net.runtime();
    let view = runtime.block_on(AccountClient::get(client.rpc(), text.clone(), None)).unwrap();
    assert_eq!(view.status, Status::Frozen);
    let alice = &net.manifest().accounts[0].address;
    let alice = Address::from_text(genesis.network, alice).unwrap();
    let (height, before) = (net.height(1), net.balance(1, &alice));

    let to = alice.to_text(genesis.network);
    let arguments = json!({ "to": to, "asset": "EUR", "amount": "1" });
    let signed = runtime.block_on(async {
        let call = client.call("wallet", "transfer", &arguments).await.unwrap();
        let built = client.build(&address, Draft::new(call).gas_limit(10_000_000)).await.unwrap();
        Signer::of_key(key).sign(built)
    });
    for _ in 0..2 {
        let submitted = TransactionClient::submit(client.rpc(), Base64(encode(&signed)));
        let error = client.error(runtime.block_on(submitted).unwrap_err());
        assert_eq!(error.code(), Some(Code::InactiveSender.as_str()), "{error}");
        assert!(error.to_string().contains("is frozen"), "{error}");
    }

    // Nothing is pending, and the chain takes the next payment of somebody else as its first one.
    assert_eq!(net.status(1).unwrap().mempool.transactions, 0);
    let sequence = AccountClient::next_sequence(client.rpc(), text, 0);
    assert_eq!(runtime.block_on(sequence).unwrap().0, 0);
    assert_eq!(net.balance(1, &alice), before);
    let paid = net.pay(1, 0);
    assert!(paid > height);
    assert_eq!(net.block(1, paid, Detail::Ids).transaction_count, 1);
    assert_eq!(net.audit().transactions, 1);
}
