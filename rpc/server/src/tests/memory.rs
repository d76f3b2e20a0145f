//! Shares of the memory for answers.

use std::sync::Arc;
use std::time::Duration;

use ehb_types::Code;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::{client, numbered_client, other_client};
use crate::client::{Client, Clients};
use crate::limits::{Limits, SHARED_BYTES_MIN};
use crate::memory::{Memory, joined};
use crate::wire::Wire;

const MIB: usize = 1 << 20;

fn limits() -> Limits {
    Limits { memory_mib: 256, client_memory_mib: 64, ..Limits::default() }
}

fn clients() -> (Arc<Client>, Arc<Client>) {
    let clients = Clients::new(limits());
    (clients.get(client()), clients.get(other_client()))
}

#[tokio::test(start_paused = true)]
async fn long_answers_share_the_memory_and_short_ones_need_none() {
    let memory = Memory::new(&limits());
    let (greedy, other) = clients();
    let wire = Arc::new(Wire::default());
    let first = memory.share(&greedy, &wire, 32 * MIB).await.unwrap().unwrap();
    let _second = memory.share(&greedy, &wire, 32 * MIB).await.unwrap().unwrap();
    assert!(memory.share(&greedy, &wire, SHARED_BYTES_MIN - 1).await.unwrap().is_none());
    let refused = memory.share(&greedy, &wire, SHARED_BYTES_MIN).await.unwrap_err();
    assert_eq!(refused.code, Code::NotReady);
    let refused = memory.try_share(&greedy, &wire, SHARED_BYTES_MIN).unwrap_err();
    assert_eq!(refused.code, Code::NotReady);
    // What one client holds is missing to no other.
    assert!(memory.share(&other, &wire, 32 * MIB).await.unwrap().is_some());
    let (waited, ()) = tokio::join!(memory.share(&greedy, &wire, 32 * MIB), async { drop(first) });
    assert!(waited.is_ok());
    assert!(!wire.is_closed());
}

/// Many clients hold equal shares, and none has as much as a long answer needs: those held longest give way.
#[tokio::test(start_paused = true)]
async fn a_long_answer_is_not_locked_out_by_many_small_shares() {
    let memory = Memory::new(&limits());
    let clients = Clients::new(limits());
    let mut held = Vec::new();
    for number in 0..128 {
        let (client, wire) = (clients.get(numbered_client(number)), Arc::new(Wire::default()));
        let share = memory.share(&client, &wire, 2 * MIB).await.unwrap().unwrap();
        held.push((client, wire, share));
    }
    let (newcomer, wire) = (clients.get(numbered_client(200)), Arc::new(Wire::default()));
    let share = memory.share(&newcomer, &wire, 32 * MIB).await.unwrap().unwrap();
    assert_eq!(share.bytes(), 32 * MIB);
    let closed: Vec<_> = held.iter().map(|(_, wire, _)| wire.is_closed()).collect();
    assert!(closed[..16].iter().all(|closed| *closed) && !closed[16..].contains(&true));
    // A client that has something gets no more at the expense of others.
    let (client, wire, _) = &held[127];
    assert!(memory.share(client, wire, 32 * MIB).await.is_err());
    assert_eq!(memory.taken_bytes(), 256 * MIB);
}

#[tokio::test]
async fn what_an_answer_does_not_need_is_given_back() {
    let memory = Memory::new(&limits());
    let (client, _) = clients();
    let wire = Arc::new(Wire::default());
    let mut share = memory.share(&client, &wire, 32 * MIB).await.unwrap().unwrap();
    share.shrink(MIB);
    assert_eq!((share.bytes(), memory.taken_bytes()), (MIB, MIB));
    let more = memory.share(&client, &wire, 2 * MIB).await.unwrap();
    let share = joined(Some(share), more).unwrap();
    assert_eq!((share.bytes(), memory.taken_bytes()), (3 * MIB, 3 * MIB));
    drop(share);
    assert_eq!(memory.taken_bytes(), 0);
}

/// One row: what was set aside for an answer, what it takes, and what it holds then.
#[tokio::test]
async fn an_answer_holds_what_it_takes_also_where_less_was_set_aside() {
    let rows = [(32, 1, 1), (1, 1, 1), (1, 32, 32), (0, 5, 5), (3, 0, 0)];
    for (aside, takes, holds) in rows {
        let memory = Memory::new(&limits());
        let (client, _) = clients();
        let wire = Arc::new(Wire::default());
        let share = memory.share(&client, &wire, aside * MIB).await.unwrap();
        let share = memory.fitted(share, &client, &wire, takes * MIB).unwrap();
        assert_eq!(share.map_or(0, |share| share.bytes()), holds * MIB, "{aside} {takes}");
        assert_eq!(memory.taken_bytes(), 0, "{aside} {takes}");
    }
    let memory = Memory::new(&limits());
    let (client, _) = clients();
    let wire = Arc::new(Wire::default());
    let _held = memory.share(&client, &wire, 60 * MIB).await.unwrap();
    let share = memory.share(&client, &wire, MIB).await.unwrap();
    let refused = memory.fitted(share, &client, &wire, 5 * MIB).unwrap_err();
    assert_eq!((refused.code, memory.taken_bytes()), (Code::NotReady, 60 * MIB));
}

/// Clients that hold all of the memory and do nothing with it.
#[tokio::test(start_paused = true)]
async fn the_client_with_the_most_memory_makes_room() {
    let memory = Memory::new(&limits());
    let clients = Clients::new(limits());
    let mut held = Vec::new();
    for number in 0..4 {
        let client = clients.get(numbered_client(number));
        for _ in 0..32 - usize::from(number) {
            let wire = Arc::new(Wire::default());
            let share = memory.share(&client, &wire, 2 * MIB).await.unwrap();
            held.push((number, wire, share));
        }
    }
    let (newcomer, wire) = (clients.get(numbered_client(9)), Arc::new(Wire::default()));
    let mut shares = Vec::new();
    for _ in 0..20 {
        shares.push(memory.share(&newcomer, &wire, 2 * MIB).await.unwrap());
    }
    let closed = |number| held.iter().filter(|it| it.0 == number && it.1.is_closed()).count();
    // 6 were free; each of the others has about as many left.
    assert_eq!([0, 1, 2, 3].map(closed), [5, 4, 3, 2]);
    assert!(!wire.is_closed());
    drop((held, shares));
    assert_eq!(memory.taken_bytes(), 0);
}

/// Many clients hold small shares, and want more. One that needs a large share for a moment has the most then, and keeps it.
#[tokio::test(start_paused = true)]
async fn a_share_that_was_just_taken_makes_no_room() {
    let memory = Memory::new(&limits());
    let clients = Clients::new(limits());
    let take = async |number: u8| {
        let (client, wire) = (clients.get(numbered_client(number)), Arc::new(Wire::default()));
        let share = memory.share(&client, &wire, 2 * MIB).await;
        (wire, share)
    };
    let mut held = Vec::new();
    for number in 0..128 {
        held.push(take(number % 16).await);
    }
    let (reader, wire) = (clients.get(numbered_client(200)), Arc::new(Wire::default()));
    let share = memory.share(&reader, &wire, 32 * MIB).await.unwrap().unwrap();
    // They are back at once.
    let again =
        memory.try_share(&clients.get(numbered_client(1)), &Arc::new(Wire::default()), 2 * MIB);
    assert!(again.is_err() && !wire.is_closed());
    drop(share);
    held.push(take(1).await);
    assert!(held.last().unwrap().1.is_ok());
}

/// A few clients with many calls each take every piece that becomes free: the one that waits for a long answer gets it all the
/// same, and all shares are held for much less than the time after which they give way.
#[tokio::test(start_paused = true)]
async fn a_long_answer_is_not_locked_out_by_shares_that_come_and_go() {
    let memory = Memory::new(&limits());
    let clients = Clients::new(limits());
    let mut floods = JoinSet::new();
    for number in 0..20 * 40_u16 {
        let (memory, client) =
            (memory.clone(), clients.get(numbered_client(u8::try_from(number % 20).unwrap())));
        floods.spawn(async move {
            sleep(Duration::from_millis(number.into())).await;
            let wire = Arc::new(Wire::default());
            loop {
                if let Ok(share) = memory.share(&client, &wire, 2 * MIB).await {
                    sleep(Duration::from_millis(300)).await;
                    drop(share);
                }
            }
        });
    }
    sleep(Duration::from_secs(2)).await;
    for number in 100..105 {
        let (reader, wire) = (clients.get(numbered_client(number)), Arc::new(Wire::default()));
        let begun = Instant::now();
        let share = memory.share(&reader, &wire, 32 * MIB).await.unwrap().unwrap();
        assert_eq!(share.bytes(), 32 * MIB);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert!(!wire.is_closed());
    }
}
