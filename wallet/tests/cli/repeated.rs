//! The same command given again while the outcome of the first is not known.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use ehb_sdk::{Code, Hash, SignedTransaction};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};

use crate::node::{Fate, Node, address};
use crate::{PASSPHRASE, Ran, SEED, User, run};

const KEYS: &str = ".config/ehb/keys";

/// A user who has the key alice, and a node.
fn at_home(fate: Fate) -> (User, Node) {
    let user = User::new();
    user.import("alice", SEED);
    (user, Node::start(fate))
}

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    command.arg("--json");
    run(command, "")
}

fn pay(user: &User, node: &Node, amount: &str, options: &[&str]) -> Ran {
    let bob = address(8);
    let transfer = ["wallet", "transfer", "--from", "alice", "--to", &bob, "--asset", "EUR"];
    let one = ["--amount", amount, "--yes", "--timeout", "1"];
    ehb(user, node, &[&transfer[..], &one, options].concat())
}

/// The ids of what was submitted, in their order, each once.
fn ids(node: &Node) -> Vec<Hash> {
    let mut ids: Vec<Hash> = Vec::new();
    for signed in node.submitted() {
        if !ids.contains(&signed.id()) {
            ids.push(signed.id());
        }
    }
    ids
}

fn pending(user: &User, node: &Node) -> Vec<Value> {
    ehb(user, node, &["tx", "pending"]).json()["pending"].as_array().unwrap().clone()
}

#[test]
fn the_same_payment_again_is_the_same_transaction_until_its_fate_is_certain() {
    let (user, node) = at_home(Fate::NeverDecided);
    for _ in 0..2 {
        let ran = pay(&user, &node, "1", &[]);
        assert_eq!(ran.exit, 6, "{ran:?}");
        let error = ran.error();
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("OUTCOME_UNKNOWN"), &json!(false))
        );
        assert_eq!(ran.json()["id"], json!(ids(&node)[0]));
    }
    let [id] = ids(&node)[..] else { panic!("two transactions were sent") };
    let listed = pending(&user, &node);
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&json!(id), &json!("pending")));
    assert!(listed[0]["summary"].as_str().unwrap().contains(" pays 1.00 EUR "), "{listed:?}");

    // Nothing is signed, so nobody is asked for a passphrase.
    fs::rename(user.path("passphrase"), user.path("kept")).unwrap();
    node.decide(id, Fate::Final);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let paid = ran.json();
    assert_eq!((&paid["id"], &paid["status"]), (&json!(id), &json!("final")));
    assert_eq!(paid["repeated"], true);
    assert!(pending(&user, &node).is_empty());

    fs::rename(user.path("kept"), user.path("passphrase")).unwrap();
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ids(&node).len()), (6, 2), "it was certain, so this is another payment");
}

/// Who looks up a payment learns its fate, and the command that is given again pays nothing all the same.
#[test]
fn a_payment_that_was_looked_up_is_not_paid_again() {
    let ways: [&[&str]; 4] =
        [&["tx", "pending"], &["tx", "status"], &["tx", "wait"], &["tx", "resubmit"]];
    for way in ways {
        let (user, node) = at_home(Fate::NeverDecided);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        let id = ids(&node)[0];
        node.decide(id, Fate::Final);
        let text = id.to_string();
        let arguments =
            if way == ["tx", "pending"] { way.to_vec() } else { [way, &[&text]].concat() };
        for _ in 0..2 {
            let ran = ehb(&user, &node, &arguments);
            assert!(ran.exit == 0 && ran.stdout.contains("final"), "{way:?}: {ran:?}");
        }
        assert_eq!(pending(&user, &node)[0]["status"], "final", "{way:?}");
        let ran = pay(&user, &node, "1", &[]);
        assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(id)), "{way:?}: {ran:?}");
        assert_eq!(
            (&ran.json()["repeated"], &ran.json()["status"]),
            (&json!(true), &json!("final"))
        );
        assert_eq!(ids(&node), [id], "{way:?}");
        // Now its user was shown that it is paid, and means another payment.
        assert!(pending(&user, &node).is_empty(), "{way:?}");
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        assert_eq!(ids(&node).len(), 2, "{way:?}");
    }
}

#[test]
fn a_payment_that_was_looked_up_is_paid_once_more_when_that_is_asked_for() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let first = ids(&node)[0];
    node.decide(first, Fate::Final);
    assert_eq!(pending(&user, &node).len(), 1);
    let ran = pay(&user, &node, "1", &["--again"]);
    let hint = ran.error()["hint"].as_str().unwrap().to_owned();
    assert!(ran.exit == 6 && hint.contains("without --again"), "{ran:?}");
    let second = ids(&node)[1];
    node.decide(second, Fate::Final);
    // Each of the two is shown once.
    for id in [first, second] {
        let ran = pay(&user, &node, "1", &[]);
        assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(id)), "{ran:?}");
    }
    assert_eq!(ids(&node), [first, second]);
}

/// Changes the time at which all payments of the journal were seen to be final.
fn age(user: &User, ms: u64) {
    for path in files(user) {
        let mut entry: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let seen = entry["state"]["final"]["seenMs"].as_u64().unwrap();
        entry["state"]["final"]["seenMs"] = json!(seen - ms);
        fs::write(&path, entry.to_string()).unwrap();
    }
}

/// The journal's files, of one account on one chain.
fn files(user: &User) -> Vec<PathBuf> {
    let mut folder = user.path(&format!("{KEYS}/journal"));
    for _ in 0..2 {
        folder = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    }
    let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
}

#[test]
fn a_payment_that_was_looked_up_is_remembered_for_12_hours() {
    const HOUR_MS: u64 = 3_600_000;
    for (hours, ids_after) in [(11, 1), (13, 2)] {
        let (user, node) = at_home(Fate::NeverDecided);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        node.decide(ids(&node)[0], Fate::Final);
        assert_eq!(pending(&user, &node).len(), 1);
        age(&user, hours * HOUR_MS);
        let ran = pay(&user, &node, "1", &[]);
        assert_eq!(
            (ran.exit == 0, ids(&node).len()),
            (hours == 11, ids_after),
            "{hours} h: {ran:?}"
        );
        assert_eq!(files(&user).len(), 1, "{hours} h");
    }
}

/// A person who did not see the result repeats the command.
#[test]
fn a_result_that_could_not_be_printed_is_shown_again() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let stdouts: [(&str, &dyn Fn() -> Stdio); 3] =
        [("full", &full), ("closed", &closed), ("shut", &Stdio::null)];
    for (name, stdout) in stdouts {
        for options in [&["--json"][..], &[], &["--no-wait"]] {
            let (user, node) = at_home(Fate::Final);
            for _ in 0..2 {
                let mut command = payment(&user, &node);
                command.args(options);
                if name == "shut" {
                    command = with_stdout_shut(&command);
                }
                command.stdin(Stdio::null()).stdout(stdout()).stderr(Stdio::piped());
                let output = command.output().unwrap();
                let stderr = String::from_utf8(output.stderr).unwrap();
                let exit = output.status.code().unwrap();
                assert_eq!(exit, i32::from(name != "closed"), "{name} {options:?}: {stderr}");
                assert!(exit == 0 || stderr.contains("cannot write the result"), "{stderr}");
                assert!(exit == 0 || stderr.contains("sends nothing twice"), "{stderr}");
            }
            let ran = pay(&user, &node, "1", options.strip_prefix(&["--json"]).unwrap_or(options));
            assert_eq!((ran.exit, &ran.json()["repeated"]), (0, &json!(true)), "{name}: {ran:?}");
            assert_eq!(ids(&node).len(), 1, "{name} {options:?}");
            let ran = pay(&user, &node, "1", &[]);
            assert_eq!((ran.exit, &ran.json()["repeated"]), (0, &json!(false)), "{name}: {ran:?}");
            assert_eq!(ids(&node).len(), 2, "{name} {options:?}");
        }
    }
}

/// The command without a stdout, as a shell runs it with `>&-`.
fn with_stdout_shut(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(command.get_program());
    shell.args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

/// The payment whose repetitions are tried, without `--json`.
fn payment(user: &User, node: &Node) -> Command {
    let to_bob = ["wallet", "transfer", "--from", "alice", "--to", &address(8)];
    let mut command = user.command(&to_bob);
    command.args(["--asset", "EUR", "--amount", "1", "--yes"]).env("EHB_NODE", &node.url);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase"));
    command
}

/// Killed when it knows that the payment is final, and nobody has read that yet: stdout is a pipe that is
/// full.
#[test]
fn a_command_that_is_killed_before_it_printed_is_not_paid_again() {
    let (user, node) = at_home(Fate::Final);
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = OFlag::from_bits_truncate(fcntl(&writer, FcntlArg::F_GETFL).unwrap());
    fcntl(&writer, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).unwrap();
    while writer.write(b"x").is_ok() {}
    fcntl(&writer, FcntlArg::F_SETFL(flags)).unwrap();
    let mut child = payment(&user, &node)
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It says so on stderr right before.
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(stderr.any(|line| line.unwrap().contains("final at height")));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.json()["repeated"]), (0, &json!(true)), "{ran:?}");
    assert_eq!(ids(&node).len(), 1);
}

/// What was printed and could not be written down is shown once more, rather than paid once more.
#[test]
fn a_journal_that_is_lost_meanwhile_is_a_warning_and_pays_nothing() {
    let (user, node) = at_home(Fate::NeverDecided);
    let (journal, aside) = (user.path(&format!("{KEYS}/journal")), user.path("aside"));
    let child = payment(&user, &node)
        .arg("--json")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    fs::rename(&journal, &aside).unwrap();
    fs::write(&journal, "in the way").unwrap();
    let id = ids(&node)[0];
    node.decide(id, Fate::Final);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.contains("warning"), "{stderr}");
    fs::remove_file(&journal).unwrap();
    fs::rename(&aside, &journal).unwrap();
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.json()["repeated"]), (0, &json!(true)), "{ran:?}");
    assert_eq!(ids(&node), [id]);
}

/// Commands at the same time are one payment, and so is one that began before the other's result was shown,
/// however late it signs.
#[test]
fn the_same_command_twice_at_once_is_one_payment() {
    let (user, node) = at_home(Fate::NeverDecided);
    let quiet = |command: &mut Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut children: Vec<Child> = (0..6).map(|_| quiet(&mut payment(&user, &node))).collect();
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    node.decide(ids(&node)[0], Fate::Final);
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(ids(&node).len(), 1);

    // One that waits for its passphrase meanwhile.
    let (user, node) = at_home(Fate::Final);
    let pipe = user.path("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    for options in [&[][..], &["--no-wait"]] {
        let before = ids(&node).len();
        let late = payment(&user, &node)
            .args(options)
            .arg("--json")
            .env("EHB_PASSPHRASE_FILE", &pipe)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Opens once the other end is read.
        let mut passphrase = File::options().write(true).open(&pipe).unwrap();
        let first = pay(&user, &node, "1", options);
        assert_eq!((first.exit, &first.json()["repeated"]), (0, &json!(false)), "{first:?}");
        passphrase.write_all(PASSPHRASE.as_bytes()).unwrap();
        drop(passphrase);
        let output = late.wait_with_output().unwrap();
        let late: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&late["id"], &late["repeated"]), (&first.json()["id"], &json!(true)));
        assert_eq!(ids(&node).len(), before + 1, "{options:?}");
    }
}

/// A program that sent what another one signed makes that one's refusal uncertain.
#[test]
fn a_refusal_is_not_certain_once_another_program_sent_the_same() {
    let (user, node) = at_home(Fate::Swallows);
    let mut first = payment(&user, &node)
        .args(["--timeout", "60"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    let id = ids(&node)[0];
    // The other one's node takes it; then the first one's node refuses it.
    let other = node.beside(Fate::NeverDecided);
    assert_eq!(pay(&user, &other, "1", &[]).exit, 6);
    node.refuse_held();
    // It asks on, with the same transaction.
    while node.submitted.lock().unwrap().len() < 2 {
        assert_eq!(first.try_wait().unwrap(), None, "it took the refusal for certain");
        std::thread::yield_now();
    }
    assert_eq!(pending(&user, &other)[0]["id"], json!(id));
    first.kill().unwrap();
    first.wait().unwrap();
    other.decide(id, Fate::Final);
    let ran = pay(&user, &other, "1", &[]);
    assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(id)), "{ran:?}");
}

/// Keys that sign together are one journal's in whatever order they are named, and another home folder, or
/// another machine, knows nothing of it: there is only the id.
#[test]
fn another_home_folder_has_a_journal_of_its_own() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let other = User::new();
    other.import("alice", SEED);
    assert!(pending(&other, &node).is_empty());
    let text = ids(&node)[0].to_string();
    let status = ehb(&other, &node, &["tx", "status", &text]).json();
    assert_eq!(status["status"], "pending");
    let ran = ehb(&other, &node, &["tx", "resubmit", &text]);
    assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("NOT_PENDING")));
}

/// One row a fate of the first payment that cannot act any more: the second is another one.
#[test]
fn a_payment_that_can_never_act_is_made_again() {
    for (fate, word) in
        [(Fate::Superseded, "superseded"), (Fate::Expired, "expired"), (Fate::Fails, "failed")]
    {
        let (user, node) = at_home(Fate::NeverDecided);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        let id = ids(&node)[0];
        node.decide(id, fate);
        let status = ehb(&user, &node, &["tx", "status", &id.to_string()]).json();
        assert_eq!(status["status"], word);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        assert_eq!(ids(&node).len(), 2, "{word}");
        assert_eq!(pending(&user, &node).len(), 1, "{word}");
    }
    // The same when the payment itself is what finds it out.
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    node.decide(ids(&node)[0], Fate::Expired);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    assert_eq!((ids(&node).len(), pending(&user, &node).len()), (2, 1));
}

/// Programs on lanes of their own have sequences of their own.
#[test]
fn a_payment_goes_by_the_lane_that_is_named() {
    let (user, node) = at_home(Fate::Final);
    assert_eq!(pay(&user, &node, "1", &["--lane", "7"]).exit, 0);
    assert_eq!(node.submitted()[0].transaction.lane, 7);
}

#[test]
fn another_payment_is_made_when_it_is_asked_for() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    assert_eq!(pay(&user, &node, "1", &["--again"]).exit, 6);
    assert_eq!(ids(&node).len(), 2);
    // Other amounts and references are other payments.
    assert_eq!(pay(&user, &node, "2", &[]).exit, 6);
    assert_eq!(pay(&user, &node, "1", &["--reference", "invoice 42"]).exit, 6);
    assert_eq!((ids(&node).len(), pending(&user, &node).len()), (4, 4));
}

/// A command that ended well is another wish when it is given again, and never taken for the first.
#[test]
fn what_was_accepted_is_neither_repeated_nor_doubled_unasked() {
    let (user, node) = at_home(Fate::NeverDecided);
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, &ran.json()["status"]), (0, &json!("pending")));
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (6, ""));
    assert_eq!(ran.error()["code"], "EQUAL_PENDING");
    assert_eq!(ids(&node).len(), 1);
    assert_eq!(pay(&user, &node, "1", &["--no-wait", "--again"]).exit, 0);
    for id in ids(&node) {
        node.decide(id, Fate::Final);
    }
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, ran.json()["repeated"].clone(), ids(&node).len()), (0, json!(false), 3));
}

/// Killed while it waits, or right after it has sent: the next command finds what was signed.
#[test]
fn a_command_that_is_killed_pays_once_all_the_same() {
    let (user, node) = at_home(Fate::NeverDecided);
    let to_bob = ["wallet", "transfer", "--from", "alice", "--to", &address(8)];
    let mut command = user.command(&to_bob);
    command.args(["--asset", "EUR", "--amount", "1", "--yes", "--passphrase-file", "passphrase"]);
    command.args(["--node", &node.url]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let id = ids(&node)[0];
    node.decide(id, Fate::Final);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ran.json()["id"].clone()), (0, json!(id)), "{ran:?}");
    assert_eq!(ids(&node), [id]);
}

/// The node takes it and its answer is lost; then it is gone.
#[test]
fn a_node_that_never_answers_leaves_the_outcome_open() {
    let (user, node) = at_home(Fate::Swallows);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["retryable"]), (6, &json!(false)), "{ran:?}");
    let id = ids(&node)[0];
    let other = node.beside(Fate::Final);
    drop(node);
    let node = other;
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ran.json()["id"].clone()), (0, json!(id)), "{ran:?}");
    assert_eq!(ids(&node), [id], "the other node got the same");
}

/// The node takes it, and what is answered shows nothing of that.
#[test]
fn an_answer_that_says_nothing_of_the_transaction_leaves_the_outcome_open() {
    let statuses = [200, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503].map(Fate::ProxyFails);
    let codes = [Code::Internal, Code::Timeout].map(Fate::TakenWith);
    for fate in statuses.into_iter().chain(codes) {
        for options in [&[][..], &["--no-wait"]] {
            let (user, node) = at_home(fate);
            let ran = pay(&user, &node, "1", options);
            let error = ran.error();
            assert_eq!((ran.exit, &error["code"]), (6, &json!("OUTCOME_UNKNOWN")), "{ran:?}");
            assert_eq!(error["retryable"], false);
            let id = ids(&node)[0];
            node.decide(id, Fate::Final);
            let ran = pay(&user, &node, "1", &[]);
            assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(id)), "{ran:?}");
            assert_eq!(ids(&node), [id], "{fate:?} {options:?}");
        }
    }
}

/// What cannot be kept is not sent, and what cannot be read may still act.
#[test]
fn nothing_is_sent_without_a_journal() {
    let (user, node) = at_home(Fate::NeverDecided);
    user.write(&format!("{KEYS}/journal"), "in the way");
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("JOURNAL_ACCESS")), "{ran:?}");
    assert!(ids(&node).is_empty());
    fs::remove_file(user.path(&format!("{KEYS}/journal"))).unwrap();

    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let mut path = user.path(&format!("{KEYS}/journal"));
    for _ in 0..3 {
        let entries = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
        path = entries.max().unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("JOURNAL_DAMAGED")), "{ran:?}");
    assert_eq!(ids(&node).len(), 1);
    let listed = ehb(&user, &node, &["tx", "pending"]).json();
    assert_eq!(listed["refused"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_bytes_are_sent_once_more_when_it_is_asked_for() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let id = ids(&node)[0];
    let text = id.to_string();
    let ran = ehb(&user, &node, &["tx", "resubmit", &text, "--timeout", "1"]);
    assert_eq!((ran.exit, ids(&node).len()), (6, 1), "{ran:?}");
    node.decide(id, Fate::Final);
    let ran = ehb(&user, &node, &["tx", "resubmit", &text, "--timeout", "9"]);
    assert_eq!((ran.exit, &ran.json()["status"]), (0, &json!("final")), "{ran:?}");
    // Once more does no harm.
    let ran = ehb(&user, &node, &["tx", "resubmit", &text]);
    assert_eq!((ran.exit, &ran.json()["status"], ids(&node).len()), (0, &json!("final"), 1));
    let status = ehb(&user, &node, &["tx", "status", &"0".repeat(64)]);
    assert_eq!((status.exit, &status.json()["status"]), (0, &json!("unknown")));
}

/// Two payments of alice's in an outage: the first expired, and the second waits for its sequence.
fn after_an_outage(user: &User, node: &Node) -> [Hash; 2] {
    assert_eq!(pay(user, node, "1", &["--valid-for", "10s"]).exit, 6);
    assert_eq!(pay(user, node, "2", &[]).exit, 6);
    let [first, second] = ids(node)[..] else { panic!("two payments are sent") };
    node.decide(first, Fate::Expired);
    [first, second]
}

/// The calls and sequences of what was submitted to a node.
fn calls(node: &Node) -> Vec<(String, u64)> {
    let mut calls: Vec<(String, u64)> = Vec::new();
    for SignedTransaction { transaction, .. } in node.submitted() {
        let call = (transaction.calls[0].function.to_string(), transaction.sequence);
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}

/// Each way to wait for the second payment closes the gap, whether or not the fate of the first was shown before.
#[test]
fn a_payment_after_an_expired_one_becomes_final() {
    let repeated: fn(&User, &Node, &str) -> Ran = |user, node, _| pay(user, node, "2", &[]);
    let wait = |user: &User, node: &Node, id: &str| ehb(user, node, &["tx", "wait", id]);
    let resubmit = |user: &User, node: &Node, id: &str| ehb(user, node, &["tx", "resubmit", id]);
    for (index, way) in [repeated, wait, resubmit].into_iter().enumerate() {
        let (user, node) = at_home(Fate::NeverDecided);
        let [first, second] = after_an_outage(&user, &node).map(|id| id.to_string());
        if index != 1 {
            let shown = ehb(&user, &node, &["tx", "status", &first]);
            assert_eq!(shown.json()["status"], "expired", "{shown:?}");
        }
        let healthy = node.beside(Fate::Final);
        let ran = way(&user, &healthy, &second);
        assert_eq!(ran.exit, 0, "{index}: {ran:?}");
        assert_eq!((&ran.json()["id"], &ran.json()["status"]), (&json!(second), &json!("final")));
        let expected = [("transfer".to_owned(), 1), ("get-proposal".to_owned(), 0)];
        assert_eq!(calls(&healthy), expected, "{index}");
        // The first is certainly not paid, so its command pays it again.
        let ran = pay(&user, &healthy, "1", &["--valid-for", "10s"]);
        assert_eq!((ran.exit, &ran.json()["repeated"]), (0, &json!(false)), "{index}: {ran:?}");
        assert_eq!(calls(&healthy)[2], ("transfer".to_owned(), 2), "{index}");
    }
}

/// What cannot be healed is said: the key is not at hand, or the transaction before it was signed elsewhere.
#[test]
fn a_gap_that_cannot_be_closed_is_named() {
    let (user, node) = at_home(Fate::NeverDecided);
    let [first, second] = after_an_outage(&user, &node).map(|id| id.to_string());
    let healthy = node.beside(Fate::Final);
    fs::rename(user.path("passphrase"), user.path("kept")).unwrap();
    let ran = pay(&user, &healthy, "2", &[]);
    let error = ran.error();
    assert_eq!((ran.exit, &error["code"]), (6, &json!("OUTCOME_UNKNOWN")), "{ran:?}");
    assert_eq!(error["retryable"], false);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("waits for sequence 0 of lane 0"), "{message}");
    let status = ehb(&user, &healthy, &["tx", "status", &second]).json();
    assert_eq!(status["fate"]["missingSequence"], "0", "{status}");

    fs::rename(user.path("kept"), user.path("passphrase")).unwrap();
    let of_first = |path: &PathBuf| path.to_string_lossy().contains(&first);
    fs::remove_file(files(&user).into_iter().find(of_first).unwrap()).unwrap();
    let ran = pay(&user, &healthy, "2", &[]);
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    assert!(ran.exit == 6 && message.contains("waits for sequence 0"), "{ran:?}");
    assert_eq!(calls(&healthy), [("transfer".to_owned(), 1)]);
    // Any other payment takes the sequence.
    assert_eq!(pay(&user, &healthy, "3", &[]).exit, 0);
    let ran = pay(&user, &healthy, "2", &[]);
    assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(second)), "{ran:?}");
}

/// Nodes lost both payments: the command of the second one sends the first again, too, which it was signed to follow.
#[test]
fn a_payment_is_sent_again_with_those_before_it() {
    let (user, node) = at_home(Fate::NeverDecided);
    for amount in ["1", "2", "3"] {
        assert_eq!(pay(&user, &node, amount, &[]).exit, 6);
    }
    let [first, second, third] = ids(&node)[..] else { panic!("three payments are sent") };
    let healthy = node.beside(Fate::Final);
    let ran = pay(&user, &healthy, "2", &[]);
    assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(second)), "{ran:?}");
    assert_eq!(ids(&healthy), [first, second], "the later one is not sent");
    for (amount, id) in [("1", first), ("3", third)] {
        let ran = pay(&user, &healthy, amount, &[]);
        assert_eq!((ran.exit, &ran.json()["id"]), (0, &json!(id)), "{ran:?}");
        assert_eq!(ran.json()["repeated"], true, "{ran:?}");
    }
    assert_eq!(ids(&healthy), [first, second, third]);
}

/// The chain was made again from another genesis, or the node is one of another network.
#[test]
fn a_transaction_of_another_chain_is_named() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let id = ids(&node)[0].to_string();
    let other = Node::with_assets(1);
    for way in ["wait", "resubmit", "status", "show"] {
        let error = ehb(&user, &other, &["tx", way, &id]).error();
        assert_eq!(error["code"], "OTHER_CHAIN", "{way}: {error}");
        let message = error["message"].as_str().unwrap();
        let names = [node.genesis(), other.genesis()].iter().all(|it| message.contains(it));
        assert!(names, "{way}: {message}");
    }
    let listed = ehb(&user, &other, &["tx", "pending"]).json();
    assert_eq!(listed["pending"], json!([]));
    assert_eq!(listed["otherChains"], json!([{ "genesis": node.genesis(), "open": 1 }]));
    assert_eq!(pending(&user, &node).len(), 1);
}
