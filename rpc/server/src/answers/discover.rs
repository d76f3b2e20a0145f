//! Answers `rpc.discover` with the OpenRPC document.

use ehb_rpc_api::{DiscoverServer, OPENRPC};
use jsonrpsee::core::{RpcResult, async_trait};
use serde_json::value::RawValue;

use super::Answers;
use crate::backend::Refusal;

#[async_trait]
impl DiscoverServer for Answers {
    async fn discover(&self) -> RpcResult<Box<RawValue>> {
        self.run(|_| {
            serde_json::from_str(OPENRPC).map_err(|error| {
                tracing::error!(%error, "the document of all methods is no JSON");
                Refusal::new(ehb_types::Code::Internal, "the node has no document of its methods")
            })
        })
        .await
    }
}
