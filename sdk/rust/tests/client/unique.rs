//! Two equal transactions stay two, unless the caller sets one key for both.

use ehb_sdk::{Client, Code, Draft, decode, encode};

use crate::fixtures::{ALICE, address};
use crate::{DEADLINE, GAS_LIMIT, Running, VALID_MS, alice, start, transfer};

/// A draft whose result does not depend on the time of building.
async fn fixed(running: &Running) -> Draft {
    let valid_until_ms = running.net.genesis().timestamp_ms + VALID_MS;
    let draft = transfer(&running.client, "1").await.sequence(0);
    draft.gas_limit(GAS_LIMIT).valid_until_ms(valid_until_ms)
}

#[tokio::test]
async fn equal_payments_of_two_clients_are_two() {
    let running = start().await;
    let clients = [running.client.clone(), Client::connect(&running.url).await.unwrap()];
    let mut built = Vec::new();
    for client in &clients {
        let draft = transfer(client, "1").await.memo("rent");
        built.push(alice().sign(client.build(&address(ALICE), draft).await.unwrap()));
    }
    assert_eq!(built[0].transaction.sequence, built[1].transaction.sequence);
    assert_ne!(built[0].id(), built[1].id());
    assert!(built.iter().all(|it| it.transaction.memo.starts_with("rent #")));
    clients[0].submit(&built[0]).await.unwrap();
    clients[0].wait(&built[0].id(), DEADLINE).await.unwrap();
    let taken = clients[1].submit(&built[1]).await.unwrap_err();
    assert!(taken.is(Code::SequenceUsed) && taken.is_sequence_taken(), "{taken}");

    // The library itself recovers from the rejection.
    for client in &clients {
        let draft = transfer(client, "1").await;
        client.execute(&alice(), draft.clone()).await.unwrap();
        clients[0].execute(&alice(), draft).await.unwrap();
    }
    assert_eq!(running.balance().await, "5");
}

/// Programs that pay from one account in one lane at the same time: each is paid, however often another was first.
#[tokio::test(flavor = "multi_thread")]
async fn many_programs_of_one_account_take_turns() {
    const PROGRAMS: usize = 40;
    let running = start().await;
    let mut programs = tokio::task::JoinSet::new();
    for _ in 0..PROGRAMS {
        let client = Client::connect(&running.url).await.unwrap();
        programs.spawn(async move {
            let draft = transfer(&client, "1").await;
            client.execute(&alice(), draft).await.unwrap();
        });
    }
    programs.join_all().await;
    assert_eq!(running.balance().await, PROGRAMS.to_string());
}

#[tokio::test]
async fn the_same_key_is_the_same_transaction() {
    let running = start().await;
    let clients = [running.client.clone(), Client::connect(&running.url).await.unwrap()];
    let mut ids = Vec::new();
    for client in &clients {
        let draft = fixed(&running).await.memo("rent").idempotency_key("invoice 42");
        let built = client.build(&address(ALICE), draft).await.unwrap();
        assert_eq!(built.memo, "rent #invoice 42");
        ids.push(client.submit(&alice().sign(built)).await.unwrap());
    }
    assert_eq!(ids[0], ids[1]);
    running.client.wait(&ids[0], DEADLINE).await.unwrap();
    assert_eq!(running.balance().await, "1");
}

#[tokio::test]
async fn a_memo_without_room_for_the_tag_is_rejected() {
    let running = start().await;
    let build = async |memo: usize| {
        let draft = fixed(&running).await.memo("x".repeat(memo));
        running.client.build(&address(ALICE), draft).await
    };
    assert_eq!(build(238).await.unwrap().memo.len(), 256);
    assert_eq!(build(0).await.unwrap().memo.len(), 17);
    let refused = build(239).await.unwrap_err();
    assert!(refused.is(Code::MalformedTransaction), "{refused}");
    assert!(refused.to_string().contains("257 bytes; at most 256"), "{refused}");
}

#[tokio::test]
async fn a_signed_transaction_round_trips_as_bytes() {
    let running = start().await;
    let built = running.client.build(&address(ALICE), fixed(&running).await).await.unwrap();
    let signed = alice().sign(built);
    let bytes = encode(&signed);
    assert_eq!(decode::<ehb_sdk::SignedTransaction>(&bytes).unwrap(), signed);
    // Signing again adds nothing.
    assert_eq!(alice().cosign(signed.clone()), signed);
}
