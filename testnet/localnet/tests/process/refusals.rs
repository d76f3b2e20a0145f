//! What clients send that cannot be carried out: each gets a stable code, and changes nothing.

mod hostile;
mod simulated;

use std::fmt::Write;

use ehb_localnet::LoadAccounts;
use ehb_sdk::api::{Base64, ModuleClient, OutcomeView, Strict, TransactionClient};
use ehb_sdk::{Address, Client, Draft, Error, SecretKey, Signer, Transaction, encode};
use ehb_types::{Hash, Name, SignedTransaction};
use serde_json::{Value, json};

use crate::net::Net;
use crate::program::{PATIENCE, eventually};

/// A network of one validator, and one of its accounts.
struct World {
    net: Net,
    client: Client,
    signer: Signer,
    other: Address,
    key: SecretKey,
}

impl World {
    fn new() -> Self {
        Self::on(Net::up(1))
    }

    /// On a network that runs.
    fn on(net: Net) -> Self {
        let accounts = LoadAccounts::read(net.dir()).unwrap().accounts;
        let key = accounts[0].key().unwrap();
        let other = Signer::of_key(accounts[1].key().unwrap()).address();
        let client = net.client(1);
        Self { net, client, signer: Signer::of_key(key.clone()), other, key }
    }

    /// The arguments of a payment of one cent.
    fn arguments(&self) -> Value {
        let to = self.other.to_text(ehb_sdk::Network::Test);
        json!({ "to": to, "asset": "EUR", "amount": "1" })
    }

    /// A payment of one cent, with the lane's next sequence, which it does not use up.
    fn payment(&self, lane: u32) -> Transaction {
        self.net.runtime().block_on(async {
            let call = self.client.call("wallet", "transfer", &self.arguments()).await.unwrap();
            let sender = self.signer.address();
            let built = self.client.build(&sender, Draft::new(call).lane(lane)).await.unwrap();
            self.client.forget_sequence(&sender, lane).await;
            built
        })
    }

    /// A payment with a change, signed with the sender's key.
    fn changed(&self, change: impl FnOnce(&mut Transaction)) -> SignedTransaction {
        let mut transaction = self.payment(0);
        change(&mut transaction);
        self.signer.sign(transaction)
    }

    fn submit(&self, bytes: Vec<u8>) -> Result<Hash, Error> {
        let submitted = TransactionClient::submit(self.client.rpc(), Base64(bytes));
        self.net.runtime().block_on(submitted).map_err(|error| self.client.error(error))
    }

    /// What both accounts have, and the sender's next sequence.
    fn state(&self) -> (u64, u64, u64) {
        let of = |account| self.net.balance(1, account);
        (of(&self.signer.address()), of(&self.other), self.payment(0).sequence)
    }

    /// Asserts that the node refuses bytes with this code, in words that hold this part.
    fn refuses(&self, what: &str, bytes: Vec<u8>, code: &str, part: &str) {
        let error = match self.submit(bytes) {
            Ok(id) => panic!("{what}: accepted as {id}"),
            Err(error) => error,
        };
        assert_eq!(error.code(), Some(code), "{what}: {error}");
        assert!(error.to_string().contains(part), "{what}: {part:?} is not in: {error}");
        assert!(!error.hint().is_empty(), "{what}");
    }
}

/// Where the first call's module name begins: after version, chain, sender, lane, sequence, validity, gas
/// limit and the number of calls.
const NAME_AT: usize = 1 + 32 + 32 + 4 + 8 + 8 + 8 + 4;

/// One row: what is sent, its bytes, the code of the refusal, a part of its words.
type Row = (&'static str, Vec<u8>, &'static str, &'static str);

/// Bytes that are no transaction, or not the one canonical form of it.
fn malformed(world: &World) -> Vec<Row> {
    let good = encode(&world.changed(|_| ()));
    let with = |change: fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let signed = |change: fn(&mut SignedTransaction)| {
        let second = SecretKey::from_seed(&[9; 32]);
        let mut signed = world.payment(0).sign(&[&world.key, &second]);
        change(&mut signed);
        encode(&signed)
    };
    let changed = |change: fn(&mut Transaction)| encode(&world.changed(change));
    let malformed = "MALFORMED_TRANSACTION";
    vec![
        ("nothing", vec![], malformed, "end in the middle of a value"),
        ("a byte too many", with(|bytes| bytes.push(0)), malformed, "trailing"),
        (
            "a byte too few",
            with(|bytes| bytes.truncate(bytes.len() - 1)),
            malformed,
            "end in the middle of a value",
        ),
        ("another version", with(|bytes| bytes[0] = 2), "UNSUPPORTED_VERSION", "format version 2"),
        // The module's name comes after the parts of fixed length: its length, then its text.
        (
            "a length beyond the end",
            with(|bytes| bytes[NAME_AT + 3] = 0xff),
            malformed,
            "end in the middle of a value",
        ),
        (
            "text that is no text",
            with(|bytes| bytes[NAME_AT + 4] = 0xff),
            malformed,
            "invalid utf-8",
        ),
        (
            "a name that is none",
            with(|bytes| bytes[NAME_AT + 4] = b' '),
            malformed,
            "of a-z, 0-9 and -, starting with a letter",
        ),
        (
            "signatures in another order",
            signed(|it| it.signatures.reverse()),
            malformed,
            "ascending",
        ),
        (
            "a signature twice",
            signed(|it| it.signatures[1] = it.signatures[0]),
            malformed,
            "ascending",
        ),
        ("no signature", signed(|it| it.signatures.clear()), malformed, "no or too many"),
        ("no call", changed(|it| it.calls.clear()), malformed, "no or too many calls"),
        (
            "65 calls",
            changed(|it| it.calls = vec![it.calls[0].clone(); 65]),
            malformed,
            "no or too many calls",
        ),
        ("a memo of 257 bytes", changed(|it| it.memo = "x".repeat(257)), malformed, "memo"),
        (
            "257 KiB",
            changed(|it| it.calls[0].arguments = vec![0; 257 << 10]),
            "TRANSACTION_TOO_LARGE",
            "at most 262144",
        ),
    ]
}

/// Whole transactions that cannot be in a block.
fn inadmissible(world: &World) -> Vec<Row> {
    let changed = |change: fn(&mut Transaction)| encode(&world.changed(change));
    let signed_by =
        |seed: u8| encode(&world.payment(0).sign(&[&SecretKey::from_seed(&[seed; 32])]));
    let mut flipped = world.changed(|_| ());
    flipped.signatures[0].signature.0[7] ^= 1;
    let mut other_content = world.changed(|_| ());
    other_content.transaction.calls[0].arguments[0] ^= 1;
    let mut nobody = world.payment(0);
    let stranger = Signer::of_key(SecretKey::from_seed(&[9; 32]));
    nobody.sender = stranger.address();
    vec![
        (
            "another chain",
            changed(|it| it.chain = Hash([7; 32])),
            "WRONG_CHAIN",
            "for the chain with genesis 0707",
        ),
        ("a flipped signature", encode(&flipped), "BAD_SIGNATURE", "does not verify"),
        ("changed after signing", encode(&other_content), "BAD_SIGNATURE", "does not verify"),
        ("another's key", signed_by(9), "NOT_AUTHORISED", "is not a key of the account"),
        ("no account", encode(&stranger.sign(nobody)), "UNKNOWN_SENDER", "no account"),
        (
            "expired",
            changed(|it| it.valid_until_ms = 0),
            "EXPIRED",
            "was valid until 1970-01-01T00:00:00.000Z,",
        ),
        ("no end", changed(|it| it.valid_until_ms = u64::MAX), "EXPIRY_TOO_FAR", "at most"),
        ("endless gas", changed(|it| it.gas_limit = u64::MAX), "GAS_LIMIT_TOO_HIGH", "at most"),
        ("no gas", changed(|it| it.gas_limit = 1), "OUT_OF_GAS", "alone cost"),
        ("a far sequence", changed(|it| it.sequence = 10_000), "SEQUENCE_GAP", "too far ahead"),
        ("the last sequence", changed(|it| it.sequence = u64::MAX), "SEQUENCE_GAP", "too far"),
    ]
}

#[test]
fn a_transaction_that_no_block_can_contain_is_refused_at_once() {
    let world = World::new();
    let before = world.state();
    for (what, bytes, code, part) in malformed(&world).into_iter().chain(inadmissible(&world)) {
        world.refuses(what, bytes, code, part);
    }
    assert_eq!(world.state(), before);
    assert_eq!(world.net.status(1).unwrap().mempool.transactions, 0);
    assert_eq!(world.net.audit().transactions, 0);
    world.net.pay(1, 0);
    assert_eq!(world.net.audit().transactions, 1);
}

#[test]
fn a_sequence_is_used_once_and_in_order() {
    let world = World::new();
    let first = world.changed(|_| ());
    let mut second = first.transaction.clone();
    second.sequence += 1;
    let mut rival = second.clone();
    rival.memo.push('!');
    let (second, rival) = (world.signer.sign(second), world.signer.sign(rival));

    // A gap is not filled by anything else: what comes after it waits.
    let waits = world.submit(encode(&second)).unwrap();
    world.refuses("the same again", encode(&second), "ALREADY_KNOWN", "is pending");
    world.refuses("the same sequence", encode(&rival), "SEQUENCE_PENDING", "is pending as");
    // Two more blocks pass it by: that of another account's payment, and the one that seals it.
    let from = world.net.height(1);
    world.net.pay(1, 2);
    eventually("two blocks", || (world.net.height(1) >= from + 2).then_some(()));
    assert_eq!(world.net.wait(1, &waits, std::time::Duration::ZERO), None);
    world.refuses("still the same", encode(&second), "ALREADY_KNOWN", "is pending");
    let fills = world.submit(encode(&first)).unwrap();
    for id in [fills, waits] {
        assert!(world.net.wait(1, &id, PATIENCE).is_some());
    }
    for (what, replayed) in [("a replay", &first), ("another replay", &second), ("late", &rival)] {
        world.refuses(what, encode(replayed), "SEQUENCE_USED", "the next one is 2");
    }
    // To the library, what is final needs no other try.
    let again = world.net.runtime().block_on(world.client.submit(&first)).unwrap();
    assert_eq!(again, first.id());
    let late = world.net.runtime().block_on(world.client.submit(&rival)).unwrap_err();
    assert!(late.is_sequence_taken(), "{late}");
    assert_eq!(world.net.audit().transactions, 3);

    // After a restart no more than before.
    world.net.kill(&[1]);
    world.net.start_all();
    world.refuses("a replay", encode(&first), "SEQUENCE_USED", "the next one is 2");
    assert_eq!(world.net.audit().transactions, 3);
}

/// What is admitted, fails in execution, and leaves a receipt: the call, its code, and what its
/// typed error or message holds.
fn failing(world: &World) -> Vec<(&'static str, Transaction, &'static str, &'static str)> {
    let name = |text: &str| Name::new(text).unwrap();
    let good = world.payment(0);
    let with = |change: &dyn Fn(&mut Transaction)| {
        let mut transaction = good.clone();
        change(&mut transaction);
        transaction
    };
    let call = |function: &str, change: &dyn Fn(&mut Value)| {
        let mut arguments = world.arguments();
        change(&mut arguments);
        let call = world.client.call("wallet", function, &arguments);
        let call = world.net.runtime().block_on(call).unwrap();
        with(&|it| it.calls = vec![call.clone()])
    };
    let max = json!(u64::MAX.to_string());
    let amount = |value: Value| move |it: &mut Value| it["amount"] = value.clone();
    let none = call("transfer", &amount(json!("0")));
    let behind_a_good_one = with(&|it| it.calls.extend(none.calls.clone()));
    vec![
        ("no such module", with(&|it| it.calls[0].module = name("bank")), "UNKNOWN_MODULE", "bank"),
        (
            "no such function",
            with(&|it| it.calls[0].function = name("steal")),
            "UNKNOWN_FUNCTION",
            "steal",
        ),
        (
            "no arguments",
            with(&|it| it.calls[0].arguments.clear()),
            "BAD_ARGUMENTS",
            "wallet.transfer: to: the bytes end inside the value: 32 more are needed, 0 are left",
        ),
        (
            "one byte too many",
            with(&|it| it.calls[0].arguments.push(0)),
            "BAD_ARGUMENTS",
            "wallet.transfer: 1 bytes follow the value",
        ),
        (
            "arguments of another function",
            with(&|it| it.calls[0].function = name("create-asset")),
            "BAD_ARGUMENTS",
            "wallet.create-asset: asset: the bytes end inside the value",
        ),
        (
            "too little money",
            call("transfer", &amount(max.clone())),
            "MODULE_ERROR",
            "insufficient",
        ),
        ("no money at all", none, "MODULE_ERROR", "zero-amount"),
        ("the second of two", behind_a_good_one, "MODULE_ERROR", "zero-amount"),
        ("not the issuer", call("mint", &amount(json!("1"))), "MODULE_ERROR", "wrong-party"),
        ("too little gas", with(&|it| it.gas_limit = 25_000), "OUT_OF_GAS", "gas"),
    ]
}

#[test]
fn what_fails_in_execution_changes_nothing_and_says_why() {
    let world = World::new();
    let before = world.state();
    let rows = failing(&world);
    let count = rows.len() as u64;
    for (what, mut transaction, code, part) in rows {
        transaction.gas_limit = match code {
            "OUT_OF_GAS" => transaction.gas_limit,
            _ => 1_000_000,
        };
        transaction.sequence = world.payment(0).sequence;
        let id = world.submit(encode(&world.signer.sign(transaction))).unwrap();
        let located = world.net.runtime().block_on(world.client.wait(&id, PATIENCE)).unwrap();
        let receipt = located.receipt;
        let OutcomeView::Failure { code: found, message, error, hint, .. } = receipt.outcome else {
            panic!("{what}: it succeeded");
        };
        assert_eq!(found, code, "{what}: {message}");
        let mut said = message;
        write!(said, " {:?}", error.map(|it| it.value.value.to_string())).unwrap();
        assert!(said.contains(part), "{what}: {part:?} is not in: {said}");
        assert!(!hint.is_empty() && receipt.events.is_empty(), "{what}");
    }
    let (sender, other, sequence) = world.state();
    assert_eq!((sender, other), (before.0, before.1));
    assert_eq!(sequence, count, "each used its sequence");
    assert_eq!(world.net.audit().transactions, count);
}

#[test]
fn what_the_issuer_mints_cannot_overflow() {
    let world = World::new();
    let manifest = world.net.manifest();
    let of = |name: &str| manifest.accounts.iter().find(|it| it.name.as_str() == name).unwrap();
    let passphrase = std::fs::read_to_string(&manifest.passphrase_file).unwrap();
    let passphrase = ehb_wallet::keystore::Passphrase::new(passphrase.trim_end()).unwrap();
    let treasury = ehb_wallet::keystore::read_key_file(&of("treasury").keystore).unwrap();
    let treasury = Signer::of_key(treasury.open(&passphrase).unwrap());
    let mint = |amount: &str| {
        let arguments = json!({ "to": of("bob").address, "asset": "EUR", "amount": amount });
        world.net.runtime().block_on(async {
            let call = world.client.call("wallet", "mint", &arguments).await?;
            // The limit is given, so that it is not simulated but carried out.
            world.client.execute(&treasury, Draft::new(call).gas_limit(1_000_000)).await
        })
    };
    let supply = || {
        let asset = json!({ "asset": "EUR" });
        let read = world.client.read("wallet", "get-supply", &asset);
        world.net.runtime().block_on(read).unwrap().value
    };
    let before = supply();
    assert_ne!(before["circulating"], json!("0"));
    let too_much = mint("18446744073709551615").unwrap_err();
    assert_eq!(too_much.code(), Some("MODULE_ERROR"), "{too_much}");
    let typed = too_much.module_error().unwrap().value.value.to_string();
    assert!(typed.contains("supply-overflow"), "{typed}");
    for (amount, code) in [("18446744073709551616", "BAD_ARGUMENTS"), ("-1", "BAD_ARGUMENTS")] {
        assert_eq!(mint(amount).unwrap_err().code(), Some(code));
    }
    let bob = Address::from_text(ehb_sdk::Network::Test, &of("bob").address).unwrap();
    assert_eq!(world.net.balance(1, &bob), 1_000_000);
    assert_eq!(supply(), before);
    mint("1").unwrap();
    let one_more = before["minted"].as_str().unwrap().parse::<u64>().unwrap() + 1;
    assert_eq!(supply()["minted"], json!(one_more.to_string()));
}

#[test]
fn readings_that_cannot_be_answered_say_why() {
    let world = World::new();
    let account = world.signer.address().to_text(ehb_sdk::Network::Test);
    let good = json!({ "account": account, "asset": "EUR" });
    let rows = [
        ("bank", "get-balance", good.clone(), "UNKNOWN_MODULE"),
        ("wallet", "get-gold", good.clone(), "UNKNOWN_FUNCTION"),
        ("wallet", "get-balance", json!({ "account": account }), "BAD_ARGUMENTS"),
        ("wallet", "get-balance", json!([account, "EUR", 1]), "BAD_ARGUMENTS"),
        ("wallet", "get-balance", json!({ "account": 1, "asset": "EUR" }), "BAD_ARGUMENTS"),
        ("wallet", "get-balance", json!({ "account": "ehbt1x", "asset": "EUR" }), "BAD_ARGUMENTS"),
        ("wallet", "get-balance", json!(null), "BAD_ARGUMENTS"),
        ("wallet", "get-balance", json!([account, "euro"]), "MODULE_ERROR"),
        ("wallet", "transfer", world.arguments(), "READ_ONLY"),
    ];
    for (module, function, arguments, code) in rows {
        let (module, function) = (Name::new(module).unwrap(), Name::new(function).unwrap());
        let strict = Strict(arguments.clone());
        let read = ModuleClient::call(
            world.client.rpc(),
            module,
            function.clone(),
            strict,
            Some(account.clone()),
            None,
        );
        let error = world.net.runtime().block_on(read).unwrap_err();
        let error = world.client.error(error);
        assert_eq!(error.code(), Some(code), "{function}({arguments}): {error}");
    }
}

/// One row a command of `ehb-testnet`: what is said, and the code at the end.
#[test]
fn what_the_network_s_program_refuses_has_a_code() {
    let net = Net::none();
    let refused = |arguments: &[&str], part: &str, code: &str| {
        let ran = net.testnet(arguments);
        ran.refused(&[part]);
        let end = format!("\ncode: {code}");
        assert!(ran.stderr.trim_end().ends_with(&end), "{arguments:?}: {}", ran.stderr);
    };
    refused(&["status", "--json"], "there is no network in", "NO_TESTNET");
    refused(&["down"], "there is no network in", "NO_TESTNET");
    refused(&["up", "--validators", "0"], "1 to 50 validators, not 0", "BAD_PLAN");
    refused(&["up", "--load-accounts", "10001"], "at most 10000 load accounts", "BAD_PLAN");

    ehb_localnet::create(net.dir(), &ehb_localnet::Plan { validators: 1, ..Default::default() })
        .unwrap();
    refused(&["stop", "--node", "validator-9"], "no node \"validator-9\"", "UNKNOWN_NODE");
    let settings = net.node(1).data_dir.join("config.toml");
    std::fs::write(settings, "[p2p").unwrap();
    // The node's own code is in the quoted output.
    refused(&["start"], "code: CONFIG_INVALID", "NODE_ENDED");
    let manifest = net.dir().join("manifest.json");
    let good = std::fs::read(&manifest).unwrap();
    std::fs::write(&manifest, "{").unwrap();
    refused(&["status"], "manifest.json is not valid", "TESTNET_DAMAGED");
    std::fs::write(manifest, good).unwrap();
}
