use ehb_types::{Name, Policy, Status};
use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::{At, Decimal};

/// Accounts.
#[rpc(server, client, namespace = "account")]
pub trait Account {
    /// The account at an address, in the state `at` (the head's when left out). Errors: `INVALID_REQUEST` for a
    /// text that is no address of this network, `NOT_FOUND` where no account is registered; for `at` as
    /// `state_getProof`.
    ///
    /// Cost: `read`. Example: `{"address": "ehbt1qyq", "at": 1}`.
    #[method(name = "get", param_kind = map)]
    async fn get(&self, address: String, at: Option<At>) -> RpcResult<AccountView>;

    /// The sequence that the account's next transaction in a lane must carry; transactions that
    /// wait in this node's mempool are counted. Errors as `account_get`.
    ///
    /// Cost: `light`. Example: `{"address": "ehbt1qyq", "lane": 0}`.
    #[method(name = "nextSequence", param_kind = map)]
    async fn next_sequence(&self, address: String, lane: u32) -> RpcResult<Decimal>;
}

/// A registered account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The address in bech32m.
    pub address: String,
    /// Who may act for it, in the genesis file's form.
    pub policy: Policy,
    /// The organisation that registered it.
    pub organisation: Name,
    /// Its roles, sorted.
    pub roles: Vec<Name>,
    /// Whether it may transact.
    pub status: Status,
}
