use std::sync::Arc;

use ehb_types::Code;

use super::client::{client, other_client};
use crate::client::{Client, Clients};
use crate::limits::{Limits, SHARED_BYTES_MIN};
use crate::memory::Memory;

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
    let first = memory.share(&greedy, 32 * MIB).await.unwrap().unwrap();
    let _second = memory.share(&greedy, 32 * MIB).await.unwrap().unwrap();
    assert!(memory.share(&greedy, SHARED_BYTES_MIN - 1).await.unwrap().is_none());
    let refused = memory.share(&greedy, SHARED_BYTES_MIN).await.unwrap_err();
    assert_eq!(refused.code, Code::NotReady);
    assert_eq!(memory.try_share(&greedy, SHARED_BYTES_MIN).unwrap_err().code, Code::NotReady);
    // What one client holds is missing to no other.
    assert!(memory.share(&other, 32 * MIB).await.unwrap().is_some());
    let (waited, ()) = tokio::join!(memory.share(&greedy, 32 * MIB), async { drop(first) });
    assert!(waited.is_ok());
}

#[tokio::test]
async fn what_an_answer_does_not_need_is_given_back() {
    let memory = Memory::new(&limits());
    let (client, _) = clients();
    let mut share = memory.share(&client, 32 * MIB).await.unwrap().unwrap();
    share.shrink(MIB);
    assert_eq!((share.bytes(), memory.left_bytes()), (MIB, 255 * MIB));
    share.join(memory.share(&client, 2 * MIB).await.unwrap().unwrap());
    assert_eq!((share.bytes(), memory.left_bytes()), (3 * MIB, 253 * MIB));
    drop(share);
    assert_eq!(memory.left_bytes(), 256 * MIB);
    assert_eq!(client.memory.available_permits(), 64 << 10);
}
