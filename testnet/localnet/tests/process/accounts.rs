//! Accounts that several keys sign for.

use std::os::unix::fs::PermissionsExt;

use ehb_sdk::api::{Base64, TransactionClient};
use ehb_sdk::{
    Address, Code, Draft, Error, Genesis, Name, Policy, SecretKey, Signer, WeightedKey, decode,
    encode,
};
use ehb_types::{GenesisAccount, GenesisCall, SignedTransaction};
use serde_json::json;

use crate::net::{Net, ehb};
use crate::program::PATIENCE;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// A policy of the keys 1, 2 and 3 with these weights.
fn policy(weights: [u16; 3], threshold: u32) -> Policy {
    let keys = [1, 2, 3].map(|seed| key(seed).public_key());
    let weighted = keys.into_iter().zip(weights);
    Policy::Weighted {
        keys: weighted.map(|(key, weight)| WeightedKey { key, weight }).collect(),
        threshold,
    }
}

/// A network of one validator with an account of each policy, of 100.00 EUR each.
fn network(policies: &[Policy]) -> (Net, Vec<Address>) {
    let net = Net::created(1);
    let path = net.node(1).data_dir.join("genesis.json");
    let mut genesis = Genesis::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mint = genesis.calls.last().unwrap().clone();
    let mut addresses = Vec::new();
    for policy in policies {
        let address = Address::of_account(policy);
        let text = address.to_text(genesis.network);
        let arguments = json!({ "asset": "EUR", "to": text, "amount": "10000" });
        let arguments = serde_json::from_value(arguments).unwrap();
        genesis.calls.push(GenesisCall { arguments, ..mint.clone() });
        genesis.accounts.push(GenesisAccount {
            address: text,
            policy: policy.clone(),
            organisation: Name::new("testnet").unwrap(),
            roles: [].into(),
            status: Default::default(),
        });
        addresses.push(address);
    }
    std::fs::write(&path, genesis.to_json().unwrap()).unwrap();
    net.note_genesis(genesis.hash());
    net.start_all();
    (net, addresses)
}

/// A payment of one cent to alice that nobody has signed.
fn payment(net: &Net, from: &Address, lane: u32) -> ehb_sdk::Transaction {
    let to = &net.manifest().accounts[0].address;
    let arguments = json!({ "to": to, "asset": "EUR", "amount": "1" });
    let client = net.client(1);
    net.runtime().block_on(async {
        let call = client.call("wallet", "transfer", &arguments).await.unwrap();
        client.build(from, Draft::new(call).lane(lane).signatures(3)).await.unwrap()
    })
}

/// The code with which the node refuses a transaction, and why.
fn refusal(net: &Net, signed: &SignedTransaction) -> (String, String) {
    let client = net.client(1);
    let submitted = TransactionClient::submit(client.rpc(), Base64(encode(signed)));
    let error: Error = client.error(net.runtime().block_on(submitted).unwrap_err());
    (error.code().unwrap().to_owned(), error.to_string())
}

#[test]
fn two_of_three_keys_sign_one_transaction() {
    let (net, accounts) = network(&[policy([1, 1, 1], 2)]);
    let account = accounts[0];
    let holder =
        |seeds: &[u8]| Signer::new(account, seeds.iter().map(|seed| key(*seed)).collect()).unwrap();

    let transaction = payment(&net, &account, 0);
    let alone = holder(&[1]).sign(transaction.clone());
    let (code, text) = refusal(&net, &alone);
    assert_eq!(code, Code::NotAuthorised.as_str());
    assert!(text.contains("the signatures have the weight 1, the account requires 2"), "{text}");
    let with_a_stranger = holder(&[1, 9]).sign(transaction.clone());
    let (code, text) = refusal(&net, &with_a_stranger);
    assert_eq!(code, Code::NotAuthorised.as_str());
    assert!(text.contains("is not a key of the account"), "{text}");
    let mut forged = holder(&[1, 2]).sign(transaction.clone());
    forged.signatures[1].signature.0[5] ^= 1;
    assert_eq!(refusal(&net, &forged).0, Code::BadSignature.as_str());
    assert_eq!(net.balance(1, &account), 10_000, "what was refused changed nothing");

    // The first holder's signature travels to the second, who signs and submits.
    let travels = encode(&alone);
    let arrived: SignedTransaction = decode(&travels).unwrap();
    let both = holder(&[3]).cosign(arrived);
    let client = net.client(1);
    let id = net.runtime().block_on(client.submit(&both)).unwrap();
    assert_eq!(id, alone.id(), "the transaction does not depend on the signers");
    assert!(net.wait(1, &id, PATIENCE).is_some());
    assert_eq!(net.balance(1, &account), 9_999);

    // One holder of two keys, and all three, serve as well.
    for seeds in [&[1, 2][..], &[1, 2, 3]] {
        let signed = holder(seeds).sign(payment(&net, &account, 0));
        let id = net.runtime().block_on(client.submit(&signed)).unwrap();
        assert!(net.wait(1, &id, PATIENCE).is_some());
    }
    assert_eq!(net.balance(1, &account), 9_997);
    let shown = ehb(&net, &["account", "show", &account.to_text(ehb_sdk::Network::Test)]).ok();
    assert!(shown.contains("threshold"), "{shown}");
    assert_eq!(net.audit().transactions, 3);
}

#[test]
fn a_heavy_key_is_enough_alone_and_two_light_ones_are_too() {
    let (net, accounts) = network(&[policy([2, 1, 1], 2)]);
    let pay = |seeds: &[u8]| {
        let keys = seeds.iter().map(|seed| key(*seed)).collect();
        let signer = Signer::new(accounts[0], keys).unwrap();
        let transaction = payment(&net, &accounts[0], u32::from(seeds[0]));
        let client = net.client(1);
        net.runtime().block_on(client.submit(&signer.sign(transaction)))
    };
    for (seeds, expected) in
        [(&[1][..], None), (&[2, 3], None), (&[3], Some(Code::NotAuthorised)), (&[1, 2, 3], None)]
    {
        match (pay(seeds), expected) {
            (Ok(id), None) => assert!(net.wait(1, &id, PATIENCE).is_some(), "{seeds:?}"),
            (Err(error), Some(code)) => assert!(error.is(code), "{seeds:?}: {error}"),
            (result, _) => panic!("{seeds:?}: {result:?}"),
        }
    }
    assert_eq!(net.balance(1, &accounts[0]), 9_997);
}

#[test]
fn the_command_line_signs_with_several_keys() {
    let (net, accounts) = network(&[policy([1, 1, 1], 2)]);
    let account = accounts[0].to_text(ehb_sdk::Network::Test);
    // Keys of their own: they are not those of the test network, and outlive it.
    let own = tempfile::tempdir().unwrap();
    let keystore = own.path().join("keys");
    let passphrase = own.path().join("passphrase");
    std::fs::write(&passphrase, "of the holders").unwrap();
    std::fs::set_permissions(&passphrase, std::fs::Permissions::from_mode(0o600)).unwrap();
    let with_keys = |arguments: &[&str]| {
        let passphrase = ["--passphrase-file", passphrase.to_str().unwrap()];
        let keystore = ["--keystore", keystore.to_str().unwrap()];
        ehb(&net, &[&passphrase[..], &keystore, arguments].concat())
    };
    for seed in [1u8, 2] {
        let file = net.dir().join("seed");
        std::fs::write(&file, hex::encode([seed; 32])).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let name = format!("holder-{seed}");
        with_keys(&["key", "import", &name, "--seed-file", file.to_str().unwrap()]).ok();
    }
    let pay = |keys: &[&str]| {
        let payment = ["wallet", "transfer", "--from", &account, "--to", "bob", "--asset", "EUR"];
        with_keys(&[&payment[..], &["--amount", "12.50", "--yes"], keys].concat())
    };
    let nobody = pay(&[]);
    assert!(nobody.exit == Some(5) && nobody.stderr.contains("you have no key for"), "{nobody:?}");
    let alone = pay(&["--key", "holder-1"]);
    assert_eq!(alone.exit, Some(5), "{alone:?}");
    assert!(alone.stderr.contains("weight 1, the account requires 2"), "{alone:?}");
    assert_eq!(net.balance(1, &accounts[0]), 10_000);
    pay(&["--key", "holder-1", "--key", "holder-2"]).ok();
    assert_eq!(net.balance(1, &accounts[0]), 8_750);
}
