//! Payments whose outcome is not known, programs that share a lane, and answers while blocks are committed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ehb_sdk::api::{Base64, FateView, SubmitResult, TransactionClient};
use ehb_sdk::{Address, Draft, Network, encode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::net::{Net, ehb};
use crate::program::{PATIENCE, Ran, eventually};

const EURO: u64 = 100;

fn pay(net: &Net, options: &[&str]) -> Ran {
    pay_amount(net, "1.00", options)
}

fn pay_amount(net: &Net, amount: &str, options: &[&str]) -> Ran {
    let transfer = ["wallet", "transfer", "--from", "alice", "--to", "bob", "--asset", "EUR"];
    let one = ["--amount", amount, "--yes", "--json"];
    ehb(net, &[&transfer[..], &one, options].concat())
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// With two of four validators offline, a payment's outcome is unknown. A repeated command,
/// however often, pays once.
#[test]
fn a_payment_that_is_repeated_while_its_outcome_is_unknown_is_paid_once() {
    let net = Net::up(4);
    let bob = net.manifest().accounts.into_iter().find(|it| it.name.as_str() == "bob").unwrap();
    let bob = Address::from_text(Network::Test, &bob.address).unwrap();
    let before = net.balance(1, &bob);
    net.kill(&[3, 4]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let ran = pay(&net, &["--timeout", "3"]);
        assert_eq!(ran.exit, Some(6), "{ran:?}");
        let error = &document(&ran.stderr)["error"];
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("OUTCOME_UNKNOWN"), &json!(false))
        );
        ids.push(document(&ran.stdout)["id"].clone());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let listed = document(&ehb(&net, &["tx", "pending", "--json"]).ok());
    assert_eq!(listed["pending"].as_array().unwrap().len(), 1, "{listed}");

    net.start_all();
    // Who asks for its fate does not make the same command another payment.
    ehb(&net, &["tx", "wait", ids[0].as_str().unwrap()]).ok();
    let paid = document(&pay(&net, &[]).ok());
    assert_eq!((&paid["id"], &paid["repeated"]), (&ids[0], &json!(true)));
    assert_eq!(net.balance(1, &bob), before + EURO);
    // The command itself has shown it now, so the same command is another payment.
    let another = document(&pay(&net, &[]).ok());
    assert_eq!(another["repeated"], json!(false));
    assert_eq!(net.balance(1, &bob), before + 2 * EURO);
    let listed = document(&ehb(&net, &["tx", "pending", "--json"]).ok());
    assert_eq!(listed["pending"], json!([]));
}

/// Of three payments in an outage, the first expires. Those after it wait for its sequence: the repeated command and
/// `ehb tx wait` use it for nothing, and each of them is paid once.
#[test]
fn a_payment_after_one_that_expired_in_an_outage_is_paid_once() {
    let net = Net::up(4);
    let bob = net.manifest().accounts.into_iter().find(|it| it.name.as_str() == "bob").unwrap();
    let bob = Address::from_text(Network::Test, &bob.address).unwrap();
    let before = net.balance(1, &bob);
    net.kill(&[3, 4]);
    let amounts: [(&str, &[&str]); 3] = [
        ("1.00", &["--valid-for", "10s"]),
        ("2.00", &["--valid-for", "1h"]),
        ("3.00", &["--valid-for", "1h"]),
    ];
    let [first, second, third] = amounts.map(|(amount, options)| {
        let ran = pay_amount(&net, amount, &[options, &["--timeout", "1"]].concat());
        assert_eq!(ran.exit, Some(6), "{ran:?}");
        document(&ran.stdout)["id"].as_str().unwrap().to_owned()
    });
    // Each block that follows is later than the validity of the first.
    sleep(Duration::from_secs(10));
    net.start_all();
    let status = |id: &str| document(&ehb(&net, &["tx", "status", id, "--json"]).ok());
    let is_expired = || (status(&first)["status"] == "expired").then_some(());
    eventually("the first payment expires", is_expired);
    let waiting = status(&second);
    assert_eq!(waiting["status"], "pending", "{waiting}");
    assert!(waiting["fate"]["missingSequence"].is_string(), "{waiting}");

    let paid = document(&pay_amount(&net, "2.00", &[]).ok());
    assert_eq!((&paid["id"], &paid["repeated"]), (&json!(second), &json!(true)));
    ehb(&net, &["tx", "wait", &third]).ok();
    let paid = document(&pay_amount(&net, "3.00", &[]).ok());
    assert_eq!((&paid["id"], &paid["repeated"]), (&json!(third), &json!(true)));
    assert_eq!(net.balance(1, &bob), before + 5 * EURO);
    let listed = document(&ehb(&net, &["tx", "pending", "--json"]).ok());
    assert_eq!(listed["pending"], json!([]));
    // The first was certainly not paid: the same command pays it.
    assert_eq!(document(&pay_amount(&net, "1.00", &[]).ok())["repeated"], json!(false));
    assert_eq!(net.balance(1, &bob), before + 6 * EURO);
}

/// Programs with one key, on one lane, at different nodes: each of their payments is made, once.
#[test]
fn programs_that_share_a_lane_lose_nothing() {
    let net = Net::up(4);
    let bob = net.manifest().accounts.into_iter().find(|it| it.name.as_str() == "bob").unwrap();
    let to = bob.address;
    let bob = Address::from_text(Network::Test, &to).unwrap();
    let before = net.balance(1, &bob);
    let signer = net.load_signer(0);
    let clients: Vec<_> = (1..=4).map(|number| net.client(number)).collect();
    net.runtime().block_on(async {
        let mut programs = JoinSet::new();
        for client in clients {
            let (signer, to) = (signer.clone(), to.clone());
            programs.spawn(async move {
                for _ in 0..3 {
                    let transfer = json!({ "to": to, "asset": "EUR", "amount": "1" });
                    let call = client.call("wallet", "transfer", &transfer).await.unwrap();
                    client.execute(&signer, Draft::new(call).lane(7)).await.unwrap();
                }
            });
        }
        programs.join_all().await;
    });
    assert_eq!(net.balance(1, &bob), before + 12);
}

/// The number of accounts that pay at the same time, and of their payments: together some large blocks.
const PAYERS: usize = 32;
const PAYMENTS: usize = 48;

/// Accepted transactions are pending or final in every answer, also while the blocks with them are committed, and what is
/// final has its receipt.
#[test]
fn accepted_transactions_are_found_while_large_blocks_are_committed() {
    let net = Net::up(1);
    let client = net.client(1);
    let bob = net.manifest().accounts.into_iter().find(|it| it.name.as_str() == "bob").unwrap();
    let transfer = json!({ "to": bob.address, "asset": "EUR", "amount": "1" });
    net.runtime().block_on(async {
        let call = client.call("wallet", "transfer", &transfer).await.unwrap();
        let mut waiting = JoinSet::new();
        let mut open = Vec::new();
        for payer in 0..PAYERS {
            let signer = net.load_signer(payer);
            let mut signed = Vec::new();
            for _ in 0..PAYMENTS {
                let draft = Draft::new(call.clone()).lane(9).gas_limit(200_000);
                let transaction = client.build(&signer.address(), draft).await.unwrap();
                signed.push(Base64(encode(&signer.sign(transaction))));
            }
            for result in client.rpc().submit_batch(signed).await.unwrap() {
                let SubmitResult::Id(id) = result else { panic!("{result:?}") };
                open.push(id);
                if open.len() % 16 == 0 {
                    let client = client.clone();
                    waiting.spawn(async move {
                        loop {
                            match client.rpc().wait(id, None, None).await.unwrap() {
                                FateView::Final { .. } => return,
                                FateView::Pending { .. } => {}
                                other => panic!("{id} was accepted, and is {other:?}"),
                            }
                        }
                    });
                }
            }
        }
        let begun = Instant::now();
        while !open.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "{} are not final", open.len());
            let mut still = Vec::new();
            for id in open {
                match client.rpc().get(id, None).await.unwrap() {
                    FateView::Pending { .. } => still.push(id),
                    FateView::Final { receipt, .. } => {
                        let found = client.rpc().receipt(id).await.unwrap();
                        assert_eq!(found.position, receipt.position);
                    }
                    other => panic!("{id} was accepted, and is {other:?}"),
                }
            }
            open = still;
        }
        waiting.join_all().await;
    });
}
