//! All methods as one table, which is made from their traits when this crate is built.

use ehb_types::Code;

/// What a call costs the node, and so what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
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
    /// A subscription, which needs a WebSocket.
    Subscription,
}

/// A parameter of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type, as the trait names it.
    pub kind: &'static str,
    /// Whether it must be given.
    pub is_required: bool,
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// What a call costs the node.
    pub cost: Cost,
    /// Its parameters, in their order.
    pub parameters: &'static [Parameter],
    /// What it does and returns, in Markdown.
    pub documentation: &'static str,
    /// Parameters of a call, as a JSON object.
    pub example: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

impl Method {
    /// The method with a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        let at = METHODS.binary_search_by(|method| method.name.cmp(name)).ok()?;
        METHODS.get(at)
    }

    /// The codes that the documentation names.
    pub fn errors(&self) -> Vec<Code> {
        let is_named = |code: &&Code| self.documentation.contains(&format!("`{code}`"));
        Code::ALL.iter().filter(is_named).copied().collect()
    }

    /// How a call of it looks.
    pub fn signature(&self) -> String {
        let parameters = self.parameters.iter().map(|it| {
            let optional = if it.is_required { "" } else { "?" };
            format!("{}{optional}: {}", it.name, it.kind)
        });
        format!("{}({})", self.name, parameters.collect::<Vec<_>>().join(", "))
    }
}
