//! Carries out the calls of a message and writes the answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ehb_rpc_api::{ErrorData, error, error_with};
use ehb_types::Code;
use jsonrpsee::core::traits::IdProvider;
use jsonrpsee::types::error::{
    INVALID_PARAMS_CODE, METHOD_NOT_FOUND_CODE, OVERSIZED_RESPONSE_CODE,
};
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned, Id, Params, SubscriptionId};
use jsonrpsee::{
    BoundedSubscriptions, ConnectionId, Extensions, MethodCallback, MethodResponse, MethodSink,
    Methods, SubscriptionState,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::budget::{AnswerBudget, Share};
use crate::limits::{
    ANSWER_BYTES_MAX, BATCH_SECONDS_MAX, SESSION_SUBSCRIPTIONS_MAX, SUBSCRIPTION_MESSAGES_MAX,
};
use crate::message::{BadCall, Call, Message, read, shortened};
use crate::parameters;

/// The messages of one subscription, ready to be sent.
pub(crate) type Notices = mpsc::Receiver<Box<RawValue>>;

/// What a message leads to.
#[derive(Default)]
pub(crate) struct Answer {
    /// What is sent back; none when nothing but notifications came in.
    pub(crate) json: Option<String>,
    /// The subscriptions that began.
    pub(crate) subscriptions: Vec<Notices>,
    /// What a long answer holds of the budget, until it has been sent.
    pub(crate) share: Option<Share>,
    /// How many calls there were, and how many of them failed.
    pub(crate) calls: u64,
    pub(crate) failed: u64,
}

/// A WebSocket, as far as calls know it.
pub(crate) struct Session {
    id: ConnectionId,
    subscriptions: BoundedSubscriptions,
    ids: SubscriptionIds,
}

/// Numbers subscriptions: they need be distinct on one connection only, and are never secret.
#[derive(Debug, Default)]
struct SubscriptionIds(AtomicU64);

impl IdProvider for SubscriptionIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        self.0.fetch_add(1, Ordering::Relaxed).into()
    }
}

impl Session {
    pub(crate) fn new(id: usize) -> Self {
        let subscriptions = BoundedSubscriptions::new(SESSION_SUBSCRIPTIONS_MAX);
        Self { id: ConnectionId(id), subscriptions, ids: SubscriptionIds::default() }
    }
}

/// Carries out a message. Without a session there are no subscriptions.
pub(crate) async fn answer(
    methods: &Methods,
    budget: &AnswerBudget,
    session: Option<&Session>,
    message: &[u8],
) -> Answer {
    let mut answer = Answer::default();
    let mut id = Id::Null;
    let json = match read(message) {
        Message::Refused(error) => {
            answer.calls = 1;
            answer.failed = 1;
            Some(write_error(Id::Null, error))
        }
        Message::Single(call) => {
            if let Ok(Call { id: Some(given), .. }) = &call {
                id = given.clone().into_owned();
            }
            one(methods, session, call, ANSWER_BYTES_MAX, &mut answer).await
        }
        Message::Batch(calls) => batch(methods, session, calls, &mut answer).await,
    };
    match budget.share(json.as_ref().map_or(0, String::len)).await {
        Ok(share) => {
            answer.share = share;
            answer.json = json;
        }
        Err(refusal) => {
            answer.failed += 1;
            answer.json = Some(write_error(id, error(refusal.code, refusal.message)));
        }
    }
    answer
}

/// Carries out the calls one after the other, so that they see each other's effects.
async fn batch(
    methods: &Methods,
    session: Option<&Session>,
    calls: Vec<Result<Call<'_>, BadCall>>,
    answer: &mut Answer,
) -> Option<String> {
    let began = Instant::now();
    let mut json = String::from("[");
    for call in calls {
        let late = began.elapsed() >= Duration::from_secs(BATCH_SECONDS_MAX);
        let call = match call {
            Ok(call) if late => Err(BadCall {
                id: call.id.map_or(Id::Null, Id::into_owned),
                error: error(Code::LimitExceeded, "the batch took too long before this call"),
            }),
            call => call,
        };
        let left = ANSWER_BYTES_MAX.saturating_sub(json.len());
        if let Some(part) = one(methods, session, call, left, answer).await {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&part);
        }
    }
    json.push(']');
    (json.len() > 2).then_some(json)
}

/// Carries out one call and writes its answer.
async fn one(
    methods: &Methods,
    session: Option<&Session>,
    call: Result<Call<'_>, BadCall>,
    bytes_max: usize,
    answer: &mut Answer,
) -> Option<String> {
    answer.calls += 1;
    let call = match call {
        Ok(call) => call,
        Err(BadCall { id, error }) => {
            answer.failed += 1;
            return Some(write_error(id, error));
        }
    };
    let silent = call.id.is_none();
    let (json, succeeded, notices) = carry_out(methods, session, call, bytes_max).await;
    answer.failed += u64::from(!succeeded);
    answer.subscriptions.extend(notices);
    (!silent).then_some(json)
}

/// The answer, whether it is a success, and the subscription that began.
async fn carry_out(
    methods: &Methods,
    session: Option<&Session>,
    call: Call<'_>,
    bytes_max: usize,
) -> (String, bool, Option<Notices>) {
    let id = call.id.unwrap_or(Id::Null).into_owned();
    let failed = |error| (write_error(id.clone(), error), false, None);
    let given = call.params.map(RawValue::get);
    let params = Params::new(given);
    let connection = session.map_or(ConnectionId(0), |session| session.id);
    let nothing = Extensions::new();
    let Some(method) = methods.method(&call.method) else {
        let name: String = call.method.chars().take(METHOD_SHOWN_CHARS_MAX).collect();
        let data = ErrorData::new(Code::InvalidRequest, format!("there is no method {name:?}"));
        return failed(error_with(METHOD_NOT_FOUND_CODE, data));
    };
    if let Some(Err(problem)) = given.map(|given| parameters::check(&call.method, given)) {
        return failed(wrong_parameters(&problem.to_string()));
    }
    let response = match (method, session) {
        (MethodCallback::Sync(method), _) => method(id, params, bytes_max, nothing),
        (MethodCallback::Async(method), _) => {
            method(id, params.into_owned(), connection, bytes_max, nothing).await
        }
        (MethodCallback::Unsubscription(method), Some(_)) => {
            method(id, params, connection, bytes_max, nothing)
        }
        (MethodCallback::Subscription(method), Some(session)) => {
            let Some(permit) = session.subscriptions.acquire() else {
                let text =
                    format!("a connection has at most {SESSION_SUBSCRIPTIONS_MAX} subscriptions");
                return failed(error(Code::LimitExceeded, text));
            };
            let state = SubscriptionState {
                conn_id: connection,
                id_provider: &session.ids,
                subscription_permit: permit,
            };
            let (sender, mut notices) = mpsc::channel(SUBSCRIPTION_MESSAGES_MAX);
            let response = method(id, params, MethodSink::new(sender), state, nothing).await;
            // The first message repeats the response.
            notices.recv().await;
            let (json, succeeded) = finish(response);
            return (json, succeeded, succeeded.then_some(notices));
        }
        (MethodCallback::Subscription(_) | MethodCallback::Unsubscription(_), None) => {
            return failed(error(
                Code::InvalidRequest,
                "subscriptions need a WebSocket connection",
            ));
        }
    };
    let (json, succeeded) = finish(response);
    (json, succeeded, None)
}

/// The longest piece of an unknown method's name that the error repeats.
const METHOD_SHOWN_CHARS_MAX: usize = 64;

/// The response's text. Errors that come from the library get the catalogue's data.
fn finish(response: MethodResponse) -> (String, bool) {
    let succeeded = response.is_success();
    let json = String::from(Box::<str>::from(response.into_json()));
    if succeeded {
        return (json, true);
    }
    let completed = serde_json::from_str::<Failed<'_>>(&json)
        .ok()
        .and_then(|failed| complete(&failed.error).map(|error| write_error(failed.id, error)));
    (completed.unwrap_or(json), false)
}

/// A failed response.
#[derive(Deserialize)]
struct Failed<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(borrow)]
    error: ErrorObject<'a>,
}

/// The error with the catalogue's data, if it has none yet.
fn complete(given: &ErrorObject<'_>) -> Option<ErrorObjectOwned> {
    let data = given.data().map_or("null", RawValue::get);
    if serde_json::from_str::<ErrorData>(data).is_ok() {
        return None;
    }
    let (code, message) = match given.code() {
        INVALID_PARAMS_CODE => {
            let text: String = serde_json::from_str(data).unwrap_or_default();
            return Some(wrong_parameters(&text));
        }
        OVERSIZED_RESPONSE_CODE => (
            Code::LimitExceeded,
            format!("the answer would be longer than {ANSWER_BYTES_MAX} bytes"),
        ),
        _ => (Code::Internal, "the node failed to answer".to_owned()),
    };
    Some(error(code, message))
}

fn wrong_parameters(problem: &str) -> ErrorObjectOwned {
    error(Code::InvalidRequest, format!("the parameters are wrong: {}", shortened(problem)))
}

fn write_error(id: Id<'_>, error: ErrorObjectOwned) -> String {
    MethodResponse::error(id, error).as_json().get().to_owned()
}
