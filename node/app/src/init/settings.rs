//! Changes the peers in a configuration that exists, and leaves everything else as its operator wrote it.

use anyhow::{anyhow, bail};
use serde::Deserialize;
use toml::Spanned;

use crate::config::Config;
use crate::peer::Peer;

/// The part of a configuration with the peers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    p2p: P2p,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct P2p {
    peers: Option<Spanned<Vec<Peer>>>,
}

/// The header of the section with the peers.
const SECTION: &str = "[p2p]";

/// Adds peers whose keys are not there yet: what the command line says of a peer is newer than its card.
pub(super) fn add_peers(to: &mut Vec<Peer>, peers: &[Peer]) {
    for peer in peers {
        if to.iter().all(|it| it.key != peer.key) {
            to.push(peer.clone());
        }
    }
}

/// Adds peers to the text of a configuration. A peer with the same key gets the new address.
pub(super) fn with_peers(text: &str, peers: &[Peer]) -> anyhow::Result<String> {
    let unreadable = |error: toml::de::Error| anyhow!("{}", error.message().to_owned());
    let mut wanted: Config = toml::from_str(text).map_err(unreadable)?;
    let file: File = toml::from_str(text).map_err(unreadable)?;
    wanted.p2p.peers.retain(|it| peers.iter().all(|peer| peer.key != it.key));
    wanted.p2p.peers.splice(0..0, peers.iter().cloned());
    let lines = wanted.p2p.peers.iter().map(|it| format!("    \"{it}\",\n"));
    let list = format!("[\n{}]", lines.collect::<String>());
    let changed = match file.p2p.peers {
        Some(found) => {
            let (before, rest) = text.split_at(found.span().start);
            format!("{before}{list}{}", &rest[found.span().len()..])
        }
        None => match text.split_inclusive('\n').find(|line| line.trim() == SECTION) {
            Some(line) => text.replacen(line, &format!("{SECTION}\npeers = {list}\n"), 1),
            None => format!("{}\n\n{SECTION}\npeers = {list}\n", text.trim_end()),
        },
    };
    // A file that is written in another way than this expects is left to its operator.
    match toml::from_str::<Config>(&changed) {
        Ok(config) if config == wanted => Ok(changed),
        _ => bail!("write the peers into it by hand: peers = {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn peer(seed: u8, address: &str) -> Peer {
        let key = ehb_types::SecretKey::from_seed(&[seed; 32]).public_key();
        Peer { key, address: address.to_owned() }
    }

    fn check(text: &str, expected: Expect) {
        let changed = with_peers(text, &[peer(1, "one:1"), peer(2, "two:2")]);
        let text = changed.unwrap_or_else(|error| format!("error: {error}"));
        // The keys are long, and not what this is about.
        let text = [1, 2, 3].iter().fold(text, |text, seed| {
            text.replace(&peer(*seed, "").key.to_string(), &format!("KEY{seed}"))
        });
        expected.assert_eq(&text);
    }

    #[test]
    fn peers_replace_those_that_are_there() {
        let old = format!(
            "# mine\n[p2p]\nlisten = \"0.0.0.0:7400\" # all\npeers = [ # old\n  \"{}\",\n  \"{}\" ]\n\n[rpc]\n",
            peer(2, "moved:2"),
            peer(3, "three:3")
        );
        check(
            &old,
            expect![[r#"
                # mine
                [p2p]
                listen = "0.0.0.0:7400" # all
                peers = [
                    "KEY1@one:1",
                    "KEY2@two:2",
                    "KEY3@three:3",
                ]

                [rpc]
            "#]],
        );
        // Once more, nothing changes.
        let peers = [peer(1, "one:1"), peer(2, "two:2")];
        let once = with_peers(&old, &peers).unwrap();
        assert_eq!(with_peers(&once, &peers).unwrap(), once);
    }

    #[test]
    fn peers_are_added_where_there_are_none() {
        check(
            "[rpc]\nlisten = \"127.0.0.1:1\"\n",
            expect![[r#"
                [rpc]
                listen = "127.0.0.1:1"

                [p2p]
                peers = [
                    "KEY1@one:1",
                    "KEY2@two:2",
                ]
            "#]],
        );
        check(
            "[rpc]\n[p2p]\nlisten = \"127.0.0.1:1\"\n",
            expect![[r#"
                [rpc]
                [p2p]
                peers = [
                    "KEY1@one:1",
                    "KEY2@two:2",
                ]
                listen = "127.0.0.1:1"
            "#]],
        );
    }

    /// A section that is written in another way.
    #[test]
    fn what_cannot_be_changed_is_left_to_its_operator() {
        check(
            "p2p = { listen = \"127.0.0.1:1\" }\n",
            expect![[r#"
                error: write the peers into it by hand: peers = [
                    "KEY1@one:1",
                    "KEY2@two:2",
                ]"#]],
        );
    }
}
