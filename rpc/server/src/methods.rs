//! What the server must know of a method before the library calls it: what it costs, and which parameters it
//! has.
//!
//! The library reads the parameters that it knows and passes over the rest; here the rest is refused, since a
//! misspelt parameter would otherwise count as left out. The traits of `ehb-rpc-api` say nothing of costs and
//! don't show their parameters, so this is a second list; a test compares it with them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits::{ANSWER_BYTES_MAX, SHARED_BYTES_MIN};

/// How much of an unknown parameter's name the error repeats, characters.
const NAME_SHOWN_CHARS_MAX: usize = 64;

/// What a call costs the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Microseconds, answered at once.
    Light,
    /// Some reads of the database.
    Read,
    /// Reading and showing a whole block, or as much.
    Block,
    /// Running modules.
    Execution,
    /// Waiting for a transaction, and then a read.
    Wait,
    /// A subscription.
    Subscription,
}

impl Cost {
    /// What is set aside of the memory before the answer is made, bytes; what it does not need is given back.
    pub(crate) fn answer_bytes(self) -> usize {
        match self {
            Self::Light | Self::Wait | Self::Subscription => 0,
            Self::Read => SHARED_BYTES_MIN,
            Self::Execution => 2 << 20,
            Self::Block => ANSWER_BYTES_MAX,
        }
    }
}

/// A method.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) cost: Cost,
    /// Its parameters, in their order.
    pub(crate) parameters: &'static [&'static str],
}

const fn method(name: &'static str, cost: Cost, parameters: &'static [&'static str]) -> Method {
    Method { name, cost, parameters }
}

/// All methods.
pub(crate) const METHODS: &[Method] = &[
    method("account_get", Cost::Read, &["address", "at"]),
    method("account_nextSequence", Cost::Light, &["address", "lane"]),
    method("chain_getBlock", Cost::Block, &["at", "detail", "fromIndex"]),
    method("chain_getBlocks", Cost::Block, &["from", "count", "detail"]),
    method("chain_getGenesis", Cost::Read, &["offset"]),
    method("chain_getHeader", Cost::Read, &["at"]),
    method("chain_getParameters", Cost::Read, &["at"]),
    method("chain_status", Cost::Light, &[]),
    method("chain_subscribeBlocks", Cost::Subscription, &["fromHeight", "detail"]),
    method("chain_unsubscribeBlocks", Cost::Light, &["subscription"]),
    method("module_call", Cost::Execution, &["module", "function", "arguments", "sender", "at"]),
    method("module_describe", Cost::Read, &["module", "at"]),
    method("module_history", Cost::Read, &["module"]),
    method("module_list", Cost::Light, &[]),
    method("state_getProof", Cost::Read, &["key", "at"]),
    method("tx_get", Cost::Read, &["id", "transaction"]),
    method("tx_getProof", Cost::Block, &["id"]),
    method("tx_getReceipt", Cost::Read, &["id"]),
    method("tx_simulate", Cost::Execution, &["transaction"]),
    method("tx_submit", Cost::Light, &["transaction"]),
    method("tx_submitBatch", Cost::Light, &["transactions"]),
    method("tx_subscribeReceipts", Cost::Subscription, &["filter", "after"]),
    method("tx_unsubscribeReceipts", Cost::Light, &["subscription"]),
    method("tx_wait", Cost::Wait, &["id", "timeoutMs", "transaction"]),
];

/// The method with a name.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

impl Method {
    /// Checks that a call gives no parameter that the method does not have. Whether those that it has are all
    /// there, and of the right kind, is for the library to see.
    pub(crate) fn check(&self, params: &str) -> Result<(), serde_json::Error> {
        serde_json::Deserializer::from_str(params).deserialize_any(Known(self))
    }
}

/// Reads an array or object of parameters, and stops at the first one that is not known.
struct Known<'a>(&'a Method);

impl Known<'_> {
    fn refuse<E: Error>(&self, parameter: &dyn fmt::Debug) -> E {
        let Method { name, parameters, .. } = self.0;
        let parameters = parameters.join(", ");
        E::custom(format_args!("{name}({parameters}) has no parameter {parameter:?}"))
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
            if count > self.0.parameters.len() {
                return Err(self.refuse(&count));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((name, IgnoredAny)) = entries.next_entry::<Cow<'de, str>, IgnoredAny>()? {
            if !self.0.parameters.contains(&&*name) {
                let shown: String = name.chars().take(NAME_SHOWN_CHARS_MAX).collect();
                return Err(self.refuse(&shown));
            }
        }
        Ok(())
    }
}
