//! Too few validators, and enough of them again.

use std::time::Duration;

use crate::net::Net;
use crate::program::PATIENCE;

/// Longer than a chain that works needs for many blocks.
const STANDSTILL: Duration = Duration::from_secs(4);

#[test]
fn the_chain_stops_without_a_quorum_and_goes_on_by_itself() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.kill(&[3, 4]);
    let id = net.submit(1, 1);
    assert_eq!(net.wait(1, &id, STANDSTILL), None, "two of four decide nothing");
    let height = net.height(1);
    assert_eq!(net.wait(2, &id, STANDSTILL), None, "two of four decide nothing");
    assert_eq!((net.height(1), net.height(2)), (height, height));

    net.start(3);
    // Nobody submits it again.
    let decided = net.wait(1, &id, PATIENCE).unwrap();
    assert!(decided > height);
    net.start_all();
    net.pay(4, 2);
    assert_eq!(net.audit().transactions, 3);
}
