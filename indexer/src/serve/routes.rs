//! The paths of the server and their answers.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HOST, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use serde_json::json;
use sqlx::PgConnection;
use tokio::time::timeout;

use super::api::{Answer, Api};
use super::dashboard::Dashboard;
use super::failure::Failure;
use super::hosts::{AllowedHosts, allow_origin};
use super::live::Live;
use super::notifications::{self, Preferences};
use super::query::{CountQuery, Query, parameters, problem};
use super::reply::{Reply, held, text, with_kind};
use super::resource::{Kind, RESOURCES, Resource};
use super::session::{self, Access, Caller};
use super::status::{self, Counts};
use super::{csv, detail, openapi};
use crate::progress::Progress;

const JSON: &str = "application/json";
/// The path of sign-in.
const SESSION: &str = "/v1/session";
/// The paths of what belongs to an account.
const PREFERENCES: &str = "/v1/preferences";
const PERSONAL: [&str; 2] = [PREFERENCES, "/v1/notifications"];

/// The context of all answers. Clones share it.
#[derive(Clone)]
pub(crate) struct Site {
    /// The progress of indexing.
    pub(crate) progress: Progress,
    /// Who may read what.
    pub(crate) access: Access,
    /// The database.
    pub(crate) api: Api,
    /// The live stream, and the maximum number of its clients.
    pub(crate) live: (Live, usize),
    /// The names under which clients address the server.
    pub(crate) hosts: Arc<AllowedHosts>,
    /// Counts of answers.
    pub(crate) counts: Counts,
    /// The pages for people, if there are any.
    pub(crate) dashboard: Option<Dashboard>,
}

/// The longest body of a request, bytes, and the time for it to arrive.
const BODY_BYTES_MAX: usize = 16 << 10;
const BODY_MAX: Duration = Duration::from_secs(10);

impl Site {
    /// The answer to a request that came from `peer` to a local address.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        local: IpAddr,
        peer: IpAddr,
    ) -> Reply {
        let mut reply = match self.hosts.check(request.headers(), local) {
            Err(failure) => failure.reply(),
            Ok(origin) => {
                let mut reply = if request.method() == Method::OPTIONS && origin.is_some() {
                    text(StatusCode::NO_CONTENT, JSON, String::new())
                } else {
                    self.find(request, peer).await.unwrap_or_else(|failure| failure.reply())
                };
                allow_origin(reply.headers_mut(), origin);
                reply
            }
        };
        let headers = reply.headers_mut();
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        self.counts.count(reply.status());
        reply
    }

    async fn find(&self, request: Request<Incoming>, peer: IpAddr) -> Result<Reply, Failure> {
        let (parts, body) = request.into_parts();
        let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
        if path == SESSION {
            return self.session(&parts, body).await;
        }
        if let Some(of) = PERSONAL.iter().find(|it| **it == path) {
            return self.personal(of, &parts, body).await;
        }
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Err(Failure::Method);
        }
        let live = (&self.live.0, self.live.1);
        match path {
            "/health" => return Ok(text(StatusCode::OK, "text/plain", "ok\n".to_owned())),
            "/readyz" => return Ok(status::ready(&self.progress)),
            "/status" => return Ok(status::status(&self.progress)),
            "/metrics" => return Ok(status::metrics(&self.progress, &self.counts, live)),
            openapi::PATH => {
                return Ok(text(StatusCode::OK, JSON, openapi::TEXT.clone()));
            }
            _ => {}
        }
        let Some(rest) = path.strip_prefix("/v1/") else {
            let page = self.dashboard.as_ref().and_then(|it| it.answer(path, &parts.headers));
            return page.ok_or(Failure::NoPath);
        };
        if rest == "challenge" {
            return self.challenge(query, &parts.headers).await;
        }
        let caller = Caller::of(self.access, self.api.secret().await?, &parts.headers)?;
        match rest.split_once('/') {
            None if rest == "live" => self.live(query, &parts.headers, caller, peer).await,
            None if rest == "status" => {
                Ok(document(self.api.answer(&caller, async |_| Ok(json!({}))).await?))
            }
            None if rest == "names" => {
                let addresses = only(query, "names", "addresses")?.unwrap_or_default();
                let found =
                    self.api.answer(&caller, async |it| detail::names(it, &addresses).await);
                Ok(document(found.await?))
            }
            None if rest == "search" => {
                let words = only(query, "search", "q")?.unwrap_or_default();
                let found = self.api.answer(&caller, async |it| detail::search(it, &words).await);
                Ok(document(found.await?))
            }
            None => {
                let resource = RESOURCES.iter().find(|it| it.name == rest);
                self.list(resource.ok_or(Failure::NoPath)?, query, caller).await
            }
            Some((of, "counts")) => {
                let resource = RESOURCES.iter().find(|it| it.name == of);
                let counts = CountQuery::parse(resource.ok_or(Failure::NoPath)?, query)?;
                Ok(document(self.api.counts(&counts, &caller).await?))
            }
            Some((of, id)) => self.item(of, &decoded(id), &caller).await,
        }
    }

    /// The text that an account signs to sign in.
    async fn challenge(&self, query: &str, headers: &HeaderMap) -> Result<Reply, Failure> {
        let account = only(query, "challenge", "account")?.unwrap_or_default();
        let secret = self.api.secret().await?;
        let mut connection = self.api.pool().acquire().await?;
        let made = session::challenge(&mut connection, secret, host(headers), &account).await?;
        let body = json!({"challenge": made.to_string(), "expiresS": made.expires_s});
        Ok(text(StatusCode::OK, JSON, body.to_string()))
    }

    /// Opens a session, shows who is signed in, or makes a browser forget its session.
    async fn session(&self, request: &Parts, body: Incoming) -> Result<Reply, Failure> {
        let secret = self.api.secret().await?;
        match request.method {
            Method::GET | Method::HEAD => {
                let caller = Caller::of(self.access, secret, &request.headers)?;
                let mut connection = self.api.pool().acquire().await?;
                let member = caller.member(&mut connection).await?;
                Ok(text(StatusCode::OK, JSON, json!({"data": member}).to_string()))
            }
            Method::POST => {
                let body = whole(body).await?;
                let mut connection = self.api.pool().acquire().await?;
                let host = host(&request.headers);
                let (token, member) = session::open(&mut connection, secret, host, &body).await?;
                let body = json!({"token": token, "data": member}).to_string();
                with_cookie(text(StatusCode::OK, JSON, body), Some(&token))
            }
            Method::DELETE => with_cookie(text(StatusCode::NO_CONTENT, JSON, String::new()), None),
            _ => Err(Failure::Method),
        }
    }

    /// Shows or sets what belongs to the account that is signed in.
    async fn personal(&self, of: &str, request: &Parts, body: Incoming) -> Result<Reply, Failure> {
        let caller = Caller::of(self.access, self.api.secret().await?, &request.headers)?;
        let query = request.uri.query().unwrap_or_default();
        let before = if of == PREFERENCES { None } else { only(query, "notifications", "before")? };
        match request.method {
            Method::GET | Method::HEAD => {
                let read = async |connection: &mut PgConnection| {
                    let account = caller.member(connection).await?.account;
                    match of {
                        PREFERENCES => Ok(json!({
                            "data": notifications::preferences(connection, &account).await?
                        })),
                        _ => notifications::list(connection, &account, before.as_deref()).await,
                    }
                };
                // Its own account says what the caller may read here.
                Ok(document(self.api.answer(&Caller::itself(), read).await?))
            }
            Method::PUT => {
                let body = whole(body).await?;
                let mut transaction = self.api.pool().begin_with("begin read write").await?;
                let account = caller.member(&mut transaction).await?.account;
                if of == PREFERENCES {
                    let new = Preferences::parse(&body)?;
                    notifications::set_preferences(&mut transaction, &account, &new).await?;
                } else {
                    notifications::set_read(&mut transaction, &account, &body).await?;
                }
                transaction.commit().await?;
                Ok(text(StatusCode::NO_CONTENT, JSON, String::new()))
            }
            _ => Err(Failure::Method),
        }
    }

    async fn item(&self, of: &str, id: &str, caller: &Caller) -> Result<Reply, Failure> {
        let found = match of {
            "blocks" => self.api.answer(caller, async |it| detail::block(it, id).await).await?,
            "transactions" => {
                self.api.answer(caller, async |it| detail::transaction(it, id).await).await?
            }
            "accounts" => self.api.answer(caller, async |it| detail::account(it, id).await).await?,
            _ => return Err(Failure::NoPath),
        };
        Ok(document(found))
    }

    async fn list(
        &self,
        resource: &'static Resource,
        query: &str,
        caller: Caller,
    ) -> Result<Reply, Failure> {
        let query = Query::parse(resource, query)?;
        if !query.csv {
            return Ok(document(self.api.list(&query, &caller).await?));
        }
        let body = csv::export(&self.api, &query, caller).await?;
        let kind = "text/csv; charset=utf-8; header=present";
        let mut reply = with_kind(StatusCode::OK, kind, body);
        let name = format!("attachment; filename=\"{}.csv\"", resource.name);
        if let Ok(name) = HeaderValue::from_str(&name) {
            reply.headers_mut().insert(CONTENT_DISPOSITION, name);
        }
        Ok(reply)
    }

    async fn live(
        &self,
        query: &str,
        headers: &HeaderMap,
        caller: Caller,
        peer: IpAddr,
    ) -> Result<Reply, Failure> {
        let mut after = only(query, "live", "after")?;
        // A browser that reconnects sends the id of the last event, and still the old query.
        if let Some(id) = headers.get("last-event-id") {
            after = Some(id.to_str().unwrap_or("?").to_owned());
        }
        let after = after.filter(|it| !it.is_empty()).map(|value| {
            let height = value.parse().ok().filter(|_| problem(Kind::Integer, &value).is_none());
            let name = "Last-Event-ID".to_owned();
            height.ok_or(Failure::Value { name, value, expected: "the height of a block" })
        });
        let body = self.live.0.subscribe(&self.api, after.transpose()?, caller, peer).await?;
        let mut reply = with_kind(StatusCode::OK, "text/event-stream", body);
        // A proxy must not collect events.
        reply.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(reply)
    }
}

/// The name under which the client addresses the server, which was checked before.
fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// The body of a request.
async fn whole(body: Incoming) -> Result<Bytes, Failure> {
    let bytes = timeout(BODY_MAX, Limited::new(body, BODY_BYTES_MAX).collect()).await;
    let bytes = bytes.map_err(|_| Failure::Body("it did not arrive in time".to_owned()))?;
    Ok(bytes.map_err(|error| Failure::Body(error.to_string()))?.to_bytes())
}

fn with_cookie(mut reply: Reply, token: Option<&str>) -> Result<Reply, Failure> {
    let cookie = HeaderValue::from_str(&session::cookie(token));
    let cookie = cookie.map_err(|error| Failure::Body(error.to_string()))?;
    reply.headers_mut().insert(SET_COOKIE, cookie);
    Ok(reply)
}

/// The one parameter that a path has.
fn only(query: &str, resource: &'static str, name: &str) -> Result<Option<String>, Failure> {
    let mut given = parameters(query)?;
    let value = given.remove(name);
    match given.into_keys().next() {
        Some(other) => Err(Failure::Parameter { resource, name: other, known: name.to_owned() }),
        None => Ok(value),
    }
}

/// The last part of a path without its percent-encoding.
fn decoded(part: &str) -> String {
    // In a path, a plus sign is one.
    let part = part.replace('+', "%2B").replace(['&', '='], " ");
    form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// A JSON answer.
fn document(answer: Answer) -> Reply {
    held(JSON, answer.body, answer.permit)
}
