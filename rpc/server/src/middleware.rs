//! The middleware around each call of the library: shares, turns, counters, and a uniform error format.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ehb_rpc_api::{Cost, ErrorData, Method, error, error_with};
use ehb_types::Code;
use jsonrpsee::MethodResponse;
use jsonrpsee::core::middleware::{Batch, BatchEntry, Notification, RpcServiceT};
use jsonrpsee::core::server::BatchResponseBuilder;
use jsonrpsee::types::error::{INVALID_REQUEST_CODE, METHOD_NOT_FOUND_CODE};
use jsonrpsee::types::{ErrorObjectOwned, Id, Request};
use serde_json::Value;
use serde_json::value::to_raw_value;
use tokio::time::Instant;

use crate::backend::Refusal;
use crate::call_source::CallSource;
use crate::errors::{completed, wrong_parameters};
use crate::gate::refused;
use crate::limits::{ANSWER_BYTES_MAX, BATCH_ANSWER_BYTES_MAX, BATCH_SECONDS_MAX};
use crate::memory::{Share, joined};
use crate::methods::answer_bytes;
use crate::workers::Caller;

/// The part of the names of methods that end a subscription.
const UNSUBSCRIBE: &str = "_unsubscribe";

/// Passes the only parameter of a method that ends a subscription by position: the library reads it in no other way.
fn by_position(request: &mut Request<'_>) {
    let params = request.params.as_ref().map_or("[]", |params| params.get());
    // An array stays as it is.
    let Ok(named) = serde_json::from_str::<BTreeMap<String, Value>>(params) else { return };
    let values: Vec<Value> = named.into_values().collect();
    if let Ok(list) = to_raw_value(&values) {
        request.params = Some(Cow::Owned(list));
    }
}

/// The library's service for one HTTP request or one WebSocket, with our additions.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    pub(crate) service: S,
    pub(crate) source: CallSource,
}

/// An answer of this service, in the extensions of its response: it already has the final format.
#[derive(Clone, Default)]
pub(crate) struct Answered(Arc<Mutex<Option<Share>>>);

impl Answered {
    fn with(share: Option<Share>) -> Self {
        Self(Arc::new(Mutex::new(share)))
    }

    /// The share of the memory that the answer keeps until it is written.
    pub(crate) fn take(&self) -> Option<Share> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A marker in the extensions of the response that the message gets no answer.
#[derive(Clone, Copy)]
pub(crate) struct Silent;

/// The maximum length of an unknown method's name in an error.
const METHOD_SHOWN_CHARS_MAX: usize = 64;

fn shown(refusal: Refusal) -> ErrorObjectOwned {
    error(refusal.code, refusal.message)
}

impl<S> Guarded<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    /// Executes one call, and reserves memory for its answer.
    async fn one(&self, request: Request<'_>) -> (MethodResponse, Option<Share>) {
        let id = request.id().into_owned();
        let (response, share) = match self.admitted(request).await {
            Ok(answered) => answered,
            Err(error) => (MethodResponse::error(id, error), None),
        };
        self.source.resources().usage.count_call(response.is_success());
        (response, share)
    }

    async fn admitted(
        &self,
        mut request: Request<'_>,
    ) -> Result<(MethodResponse, Option<Share>), ErrorObjectOwned> {
        let (client, resources) = (self.source.client(), self.source.resources());
        let wire = self.source.wire();
        let method = self.checked(&request)?;
        if method.name.contains(UNSUBSCRIBE) {
            by_position(&mut request);
        }
        let request_bytes = request.params.as_ref().map_or(0, |params| params.get().len());
        // A long message does not wait without a share. The body of an HTTP request already has its share.
        let _request_share = match self.source.is_websocket() {
            true => resources.memory.try_share(client, wire, request_bytes).map_err(shown)?,
            false => None,
        };
        let place = match method.cost {
            Cost::Wait => client.wait(wire),
            Cost::Subscription => client.subscription(wire),
            _ => client.call(wire),
        };
        let place = place.map_err(shown)?;
        let _place = match method.cost {
            // It is kept as long as the subscription, which keeps the extensions.
            Cost::Subscription => {
                request.extensions.insert(self.source.clone());
                request.extensions.insert(Arc::new(place));
                None
            }
            _ => Some(place),
        };
        let _large = match method.cost {
            Cost::Block => Some(client.large_answer().await.map_err(shown)?),
            _ => None,
        };
        let aside = answer_bytes(method, request_bytes);
        let share = resources.memory.share(client, wire, aside).await.map_err(shown)?;
        let caller = Caller {
            client: client.clone(),
            wire: wire.clone(),
            turns: resources.turns(method.cost),
            is_short: matches!(method.cost, Cost::Light | Cost::Read),
            kept: (method.cost != Cost::Wait).then(Arc::default),
        };
        let response = caller.clone().scope(self.service.call(request)).await;
        let response = completed(response);
        // Its turn ends; the memory for the answer is waited for without one.
        drop(caller);
        let bytes = response.as_json().get().len();
        // A call that changed something is always answered: enough memory is reserved for it.
        let bytes = if method.is_read() { bytes } else { bytes.min(aside) };
        let share = resources.memory.fitted(share, client, wire, bytes).map_err(shown)?;
        Ok((response, share))
    }

    /// Executes one call of a batch, unless the calls before it took too long or their answers leave no room.
    async fn one_of_batch(
        &self,
        request: Request<'_>,
        elapsed: Duration,
        left_bytes: usize,
    ) -> (MethodResponse, Option<Share>) {
        let (id, name) = (request.id().into_owned(), request.method_name().to_owned());
        let refused = |text: &str| {
            let refused = error(Code::LimitExceeded, text);
            (MethodResponse::error(id.clone(), refused), None)
        };
        // The library would send its answer at once, and once more in the answer of the batch.
        let subscribes = Method::find(&name).is_some_and(|it| it.cost == Cost::Subscription);
        if subscribes && self.source.is_websocket() {
            let text = "a subscription is requested by a call of its own, not in a batch";
            return (MethodResponse::error(id, error(Code::InvalidRequest, text)), None);
        }
        if elapsed >= Duration::from_secs(BATCH_SECONDS_MAX) {
            return refused("the batch took too long before this call, which was not executed");
        }
        if left_bytes == 0 {
            return refused(
                "the answers before this call are too long together: it was not executed",
            );
        }
        let (response, share) = self.one(request).await;
        let is_too_long = response.as_json().get().len() > left_bytes;
        if is_too_long && Method::find(&name).is_none_or(Method::is_read) {
            return refused("the answers of the batch would be too long together with this one");
        }
        (response, share)
    }

    /// The method of a call whose parameters have known names.
    fn checked(&self, request: &Request<'_>) -> Result<&'static Method, ErrorObjectOwned> {
        if let Some(refused) = refused(request).filter(|_| self.source.is_websocket()) {
            return Err(refused);
        }
        let Some(method) = Method::find(request.method_name()) else {
            let name: String = request.method_name().chars().take(METHOD_SHOWN_CHARS_MAX).collect();
            let data = ErrorData::new(Code::InvalidRequest, format!("there is no method {name:?}"));
            return Err(error_with(METHOD_NOT_FOUND_CODE, data));
        };
        // The library would ignore unknown parameters, so that a misspelt one would count as left out, and describe
        // wrong ones in the words of Rust.
        let params = request.params.as_ref().map_or("[]", |params| params.get());
        method.check(params).map_err(|problem| wrong_parameters(&problem))?;
        let subscribes = method.cost == Cost::Subscription || method.name.contains(UNSUBSCRIBE);
        if subscribes && !self.source.is_websocket() {
            let text = "subscriptions need a WebSocket connection";
            return Err(error(Code::InvalidRequest, text));
        }
        Ok(method)
    }

    /// Passes an answer on: a WebSocket's is counted until it is written, that of HTTP keeps its share.
    fn answered(&self, response: MethodResponse, share: Option<Share>) -> MethodResponse {
        let mut response = response;
        if self.source.is_websocket() {
            self.source.wire().owe(response.as_json().get().len(), share);
        } else {
            response.extensions_mut().insert(Answered::with(share));
        }
        response
    }

    fn silent(&self, mut response: MethodResponse) -> MethodResponse {
        self.source.wire().no_answer();
        response.extensions_mut().insert(Silent);
        response
    }

    /// Executes the calls in sequence, so that they see each other's effects. Each waits for its own turn, so
    /// that a long batch does not precede others' calls. Each call has its own answer: a later one never hides
    /// what an earlier one changed.
    async fn all(&self, batch: Batch<'_>) -> MethodResponse {
        let began = Instant::now();
        let mut answers = BatchResponseBuilder::new_with_limit(BATCH_ANSWER_BYTES_MAX);
        let (mut shares, mut bytes) = (None, 0);
        if batch.is_empty() {
            let data = ErrorData::new(Code::InvalidRequest, "the batch holds no call");
            let empty = MethodResponse::error(Id::Null, error_with(INVALID_REQUEST_CODE, data));
            return self.answered(empty, None);
        }
        for entry in batch {
            let (response, share) = match entry {
                Ok(BatchEntry::Call(request)) => {
                    let left = ANSWER_BYTES_MAX.saturating_sub(bytes);
                    self.one_of_batch(request, began.elapsed(), left).await
                }
                // Not executed: an effect without an answer could not be confirmed.
                Ok(BatchEntry::Notification(_)) => continue,
                Err(bad) => {
                    let (error, id) = bad.into_parts();
                    (completed(MethodResponse::error(id, error)), None)
                }
            };
            shares = joined(shares, share);
            bytes += response.as_json().get().len();
            if answers.append(response).is_err() {
                tracing::error!("the answers of a batch are longer than they can be");
                let failed = error(Code::Internal, "the node failed to answer");
                return self.answered(MethodResponse::error(Id::Null, failed), None);
            }
        }
        if answers.is_empty() {
            return self.silent(MethodResponse::notification());
        }
        self.answered(MethodResponse::from_batch(answers.finish()), shares)
    }
}

impl<S> RpcServiceT for Guarded<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move {
            let (response, share) = this.one(request).await;
            this.answered(response, share)
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let this = self.clone();
        async move { this.all(batch).await }
    }

    fn notification<'a>(
        &self,
        _: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let response = self.silent(MethodResponse::notification());
        async move { response }
    }
}
