use super::table::{address, scene};
use crate::rules;

/// A transfer is what the chain carries out most: two reads and two writes, however much there is.
#[test]
fn a_transfer_reads_and_writes_two_entries() {
    let mut host = scene();
    host.act_as(address("bank"));
    let eur = || "EUR".to_owned();
    rules::create_asset(&mut host, eur(), "Euro".to_owned(), 2, address("bank")).unwrap();
    rules::mint(&mut host, eur(), address("alice"), 100).unwrap();
    host.act_as(address("alice"));
    let (reads, writes) = host.storage_calls();
    rules::transfer(&mut host, address("bob"), eur(), 10).unwrap();
    assert_eq!(host.storage_calls(), (reads + 2, writes + 2));
}
