//! Gas measurements of the host functions, called by probes on a large state.

use ehb_kernel::accounts;
use ehb_state::{Changes, Overlay};
use ehb_types::{Account, Address, Header, Name, Policy, PublicKey, Status};
use ehb_vm::state_key;

use super::GasLine;
use super::disk::Disk;
use super::probe::Probes;

/// Entries of the probe's state.
const ENTRIES: u64 = 200_000;
/// Entries that were removed from the front of a queue.
const REMOVED: u64 = 20_000;
/// Removed entries between two remaining ones, in a state that is slow to scan.
const BETWEEN: u64 = 40;

/// The account that the probes query, as the WAT constants of a call.
const ACCOUNT: &str = "(i64.const 0x2222222222222222) (i64.const 0x2222222222222222) (i64.const 0x2222222222222222) (i64.const 0x2222222222222222)";

/// A probe's key: a letter, and a number whose bytes are stored from the lowest.
fn key(letter: u8, number: u64) -> anyhow::Result<Vec<u8>> {
    let own = [&[letter][..], &number.to_be_bytes()].concat();
    Ok(state_key(&Name::new("probe")?, &own))
}

fn entries(
    letter: u8,
    numbers: impl Iterator<Item = u64>,
    value: Option<&[u8]>,
) -> anyhow::Result<Vec<(Vec<u8>, Option<Vec<u8>>)>> {
    numbers.map(|number| Ok((key(letter, number)?, value.map(<[u8]>::to_vec)))).collect()
}

/// The state of all probes:
/// - `e`: entries of 20 bytes
/// - `l`: entries of 64 KiB
/// - `q`: a queue whose first entries were removed in an earlier block
/// - `g`: entries with many removed ones between them
fn state(header: &Header) -> anyhow::Result<Disk> {
    let disk = Disk::new(header, &Changes::default())?;
    disk.fill(entries(b'e', 0..ENTRIES, Some(&[7; 20]))?.into_iter())?;
    disk.fill(entries(b'l', 0..64, Some(&[7; 65_536]))?.into_iter())?;
    disk.fill(entries(b'q', 0..2 * REMOVED, Some(&[7; 8]))?.into_iter())?;
    disk.fill(entries(b'q', 0..REMOVED, None)?.into_iter())?;
    let gaps = || 0..256 * BETWEEN;
    disk.fill(entries(b'g', gaps(), Some(&[7; 8]))?.into_iter())?;
    let between = gaps().filter(|number| !number.is_multiple_of(BETWEEN));
    disk.fill(entries(b'g', between, None)?.into_iter())?;
    let mut overlay = disk.overlay();
    let account = Account {
        policy: Policy::Key(PublicKey([0; 32])),
        organisation: Name::new("acme")?,
        roles: ["issuer", "seller", "clerk"]
            .map(Name::new)
            .into_iter()
            .collect::<Result<_, _>>()?,
        status: Status::Active,
    };
    accounts::put_account(&mut overlay, &Address([0x22; 32]), &account);
    disk.commit(overlay)?;
    Ok(disk)
}

/// Sets the key at 0 to a letter and the number on the stack, the highest byte first.
fn put_key(letter: char, number: &str) -> String {
    let letter = u32::from(letter);
    let bytes: String = (0..8)
        .map(|place| {
            let shift = 56 - 8 * place;
            let at = place + 1;
            format!("(i64.store8 (i32.const {at}) (i64.shr_u (local.get $x) (i64.const {shift})))")
        })
        .collect();
    format!("(i32.store8 (i32.const 0) (i32.const {letter})) (local.set $x {number}) {bytes}")
}

/// A number below [`ENTRIES`] that looks random.
const ANY: &str =
    "(i64.rem_u (i64.mul (local.get $n) (i64.const 0x61c8864680b583eb)) (i64.const 200000))";

/// The name, code before the loop, code in the loop, and the number of repetitions.
type Row = (&'static str, String, String, u64);

fn row(what: &'static str, first: &str, body: &str, n: u64) -> Row {
    (what, first.to_owned(), body.to_owned(), n)
}

fn keyed(what: &'static str, letter: char, number: &str, body: &str, n: u64) -> Row {
    (what, String::new(), format!("{} {body}", put_key(letter, number)), n)
}

fn scan_of(letter: char, limit: u32) -> (String, String) {
    let first = format!("(i32.store8 (i32.const 0) (i32.const {}))", u32::from(letter));
    let scan = format!(
        "(call $scan (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) \
         (i32.const {limit}) (i32.const 32))"
    );
    (first, scan)
}

fn reads() -> Vec<Row> {
    const GET: &str = "(call $get (i32.const 0) (i32.const 9) (i32.const 32))";
    vec![
        keyed("storage.get, absent", 'a', ANY, GET, 2_000),
        keyed("storage.get, 20 bytes, the same", 'e', "(i64.const 7)", GET, 2_000),
        keyed("storage.get, 20 bytes, any of 200,000", 'e', ANY, GET, 2_000),
        keyed("storage.get, 64 KiB", 'l', "(i64.rem_u (local.get $n) (i64.const 64))", GET, 200),
        row(
            "storage.get, key of 256 bytes",
            "",
            "(call $get (i32.const 0) (i32.const 256) (i32.const 300))",
            2_000,
        ),
    ]
}

fn writes() -> Vec<Row> {
    const SET: &str = "(call $set (i32.const 0) (i32.const 9) (i32.const 64) (i32.const 20))";
    const REMOVE: &str = "(call $remove (i32.const 0) (i32.const 9))";
    let churn = format!("{SET} {REMOVE}");
    vec![
        keyed("storage.set, new", 'n', "(local.get $n)", SET, 2_000),
        keyed("storage.set, the same again", 'n', "(i64.const 7)", SET, 2_000),
        keyed(
            "storage.set, 64 KiB",
            'n',
            "(local.get $n)",
            "(call $set (i32.const 0) (i32.const 9) (i32.const 64) (i32.const 65536))",
            50,
        ),
        keyed("storage.remove, absent", 'n', "(local.get $n)", REMOVE, 2_000),
        keyed("storage.remove, there", 'e', "(local.get $n)", REMOVE, 2_000),
        keyed("storage.set and remove", 'n', "(local.get $n)", &churn, 1_000),
    ]
}

fn scans() -> Vec<Row> {
    let scan = |what, letter, limit, n| {
        let (first, body) = scan_of(letter, limit);
        (what, first, body, n)
    };
    vec![
        scan("storage.scan, nothing there", 'a', 1, 1_000),
        scan("storage.scan, limit 0", 'e', 0, 1_000),
        scan("storage.scan, 1 of many", 'e', 1, 1_000),
        scan("storage.scan, 256 of many", 'e', 256, 30),
        scan("storage.scan, 1 of 64 KiB", 'l', 1, 100),
        scan("storage.scan, 1 after 20,000 removed in an earlier block", 'q', 1, 1_000),
        scan("storage.scan, 256 with 40 removed after each", 'g', 256, 30),
    ]
}

/// With the removal of 10,000 entries in the same block.
fn scans_after_removals() -> Vec<Row> {
    let (first, one) = scan_of('e', 1);
    let (_, many) = scan_of('e', 256);
    // Written and removed at the front, scanned each time.
    let churned = format!(
        "{} (call $set (i32.const 0) (i32.const 9) (i32.const 64) (i32.const 20)) \
         (call $remove (i32.const 0) (i32.const 9)) {one}",
        put_key('e', "(i64.mul (local.get $n) (i64.const 9))")
    );
    vec![
        ("storage.scan, 1 after 10,000 removed in this block", first.clone(), one, 1_000),
        ("storage.scan, 256 after 10,000 removed in this block", first, many, 30),
        ("storage.scan, 1, set and remove among 10,000 removed", String::new(), churned, 500),
    ]
}

fn others() -> Vec<Row> {
    let out = |what, function: &str| {
        let body = format!("(call ${function} (i32.const 64))");
        (what, String::new(), body, 5_000)
    };
    let number = |what, function: &str| {
        let body = format!("(local.set $x (call ${function}))");
        (what, String::new(), body, 5_000)
    };
    let fill = "(memory.fill (i32.const 0) (i32.const 97) (i32.const 102400))";
    // Text of two bytes a letter takes longest to check.
    let wide = "(loop $fill
            (i32.store16 (local.get $i) (i32.const 0xa9c3))
            (local.set $i (i32.add (local.get $i) (i32.const 2)))
            (br_if $fill (i32.lt_u (local.get $i) (i32.const 102400))))";
    let role = |length: u32| {
        format!("(drop (call $has-role {ACCOUNT} (i32.const 0) (i32.const {length})))")
    };
    vec![
        out("context.sender", "sender"),
        out("context.caller", "caller"),
        out("context.caller-module", "caller-module"),
        out("context.self-address", "self-address"),
        number("context.height", "height"),
        number("context.time-ms", "time-ms"),
        out("context.transaction-id", "transaction-id"),
        number("context.window-min-ms", "window-min-ms"),
        row(
            "crypto.sha256, nothing",
            "",
            "(call $sha256 (i32.const 0) (i32.const 0) (i32.const 64))",
            5_000,
        ),
        row(
            "crypto.sha256, 128 KiB",
            "",
            "(call $sha256 (i32.const 0) (i32.const 131072) (i32.const 64))",
            20,
        ),
        row("roles.has-role", fill, &role(6), 2_000),
        row("roles.has-role, 100 KiB of text", wide, &role(102_400), 100),
        row("roles.is-active", "", &format!("(drop (call $is-active {ACCOUNT}))"), 2_000),
        row(
            "roles.organisation",
            "",
            &format!("(call $organisation {ACCOUNT} (i32.const 64))"),
            2_000,
        ),
        row("log.debug", fill, "(call $debug (i32.const 0) (i32.const 10))", 5_000),
        row("log.debug, 100 KiB", wide, "(call $debug (i32.const 0) (i32.const 102400))", 50),
        row("events.emit", fill, "(call $emit (i32.const 0) (i32.const 10))", 1_000),
        row("events.emit, 60 KiB", wide, "(call $emit (i32.const 0) (i32.const 61440))", 50),
        row("a nested call", "", "(drop (call $number (local.get $n)))", 300),
        row(
            "a nested call, 100 KiB of text to and from it",
            wide,
            "(call $text (i32.const 0) (i32.const 102400) (i32.const 120000))",
            100,
        ),
    ]
}

pub(super) fn lines(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let probes = Probes::new()?;
    let disk = state(header)?;
    let mut lines = Vec::new();
    let nothing = |_: &mut Overlay| {};
    for (what, first, body, n) in [reads(), writes(), scans(), others()].into_iter().flatten() {
        let probe = probes.repeating(&first, &body)?;
        lines.push(probe.measure(what, &disk, n, nothing)?);
    }
    let removed = entries(b'e', 0..10_000, None)?;
    for (what, first, body, n) in scans_after_removals() {
        let probe = probes.repeating(&first, &body)?;
        let remove = |overlay: &mut Overlay| {
            removed.iter().for_each(|(key, _)| overlay.remove(key.clone()));
        };
        lines.push(probe.measure(what, &disk, n, remove)?);
    }
    let cold = disk.reopened_cold()?;
    let (what, first, body, n) = reads().swap_remove(2);
    let probe = probes.repeating(&first, &body)?;
    lines.push(probe.measure(&format!("{what}, nothing in memory"), &cold, n, nothing)?);
    let (what, first, body, n) = scans().swap_remove(3);
    let probe = probes.repeating(&first, &body)?;
    lines.push(probe.measure(&format!("{what}, nothing in memory"), &cold, n, nothing)?);
    Ok(lines)
}
