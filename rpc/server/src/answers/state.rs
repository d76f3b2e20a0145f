//! Answers `state_getProof` with an entry of the state and its proof.

use ehb_rpc_api::{At, Bytes, StateKey, StateProofView, StateServer};
use jsonrpsee::core::{RpcResult, async_trait};

use super::{Answers, state_height};

#[async_trait]
impl StateServer for Answers {
    async fn proof(&self, key: StateKey, at: Option<At>) -> RpcResult<StateProofView> {
        self.run(move |views| {
            let key = key.full();
            let entry = views.backend().prove(&key, state_height(views.backend(), at)?)?;
            Ok(StateProofView {
                height: entry.height,
                key: Bytes(key),
                value: entry.value.map(Bytes),
                proof: entry.proof,
            })
        })
        .await
    }
}
