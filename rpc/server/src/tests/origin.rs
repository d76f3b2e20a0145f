//! Which `Host` lines of a request are accepted.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};

use crate::origin::{AllowedHosts, OriginError};

fn check(lines: &[(HeaderName, &str)], local: &str) -> Result<(), OriginError> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, value.parse().unwrap());
    }
    let allowed = AllowedHosts(vec!["Node.Example".to_owned()]);
    allowed.check(&headers, local.parse().unwrap())
}

#[test]
fn the_very_address_of_the_node_is_a_good_host() {
    assert_eq!(check(&[(HOST, "10.0.0.5:9650")], "10.0.0.5"), Ok(()));
    assert_eq!(check(&[(HOST, "[fd00::5]:9650")], "fd00::5"), Ok(()));
    assert_eq!(check(&[(HOST, "10.0.0.6")], "10.0.0.5"), Err(OriginError::Host));
    // A page from there is still a page that nobody allowed.
    let page = [(HOST, "10.0.0.5"), (ORIGIN, "http://10.0.0.5")];
    assert_eq!(check(&page, "10.0.0.5"), Err(OriginError::Origin));
}

#[test]
fn a_host_is_given_exactly_once() {
    assert_eq!(check(&[], "127.0.0.1"), Err(OriginError::MalformedHost));
    let twice = [(HOST, "localhost"), (HOST, "localhost")];
    assert_eq!(check(&twice, "127.0.0.1"), Err(OriginError::MalformedHost));
    for bad in ["a b", "localhost:port:1", "/", "http://localhost"] {
        assert!(check(&[(HOST, bad)], "127.0.0.1").is_err(), "{bad}");
    }
    assert_eq!(check(&[(HOST, "node.EXAMPLE")], "127.0.0.1"), Ok(()));
}
