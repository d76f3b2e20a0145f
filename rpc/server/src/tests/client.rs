//! Which client an address or a proxy's line means, and what a client has.

use std::net::IpAddr;
use std::sync::Arc;

use ehb_types::Code;
use http::HeaderMap;

use crate::client::Clients;
use crate::client_key::{ClientKey, forwarded};
use crate::limits::Limits;
use crate::wire::Wire;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(super) fn client() -> ClientKey {
    ClientKey::of(address("127.0.0.1"))
}

pub(super) fn other_client() -> ClientKey {
    ClientKey::of(address("127.0.0.2"))
}

pub(super) fn numbered_client(number: u8) -> ClientKey {
    ClientKey::of(IpAddr::from([127, 0, 1, number]))
}

#[test]
fn a_client_is_an_address_or_the_half_of_one() {
    let same =
        [("10.0.0.1", "::ffff:10.0.0.1"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff")];
    for (a, b) in same {
        assert_eq!(ClientKey::of(address(a)), ClientKey::of(address(b)), "{a} {b}");
    }
    let different = [("10.0.0.1", "10.0.0.2"), ("2001:db8:1:2::1", "2001:db8:1:3::1")];
    for (a, b) in different {
        assert_ne!(ClientKey::of(address(a)), ClientKey::of(address(b)), "{a} {b}");
    }
}

/// One row: the lines of the header, and the client that they name.
#[test]
fn a_proxy_names_the_client_that_it_saw_itself() {
    let proxies = [address("10.0.0.1"), address("10.0.0.2")];
    let rows: [(&[&str], Option<&str>); 14] = [
        (&[], None),
        (&["203.0.113.7:4711"], Some("203.0.113.7")),
        (&["[2001:db8::7]:4711"], Some("2001:db8::7")),
        (&["[2001:db8::7]"], Some("2001:db8::7")),
        (&["203.0.113.7, 10.0.0.2:80"], Some("203.0.113.7")),
        (&["203.0.113.7:99999"], None),
        (&["203.0.113.7"], Some("203.0.113.7")),
        (&["1.2.3.4, 203.0.113.7"], Some("203.0.113.7")),
        (&["1.2.3.4,203.0.113.7 , 10.0.0.2"], Some("203.0.113.7")),
        (&["1.2.3.4", "203.0.113.7, 10.0.0.2"], Some("203.0.113.7")),
        (&["2001:db8::7"], Some("2001:db8::7")),
        (&["10.0.0.1"], None),
        (&["1.2.3.4, unknown"], None),
        (&["1.2.3.4,"], None),
    ];
    for (lines, expected) in rows {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        assert_eq!(forwarded(&headers, &proxies), expected.map(address), "{lines:?}");
    }
}

#[test]
fn what_a_client_has_is_bounded_and_the_others_have_their_own() {
    let limits = Limits { waits_max: 3, client_waits_max: 2, ..Limits::default() };
    let clients = Clients::new(limits);
    let (greedy, other) = (clients.get(client()), clients.get(other_client()));
    let wire = Arc::new(Wire::default());
    let mut held = vec![greedy.wait(&wire).unwrap(), greedy.wait(&wire).unwrap()];
    assert_eq!(greedy.wait(&wire).unwrap_err().code, Code::LimitExceeded);
    held.push(other.wait(&wire).unwrap());
    assert_eq!(other.wait(&wire).unwrap_err().code, Code::NotReady);
    held.remove(0);
    assert!(clients.get(client()).wait(&wire).is_ok());
    assert!(!wire.is_closed());
}

#[test]
fn a_client_without_anything_open_is_forgotten() {
    let clients = Clients::new(Limits::default());
    let held = clients.get(client());
    for number in 0..100 {
        drop(clients.get(ClientKey::of(IpAddr::from([10, 0, 0, number]))));
    }
    assert_eq!(clients.count(), 1);
    drop(held);
    assert_eq!(clients.count(), 0);
}
