use std::sync::Arc;

use futures::FutureExt;

use crate::connections::{Connection, Connections};
use crate::usage::Usage;

fn closed(connection: &Connection) -> bool {
    connection.close.notified().now_or_never().is_some()
}

#[test]
fn the_unproven_make_room_before_the_resting_and_never_the_busy() {
    let usage = Arc::new(Usage::default());
    let connections = Arc::new(Connections::new(3, usage.clone()));
    let busy_one = connections.enter().unwrap();
    let resting = connections.enter().unwrap();
    let silent = connections.enter().unwrap();
    let _busy = busy_one.busy();
    drop(resting.busy());
    assert_eq!(usage.counts().connections, 3);

    let second = connections.enter().unwrap();
    assert!(closed(&silent) && !closed(&resting) && !closed(&busy_one));
    let _second_busy = second.busy();
    let third = connections.enter().unwrap();
    assert!(closed(&resting) && !closed(&busy_one));
    let _third_busy = third.busy();
    assert!(connections.enter().is_none());
    assert_eq!(usage.counts().connections, 3);

    drop(busy_one);
    // Those that were closed let go of nothing that is not theirs.
    drop((silent, resting));
    assert_eq!(usage.counts().connections, 2);
    assert!(connections.enter().is_some());
}
