//! Payments whose outcome is not known, programs that share a lane, and answers while blocks are committed.

use std::time::Instant;

use ehb_sdk::api::{Base64, FateView, SubmitResult, TransactionClient};
use ehb_sdk::{Address, Draft, Network, encode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::net::{Net, ehb};
use crate::program::{PATIENCE, Ran};

const EURO: u64 = 100;

fn pay(net: &Net, options: &[&str]) -> Ran {
    let transfer = ["wallet", "transfer", "--from", "alice", "--to", "bob", "--asset", "EUR"];
    let one = ["--amount", "1.00", "--yes", "--json"];
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
