//! A process is killed while it commits, again and again, at whatever point that happens to hit.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ehb_store::{Opened, Options, Store};
use tempfile::tempdir;

use crate::chain::{audit, create_with, next, noise, options, transactions_at};

/// Names the directory for a child process; a test run does not set it.
const CHILD_DIRECTORY: &str = "EHB_STORE_TEST_CHILD_DIRECTORY";
const ROUNDS: u64 = 24;

fn with_signer(home: &Path) -> Options {
    // Small buffers, so that flushing, compacting and sorting of history are hit as well.
    let (write_buffer_bytes, history_buffer_bytes) = (256 << 10, 4 << 10);
    let signer_state = Some(home.join("signed"));
    Options { signer_state, write_buffer_bytes, history_buffer_bytes, ..options() }
}

fn open(home: &Path) -> Opened {
    Store::open(&home.join("data"), &with_signer(home)).unwrap()
}

/// Starts one of the tests of this binary, made for it, as a process of its own.
pub(crate) fn spawn(test: &str, directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env(CHILD_DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The directory given by [`spawn`]; without one there is nothing to do.
pub(crate) fn child_directory() -> Option<std::path::PathBuf> {
    std::env::var_os(CHILD_DIRECTORY).map(Into::into)
}

/// Writes a line for the parent.
pub(crate) fn report(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "a child process of another test"]
fn commits_for_ever() {
    let Some(home) = child_directory() else { return };
    let store = match open(&home) {
        Opened::Chain(store) => store,
        Opened::Empty(_) => panic!("the parent makes the genesis"),
    };
    loop {
        let head = store.head();
        let height = head.height() + 1;
        let decided = next(&head, transactions_at(height));
        store.append_log(height, &height.to_be_bytes()).unwrap();
        store.put_body(height, &decided.block.hash(), decided.block.encoded()).unwrap();
        store.record_signed(&height.to_be_bytes()).unwrap();
        store.sync().unwrap();
        report(&format!("signed {height}"));
        store.commit(&decided.commit()).unwrap();
        report(&format!("committed {height}"));
    }
}

/// Kills the child after some of its lines and a little more; returns the last heights that it reported.
fn kill_after(mut child: Child, lines: usize, more: Duration) -> (u64, u64) {
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let (mut signed, mut committed) = (0, 0);
    let mut reported = 0;
    let mut take = |line: String| {
        let number = |prefix| line.strip_prefix(prefix).and_then(|rest| rest.parse().ok());
        signed = number("signed ").unwrap_or(signed);
        committed = number("committed ").unwrap_or(committed);
        usize::from(line.starts_with("signed") || line.starts_with("committed"))
    };
    while reported < lines {
        reported += take(out.next().expect("the child runs until it is killed"));
    }
    // The moment of the kill is what is varied; nothing is waited for.
    std::thread::sleep(more);
    child.kill().unwrap();
    child.wait().unwrap();
    out.for_each(|line| {
        take(line);
    });
    (signed, committed)
}

#[test]
fn a_killed_process_leaves_whole_blocks_and_all_that_it_acknowledged() {
    let home = tempdir().unwrap();
    drop(create_with(&home.path().join("data"), &with_signer(home.path())));
    for round in 0..ROUNDS {
        let [lines, more] = noise(round, 77);
        let child = spawn("crash::commits_for_ever", home.path());
        let more = Duration::from_micros(u64::from(more) * 20);
        let (signed, committed) = kill_after(child, usize::from(lines % 32), more);
        let Opened::Chain(store) = open(home.path()) else { panic!("the chain is gone") };
        let height = store.head().height();
        assert!(height >= committed, "block {committed} was acknowledged, the head is {height}");
        let last = store.last_signed().map_or(0, |it| u64::from_be_bytes(it.try_into().unwrap()));
        assert!(last >= signed && last >= height, "signed {signed}, {last} is known");
        assert!(last <= height + 1);
        if last > height {
            assert_eq!(store.log(last).unwrap(), [last.to_be_bytes()]);
            assert_eq!(store.undecided(last).len(), 1);
        }
        if round % 8 == 7 {
            audit(&store).unwrap();
        }
    }
    let Opened::Chain(store) = open(home.path()) else { panic!("the chain is gone") };
    audit(&store).unwrap();
    assert!(store.head().height() > ROUNDS);
}

#[test]
#[ignore = "a child process of another test"]
fn creates_and_stops() {
    let Some(home) = child_directory() else { return };
    report("ready");
    if let Opened::Empty(_) = open(&home) {
        // In one step: a directory that is removed half is not what is tested.
        std::fs::rename(home.join("data"), home.join("empty")).unwrap();
        std::mem::forget(create_with(&home.join("data"), &with_signer(&home)));
    }
    report("created");
    loop {
        std::thread::park();
    }
}

#[test]
fn a_process_killed_while_it_creates_the_directory_leaves_one_that_opens() {
    for round in 0..12u64 {
        let home = tempdir().unwrap();
        let mut child = spawn("crash::creates_and_stops", home.path());
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        while out.next().unwrap().unwrap() != "ready" {}
        std::thread::sleep(Duration::from_millis(round * 12));
        child.kill().unwrap();
        child.wait().unwrap();
        match open(home.path()) {
            Opened::Chain(store) => audit(&store).unwrap(),
            Opened::Empty(_) => {}
        }
    }
}
