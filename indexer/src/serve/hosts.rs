//! Checks the `Host` and `Origin` of requests, by the rules of the node's RPC server: a page in a browser must not
//! read what only the browser's machine can reach, neither directly nor by a name that points here (DNS rebinding).

use std::net::IpAddr;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN, VARY,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue};

use super::failure::Failure;

/// The host names under which clients address the server, besides loopback and the local address of the connection;
/// pages from them can read its answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(pub(crate) Vec<String>);

impl AllowedHosts {
    /// Checks a request's headers; `local` is the local address of its connection. Returns the origin of the page that
    /// can read the answer.
    pub(crate) fn check(
        &self,
        headers: &HeaderMap,
        local: IpAddr,
    ) -> Result<Option<HeaderValue>, Failure> {
        let refused = |text: &str| Failure::Forbidden(text.to_owned());
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(refused("the Host header is missing or duplicated"));
        };
        let host = host.to_str().ok().and_then(host_of);
        let host = host.ok_or_else(|| refused("the Host header is malformed"))?;
        if !self.allows(&host) && host.parse() != Ok(local) {
            return Err(refused(
                "this host name is not one of the server's: ask its operator to add it with --allowed-host",
            ));
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return Ok(None) };
        let allowed = match origin.to_str().ok().and_then(|text| text.split_once("://")) {
            Some(("http" | "https", authority)) => host_of(authority),
            _ => None,
        };
        match (allowed.is_some_and(|host| self.allows(&host)), origins.next()) {
            (true, None) => Ok(Some(origin.clone())),
            _ => Err(refused(
                "pages of this origin cannot read from the server: ask its operator to add their host with \
                 --allowed-host",
            )),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback || host == "localhost" || self.0.iter().any(|it| it.eq_ignore_ascii_case(host))
    }
}

/// Lets the page of an allowed origin read the answer.
pub(crate) fn allow_origin(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    // Files also differ by the encoding.
    headers.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"),
    );
    let names = HeaderValue::from_static("authorization, content-type, last-event-id");
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

/// The host of `host:port` in lower case, without the brackets of an IPv6 address.
fn host_of(authority: &str) -> Option<String> {
    if authority.contains('@') {
        return None;
    }
    let authority: Authority = authority.parse().ok()?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}
