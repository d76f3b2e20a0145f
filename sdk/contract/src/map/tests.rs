//! Maps in a module's state: entries, scans and keys.

use proptest::prelude::*;

use crate::{Address, Host, Item, Key, Map, Pack, earlier};

const NAMES: Map<u64, String> = Map::new(b'n');
const SHARES: Map<(Address, String), u64> = Map::new(b's');
const TOTAL: Item<u64> = Item::new(b't');

#[test]
fn entries_are_written_read_and_removed() {
    let mut host = Host::new();
    assert_eq!(NAMES.get(&host, &1), None);
    NAMES.set(&mut host, &1, &"one".to_owned());
    assert_eq!(NAMES.get(&host, &1), Some("one".to_owned()));
    assert!(NAMES.contains(&host, &1));
    NAMES.remove(&mut host, &1);
    NAMES.remove(&mut host, &1);
    assert!(!NAMES.contains(&host, &1));

    assert_eq!(TOTAL.get(&host), None);
    TOTAL.set(&mut host, &5);
    assert_eq!(TOTAL.get(&host), Some(5));
}

#[test]
fn scans_come_in_order_and_in_pages() {
    let mut host = Host::new();
    for number in [300, 2, 1, 256, 255] {
        NAMES.set(&mut host, &number, &number.to_string());
    }
    TOTAL.set(&mut host, &0);
    let numbers = |host: &Host, after: Option<u64>, limit| -> Vec<u64> {
        NAMES.scan(host, after.as_ref(), limit).into_iter().map(|(number, _)| number).collect()
    };
    assert_eq!(numbers(&host, None, 10), [1, 2, 255, 256, 300]);
    assert_eq!(numbers(&host, None, 2), [1, 2]);
    assert_eq!(numbers(&host, Some(2), 2), [255, 256]);
    assert_eq!(numbers(&host, Some(100), 1), [255]);
    assert_eq!(numbers(&host, Some(300), 1), [0; 0]);
    assert_eq!(numbers(&host, None, 0), [0; 0]);
}

#[test]
fn scans_stay_under_the_first_part_of_a_key() {
    let mut host = Host::new();
    let (alice, bob) = (Address::from_bytes(&[1; 32]), Address::from_bytes(&[2; 32]));
    for (who, what) in [(alice, "b"), (alice, "aa"), (alice, "a"), (bob, "a")] {
        SHARES.set(&mut host, &(who, what.to_owned()), &1);
    }
    let of = |who, after: Option<&str>| -> Vec<String> {
        let after = after.map(str::to_owned);
        let found = SHARES.scan_under(&host, &who, after.as_ref(), 10);
        found.into_iter().map(|(what, _)| what).collect()
    };
    assert_eq!(of(alice, None), ["a", "aa", "b"]);
    assert_eq!(of(alice, Some("a")), ["aa", "b"]);
    assert_eq!(of(bob, None), ["a"]);
}

#[test]
fn scans_stay_under_two_parts_of_a_key() {
    const LINES: Map<(u32, u8, String), u64> = Map::new(b'l');
    let mut host = Host::new();
    for (order, line, text) in [(1, 2, "b"), (1, 1, "a"), (1, 2, "a"), (2, 1, "a")] {
        LINES.set(&mut host, &(order, line, text.to_owned()), &1);
    }
    let found = LINES.scan_under(&host, &(1, 2), None, 10);
    assert_eq!(found, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    let found = LINES.scan_under(&host, &(1, 2), Some(&"a".to_owned()), 10);
    assert_eq!(found, [("b".to_owned(), 1)]);
    let found = LINES.scan_under_first(&host, &1, Some(&(1, "a".to_owned())), 1);
    assert_eq!(found, [((2, "a".to_owned()), 1)]);
}

#[test]
#[should_panic(expected = "a state entry does not hold what the module expects")]
fn a_value_of_another_type_traps() {
    let mut host = Host::new();
    Map::<u64, u8>::new(b'n').set(&mut host, &1, &0);
    NAMES.get(&host, &1);
}

#[test]
#[should_panic(expected = "the key is longer than the chain stores")]
fn a_key_that_is_too_long_traps() {
    let mut host = Host::new();
    SHARES.set(&mut host, &(Address::default(), "x".repeat(224)), &1);
}

#[test]
#[should_panic(expected = "the value is longer than the chain stores")]
fn a_value_that_is_too_long_traps() {
    let mut host = Host::new();
    NAMES.set(&mut host, &1, &"x".repeat(65_533));
}

proptest! {
    /// The bytes of keys sort as the keys do, and give the keys back.
    #[test]
    fn keys_sort_as_their_bytes(
        a in any::<(u32, [u8; 32], String)>(),
        b in any::<(u32, [u8; 32], String)>(),
    ) {
        let key = |(number, address, text): (u32, [u8; 32], String)| {
            ((number, Address::from_bytes(&address)), text)
        };
        let bytes = |key: &((u32, Address), String)| {
            let mut bytes = Vec::new();
            key.write(&mut bytes);
            bytes
        };
        let (a, b) = (key(a), key(b));
        prop_assert_eq!(a.cmp(&b), bytes(&a).cmp(&bytes(&b)));
        prop_assert_eq!(Key::read(&bytes(&a)), Some(a));
    }
}

/// An order as version 1 stored it.
#[derive(Pack)]
struct OrderOf1 {
    amount: u64,
}

/// As version 2 did.
#[derive(Pack)]
struct OrderOf2 {
    amount: u64,
    fee: u16,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Pack)]
struct Order {
    amount: u64,
    fee: u16,
    buyer: String,
}

impl From<OrderOf1> for Order {
    fn from(OrderOf1 { amount }: OrderOf1) -> Self {
        Self { amount, fee: 250, buyer: "unknown".to_owned() }
    }
}

impl From<OrderOf2> for Order {
    fn from(OrderOf2 { amount, fee }: OrderOf2) -> Self {
        Self { amount, fee, buyer: "unknown".to_owned() }
    }
}

const ORDERS_OF_1: Map<u64, OrderOf1> = Map::new(b'o');
const ORDERS_OF_2: Map<u64, OrderOf2> = Map::with_earlier(
    b'o',
    &[|bytes| {
        let OrderOf1 { amount } = OrderOf1::unpack(bytes)?;
        Some(OrderOf2 { amount, fee: 250 })
    }],
);
const ORDERS: Map<u64, Order> =
    Map::with_earlier(b'o', &[earlier::<OrderOf1, Order>, earlier::<OrderOf2, Order>]);

fn stored(host: &Host) -> Vec<u8> {
    host.scan(b"o", None, 10).iter().map(|(_, value)| value[0]).collect()
}

#[test]
fn values_of_earlier_releases_are_read_and_rewritten_when_next_written() {
    let mut host = Host::new();
    ORDERS_OF_1.set(&mut host, &1, &OrderOf1 { amount: 10 });
    ORDERS_OF_1.set(&mut host, &2, &OrderOf1 { amount: 20 });
    ORDERS_OF_2.set(&mut host, &3, &OrderOf2 { amount: 30, fee: 7 });
    assert_eq!(stored(&host), [1, 1, 2]);

    let order = |amount, fee| Order { amount, fee, buyer: "unknown".to_owned() };
    let all = [(1, order(10, 250)), (2, order(20, 250)), (3, order(30, 7))];
    assert_eq!(ORDERS.scan(&host, None, 10), all);
    assert_eq!(stored(&host), [1, 1, 2], "reading writes nothing");

    let entry = ORDERS.entry(&1);
    let read = entry.get(&host).unwrap();
    entry.set(&mut host, &Order { buyer: "bob".to_owned(), ..read });
    assert_eq!(ORDERS.get(&host, &1).unwrap().buyer, "bob");
    assert_eq!(stored(&host), [3, 1, 2]);
}

#[test]
#[should_panic(expected = "a state entry does not hold what the module expects")]
fn older_code_does_not_misread_a_newer_layout() {
    let mut host = Host::new();
    ORDERS.set(&mut host, &1, &Order { amount: 1, fee: 1, buyer: String::new() });
    assert!(ORDERS_OF_2.get(&host, &1).is_some());
}

#[test]
fn an_index_can_get_values() {
    const INDEX: Map<u64, ()> = Map::new(b'i');
    const RANKED: Map<u64, u8> = Map::with_earlier(b'i', &[|_| Some(9)]);
    let mut host = Host::new();
    INDEX.set(&mut host, &1, &());
    assert_eq!(host.scan(b"i", None, 1)[0].1, [0; 0], "nothing has no layout");
    assert_eq!(RANKED.get(&host, &1), Some(9));
    RANKED.set(&mut host, &1, &3);
    assert_eq!(RANKED.get(&host, &1), Some(3));
}

#[test]
fn all_entries_are_more_than_one_scan_returns() {
    const COUNT: u64 = crate::SCAN_ENTRIES_MAX as u64 + 1;
    let mut host = Host::new();
    (0..COUNT).for_each(|id| NAMES.set(&mut host, &id, &id.to_string()));
    assert_eq!(NAMES.keys(&host), (0..COUNT).collect::<Vec<_>>());
    assert!(NAMES.all(&host).iter().all(|(id, name)| id.to_string() == *name));
}
