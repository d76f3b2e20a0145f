//! Commands about modules against a whole chain.

use serde_json::Value;

use crate::node::{Fate, Node};
use crate::{Ran, SEED, User, run};

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    run(command, "")
}

#[test]
fn modules_are_listed_with_what_they_do_with_calls() {
    let (user, node) = (User::new(), Node::start(Fate::Final));
    user.import("alice", SEED);
    let ran = ehb(&user, &node, &["module", "list"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let columns = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        format!("{} {}", columns[0], columns[3])
    };
    let shown: Vec<String> = ran.stdout.lines().map(columns).collect();
    assert_eq!(shown, ["kernel active", "wallet active"]);
    let listed: Value = ehb(&user, &node, &["module", "list", "--json"]).json();
    assert_eq!(listed[1]["status"], "active", "{listed}");
    let shown = ehb(&user, &node, &["module", "show", "wallet", "--json"]).json();
    assert_eq!(shown["status"], "active");
    // A file that is no component is not sent, also if it is asked for.
    let upload = ["module", "upload", "tally=passphrase", "--from", "alice", "--yes"];
    let ran = ehb(&user, &node, &upload);
    assert!(ran.exit == 2 && ran.stderr.contains("no WebAssembly component"), "{ran:?}");
    assert_eq!(node.submitted().len(), 0);
}
