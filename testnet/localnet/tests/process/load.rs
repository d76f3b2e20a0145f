//! The load generator's scenarios: calls that depend on each other keep their order, so none fails.

use serde_json::{Value, json};

use crate::net::{Net, report};
use crate::program::eventually;

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
    "jobs.apply",
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

#[test]
fn a_network_that_does_not_run_cannot_be_loaded() {
    let net = Net::created(1);
    let once = ["--rate", "1", "--duration", "1"];
    for endpoint in [&[][..], &["--endpoints", &net.node(1).rpc]] {
        let ran = net.load(&[&once[..], endpoint].concat()).wait();
        ran.refused(&["code: UNREACHABLE"]);
    }
}
