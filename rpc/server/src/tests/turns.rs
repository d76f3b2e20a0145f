//! Turns of clients for blocking work.

use std::sync::Arc;
use std::time::Duration;

use ehb_types::Code;
use futures::FutureExt;
use tokio::time::{Instant, sleep};

use super::client::{client, numbered_client, other_client};
use crate::client::Clients;
use crate::limits::{Limits, TURN_WAIT_SECONDS_MAX, TURNS_WAITING_MAX};
use crate::turns::Turns;
use crate::workers::{Caller, run_in_turn};

#[tokio::test(start_paused = true)]
async fn one_client_never_has_all_turns() {
    let turns = Turns::new(3, 100);
    let _held = [turns.turn(client()).await.unwrap(), turns.turn(client()).await.unwrap()];
    assert!(turns.turn(client()).now_or_never().is_none());
    assert!(turns.turn(other_client()).now_or_never().is_some());
    let begun = Instant::now();
    let refused = turns.turn(client()).await.err().unwrap();
    assert_eq!(refused.code, Code::NotReady);
    assert_eq!(begun.elapsed(), Duration::from_secs(TURN_WAIT_SECONDS_MAX));
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_before_the_flood_of_another_client() {
    let turns = Turns::new(1, 1_000);
    let mut flood = Vec::new();
    for _ in 0..500 {
        let turns = turns.clone();
        flood.push(tokio::spawn(async move {
            let turn = turns.turn(client()).await;
            sleep(Duration::from_millis(10)).await;
            drop(turn);
        }));
    }
    sleep(Duration::from_millis(15)).await;
    assert!(turns.waiting() > 400);
    let begun = Instant::now();
    let turn = turns.turn(other_client()).await.unwrap();
    assert!(begun.elapsed() <= Duration::from_millis(10), "{:?}", begun.elapsed());
    drop(turn);
    flood.into_iter().for_each(|task| task.abort());
}

/// How many turns of 1 ms and of 9 ms two clients get that always have calls waiting, in two seconds.
async fn share(turns: &Arc<Turns>) -> (u32, u32) {
    let work = |who, length: Duration| {
        let turns = turns.clone();
        async move {
            let (begun, mut count) = (Instant::now(), 0);
            while begun.elapsed() < Duration::from_secs(2) {
                let _turn = turns.turn(who).await.unwrap();
                sleep(length).await;
                count += 1;
            }
            count
        }
    };
    let two = |who, millis| {
        let length = Duration::from_millis(millis);
        futures::future::join(work(who, length), work(who, length))
    };
    let ((a, b), (c, d)) = tokio::join!(two(client(), 1), two(other_client(), 9));
    (a + b, c + d)
}

#[tokio::test(start_paused = true)]
async fn clients_get_the_same_time_and_not_the_same_number() {
    let (short, long) = share(&Turns::new(1, 100)).await;
    let ratio = f64::from(short) / f64::from(long);
    assert!((7.0..11.0).contains(&ratio), "{short} of 1 ms, {long} of 9 ms");
}

#[tokio::test]
async fn who_gives_up_takes_no_turn() {
    let turns = Turns::new(1, 100);
    let held = turns.turn(client()).await.unwrap();
    for _ in 0..50 {
        let waiting = turns.clone();
        let task = tokio::spawn(async move { waiting.turn(other_client()).await.map(drop) });
        tokio::task::yield_now().await;
        task.abort();
        let _ = task.await;
    }
    drop(held);
    assert!(turns.turn(client()).now_or_never().is_some_and(|turn| turn.is_ok()));
    assert_eq!(turns.waiting(), 0);
}

/// The calls of a few clients take all places of those that wait: the one with the most gives way to another one.
#[tokio::test]
async fn the_client_with_the_most_waiting_calls_makes_room() {
    const CLIENTS: usize = 16;
    let turns = Turns::new(1, TURNS_WAITING_MAX);
    let _held = turns.turn(client()).await.unwrap();
    let mut waiting = Vec::new();
    for number in 0..TURNS_WAITING_MAX {
        let client = numbered_client((number % CLIENTS) as u8);
        let mut turn = Box::pin(turns.turn(client));
        assert!(futures::poll!(&mut turn).is_pending());
        waiting.push(turn);
    }
    let mut others = Vec::new();
    for _ in 0..100 {
        let mut turn = Box::pin(turns.turn(other_client()));
        assert!(futures::poll!(&mut turn).is_pending(), "it waits like the others");
        others.push(turn);
        assert!(turns.waiting() <= TURNS_WAITING_MAX);
    }
    let mut refused = 0;
    for turn in &mut waiting {
        refused += u32::from(futures::poll!(turn).is_ready());
    }
    assert_eq!(refused, 100);
    // None has more than the others any more.
    let one_more = turns.turn(numbered_client(0)).await;
    assert_eq!(one_more.err().unwrap().code, Code::NotReady);
}

#[tokio::test]
async fn the_calls_of_a_client_that_wait_are_bounded() {
    let turns = Turns::new(1, 2);
    let _held = turns.turn(client()).await.unwrap();
    let (mut first, mut second) = (Box::pin(turns.turn(client())), Box::pin(turns.turn(client())));
    assert!(futures::poll!(&mut first).is_pending() && futures::poll!(&mut second).is_pending());
    assert_eq!(turns.turn(client()).await.err().unwrap().code, Code::NotReady);
    let other = Box::pin(turns.turn(other_client()));
    assert!(other.now_or_never().is_none());
}

/// A caller whose calls take these turns, as [`crate::middleware`] makes it.
fn caller(turns: &Arc<Turns>) -> Caller {
    Caller {
        is_short: false,
        client: Clients::new(Limits::default()).get(client()),
        wire: Arc::default(),
        turns: turns.clone(),
        kept: Some(Arc::default()),
    }
}

/// The answers of a flood are encoded in its turns, and not all at once beside them.
#[tokio::test]
async fn a_turn_lasts_until_the_answer_is_encoded() {
    let turns = Turns::new(1, 100);
    let caller = caller(&turns);
    let call = caller.clone().scope(async {
        run_in_turn(|| Ok(())).await.unwrap();
        // The work is done, and its answer is not encoded yet.
        assert!(turns.turn(other_client()).now_or_never().is_none());
    });
    call.await;
    drop(caller);
    assert!(turns.turn(other_client()).now_or_never().is_some());
}

#[tokio::test]
async fn a_call_of_two_steps_waits_for_no_turn_of_its_own() {
    let turns = Turns::new(1, 100);
    let two = async { run_in_turn(|| Ok(1)).await.unwrap() + run_in_turn(|| Ok(2)).await.unwrap() };
    let sum = tokio::time::timeout(Duration::from_secs(60), caller(&turns).scope(two)).await;
    assert_eq!(sum.unwrap(), 3);
}
