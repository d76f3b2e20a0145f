//! Compares a genesis with the one that cards and a base make.

use std::collections::BTreeMap;

use ehb_types::Genesis;
use serde::Serialize;
use serde_json::Value;

use super::contents::named;

/// Each difference of a genesis from the expected one, in words; none if both are the same.
pub(crate) fn differences(found: &Genesis, expected: &Genesis) -> Vec<String> {
    let mut list = Differences(Vec::new());
    let head = |genesis: &Genesis| {
        let mut head = BTreeMap::new();
        head.insert("the chain id".to_owned(), json(&genesis.chain_id));
        head.insert("the network".to_owned(), json(&genesis.network));
        head.insert("the time".to_owned(), json(&genesis.timestamp_ms));
        head
    };
    list.values(head(found), head(expected));
    let parameters = |genesis: &Genesis| {
        let named = named(&genesis.parameters).into_iter();
        named.map(|(name, value)| (format!("the parameter {name}"), value)).collect()
    };
    list.values(parameters(found), parameters(expected));
    list.items("validator", |it: &Genesis| by(&it.validators, |it| &it.name), found, expected);
    list.items("observer", |it: &Genesis| by(&it.observers, |it| &it.name), found, expected);
    list.items("account", |it: &Genesis| by(&it.accounts, |it| &it.address), found, expected);
    list.items("module", |it: &Genesis| by(&it.modules, |it| &it.name), found, expected);
    let calls = |genesis: &Genesis| {
        let calls = genesis.calls.iter().enumerate();
        calls.map(|(place, call)| ((place + 1).to_string(), vec![json(call)])).collect()
    };
    list.items("call", calls, found, expected);
    if list.0.is_empty() && found.hash() != expected.hash() {
        list.0.push("the order of validators, observers, accounts or modules differs".to_owned());
    }
    list.0
}

/// Items by name. Observers can share one.
type Items = BTreeMap<String, Vec<Value>>;

struct Differences(Vec<String>);

impl Differences {
    fn items(
        &mut self,
        kind: &str,
        items: impl Fn(&Genesis) -> Items,
        found: &Genesis,
        expected: &Genesis,
    ) {
        let (found, mut expected) = (items(found), items(expected));
        for (name, found) in found {
            let expected = expected.remove(&name).unwrap_or_default();
            match (&found[..], &expected[..]) {
                (_, []) => self.0.push(format!(
                    "the {kind} {name} is in the genesis, and in no card or base: {}",
                    shown(&found)
                )),
                ([Value::Object(found)], [Value::Object(expected)]) => {
                    let named = |fields: &serde_json::Map<String, Value>| {
                        let fields = fields.clone().into_iter();
                        fields
                            .map(|(field, it)| (format!("{field} of the {kind} {name}"), it))
                            .collect()
                    };
                    self.values(named(found), named(expected));
                }
                _ if found == expected => {}
                _ => self.0.push(format!(
                    "the {kind} {name} is {} in the genesis, {} by cards and base",
                    shown(&found),
                    shown(&expected)
                )),
            }
        }
        for name in expected.into_keys() {
            self.0.push(format!("the {kind} {name} of cards or base is not in the genesis"));
        }
    }

    fn values(&mut self, found: BTreeMap<String, Value>, mut expected: BTreeMap<String, Value>) {
        for (name, found) in found {
            let expected = expected.remove(&name).unwrap_or_default();
            if found != expected {
                self.0.push(format!(
                    "{name} is {found} in the genesis, {expected} by cards and base"
                ));
            }
        }
        for (name, expected) in expected {
            self.0.push(format!("{name} is missing in the genesis, {expected} by cards and base"));
        }
    }
}

fn by<T: Serialize, N: ToString>(items: &[T], name: impl Fn(&T) -> &N) -> Items {
    let mut found = Items::new();
    for item in items {
        found.entry(name(item).to_string()).or_default().push(json(item));
    }
    found
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn shown(items: &[Value]) -> String {
    items.iter().map(Value::to_string).collect::<Vec<_>>().join(" and ")
}
