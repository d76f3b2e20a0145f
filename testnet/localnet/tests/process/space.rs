//! A disk without space.

use crate::net::{Net, configure, set};
use crate::program::eventually;

/// More than any disk has, MiB.
const HUGE_MIB: i64 = 1 << 40;

#[test]
fn a_node_on_a_full_disk_waits_and_the_others_go_on() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", HUGE_MIB));
    let node = net.spawn(4);
    net.pay(1, 1);
    eventually("the operator is told", || node.said().contains("the disk is full").then_some(()));
    net.pay(1, 2);
    let waits_at = net.height(4);
    assert!(waits_at < net.height(1), "nothing is written");
    drop(node);
    configure(&data_dir, |settings| set(settings, "store", "disk_reserve_mib", 16));
    net.start(4);
    net.pay(4, 3);
    assert_eq!(net.audit().transactions, 4);
}
