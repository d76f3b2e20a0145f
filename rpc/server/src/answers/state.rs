use ehb_rpc_api::{Bytes, StateKey, StateProofView, StateServer};
use jsonrpsee::core::{RpcResult, async_trait};

use super::Answers;

#[async_trait]
impl StateServer for Answers {
    async fn proof(&self, key: StateKey, height: Option<u64>) -> RpcResult<StateProofView> {
        self.run(move |views| {
            let key = key.full();
            let entry = views.backend.prove(&key, height)?;
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
