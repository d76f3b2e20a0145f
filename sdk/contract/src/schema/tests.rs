//! Versions of a module's state, and migration.

use crate::common::Refusal;
use crate::{Address, Host, Item, Schema};

const WIDTH: Item<u64> = Item::new(b'w');

fn double(host: &mut Host) {
    let width = WIDTH.get(host).unwrap();
    WIDTH.set(host, &(width * 2));
}

fn increase(host: &mut Host) {
    let width = WIDTH.get(host).unwrap();
    WIDTH.set(host, &(width + 1));
}

const FIRST: Schema = Schema::new(&[]);
const SECOND: Schema = Schema::new(&[double]);
const THIRD: Schema = Schema::new(&[double, increase]);

fn used(schema: &Schema) -> Host {
    let mut host = Host::new();
    schema.mark(&mut host);
    WIDTH.set(&mut host, &5);
    schema.mark(&mut host);
    host
}

#[test]
fn each_step_is_taken_once() {
    let mut host = used(&FIRST);
    assert_eq!(FIRST.migrate(&mut host), Ok(()), "the same version needs nothing");
    assert_eq!(WIDTH.get(&host), Some(5));
    assert_eq!(SECOND.migrate(&mut host), Ok(()));
    assert_eq!(SECOND.migrate(&mut host), Ok(()));
    assert_eq!(WIDTH.get(&host), Some(10));
    assert_eq!(THIRD.migrate(&mut host), Ok(()));
    assert_eq!(WIDTH.get(&host), Some(11));

    let mut host = used(&FIRST);
    assert_eq!(THIRD.migrate(&mut host), Ok(()));
    assert_eq!(WIDTH.get(&host), Some(11));
}

#[test]
fn what_was_never_used_needs_no_migration() {
    let mut host = Host::new();
    assert_eq!(THIRD.migrate(&mut host), Ok(()));
    assert_eq!(WIDTH.get(&host), None);
}

#[test]
fn older_code_does_not_touch_a_newer_state() {
    let mut host = used(&THIRD);
    assert_eq!(SECOND.migrate(&mut host), Err(Refusal::UnknownVersion(3)));
}

#[test]
fn only_the_chain_migrates() {
    let mut host = used(&FIRST);
    host.act_as(Address::from_bytes(&[1; 32]));
    assert_eq!(SECOND.migrate(&mut host), Err(Refusal::NotKernel));
}
