//! The methods of the namespace `module`, and the JSON views of modules, versions and call results.

use ehb_types::{Hash, Name};
use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{At, Decimal, Position, Strict};

/// Queries about and calls of the installed modules.
#[rpc(server, client, namespace = "module")]
pub trait Module {
    /// Returns all modules that were installed after the block `at` (default: the head), sorted by name, including
    /// `kernel`, which is native and is called like the others. Errors: `NOT_FOUND` for a block that is not decided.
    ///
    /// Cost: `read`. Example: `{"at": 1}`.
    #[method(name = "list", param_kind = map)]
    async fn list(&self, at: Option<At>) -> RpcResult<Vec<ModuleSummary>>;

    /// Returns the interface of a module: its WIT with doc comments, and its functions with their types. `at`
    /// selects the version that was installed after that block, with which the values in later blocks are
    /// decoded until the next version (default: the head). Errors: `UNKNOWN_MODULE`, `NOT_FOUND` for a block
    /// that is not decided.
    ///
    /// Cost: `read`. Example: `{"module": "wallet", "at": 1}`.
    #[method(name = "describe", param_kind = map)]
    async fn describe(&self, module: Name, at: Option<At>) -> RpcResult<ModuleDescription>;

    /// Returns all versions of the module, or of all modules when it is left out, in the order of their
    /// installation, with the transactions that installed and replaced or removed them. `kernel` is not included,
    /// because it is part of the node. The interface of each version stays available: see `module_describe`.
    /// Errors: `UNKNOWN_MODULE` if there never was a module of this name.
    ///
    /// Cost: `read`. Example: `{"module": "wallet"}`.
    #[method(name = "history", param_kind = map)]
    async fn history(&self, module: Option<Name>) -> RpcResult<Vec<ModuleVersionView>>;

    /// Calls a read-only function in the state `at` (default: the head), of the module version that was
    /// installed then. `arguments` is an object by parameter name, or an array by position. `sender` is the
    /// caller that the function sees, if it depends on one. Errors: `UNKNOWN_MODULE`, `UNKNOWN_FUNCTION`,
    /// `BAD_ARGUMENTS` with the path of the wrong argument, `READ_ONLY`, `OUT_OF_GAS`, `TRAP`, `PERMISSION_DENIED`,
    /// `CALL_DEPTH`, `REENTRANCY`, `STATE_LIMIT`, `MODULE_ERROR` with the typed error in `data.error`; for `at` as in
    /// `state_getProof`.
    ///
    /// Cost: `execution`. Example: `{"module": "wallet", "function": "get-balance", "arguments": {"account": "@alice", "asset": "EUR"}}`.
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
    /// The name by which it is called.
    pub name: Name,
    /// The address of the module, in bech32m.
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
    /// The transaction that installed it. The later calls of that transaction, and all later transactions,
    /// ran this version. Index 0 of height 0 for a module of genesis.
    pub from: Position,
    /// The transaction that replaced it or removed the module; `null` while it is in force.
    pub until: Option<Position>,
}

/// The interface of a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleDescription {
    /// The name by which it is called.
    pub name: Name,
    /// The address of the module, in bech32m.
    pub address: String,
    /// The hash of its code; zeros for `kernel`.
    pub code_hash: Hash,
    /// Its WIT as text, with doc comments.
    pub wit: String,
    /// Its functions and event type, used to encode arguments and to decode results and events.
    pub interface: ehb_abi::Interface,
}

/// The result of a read-only call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleCallResult {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The function's result (the `ok` of a `result`); `null` for a function without one.
    pub value: Value,
    /// The gas that the call used.
    pub gas_used: Decimal,
}
