//! Runs each example against a network of real nodes, and compares what it prints.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod python;

use std::path::Path;
use std::process::Command;

use ehb_localnet::{Network, Plan, create};

/// A network of one validator that ends with the test.
struct Net {
    dir: tempfile::TempDir,
    _network: Network,
}

impl Net {
    fn up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let plan = Plan { validators: 1, load_accounts: 8, ..Plan::default() };
        create(dir.path(), &plan).unwrap();
        let mut network = Network::open(dir.path()).unwrap().attached();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let nodes = network.select(None).unwrap();
        runtime.block_on(network.start(&nodes)).unwrap();
        Self { dir, _network: network }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// What an example prints.
fn run(program: &str, net: &Net, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    let output = command.env("EHB_TESTNET_DIR", net.path()).args(arguments).output().unwrap();
    let [printed, errors] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{program}: {errors}");
    printed
}

/// How an example ends whose stdout a shell redirects like this, and what it says then.
fn redirected(program: &str, net: &Net, to: &str) -> (Option<i32>, String) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec \"$0\" {to}"), program]);
    let output = command.env("EHB_TESTNET_DIR", net.path()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let net = Net::up();
    for (to, reason) in [(">/dev/full", "No space left"), (">&-", "stdout is closed")] {
        let (code, said) = redirected(env!("CARGO_BIN_EXE_example-read-the-past"), &net, to);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(reason) && !said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_first_payment_is_final_and_proven() {
    let net = Net::up();
    let printed = run(env!("CARGO_BIN_EXE_example-first-payment"), &net, &[]);
    let [paid, proven] = &printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert!(paid.starts_with("paid 12.50 EUR at height "), "{printed}");
    assert!(proven.starts_with("proven: 1 event, "), "{printed}");
}

#[test]
fn an_option_is_no_position_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-follow-payments"));
    let output = command.arg("--help").current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("POSITION_FILE [COUNT]"), "{said}");
}

#[test]
fn followed_payments_are_printed_once_over_a_restart() {
    let net = Net::up();
    let file = net.path().join("position");
    let arguments = [file.to_str().unwrap(), "1"];
    let follow = || run(env!("CARGO_BIN_EXE_example-follow-payments"), &net, &arguments);
    let pay = || run(env!("CARGO_BIN_EXE_example-read-the-past"), &net, &[]);
    run(env!("CARGO_BIN_EXE_example-first-payment"), &net, &[]);
    assert!(follow().contains(" paid \"1250\" to "));
    pay();
    let second = follow();
    assert!(second.contains(" paid \"700\" to "), "{second}");
    assert_eq!(second.lines().count(), 1, "{second}");
}

#[test]
fn the_past_is_read_by_height_block_and_time() {
    let net = Net::up();
    let printed = run(env!("CARGO_BIN_EXE_example-read-the-past"), &net, &[]);
    let cents = |line: &str| -> u64 {
        let (_, rest) = line.rsplit_once(": ").unwrap();
        rest.trim_end_matches(" cents").trim_matches('"').parse().unwrap()
    };
    let [before, by_height, by_block, by_time] = printed.lines().map(cents).collect::<Vec<_>>()[..]
    else {
        panic!("{printed}")
    };
    assert_eq!([by_height, by_block, by_time], [before + 700; 3], "{printed}");
}

#[test]
fn usage_is_charged_as_it_was_and_the_rest_returns() {
    let net = Net::up();
    let printed = run(env!("CARGO_BIN_EXE_example-meter-usage"), &net, &[]);
    assert!(printed.starts_with("charged \"126\" credits for 420 tokens\n"), "{printed}");
    assert!(printed.contains("\"available\":\"874\""), "{printed}");
}
