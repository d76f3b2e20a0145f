//! Answers `state_getProof` with an entry of the state and its proof.

use ehb_rpc_api::{At, Bytes, StateKey, StateProofView, StateServer};
use jsonrpsee::core::{RpcResult, async_trait};

use super::{Answers, read_state};

#[async_trait]
impl StateServer for Answers {
    async fn proof(&self, key: StateKey, at: Option<At>) -> RpcResult<StateProofView> {
        self.run(move |views| {
            let key = key.full();
            let backend = views.backend();
            let entry = read_state(backend, at, |height| backend.prove(&key, height))?;
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
