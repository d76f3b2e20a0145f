//! The validity of transactions counts from the chain's time, whatever the clock of this machine shows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ehb_devnet::DevNet;
use ehb_sdk::{Client, Code, Draft};

use crate::fixtures::{ALICE, address};
use crate::{GAS_LIMIT, alice, chain_at, start, transfer};

const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn machine_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// A payment with the default validity becomes final, and counts from the chain's time.
async fn pays(net: &DevNet) -> Client {
    let client = Client::connect(net.url()).await.unwrap();
    let built = client.build(&address(ALICE), transfer(&client, "1").await).await.unwrap();
    let valid_ms = built.valid_until_ms - net.now_ms().max(net.genesis().timestamp_ms + 1);
    assert_eq!(Duration::from_millis(valid_ms), Draft::VALID_FOR);
    client.forget_sequence(&address(ALICE), 0).await;
    client.execute(&alice(), transfer(&client, "1").await).await.unwrap();
    client
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_lengthen_the_validity() {
    let net = chain_at(Some(machine_ms() - MONTH.as_millis() as u64));
    let ahead_ms = pays(&net).await.clock_ahead_ms();
    // The clock of the chain stands still while that of the machine goes on.
    assert!(ahead_ms >= MONTH.as_millis() as i64, "{ahead_ms}");
}

#[tokio::test]
async fn a_clock_that_is_behind_does_not_shorten_it() {
    let net = chain_at(Some(machine_ms() + MONTH.as_millis() as u64));
    let ahead_ms = pays(&net).await.clock_ahead_ms();
    assert!(ahead_ms < -(MONTH.as_millis() as i64) / 2, "{ahead_ms}");
}

/// The head of an idle chain is as old as its last heartbeat.
#[tokio::test]
async fn the_age_of_the_head_does_not_shorten_it() {
    let running = start().await;
    running.net.hold_blocks().unwrap();
    running.net.advance(Duration::from_secs(3_600)).unwrap();
    let head_ms = running.client.status().await.unwrap().timestamp_ms;
    let built =
        running.client.build(&address(ALICE), transfer(&running.client, "1").await).await.unwrap();
    assert_eq!(built.valid_until_ms - head_ms, 3_900_000);
}

#[tokio::test]
async fn a_time_from_a_wrong_clock_is_refused_in_words() {
    let running = start().await;
    let now_ms = running.net.now_ms();
    let late = Duration::from_secs(7 * 86_400 + 2 * 3_600 + 180);
    let rows = [
        (now_ms - 7_380_000, Code::Expired, ": it expired 2 h 3 min"),
        (now_ms + late.as_millis() as u64, Code::ExpiryTooFar, "Z, 2 h "),
    ];
    for (until_ms, code, words) in rows {
        let draft = transfer(&running.client, "1").await.gas_limit(GAS_LIMIT).sequence(0);
        let draft = draft.valid_until_ms(until_ms);
        let signed = running.client.sign_next(&alice(), draft).await.unwrap();
        let refused = running.client.submit(&signed).await.unwrap_err();
        assert!(refused.is(code) && refused.to_string().contains(words), "{refused}");
        assert!(refused.hint().contains("chainTimeMs"), "{}", refused.hint());
    }
}
