//! Generates business: what people do with the modules that ship.
//!
//! It defines the people, their first calls, and every next step. Tests run it in the vm alone, the simulator
//! on a network under faults. Nothing here draws random numbers: a [`Step`] is four numbers, which get their
//! meaning from the current state.

mod arguments;
mod going_on;
mod names;
mod numbers;
mod opening;
mod set_up;
mod step;
mod under_way;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use names::Names;
pub use opening::{found_asset, hire, hire_for, mint, open_programme, open_shop};
pub use step::{Step, functions};
pub use under_way::{business, further_under_way, under_way};

/// The asset in which everything is paid.
pub const ASSET: &str = "EUR";

/// An asset in which nothing is paid, so that its supply can be closed and its issuer changed.
const SIDE_ASSET: &str = "PTS";

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The name; in arguments `@alice` stands for her address.
    pub name: &'static str,
    /// The organisation that its account is of.
    pub organisation: &'static str,
    /// The roles that its account has from the beginning.
    pub roles: &'static [&'static str],
}

/// Everybody.
pub const PEOPLE: [Person; 11] = [
    person("bank", "bank", &["issuer"]),
    person("admin", "platform", &["platform-admin"]),
    person("plat", "platform", &[]),
    person("sam", "acme", &["seller", "clerk", "treasurer", "certifier"]),
    person("till", "acme", &["owner"]),
    person("alice", "home", &[]),
    person("bob", "club", &[]),
    person("fast", "courier", &[]),
    person("judge", "court", &["arbiter"]),
    person("bench", "appeals", &["arbiter"]),
    person("cloud", "cloud", &["issuer"]),
];

const fn person(
    name: &'static str,
    organisation: &'static str,
    roles: &'static [&'static str],
) -> Person {
    Person { name, organisation, roles }
}

/// Somebody calls a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The name of one of [`PEOPLE`].
    pub who: &'static str,
    /// The module.
    pub module: &'static str,
    /// The function of that module.
    pub function: &'static str,
    /// The arguments by name.
    pub arguments: Value,
}

/// The longest time that anything can stay open, milliseconds: the wallet's holds expire then too.
pub const FOREVER_MS: u64 = 4_000 * 86_400_000;

/// A document that is stored nowhere.
pub fn document() -> Value {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    json!({"cid": cid, "media-type": "image/jpeg", "size": "1000"})
}

/// An order of hammers from the shop.
pub fn order(quantity: u32) -> Value {
    json!({
        "asset": ASSET,
        "lines": [{"variant": "1", "location": "1", "quantity": quantity}],
        "total-max": (1_000 * u64::from(quantity)).to_string(),
        "terms": [{"store": "1", "version": 1}],
        "settings-version": 1,
        "destination": null,
        "reference": "PO 7",
        "key": "",
    })
}

/// The rules of disputes: a registered arbiter, who gets the fee in basis points, and a minute for each step.
fn dispute_terms(fee: u16) -> Value {
    let windows = json!({
        "response-ms": "60000",
        "evidence-ms": "60000",
        "offer-ms": "60000",
        "ruling-ms": "60000",
        "appeal-ms": "60000",
    });
    json!({"arbiter": "registered", "fee": fee, "default-to-payer": 5000, "windows": windows})
}
