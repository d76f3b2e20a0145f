//! Which parameters the methods have. The library reads those that it knows and passes over the
//! rest; here the rest is refused, since a misspelt parameter would otherwise count as left out.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How much of an unknown parameter's name the error repeats, characters.
const NAME_SHOWN_CHARS_MAX: usize = 64;

/// The parameters of a method, in their order, as the traits of `ehb-rpc-api` name them.
fn of(method: &str) -> &'static [&'static str] {
    match method {
        "account_get" => &["address"],
        "account_nextSequence" => &["address", "lane"],
        "chain_getGenesis" => &["offset"],
        "chain_getBlock" => &["at", "detail"],
        "chain_getHeader" => &["at"],
        "chain_subscribeBlocks" => &["fromHeight", "withIds"],
        "module_call" => &["module", "function", "arguments", "sender"],
        "module_describe" => &["module"],
        "state_getProof" => &["key", "height"],
        "tx_get" | "tx_getProof" | "tx_getReceipt" => &["id"],
        "tx_simulate" | "tx_submit" => &["transaction"],
        "tx_submitBatch" => &["transactions"],
        "tx_subscribeReceipts" => &["filter", "after"],
        "tx_wait" => &["id", "timeoutMs"],
        "chain_unsubscribeBlocks" | "tx_unsubscribeReceipts" => &["subscription"],
        _ => &[],
    }
}

/// Checks that a call gives no parameter that its method does not have. Whether those that it has
/// are all there, and of the right kind, is for the method to see.
pub(crate) fn check(method: &str, params: &str) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(params);
    json.deserialize_any(Known { method, names: of(method) })
}

/// Reads an array or object of parameters, and stops at the first one that is not known.
struct Known<'a> {
    method: &'a str,
    names: &'static [&'static str],
}

impl Known<'_> {
    fn refuse<E: Error>(&self, parameter: &dyn fmt::Debug) -> E {
        let (method, names) = (self.method, self.names.join(", "));
        E::custom(format_args!("{method}({names}) has no parameter {parameter:?}"))
    }
}

impl<'de> Visitor<'de> for Known<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object of parameters")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0;
        while items.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
            if count > self.names.len() {
                return Err(self.refuse(&count));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((name, IgnoredAny)) = entries.next_entry::<Cow<'de, str>, IgnoredAny>()? {
            if !self.names.contains(&&*name) {
                let shown: String = name.chars().take(NAME_SHOWN_CHARS_MAX).collect();
                return Err(self.refuse(&shown));
            }
        }
        Ok(())
    }
}
