//! File descriptors: their limit, and how they are divided.

use expect_test::expect;

use crate::descriptors::Descriptors;

#[test]
fn what_is_given_away_is_what_there_is() {
    let mut rows = Vec::new();
    for limit in [255, 256, 320, 512, 1_024, 4_096, 65_536, 1 << 20] {
        rows.push(match Descriptors::divide(limit) {
            Ok(Descriptors { database, peers, rpc, .. }) => {
                assert_eq!(database + peers + rpc + 128, limit);
                format!("{limit}: {database} + {peers} + {rpc}")
            }
            Err(error) => error.to_string(),
        });
    }
    expect![[r#"
        only 255 files may be open (ulimit -n); a node needs 256 or more: raise the hard limit, with LimitNOFILE= in a systemd unit
        256: 48 + 32 + 48
        320: 48 + 48 + 96
        512: 96 + 96 + 192
        1024: 224 + 224 + 448
        4096: 512 + 640 + 2816
        65536: 512 + 640 + 64256
        1048576: 512 + 640 + 1047296"#]]
    .assert_eq(&rows.join("\n"));
}

#[test]
fn connections_of_peers_fit_into_their_share() {
    for limit in 256..10_000 {
        let shares = Descriptors::divide(limit).unwrap();
        let limits = shares.network_limits();
        let open = limits.connections_max as usize + limits.pending_max + limits.dials_max as usize;
        assert!(open <= shares.peers, "{limit}: {open} of {}", shares.peers);
        crate::rpc_config::Rpc::default().within(shares.rpc).check().unwrap();
        assert!(limits.pending_per_ip_max >= 3 && limits.dials_max >= 6, "{limit}");
    }
}

#[test]
fn the_limit_is_raised_as_far_as_it_may() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(300), hard).unwrap();
    let shares = Descriptors::claim().unwrap();
    assert_eq!(shares.limit as u64, hard);
    assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0, hard);
}
