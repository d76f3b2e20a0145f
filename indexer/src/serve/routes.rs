//! The paths of the server and their answers.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde_json::json;

use super::api::{Answer, Api};
use super::failure::Failure;
use super::hosts::{AllowedHosts, allow_origin};
use super::live::Live;
use super::query::{Query, parameters, problem};
use super::reply::{Reply, held, text, with_kind};
use super::resource::{Kind, RESOURCES, Resource};
use super::status::{self, Counts};
use super::{csv, detail, openapi};
use crate::progress::Progress;

const JSON: &str = "application/json";

/// What the answers need. Clones share it.
#[derive(Clone)]
pub(crate) struct Site {
    /// The progress of indexing.
    pub(crate) progress: Progress,
    /// The database.
    pub(crate) api: Api,
    /// The live stream, and the maximum number of its clients.
    pub(crate) live: (Live, usize),
    /// The names under which clients address the server.
    pub(crate) hosts: Arc<AllowedHosts>,
    /// Counts of answers.
    pub(crate) counts: Counts,
}

impl Site {
    /// The answer to a request that came to a local address.
    pub(crate) async fn answer<B>(&self, request: &Request<B>, local: IpAddr) -> Reply {
        let mut reply = match self.hosts.check(request.headers(), local) {
            Err(failure) => failure.reply(),
            Ok(origin) => {
                let query = request.uri().query().unwrap_or_default();
                let mut reply = match *request.method() {
                    Method::GET | Method::HEAD => {
                        let found = self.find(request.uri().path(), query, request.headers());
                        found.await.unwrap_or_else(|failure| failure.reply())
                    }
                    Method::OPTIONS if origin.is_some() => {
                        text(StatusCode::NO_CONTENT, JSON, String::new())
                    }
                    _ => Failure::Method.reply(),
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

    async fn find(&self, path: &str, query: &str, headers: &HeaderMap) -> Result<Reply, Failure> {
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
        let rest = path.strip_prefix("/v1/").ok_or(Failure::NoPath)?;
        match rest.split_once('/') {
            None if rest == "live" => self.live(query, headers).await,
            None if rest == "status" => {
                Ok(document(self.api.answer(async |_| Ok(json!({}))).await?))
            }
            None if rest == "search" => {
                let words = only(query, "search", "q")?.unwrap_or_default();
                let found = self.api.answer(async |it| detail::search(it, &words).await);
                Ok(document(found.await?))
            }
            None => {
                let resource = RESOURCES.iter().find(|it| it.name == rest);
                self.list(resource.ok_or(Failure::NoPath)?, query).await
            }
            Some((of, id)) => self.item(of, &decoded(id)).await,
        }
    }

    async fn item(&self, of: &str, id: &str) -> Result<Reply, Failure> {
        let found = match of {
            "blocks" => self.api.answer(async |it| detail::block(it, id).await).await?,
            "transactions" => self.api.answer(async |it| detail::transaction(it, id).await).await?,
            "accounts" => self.api.answer(async |it| detail::account(it, id).await).await?,
            _ => return Err(Failure::NoPath),
        };
        Ok(document(found))
    }

    async fn list(&self, resource: &'static Resource, query: &str) -> Result<Reply, Failure> {
        let query = Query::parse(resource, query)?;
        if !query.csv {
            return Ok(document(self.api.list(&query).await?));
        }
        let body = csv::export(&self.api, &query).await?;
        let kind = "text/csv; charset=utf-8; header=present";
        let mut reply = with_kind(StatusCode::OK, kind, body);
        let name = format!("attachment; filename=\"{}.csv\"", resource.name);
        if let Ok(name) = HeaderValue::from_str(&name) {
            reply.headers_mut().insert(CONTENT_DISPOSITION, name);
        }
        Ok(reply)
    }

    async fn live(&self, query: &str, headers: &HeaderMap) -> Result<Reply, Failure> {
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
        let body = self.live.0.subscribe(&self.api, after.transpose()?).await?;
        let mut reply = with_kind(StatusCode::OK, "text/event-stream", body);
        // A proxy must not collect events.
        reply.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(reply)
    }
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
