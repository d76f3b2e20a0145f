//! The load generator's scenarios: calls that depend on each other keep their order, so none fails.

use serde_json::{Value, json};

use crate::net::{Net, report};
use crate::program::{Ran, eventually};

const ORDER: [&str; 5] = [
    "marketplace.place-order",
    "marketplace.accept-order",
    "marketplace.ship-order",
    "marketplace.record-delivery",
    "marketplace.confirm-order",
];
const USAGE: [&str; 3] = ["credit.authorise-usage", "credit.capture-usage", "credit.report-usage"];
const JOB: [&str; 8] = [
    "jobs.post-job",
    "jobs.submit-application",
    "jobs.make-offer",
    "jobs.accept-offer",
    "jobs.fund-milestone",
    "jobs.submit-milestone",
    "jobs.approve-milestone",
    "jobs.pay-milestone",
];

/// Asserts that all that was sent is final and had its effect, and returns the calls that were made.
fn calls(report: &Value) -> Vec<&str> {
    let counts = ["accepted", "committed", "failed"].map(|it| report[it].as_u64());
    let sent = report["sent"].as_u64();
    assert_eq!(counts, [sent, sent, Some(0)], "{report}");
    report["calls"].as_object().unwrap().keys().map(String::as_str).collect()
}

/// Before a scenario is sent, each of its calls is made once, so that errors are reported at once.
#[test]
fn each_scenario_makes_its_calls_and_no_others() {
    let net = Net::up(1);
    let mixed = [&ORDER[..], &USAGE, &JOB, &["wallet.transfer"]].concat();
    for (scenario, expected) in [
        ("transfer", &["wallet.transfer"][..]),
        ("marketplace", &ORDER),
        ("credit", &USAGE),
        ("jobs", &JOB),
        ("mixed", &mixed),
    ] {
        let load = net.load(&["--scenario", scenario, "--rate", "60", "--duration", "2"]);
        let report = report(load.wait());
        assert_eq!(report["sent"], 120, "{report}");
        let calls = calls(&report);
        assert!(calls.contains(&expected[0]), "{report}");
        assert!(calls.iter().all(|call| expected.contains(call)), "{report}");
    }
}

#[test]
fn orders_and_jobs_go_on_while_a_validator_dies_and_returns() {
    let net = Net::up(4);
    let survivor = net.node(1).rpc;
    let load = net.load(&[
        "--scenario",
        "mixed",
        "--rate",
        "100",
        "--duration",
        "120",
        "--endpoints",
        &survivor,
    ]);
    // The first of each is that before the load.
    let client = net.client(1);
    let ended = |module: &str, function: &str, arguments: Value| {
        eventually("it is carried through", || {
            let read = net.runtime().block_on(client.read(module, function, &arguments)).ok()?;
            (read.value["state"] == "completed").then_some(())
        });
    };
    ended("marketplace", "get-sub-order", json!({ "sub-order": "2" }));
    net.kill(&[3]);
    ended("jobs", "get-contract", json!({ "contract": "2" }));
    net.start_all();
    ended("marketplace", "get-sub-order", json!({ "sub-order": "9" }));
    let report = load.interrupted();
    let calls = calls(&report);
    assert!(ORDER.iter().chain(&JOB).all(|call| calls.contains(call)), "{report}");
    net.audit();
}

/// The load is sent to all nodes, and one of them is killed and loses what it had accepted: its batches are sent again, and
/// what it lost is offered again, or all that follows in the lanes would wait for ever.
#[test]
fn a_load_goes_on_while_a_node_that_gets_it_is_killed_and_restarted() {
    let net = Net::up(4);
    let load = net.load(&["--rate", "200", "--duration", "600"]);
    for victim in [2, 3] {
        net.await_blocks(1, 5);
        net.kill(&[victim]);
        net.await_blocks(1, 2);
        net.start_all();
    }
    net.await_blocks(1, 5);
    let report = load.interrupted();
    calls(&report);
    assert_eq!((&report["unknown"], &report["refused"]), (&json!(0), &json!({})), "{report}");
    assert_eq!(report["unreachable"], json!([]), "{report}");
    assert_eq!(net.audit().transactions, report["sent"], "each is final once");
}

/// A node that stays away: what was sent to the others is final, and the report says what became of the rest.
#[test]
fn a_node_that_does_not_come_back_ends_no_load() {
    let net = Net::up(4);
    let load = net.load(&["--rate", "100", "--duration", "600", "--patience", "5"]);
    net.await_blocks(1, 5);
    let gone = net.node(1).rpc;
    net.kill(&[1]);
    // Longer than the load's patience with the node.
    let from = net.height(2);
    std::thread::sleep(std::time::Duration::from_secs(8));
    assert!(net.height(2) > from, "the load goes on with the other nodes");
    load.signal(nix::sys::signal::Signal::SIGINT);
    let ran = load.wait();
    let report = whole(&ran);
    assert_eq!(report["unreachable"], json!([gone]), "{report}");
    assert!(number(&report, "committed") > 0 && number(&report, "failed") == 0, "{report}");
    // With an answer that was lost it is no success, and otherwise what was not sent was refused for certain.
    assert_eq!(ran.exit == Some(0), number(&report, "unknown") == 0, "{ran:?}");
    assert_eq!(report["accepted"], report["committed"], "{report}");
    net.start_all();
    let transactions = net.audit().transactions;
    let committed = number(&report, "committed");
    let most = committed + number(&report, "unknown");
    assert!((committed..=most).contains(&transactions), "{transactions}: {report}");
}

#[test]
fn a_load_of_a_network_that_is_killed_ends_with_a_true_report() {
    let net = Net::up(4);
    let load = net.load(&["--rate", "200", "--duration", "600", "--patience", "3"]);
    net.await_blocks(1, 5);
    net.kill(&[1, 2, 3, 4]);
    let ran = load.wait();
    let report = whole(&ran);
    assert_eq!((&report["height"], number(&report, "failed")), (&Value::Null, 0), "{report}");
    assert_eq!(report["unreachable"].as_array().unwrap().len(), 4, "{report}");
    ran.refused(&["code: "]);
    net.start_all();
    net.pay(1, 0);
    let transactions = net.audit().transactions - 1;
    let [committed, accepted] = ["committed", "accepted"].map(|it| number(&report, it));
    let most = accepted + number(&report, "unknown");
    assert!(0 < transactions && committed <= transactions && transactions <= most, "{report}");
}

fn number(report: &Value, field: &str) -> u64 {
    report[field].as_u64().unwrap_or_else(|| panic!("{field}: {report}"))
}

/// The report of a load that ended somehow: each transaction is in it once.
fn whole(ran: &Ran) -> Value {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let refused: u64 =
        report["refused"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    let counted = number(&report, "accepted") + number(&report, "unknown") + refused;
    assert_eq!(number(&report, "sent"), counted, "{report}");
    assert!(number(&report, "committed") <= number(&report, "accepted"), "{report}");
    report
}

#[test]
fn a_network_that_does_not_run_cannot_be_loaded() {
    let net = Net::created(1);
    let once = ["--rate", "1", "--duration", "1"];
    for endpoint in [&[][..], &["--endpoints", &net.node(1).rpc]] {
        let ran = net.load(&[&once[..], endpoint].concat()).wait();
        ran.refused(&["code: UNREACHABLE"]);
    }
}
