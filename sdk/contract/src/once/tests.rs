//! Idempotency keys of calls.

use super::USES;
use crate::common::Refusal;
use crate::{Address, Host, Item, KEY_WINDOW_MS, Once, packed};

const KEYS: Once = Once::new(b'o');
const TOTAL: Item<u64> = Item::new(b't');

#[derive(Debug, PartialEq)]
enum Error {
    Key(Refusal),
    TooMuch,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Key(refusal)
    }
}

fn add(host: &mut Host, amount: u64, key: &str) -> Result<u64, Error> {
    host.call(|host| {
        KEYS.run(host, key, "add", &packed!(amount), |host| {
            let total = TOTAL.get(host).unwrap_or(0) + amount;
            TOTAL.set(host, &total);
            if total > 100 { Err(Error::TooMuch) } else { Ok(total) }
        })
    })
}

fn scene() -> Host {
    let mut host = Host::new();
    host.act_as(Address::from_bytes(&[1; 32]));
    host.set_block(1, 1_000);
    host
}

#[test]
fn a_repeated_call_has_no_effect() {
    let mut host = scene();
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    assert_eq!(add(&mut host, 3, "b"), Ok(5));
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    assert_eq!(add(&mut host, 2, ""), Ok(7));
    assert_eq!(add(&mut host, 2, ""), Ok(9));
    assert_eq!(TOTAL.get(&host), Some(9));
}

#[test]
fn a_key_is_one_callers_and_for_one_call() {
    let mut host = scene();
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    assert_eq!(add(&mut host, 3, "a"), Err(Error::Key(Refusal::KeyReused)));
    let too_long = Err(Error::Key(Refusal::out_of_range("key", 65, 0, 64)));
    assert_eq!(add(&mut host, 3, &"x".repeat(65)), too_long);
    assert_eq!(add(&mut host, 3, &"x".repeat(64)), Ok(5));
    host.act_as(Address::from_bytes(&[2; 32]));
    assert_eq!(add(&mut host, 3, "a"), Ok(8));
}

#[test]
fn users_of_a_calling_module_share_no_keys() {
    let mut host = scene();
    let [shop, alice, bob] = [7, 1, 2].map(|byte| Address::from_bytes(&[byte; 32]));
    host.act_through("shop", shop, alice);
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    host.act_through("shop", shop, bob);
    assert_eq!(add(&mut host, 2, "a"), Ok(4), "bob's call is bob's");
    assert_eq!(add(&mut host, 2, "a"), Ok(4));
    host.act_as(alice);
    assert_eq!(add(&mut host, 3, "a"), Ok(7), "what alice calls herself is another call");
}

#[test]
fn a_refused_call_leaves_its_key_free() {
    let mut host = scene();
    assert_eq!(add(&mut host, 101, "a"), Err(Error::TooMuch));
    assert_eq!(add(&mut host, 1, "a"), Ok(1));
}

#[test]
fn a_key_is_forgotten_in_time() {
    let mut host = scene();
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    host.set_block(2, 999 + KEY_WINDOW_MS);
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    host.set_block(3, 1_000 + KEY_WINDOW_MS);
    assert_eq!(add(&mut host, 2, "a"), Ok(4));
    assert_eq!(add(&mut host, 2, "a"), Ok(4));
}

#[test]
fn old_keys_do_not_pile_up() {
    let mut host = scene();
    for number in 0..9 {
        add(&mut host, 0, &format!("early {number}")).unwrap();
    }
    host.set_block(2, 1_000 + KEY_WINDOW_MS);
    for number in 0..3 {
        add(&mut host, 0, &format!("late {number}")).unwrap();
    }
    assert_eq!(host.scan(b"o", None, 100).len(), 2 * 3, "uses and times of the late keys");
}

/// The hash of the call with a key, as `docs/state.md` has it.
#[test]
fn the_call_of_a_key_has_the_documented_hash() {
    let mut host = scene();
    assert_eq!(add(&mut host, 2, "a"), Ok(2));
    let documented = ehb_crypto::hash(ehb_crypto::Domain::ModuleData, b"add\0\x02\0\0\0\0\0\0\0");
    let owner = Address::from_bytes(&[1; 32]);
    let used = KEYS.uses.get(&host, &(USES, (owner, owner, "a".into()))).unwrap();
    assert_eq!(used.call.to_bytes(), documented.0);
}
