//! The organisations of a running network govern it, with the commands of `docs/governance.md`.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::organisations::{Office, consent, refused, run};

/// A module that adds numbers up.
const TALLY: &str = include_str!("../../../../runtime/executor/src/tests/tally/version-1.wat");

/// The time in which a lock is over and a transaction is final, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn ran(office: &Office, arguments: &[&str]) -> Vec<String> {
    let line = run(office, arguments);
    line.trim().split('\t').map(str::to_owned).collect()
}

/// The vote of some people, and how far the proposal is after the last one.
pub(crate) fn vote(office: &Office, id: &str, voters: &[&str]) -> String {
    let mut stage = String::new();
    for voter in voters {
        let ran = ran(office, &["gov", "vote", id, "yes", "--from", voter, "--yes"]);
        stage = ran.last().unwrap().clone();
    }
    stage
}

/// Executes a proposal as soon as its lock is over.
pub(crate) fn execute(office: &Office, id: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let command = ["gov", "execute", id, "--from", "dave", "--yes", "--again"];
        let ran = office.ehb(&command);
        if ran.exit == Some(0) {
            return ran.stdout.trim().split('\t').next_back().unwrap().to_owned();
        }
        assert!(ran.stderr.contains("this is possible from"), "{ran:?}");
        assert!(Instant::now() < deadline, "{ran:?}");
    }
}

#[test]
fn organisations_change_a_parameter_and_invite_another_one() {
    let office = Office::up(4);
    let set = ["--set", "consensus.heartbeat_ms=4000"];
    let shown = run(&office, &[&["gov", "simulate"], &set[..]].concat());
    assert_eq!(shown.trim(), "parameter consensus.heartbeat_ms\t10000\t->\t4000");
    // What would stop the chain, or is not for this organisation to do.
    for wrong in ["consensus.heartbeat_ms=1", "governance.ordinary_percent=67", "gas.call=1e9"] {
        let propose = ["gov", "propose", "--set", wrong, "--from", "alice", "--yes"];
        let code = refused(&office, &propose);
        assert_eq!(code, if wrong.ends_with("e9") { "USAGE" } else { "MODULE_ERROR" }, "{wrong}");
    }
    let suspend = ["gov", "propose", "--suspend", "globex", "--from", "alice", "--yes"];
    assert_eq!(refused(&office, &suspend), "MODULE_ERROR", "it runs a validator");

    run(&office, &["key", "new", "nina"]);
    let file = consent(&office, &["--key", "nina", "--organisation", "newco"], "newco.json");
    let propose = ["gov", "propose", "--invite", &file, "--reason", "newco joins", "--from"];
    let proposed = ran(&office, &[&propose[..], &["alice", "--yes"], &set].concat());
    let id = proposed.last().unwrap().as_str();
    assert_eq!(id, "1");
    assert_eq!(vote(&office, id, &["alice", "bob"]), "voting");
    let twice = ["gov", "vote", id, "yes", "--from", "bob", "--yes", "--again"];
    assert_eq!(refused(&office, &twice), "MODULE_ERROR");
    let shown = run(&office, &["gov", "show", id]);
    for line in [
        "changes\tset the parameter consensus.heartbeat_ms to 4000, and to invite the organisation newco",
        "reason\tnewco joins",
        "state\tvoting",
        "needs\t51 % of the power 4",
        "vote\tacme\tyes\t1",
        "vote\tglobex\tyes\t1",
        "organisation newco\tnone\t->\tactive, administered by",
    ] {
        assert!(shown.contains(line), "{line:?} is not in:\n{shown}");
    }
    let early = ["gov", "execute", id, "--from", "dave", "--yes"];
    assert_eq!(refused(&office, &early), "MODULE_ERROR", "it is not accepted");
    assert!(vote(&office, id, &["carol"]).starts_with("accepted, can be executed from"));
    assert_eq!(execute(&office, id), "executed");
    assert!(run(&office, &["gov", "list"]).starts_with("1\texecuted\tset the parameter"));
    // The parameter has the value now, so the same once more changes nothing.
    assert_eq!(refused(&office, &[&["gov", "simulate"], &set[..]].concat()), "MODULE_ERROR");

    // The administrator of the new organisation registers its people.
    run(&office, &["key", "new", "otto"]);
    let file = consent(&office, &["--key", "otto", "--organisation", "newco"], "otto.json");
    run(&office, &["account", "register", &file, "--role", "clerk", "--from", "nina", "--yes"]);
    let shown = run(&office, &["account", "show", "otto"]);
    assert!(shown.contains("organisation\tnewco") && shown.contains("roles\tclerk"), "{shown}");

    // And many at once; those that are registered are left out.
    let mut people = "consent,roles\notto.json,clerk\n".to_owned();
    for name in ["pia", "quin"] {
        run(&office, &["key", "new", name]);
        let file = format!("{name}.json");
        consent(&office, &["--key", name, "--organisation", "newco"], &file);
        people.push_str(&format!("{file},clerk seller\n"));
    }
    let list = office.home.path().join("people.csv");
    std::fs::write(&list, people).unwrap();
    let import = ["org", "accounts", "import", list.to_str().unwrap(), "--from", "nina", "--yes"];
    assert_eq!(run(&office, &import).trim(), "registered\t2\nalready\t1");
    assert_eq!(run(&office, &import).trim(), "registered\t0\nalready\t3");
    let shown = run(&office, &["account", "show", "quin"]);
    assert!(shown.contains("roles\tclerk, seller"), "{shown}");

    let may = |arguments: &[&str]| run(&office, &[&["account", "may"], arguments].concat());
    assert!(may(&["nina", "grant", "seller", "otto"]).starts_with("yes\tit administers"));
    assert_eq!(may(&["nina", "vote"]).trim(), "no\tits organisation newco runs no validator");

    // Suspended at once by the last vote: nothing of it is accepted, until it is reinstated.
    let grant = ["call", "kernel", "grant-role", "account=otto", "role=seller", "--from", "nina"];
    let grant = [&grant[..], &["--yes", "--again"]].concat();
    let suspend = ran(&office, &["gov", "propose", "--suspend", "newco", "--from", "bob", "--yes"]);
    assert_eq!(vote(&office, suspend.last().unwrap(), &["alice", "bob", "carol"]), "executed");
    assert_eq!(refused(&office, &grant), "INACTIVE_SENDER");
    let shown: Value =
        serde_json::from_str(&run(&office, &["account", "show", "otto", "--json"])).unwrap();
    assert_eq!(shown["status"], "suspended");
    let lift = ["gov", "propose", "--reinstate", "newco", "--from", "bob", "--yes"];
    let lift = ran(&office, &lift);
    assert_eq!(vote(&office, lift.last().unwrap(), &["alice", "bob", "carol"]), "executed");
    run(&office, &grant);
    office.net.audit();
}

/// The commands of `docs/modules.md`: a module is uploaded, voted in, used, paused, resumed, and cannot be removed with
/// what it has stored.
#[test]
fn a_module_is_voted_into_a_running_network_paused_and_resumed() {
    let office = Office::up(4);
    let code = wat::parse_str(TALLY).unwrap();
    let file = office.home.path().join("tally.wasm");
    std::fs::write(&file, &code).unwrap();
    let module = format!("tally={}", file.display());
    let hash = ehb_sdk::code_hash(&code);
    let upload = ["module", "upload", &module, "--yes", "--from"];
    assert_eq!(refused(&office, &[&upload[..], &["alice"]].concat()), "PERMISSION_DENIED");
    let uploaded = run(&office, &[&upload[..], &["treasury"]].concat());
    assert_eq!(uploaded.trim(), format!("tally\t{hash}"));
    // A deployer alone installs nothing.
    let install = ["module", "install", &module, "--from", "treasury", "--yes"];
    assert_eq!(refused(&office, &install), "MODULE_ERROR");

    let install = ["--install", &module, "--uploaded-by", "treasury"];
    let shown = run(&office, &[&["gov", "simulate"], &install[..]].concat());
    assert_eq!(shown.trim(), format!("module tally\tnone\t->\tactive, code {hash}"));
    let by_hash = format!("tally={hash}");
    let install = ["gov", "propose", "--install", &by_hash, "--uploaded-by", "treasury"];
    let proposed = ran(&office, &[&install[..], &["--from", "alice", "--yes"]].concat());
    let id = proposed.last().unwrap();
    assert!(vote(&office, id, &["alice", "bob", "carol"]).starts_with("accepted"));
    assert_eq!(execute(&office, id), "executed");
    let add = ["call", "tally", "add", "n=7", "--from", "bob", "--yes", "--again"];
    run(&office, &add);
    let total = || run(&office, &["read", "tally", "total"]).trim().to_owned();
    let listed = |status: &str| {
        let listed = run(&office, &["module", "list"]);
        let line = listed.lines().find(|line| line.starts_with("tally\t")).unwrap().to_owned();
        assert!(line.ends_with(&format!("{hash}\t{status}")), "{line}");
    };
    assert_eq!(total(), "7");
    listed("active");

    let decide = |option: &str| {
        let propose = ["gov", "propose", option, "tally", "--from", "bob", "--yes", "--again"];
        let proposed = ran(&office, &propose);
        assert_eq!(vote(&office, proposed.last().unwrap(), &["alice", "bob", "carol"]), "executed");
    };
    decide("--pause");
    assert_eq!(refused(&office, &add), "MODULE_PAUSED");
    assert_eq!(total(), "7");
    listed("paused");
    let shown = office.ehb(&["module", "show", "tally"]);
    assert!(shown.stderr.contains("paused the module tally"), "{shown:?}");
    decide("--resume");
    run(&office, &add);
    assert_eq!(total(), "14");
    listed("active");
    let remove = ["gov", "propose", "--remove-module", "tally", "--from", "bob", "--yes"];
    assert_eq!(refused(&office, &remove), "MODULE_ERROR");
    office.net.audit();
}
