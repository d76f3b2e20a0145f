use ehb_types::{Hash, Name};
use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{At, BlockId, Decimal, Position, Strict};

/// The installed modules.
#[rpc(server, client, namespace = "module")]
pub trait Module {
    /// All modules, by name; among them `kernel`, which is native and is called as they are.
    ///
    /// Cost: `light`. Example: `{}`.
    #[method(name = "list")]
    async fn list(&self) -> RpcResult<Vec<ModuleSummary>>;

    /// What a module offers: its WIT with the doc comments, and its functions typed. With `at` as a block
    /// left it, by which the values in later blocks are read until the next version; at the head when it is
    /// left out. Errors: `UNKNOWN_MODULE`, `NOT_FOUND` for a block that is not decided.
    ///
    /// Cost: `read`. Example: `{"module": "wallet", "at": 1}`.
    #[method(name = "describe", param_kind = map)]
    async fn describe(&self, module: Name, at: Option<BlockId>) -> RpcResult<ModuleDescription>;

    /// All versions of the module, or of all modules when it is left out, in the order in which they were
    /// installed, with the transactions that installed and replaced them; but for `kernel`, which comes
    /// with the node. What each version offered is known for good: see `module_describe`. Errors:
    /// `UNKNOWN_MODULE` where there never was one of this name.
    ///
    /// Cost: `read`. Example: `{"module": "wallet"}`.
    #[method(name = "history", param_kind = map)]
    async fn history(&self, module: Option<Name>) -> RpcResult<Vec<ModuleVersionView>>;

    /// Calls a function that only reads, in the state `at` (the head's when left out), of the module as it was
    /// installed then. `arguments` is an object by parameter name,
    /// or an array by position. `sender` is whom the function sees as caller, where that matters.
    /// Errors: `UNKNOWN_MODULE`, `UNKNOWN_FUNCTION`, `BAD_ARGUMENTS` with the path of the wrong
    /// argument, `READ_ONLY`, `OUT_OF_GAS`, `MODULE_ERROR` with the typed error in `data.error`; for `at` as
    /// `state_getProof`.
    ///
    /// Cost: `execution`. Example: `{"module": "wallet", "function": "balance", "arguments": {"account": "ehbt1qyq"}}`.
    #[method(name = "call", param_kind = map)]
    async fn call(
        &self,
        module: Name,
        function: Name,
        arguments: Strict,
        sender: Option<String>,
        at: Option<At>,
    ) -> RpcResult<ModuleCallResult>;
}

/// A module in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleSummary {
    /// The name it is called by.
    pub name: Name,
    /// The address under which it acts, in bech32m.
    pub address: String,
    /// The hash of its code; zeros for `kernel`.
    pub code_hash: Hash,
}

/// A version of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleVersionView {
    /// The module.
    pub name: Name,
    /// The hash of its code.
    pub code_hash: Hash,
    /// The transaction that installed it: its later calls, and all after it, ran this version. Index 0 of
    /// height 0 for a module of genesis.
    pub from: Position,
    /// The transaction that replaced it; `null` while it is in force.
    pub until: Option<Position>,
}

/// What a module offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleDescription {
    /// The name it is called by.
    pub name: Name,
    /// The address under which it acts, in bech32m.
    pub address: String,
    /// The hash of its code; zeros for `kernel`.
    pub code_hash: Hash,
    /// Its WIT as text, with doc comments.
    pub wit: String,
    /// Its functions and event type, with which arguments are encoded and results decoded.
    pub interface: ehb_abi::Interface,
}

/// What a read gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleCallResult {
    /// The height after whose block this was so.
    pub height: u64,
    /// The function's result (the `ok` of a `result`); `null` for a function without one.
    pub value: Value,
    /// The gas that the call used.
    pub gas_used: Decimal,
}
