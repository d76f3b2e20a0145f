//! The bound on waiting calls.

use ehb_types::{Code, Hash};

use crate::limits::WAITERS_MAX;
use crate::waiters::Waiters;

#[test]
fn waiting_calls_are_bounded_and_leave_nothing_behind() {
    let waiters = Waiters::default();
    let id = |number: usize| {
        let mut bytes = [0; 32];
        // Half of them wait for the same transaction.
        bytes[..8].copy_from_slice(&((number / 2) as u64).to_le_bytes());
        Hash(bytes)
    };
    let mut held: Vec<_> = (0..WAITERS_MAX).map(|n| waiters.wait(id(n)).unwrap()).collect();
    assert_eq!(waiters.wait(Hash::ZERO).err().unwrap().code, Code::LimitExceeded);
    held.pop();
    held.push(waiters.wait(Hash::ZERO).unwrap());
    assert!(waiters.wait(Hash::ZERO).is_err());
    drop(held);
    assert!((0..WAITERS_MAX).map(|n| waiters.wait(id(n))).all(|waiter| waiter.is_ok()));
}
