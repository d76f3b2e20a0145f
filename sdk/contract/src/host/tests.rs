//! The host in memory behaves as the chain's.

use crate::{Address, Emit, Hash, Host, Item, module_address, trap};

const TOTAL: Item<u64> = Item::new(b't');

#[derive(Clone, Debug, PartialEq)]
struct Added(u64);

impl Emit for Added {
    fn emit(&self) {}
}

fn add(host: &mut Host, amount: u64) -> Result<u64, &'static str> {
    let total = TOTAL.get(host).unwrap_or(0) + amount;
    TOTAL.set(host, &total);
    host.emit(Added(amount));
    if total > 10 { Err("too much") } else { Ok(total) }
}

#[test]
fn a_refused_call_leaves_nothing_behind() {
    let mut host = Host::new();
    assert_eq!(host.call(|host| add(host, 7)), Ok(7));
    assert_eq!(host.call(|host| add(host, 7)), Err("too much"));
    assert_eq!(TOTAL.get(&host), Some(7));
    assert_eq!(host.events::<Added>(), [Added(7)]);
    assert_eq!(host.storage_calls(), (3, 2));
}

#[test]
fn accounts_and_roles_are_as_they_were_set() {
    let (alice, market) = (Address::from_bytes(&[1; 32]), Address::from_bytes(&[2; 32]));
    let mut host = Host::new();
    assert!(!host.is_active(alice));
    assert!(!host.is_registered(alice));
    assert_eq!(host.organisation(alice), None);
    host.register(alice, "acme");
    host.grant(alice, "issuer");
    assert!(host.is_active(alice));
    assert!(host.has_role(alice, "issuer"));
    assert!(!host.has_role(alice, "arbiter"));
    assert_eq!(host.organisation(alice), Some("acme".to_owned()));
    host.set_frozen(alice, true);
    assert!(!host.is_active(alice));
    assert!(host.is_registered(alice));

    host.install(market);
    assert!(host.is_active(market));
    assert!(!host.has_role(market, "issuer"));
}

#[test]
fn calls_come_from_accounts_and_through_modules() {
    let (alice, market) = (Address::from_bytes(&[1; 32]), Address::from_bytes(&[2; 32]));
    let mut host = Host::new();
    host.act_as(alice);
    assert_eq!((host.sender(), host.caller(), host.caller_module()), (alice, alice, None));
    host.act_through("market", market, alice);
    let name = Some("market".to_owned());
    assert_eq!((host.sender(), host.caller(), host.caller_module()), (alice, market, name));
    host.set_self_address(market);
    host.set_block(7, 1_000);
    host.set_transaction_id(Hash::from_bytes(&[9; 32]));
    assert_eq!(host.self_address(), market);
    assert_eq!((host.height(), host.time_ms()), (7, 1_000));
    assert_eq!(host.transaction_id().to_bytes(), [9; 32]);
}

#[test]
fn hashes_are_those_of_module_data() {
    let expected = ehb_crypto::hash(ehb_crypto::Domain::ModuleData, b"abc");
    assert_eq!(Host::new().sha256(b"abc").to_bytes(), expected.0);
}

#[test]
fn words_are_big_endian() {
    let mut bytes = [0; 32];
    bytes[7] = 1;
    bytes[31] = 2;
    let address = Address::from_bytes(&bytes);
    assert_eq!(address, Address { a: 1, b: 0, c: 0, d: 2 });
    assert_eq!(address.to_bytes(), bytes);
}

#[test]
#[should_panic(expected = "trap: impossible")]
fn a_trap_ends_the_call() {
    trap("impossible")
}

#[test]
fn modules_call_each_other_with_states_of_their_own() {
    let alice = Address::from_bytes(&[1; 32]);
    let mut host = Host::for_module("shop");
    host.register(alice, "acme");
    host.act_as(alice);
    assert_eq!(host.call_module("bank", |host| add(host, 1)), Ok(1));
    assert_eq!(host.call(|host| add(host, 7)), Ok(7));
    let seen = host.enter_module("bank", |host| {
        add(host, 2)?;
        let caller = (host.sender(), host.caller(), host.caller_module());
        Ok::<_, &str>((caller, host.self_address(), host.is_active(host.caller())))
    });
    let (shop, bank) = (module_address("shop"), module_address("bank"));
    assert_eq!(seen, Ok(((alice, shop, Some("shop".to_owned())), bank, true)));
    assert_eq!((host.caller(), host.self_address()), (alice, shop));
    assert_eq!(TOTAL.get(&host), Some(7));
    let total = |host: &mut Host| {
        host.enter_module("bank", |host| Ok::<_, ()>(TOTAL.get(host).unwrap())).unwrap()
    };
    assert_eq!(total(&mut host), 3);

    // A callee's effects are undone with its own error, and with its caller's.
    assert_eq!(host.enter_module("bank", |host| add(host, 9)), Err("too much"));
    assert_eq!(total(&mut host), 3);
    let refused = host.call(|host| {
        host.enter_module("bank", |host| add(host, 2))?;
        Err::<(), _>("changed my mind")
    });
    assert_eq!(refused, Err("changed my mind"));
    assert_eq!(total(&mut host), 3);
    assert_eq!(host.events::<Added>(), [Added(1), Added(7), Added(2)]);
}

#[test]
#[should_panic(expected = "cannot be entered")]
fn a_module_that_waits_is_not_entered() {
    let mut host = Host::for_module("shop");
    let _: Result<(), ()> = host.enter_module("bank", |host| host.enter_module("shop", |_| Ok(())));
}
