//! The methods of the namespace `account`, and the JSON view of an account.

use ehb_types::{Name, Policy, RoleName, Status};
use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::{At, Decimal};

/// Queries about accounts.
#[rpc(server, client, namespace = "account")]
pub trait Account {
    /// Returns the account at an address, in the state `at` (default: the head). Errors: `INVALID_REQUEST`
    /// for a text that is not an address of this network, `UNKNOWN_SENDER` if no account is registered there in that
    /// state; for `at` as in `state_getProof`.
    ///
    /// Cost: `read`. Example: `{"address": "@alice", "at": 1}`.
    #[method(name = "get", param_kind = map)]
    async fn get(&self, address: String, at: Option<At>) -> RpcResult<AccountView>;

    /// Returns the sequence that the account's next transaction in a lane must have, counting the
    /// transactions that are pending in this node's mempool. Errors as in `account_get`.
    ///
    /// Cost: `light`. Example: `{"address": "@alice", "lane": 0}`.
    #[method(name = "nextSequence", param_kind = map)]
    async fn next_sequence(&self, address: String, lane: u32) -> RpcResult<Decimal>;
}

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    /// Its name, such as `clerk`, or `clerk@marketplace` for one that counts in this module alone.
    pub role: RoleName,
    /// The block time from which the account does not have it any more, milliseconds since 1970; `null` if it does
    /// not end.
    pub until_ms: Option<u64>,
}

/// A registered account in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The address in bech32m.
    pub address: String,
    /// The policy that defines whose signatures authorise its transactions, in the format of the genesis
    /// file.
    pub policy: Policy,
    /// The organisation that registered it.
    pub organisation: Name,
    /// Its roles, ascending by name; some may have ended.
    pub roles: Vec<RoleView>,
    /// Whether it can send transactions.
    pub status: Status,
}
