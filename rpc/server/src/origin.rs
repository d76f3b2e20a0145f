//! Checks the `Host` and `Origin` of requests.
//!
//! A web page can make a browser send requests to a node that only the browser's machine can reach. The
//! browser then sends the page's origin in `Origin`, or, if the page's own name was made to point to the node
//! (DNS rebinding), that name in `Host`. Both are rejected unless they are allowed.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;

/// The host names under which clients can address the server, in addition to loopback and the local address
/// of the connection; pages served from them can call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllowedHosts(pub(crate) Vec<String>);

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OriginError {
    #[error("the Host header is missing, duplicated or malformed")]
    MalformedHost,
    #[error("this host name is not one of the node's; add it to the node's allowed hosts")]
    Host,
    #[error(
        "pages of this origin are not allowed to call the node; add its host to the node's allowed hosts"
    )]
    Origin,
}

impl AllowedHosts {
    /// Checks a request's headers; `local` is the local address of its connection.
    pub(crate) fn check(&self, headers: &HeaderMap, local: IpAddr) -> Result<(), OriginError> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(OriginError::MalformedHost);
        };
        let host = host.to_str().ok().and_then(host_of).ok_or(OriginError::MalformedHost)?;
        if !self.allows(&host) && host.parse() != Ok(local) {
            return Err(OriginError::Host);
        }
        for origin in headers.get_all(ORIGIN) {
            let text = origin.to_str().map_err(|_| OriginError::Origin)?;
            let allowed = match text.split_once("://") {
                Some(("http" | "https", authority)) => {
                    host_of(authority).is_some_and(|host| self.allows(&host))
                }
                _ => false,
            };
            if !allowed {
                return Err(OriginError::Origin);
            }
        }
        Ok(())
    }

    fn allows(&self, host: &str) -> bool {
        let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        loopback || host == "localhost" || self.0.iter().any(|it| it.eq_ignore_ascii_case(host))
    }
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
