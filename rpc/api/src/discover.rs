//! The method `rpc.discover`, and the document that it returns.

use jsonrpsee::core::RpcResult;
use jsonrpsee::proc_macros::rpc;
use serde_json::value::RawValue;

/// The OpenRPC document (version 1.3.2) of all methods, generated from the traits and views of this crate by its tests.
pub const OPENRPC: &str = include_str!("openrpc.json");

/// Service discovery of the OpenRPC specification.
#[rpc(server, client, namespace = "rpc", namespace_separator = ".")]
pub trait Discover {
    /// Returns the OpenRPC document of this node: all methods with their parameters, results, errors and examples.
    ///
    /// Cost: `block`. Example: `{}`.
    #[method(name = "discover")]
    async fn discover(&self) -> RpcResult<Box<RawValue>>;
}
