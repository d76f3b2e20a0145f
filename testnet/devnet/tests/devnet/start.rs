//! Start, clock, endpoints and end of a chain in memory.

use std::net::TcpStream;
use std::time::Duration;

use ehb_devnet::{Clock, DevNet, DevNetError};
use ehb_sdk::{Client, Error, SecretKey};
use serde_json::json;

use crate::{available, payment, signer, start};

#[tokio::test]
async fn a_payment_from_end_to_end() {
    let (net, client) = start().await;
    let draft = payment(&net, &client, "bob", 1_250).await.memo("rent");
    let done = client.execute(&signer(&net, "alice"), draft).await.unwrap();
    assert_eq!((done.position.height, net.height()), (1, 1));
    assert_eq!(available(&net, &client, "alice").await, "98750");
    assert_eq!(available(&net, &client, "bob").await, "101250");
    let status = client.status().await.unwrap();
    assert!(status.ready && !status.syncing, "{status:?}");
}

/// Equal builders with a given time make the same chain, and without one each chain is its own.
#[test]
fn a_chain_is_reproducible_if_its_time_is_given() {
    let fixed = || {
        let builder = DevNet::builder().modules(&["wallet"]).genesis_ms(1_700_000_000_000);
        builder.start().unwrap().genesis().hash()
    };
    assert_eq!(fixed(), fixed());
    let net = DevNet::builder().modules(&["wallet"]).start().unwrap();
    assert_ne!(net.genesis().hash(), fixed());
    assert_eq!(net.now_ms(), net.genesis().timestamp_ms);
}

#[test]
fn a_builder_that_makes_no_chain_is_refused() {
    let wallet = || DevNet::builder().modules(&["wallet"]);
    let error = |builder: ehb_devnet::Builder| builder.start().err().unwrap().to_string();
    let unknown = error(DevNet::builder().modules(&["bank"]));
    assert!(unknown.starts_with("no module named bank ships"), "{unknown}");
    let nobody = error(wallet().asset("EUR", "Euro", 2).funds("carol", "EUR", 1));
    assert_eq!(nobody, "there is no account named carol: add it to the builder first");
    let list = error(wallet().call("bank", "wallet", "mint", json!([])));
    assert_eq!(list, "the arguments of wallet.mint must be a JSON object of values by name");
    let unfunded = error(wallet().funds("bank", "EUR", 1));
    assert!(unfunded.contains("unknown-asset"), "{unfunded}");
    let twice = wallet().account("bank", SecretKey::from_seed(&[0xba; 32]), "bank", &[]);
    assert!(matches!(twice.start(), Err(DevNetError::Genesis(_))));
    let no_role =
        error(wallet().account("alice", SecretKey::from_seed(&[1; 32]), "acme", &["Mayor!"]));
    assert!(no_role.contains("Mayor!"), "{no_role}");
}

#[tokio::test]
async fn endpoints_close_and_open_again() {
    let (net, client) = start().await;
    let mut endpoint = net.endpoint(([127, 0, 0, 1], 0).into()).unwrap();
    let (url, address) = (endpoint.url().to_owned(), endpoint.address());
    let other = Client::connect(&url).await.unwrap();
    assert_eq!(other.chain(), client.chain());
    endpoint.close().await;
    assert!(TcpStream::connect(address).is_err());
    assert!(matches!(other.status().await, Err(Error::Unreachable { .. })));
    let taken = net.endpoint(net.url().trim_start_matches("http://").parse().unwrap()).err();
    assert!(taken.unwrap().to_string().contains("is the port in use?"));
    let _again = net.endpoint(address).unwrap();
    assert_eq!(other.status().await.unwrap().height, 0);
}

/// With a real clock the empty block after one with transactions comes by itself.
#[tokio::test]
async fn a_real_clock_passes_by_itself() {
    let net = DevNet::builder()
        .modules(&["wallet"])
        .clock(Clock::Real)
        .account("alice", SecretKey::from_seed(&[1; 32]), "acme", &[])
        .account("bob", SecretKey::from_seed(&[2; 32]), "acme", &[])
        .asset("EUR", "Euro", 2)
        .funds("alice", "EUR", 500)
        .start()
        .unwrap();
    let client = Client::connect(net.url()).await.unwrap();
    let draft = payment(&net, &client, "bob", 5).await;
    client.execute(&signer(&net, "alice"), draft).await.unwrap();
    client.header(2, Duration::from_secs(120)).await.unwrap();
    // Time can be left behind all the same: a heartbeat is due.
    let (before, height) = (net.now_ms(), net.height());
    net.advance(Duration::from_secs(60)).unwrap();
    assert!(net.now_ms() >= before + 60_000 && net.height() > height);
}

/// Nothing listens any more, and dropping it inside of a runtime is allowed.
#[tokio::test]
async fn a_network_that_is_stopped_is_gone() {
    let (net, client) = start().await;
    let address: std::net::SocketAddr = net.url().trim_start_matches("http://").parse().unwrap();
    net.stop();
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(client.status().await.is_err());
}
