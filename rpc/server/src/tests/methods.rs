//! The list of methods against the traits: their servers say which methods there are, and their clients send all
//! parameters by name.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ehb_rpc_api::{
    AccountClient, Base64, Bytes, ChainClient, ModuleClient, ReceiptFilter, StateClient, StateKey,
    Strict, TransactionClient,
};
use ehb_types::{Hash, Name};
use futures::FutureExt;
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::{BatchResponse, ClientT, Subscription, SubscriptionClientT};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::core::traits::ToRpcParams;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::methods::METHODS;

/// A client that answers nothing and remembers what it was to send.
#[derive(Default)]
struct Recorder(Mutex<BTreeMap<String, Vec<String>>>);

impl Recorder {
    fn record(&self, method: &str, params: impl ToRpcParams) -> ClientError {
        let json = params.to_rpc_params().unwrap();
        let object: serde_json::Map<String, Value> =
            json.map(|json| serde_json::from_str(json.get()).unwrap()).unwrap_or_default();
        let names = object.into_iter().map(|(name, _)| name).collect();
        self.0.lock().unwrap().insert(method.to_owned(), names);
        ClientError::Custom("recorded".to_owned())
    }
}

impl ClientT for Recorder {
    fn notification<P>(
        &self,
        method: &str,
        params: P,
    ) -> impl Future<Output = Result<(), ClientError>> + Send
    where
        P: ToRpcParams + Send,
    {
        std::future::ready(Err(self.record(method, params)))
    }

    fn request<R, P>(
        &self,
        method: &str,
        params: P,
    ) -> impl Future<Output = Result<R, ClientError>> + Send
    where
        R: DeserializeOwned,
        P: ToRpcParams + Send,
    {
        let error = self.record(method, params);
        async { Err(error) }
    }

    #[expect(clippy::manual_async_fn, reason = "the trait asks for Send")]
    fn batch_request<'a, R>(
        &self,
        _: BatchRequestBuilder<'a>,
    ) -> impl Future<Output = Result<BatchResponse<'a, R>, ClientError>> + Send
    where
        R: DeserializeOwned + std::fmt::Debug + 'a,
    {
        async { Err(ClientError::Custom("no batch was to be sent".to_owned())) }
    }
}

impl SubscriptionClientT for Recorder {
    fn subscribe<'a, N, P>(
        &self,
        method: &'a str,
        params: P,
        _: &'a str,
    ) -> impl Future<Output = Result<Subscription<N>, ClientError>> + Send
    where
        P: ToRpcParams + Send,
        N: DeserializeOwned,
    {
        let error = self.record(method, params);
        async { Err(error) }
    }

    #[expect(clippy::manual_async_fn, reason = "the trait asks for Send")]
    fn subscribe_to_method<N>(
        &self,
        _: &str,
    ) -> impl Future<Output = Result<Subscription<N>, ClientError>> + Send
    where
        N: DeserializeOwned,
    {
        async { Err(ClientError::Custom("no method was to be followed".to_owned())) }
    }
}

/// Calls every method with every parameter.
fn call_all(recorder: &Recorder) {
    let (id, bytes) = (Hash([1; 32]), || Base64(Vec::new()));
    let name = || Name::new("wallet").unwrap();
    let text = String::new;
    let _ = AccountClient::get(recorder, text(), None).now_or_never();
    let _ = AccountClient::next_sequence(recorder, text(), 0).now_or_never();
    let _ = ChainClient::status(recorder).now_or_never();
    let _ = ChainClient::parameters(recorder, None).now_or_never();
    let _ = ChainClient::genesis(recorder, None).now_or_never();
    let _ = ChainClient::block(recorder, None, None, None).now_or_never();
    let _ = ChainClient::blocks(recorder, 1, None, None).now_or_never();
    let _ = ChainClient::header(recorder, None).now_or_never();
    let _ = ChainClient::subscribe_blocks(recorder, None, None).now_or_never();
    let _ = ModuleClient::list(recorder).now_or_never();
    let _ = ModuleClient::describe(recorder, name(), None).now_or_never();
    let _ = ModuleClient::history(recorder, None).now_or_never();
    let arguments = Strict(Value::Null);
    let _ = ModuleClient::call(recorder, name(), name(), arguments, None, None).now_or_never();
    let key = StateKey { module: None, key: Bytes(Vec::new()) };
    let _ = StateClient::proof(recorder, key, None).now_or_never();
    let _ = TransactionClient::submit(recorder, bytes()).now_or_never();
    let _ = TransactionClient::submit_batch(recorder, Vec::new()).now_or_never();
    let _ = TransactionClient::get(recorder, id, None).now_or_never();
    let _ = TransactionClient::receipt(recorder, id).now_or_never();
    let _ = TransactionClient::wait(recorder, id, None, None).now_or_never();
    let _ = TransactionClient::simulate(recorder, bytes()).now_or_never();
    let _ = TransactionClient::proof(recorder, id).now_or_never();
    let filter = Some(ReceiptFilter::default());
    let _ = TransactionClient::subscribe_receipts(recorder, filter, None).now_or_never();
}

#[test]
fn the_list_of_methods_is_that_of_the_traits() {
    let recorder = Recorder::default();
    call_all(&recorder);
    let recorded = recorder.0.into_inner().unwrap();
    for (method, mut names) in recorded.clone() {
        let listed = METHODS.iter().find(|it| it.name == method);
        let listed = listed.unwrap_or_else(|| panic!("{method} is not listed"));
        let mut parameters: Vec<&str> = listed.parameters.to_vec();
        parameters.sort_unstable();
        names.sort_unstable();
        assert_eq!(names, parameters, "{method}");
    }
    let unsubscribe = ["chain_unsubscribeBlocks", "tx_unsubscribeReceipts"];
    let mut all: Vec<&str> = recorded.keys().map(String::as_str).chain(unsubscribe).collect();
    all.sort_unstable();
    let listed: Vec<&str> = METHODS.iter().map(|it| it.name).collect();
    assert_eq!(listed, all);
}
