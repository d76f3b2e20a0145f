//! The settings: what is refused, and how they are shown.

use clap::Parser as _;
use tempfile::tempdir;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::config::{CONFIG_FILE, Config, Shown, shown};

/// What is wrong with a configuration; nothing where it is good.
fn problem(rpc: &str) -> String {
    let config = toml::from_str::<Config>(&format!("[rpc]\n{rpc}"));
    match config.map(|config| config.check()) {
        Ok(Ok(())) => String::new(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.message().to_owned(),
    }
}

/// One row a setting: the least and the most that it can be, with what else must change for that.
#[test]
fn settings_of_rpc_have_ranges() {
    assert_eq!(problem(""), "");
    let connections = "websockets_max = 1\nclient_websockets_max = 1\nclient_connections_max = 1\n";
    let rows = [
        ("connections_max", 8, 65_536, connections),
        ("websockets_max", 1, 65_535, "connections_max = 65536\nclient_websockets_max = 1\n"),
        ("subscriptions_max", 1, 100_000, "client_subscriptions_max = 1\n"),
        ("waits_max", 1, 10_000, "client_waits_max = 1\n"),
        ("client_calls_max", 1, 4_096, ""),
        ("submissions_max", 5_096, 65_536, "client_submissions_max = 5096\n"),
        ("client_submissions_max", 5_096, 32_768, ""),
        ("memory_mib", 34, 65_536, "client_memory_mib = 34\n"),
        ("client_memory_mib", 34, 65_536, "memory_mib = 65536\n"),
        ("reads_at_once", 1, 16, ""),
        ("block_reads_at_once", 1, 16, ""),
        ("executions_at_once", 1, 4, ""),
        // Not more than those of all clients.
        ("client_connections_max", 1, 1_024, ""),
        ("client_websockets_max", 1, 512, ""),
        ("client_subscriptions_max", 1, 4_096, ""),
        ("client_waits_max", 1, 10_000, ""),
    ];
    for (key, min, max, others) in rows {
        for good in [min, max] {
            let found = problem(&format!("{others}{key} = {good}"));
            assert_eq!(found, "", "{key} = {good}");
        }
        for bad in [min - 1, max + 1] {
            let found = problem(&format!("{others}{key} = {bad}"));
            let is_named = found.contains(&format!("rpc.{key} is {bad}; it must"));
            assert!(is_named, "{key} = {bad}: {found:?}");
        }
    }
    assert!(
        problem("reads_at_once = -1").contains("invalid value"),
        "{}",
        problem("reads_at_once = -1")
    );
    assert!(problem("reads = 1").contains("unknown field `reads`"));
}

/// A key of a node, and digits that are no key: no point of the curve, and one for which anybody can sign.
const KEY: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
const NO_POINT: &str = "0200000000000000000000000000000000000000000000000000000000000000";
const WEAK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One row a peer: why it is refused, by `init` and in the file; nothing if it is right.
#[test]
fn the_form_of_a_peer_is_checked_whole() {
    let rows = [
        (format!("{KEY}@10.0.0.1:7400"), ""),
        (format!("{KEY}@validator-2.acme.example:1"), ""),
        (format!("{KEY}@localhost:65535"), ""),
        (format!("{KEY}@[2001:db8::1]:7400"), ""),
        (format!("{NO_POINT}@10.0.0.1:7400"), "is not an Ed25519 public key"),
        (format!("{WEAK}@10.0.0.1:7400"), "is a point of small order"),
        (format!("{}@10.0.0.1:7400", &KEY[2..]), "public key"),
        (format!("{KEY}@10.0.0.1"), "write KEY@HOST:PORT"),
        (format!("{KEY}@10.0.0.1:0"), "write KEY@HOST:PORT"),
        (format!("{KEY}@10.0.0.1:65536"), "write KEY@HOST:PORT"),
        (format!("{KEY}@:7400"), "is no host"),
        (format!("{KEY}@10.0.0.256:7400"), "is no host"),
        (format!("{KEY}@tcp://node:7400"), "is no host"),
        (format!("{KEY}@two words:7400"), "is no host"),
        (format!("{KEY}@2001:db8::1:7400"), "write an IPv6 address in []"),
        (format!("{KEY}@[node]:7400"), "in [] is an IPv6 address"),
        ("10.0.0.1:7400".to_owned(), "write KEY@HOST:PORT"),
    ];
    for (peer, reason) in rows {
        let words = ["ehb-node", "init", "--data-dir", "d", "--peer", &peer];
        let flag = Cli::try_parse_from(words).map_err(|error| error.to_string());
        let file = toml::from_str::<Config>(&format!("[p2p]\npeers = [{peer:?}]"));
        let file = file.map_err(|error| error.message().to_owned());
        for refused in [flag.err(), file.err()] {
            let shown = refused.clone().unwrap_or_default();
            assert_eq!(refused.is_none(), reason.is_empty(), "{peer}: {shown}");
            assert!(shown.contains(reason), "{peer}: {shown}");
        }
    }
}

/// One row a text in the settings that could never do what it says.
#[test]
fn the_form_of_texts_is_checked() {
    let problem = |text: &str| match toml::from_str::<Config>(text).unwrap().check() {
        Ok(()) => String::new(),
        Err(error) => format!("{error:#}"),
    };
    let rows = [
        ("[rpc]\nhosts = [\"node.acme.example\", \"10.0.0.1\", \"::1\"]", ""),
        ("[rpc]\nhosts = [\"https://node.acme.example\"]", "rpc.hosts: "),
        ("[rpc]\nhosts = [\"node.acme.example:443\"]", "rpc.hosts: "),
        ("[rpc]\nhosts = [\"*\"]", "rpc.hosts: "),
        ("[rpc]\nhosts = [\"\"]", "rpc.hosts: "),
        ("[log]\nfilter = \"info,ehb_consensus=debug,libp2p=OFF\"", ""),
        ("[log]\nfilter = \"warn\"", ""),
        ("[log]\nfilter = \"inof\"", "log.filter \"inof\" is not valid: \"inof\" is no level"),
        ("[log]\nfilter = \"ehb_consensus=debgu\"", "log.filter"),
        ("[store]\nsigner_state = \"/mnt/signed\"", ""),
        (
            "[store]\nsigner_state = \"signed\"",
            "store.signer_state is \"signed\": write the whole path",
        ),
    ];
    for (text, reason) in rows {
        let found = problem(text);
        assert_eq!(found.is_empty(), reason.is_empty(), "{text}: {found}");
        assert!(found.contains(reason), "{text}: {found}");
    }
    let dir = tempdir().unwrap();
    let inside = dir.path().join("signed");
    let text = format!("[store]\nsigner_state = {inside:?}\n");
    std::fs::write(dir.path().join(CONFIG_FILE), text).unwrap();
    let error = Config::read_checked(dir.path()).unwrap_err().to_string();
    assert!(error.contains("would be restored together with it"), "{error}");
}

/// What `config show` prints for a file with these lines.
fn lines(file: &str, flags: &[&str]) -> Vec<String> {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), file).unwrap();
    let data_dir = dir.path().to_str().unwrap();
    let words = ["ehb-node", "config", "show", "--data-dir", data_dir];
    let cli = Cli::try_parse_from(words.iter().chain(flags)).unwrap();
    let Command::Config(ConfigCommand::Show(arguments)) = cli.command else { panic!("{cli:?}") };
    match shown(&arguments).unwrap() {
        Shown::Lines(lines) => lines,
        Shown::Document(document) => {
            document.iter().map(|(key, value)| format!("{key}: {value}")).collect()
        }
    }
}

#[test]
fn every_setting_is_shown_with_its_origin() {
    let file = "[rpc]\nwaits_max = 50\nclient_waits_max = 5\n";
    let flags = ["--origin", "--rpc-listen", "127.0.0.1:9"];
    let shown = lines(file, &flags);
    let line = |key: &str| {
        let mut found = shown.iter().filter(|line| line.split_whitespace().next() == Some(key));
        let line = found.next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(found.next(), None);
        line
    };
    assert_eq!(line("rpc.waits_max"), "rpc.waits_max = 50 # file");
    assert_eq!(line("rpc.client_waits_max"), "rpc.client_waits_max = 5 # file");
    assert_eq!(line("rpc.client_calls_max"), "rpc.client_calls_max = 256 # default");
    assert_eq!(line("rpc.listen"), "rpc.listen = \"127.0.0.1:9\" # flag or environment");
    let document = lines(file, &["--json"]);
    assert!(document.contains(&"rpc.waits_max: 50".to_owned()), "{document:?}");
    assert_eq!(document.len(), shown.len());
}

/// One row a mistake in the file: what the error says of it.
#[test]
fn a_mistake_in_the_file_is_reported_with_its_line_and_setting() {
    let dir = tempdir().unwrap();
    let problem = |text: &str| {
        std::fs::write(dir.path().join(CONFIG_FILE), text).unwrap();
        let error = format!("{:#}", Config::read(dir.path()).unwrap_err());
        error.rsplit_once("is not valid: ").unwrap().1.to_owned()
    };
    let rows = [
        (
            "[history]\nheights = \"x\"\n",
            r#"line 2: history.heights: invalid type: string "x", expected u64"#,
        ),
        (
            "[log]\n\n[history]\n archive= 1",
            "line 4: history.archive: invalid type: integer `1`, expected a boolean",
        ),
        ("[rpc]\nreads = 1\n", "line 2: rpc.reads: unknown field `reads`"),
        ("[p2p]\npeers = [\n  3,\n]\n", "line 3: invalid type: integer `3`"),
    ];
    for (text, expected) in rows {
        let found = problem(text);
        assert!(found.starts_with(expected), "{found}");
        assert!(!found.contains('\n'), "{found}");
    }
}
