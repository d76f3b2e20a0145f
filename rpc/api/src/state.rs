//! The method `state_getProof`: its keys, and the JSON view of a proven entry.

use ehb_state::StateProof;
use ehb_types::Name;
use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::{At, Bytes};

/// Entries of the state with their proofs.
#[rpc(server, client, namespace = "state")]
pub trait State {
    /// Returns an entry, or its absence, in the state `at` (default: the head), with a proof against the
    /// state root in the header of the next height. Errors: `PRUNED` if the node no longer keeps the state of
    /// that height, `NOT_FOUND` above the head, for an unknown block hash and for a time before genesis. While the chain
    /// is idle, the header after the head comes with the next heartbeat; what is proven `at` an earlier height can be
    /// verified at once.
    ///
    /// Cost: `read`. Example: `{"key": {"module": "wallet", "key": "@balance"}, "at": 1}`.
    #[method(name = "getProof", param_kind = map)]
    async fn proof(&self, key: StateKey, at: Option<At>) -> RpcResult<StateProofView>;
}

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StateKey {
    /// The module in whose storage the key is; if left out, the key is one of the whole state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<Name>,
    /// The key.
    pub key: Bytes,
}

/// An entry of the state with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateProofView {
    /// The height of the block after which the state was read. The header of the next height contains the
    /// root.
    pub height: u64,
    /// The key in the whole state.
    pub key: Bytes,
    /// The value; `null` if there is no entry.
    pub value: Option<Bytes>,
    /// The proof of the value, or of its absence.
    pub proof: StateProof,
}

impl StateKey {
    /// The key in the whole state.
    pub fn full(&self) -> Vec<u8> {
        match &self.module {
            Some(module) => module_key(module, &self.key.0),
            None => self.key.0.clone(),
        }
    }
}

/// The key of a module's entry in the whole state: `m/`, the module's name, `/`, the module's key.
pub fn module_key(module: &Name, key: &[u8]) -> Vec<u8> {
    [b"m/", module.as_str().as_bytes(), b"/", key].concat()
}
