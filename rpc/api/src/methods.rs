//! All methods as one table, generated from their traits when this crate is built.

use ehb_types::Code;

use crate::{
    BLOCKS_PER_ANSWER_MAX, CANONICAL_PART_BYTES_MAX, FOLLOW_AHEAD_HEIGHTS_MAX,
    GENESIS_PART_BYTES_MAX, SUBMIT_BATCH_TRANSACTIONS_MAX, WAIT_DEFAULT_MS, WAIT_MAX_MS,
};

/// The class of work that a call causes on the node, which decides the queue that it waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Microseconds; answered without a queue.
    Light,
    /// A few reads of the database.
    Read,
    /// Reads and encodes a whole block, or a similar amount of data.
    Block,
    /// Executes modules.
    Execution,
    /// Waits for a transaction, and then reads.
    Wait,
    /// A subscription, which needs a WebSocket.
    Subscription,
}

/// A parameter of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type as written in the trait.
    pub kind: &'static str,
    /// Whether it must be given.
    pub is_required: bool,
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The class of work that a call causes.
    pub cost: Cost,
    /// Its parameters, in their order.
    pub parameters: &'static [Parameter],
    /// The type of its result as written in the trait; of a subscription, the type of its id.
    pub result: &'static str,
    /// The type of a subscription's messages as written in the trait.
    pub item: Option<&'static str>,
    /// What it does and returns, in Markdown.
    pub documentation: &'static str,
    /// Parameters of a call, as a JSON object. `@` begins the name of a value of the chain from which the documentation has its
    /// examples (`testnet/devnet/tests/devnet/examples.rs`).
    pub example: &'static str,
}

/// The limits that the documentation names, with their values.
const LIMITS: [(&str, u64); 7] = [
    ("CANONICAL_PART_BYTES_MAX", CANONICAL_PART_BYTES_MAX as u64),
    ("BLOCKS_PER_ANSWER_MAX", BLOCKS_PER_ANSWER_MAX),
    ("FOLLOW_AHEAD_HEIGHTS_MAX", FOLLOW_AHEAD_HEIGHTS_MAX),
    ("GENESIS_PART_BYTES_MAX", GENESIS_PART_BYTES_MAX as u64),
    ("SUBMIT_BATCH_TRANSACTIONS_MAX", SUBMIT_BATCH_TRANSACTIONS_MAX as u64),
    ("WAIT_DEFAULT_MS", WAIT_DEFAULT_MS),
    ("WAIT_MAX_MS", WAIT_MAX_MS),
];

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

impl Method {
    /// The method with a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        let at = METHODS.binary_search_by(|method| method.name.cmp(name)).ok()?;
        METHODS.get(at)
    }

    /// Whether a call changes nothing, so that a client loses nothing if its answer is dropped.
    pub fn is_read(&self) -> bool {
        !self.name.starts_with("tx_submit")
    }

    /// The documentation with the values of the limits that it names.
    pub fn description(&self) -> String {
        LIMITS.iter().fold(self.documentation.to_owned(), |text, (name, value)| {
            text.replace(&format!("`{name}`"), &value.to_string())
        })
    }

    /// The error codes that the documentation mentions, or that of a method to which it refers: "as in `tx_get`", "those
    /// of `tx_get`".
    pub fn errors(&self) -> Vec<Code> {
        let refers = |other: &&Self| {
            let references = ["as in", "those of"].map(|it| format!("{it} `{}`", other.name));
            other.name != self.name && references.iter().any(|it| self.text().contains(it))
        };
        let referred = METHODS.iter().filter(refers);
        let texts: Vec<String> = referred.map(Self::text).chain([self.text()]).collect();
        let is_named = |code: &&Code| texts.iter().any(|text| text.contains(&format!("`{code}`")));
        Code::ALL.iter().filter(is_named).copied().collect()
    }

    /// The documentation in one line.
    fn text(&self) -> String {
        self.documentation.replace('\n', " ")
    }

    /// Its name with parameters and their types.
    pub fn signature(&self) -> String {
        let parameters = self.parameters.iter().map(|it| {
            let optional = if it.is_required { "" } else { "?" };
            format!("{}{optional}: {}", it.name, it.kind)
        });
        format!("{}({})", self.name, parameters.collect::<Vec<_>>().join(", "))
    }
}
