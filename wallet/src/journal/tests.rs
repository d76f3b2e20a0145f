//! The journal of sent transactions: damage, crashes and removal.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ehb_sdk::{Name, SecretKey, Signer, Transaction};
use tempfile::TempDir;

use super::*;

const NOW_MS: u64 = 100 * Journal::KEPT_MS;

fn journal() -> (TempDir, Journal) {
    let keystore = tempfile::tempdir().unwrap();
    let journal = Journal::beside(keystore.path(), &Hash([1; 32]), Network::Test);
    (keystore, journal)
}

fn signer(seed: u8) -> Signer {
    Signer::of_key(SecretKey::from_seed(&[seed; 32]))
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn entry(seed: u8, sequence: u64, argument: u8) -> Entry {
    let call =
        Call { module: name("wallet"), function: name("transfer"), arguments: vec![argument] };
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: Hash([1; 32]),
        sender: signer(seed).address(),
        lane: 0,
        sequence,
        valid_until_ms: 2_000,
        gas_limit: 3,
        calls: vec![call],
        memo: format!("#{sequence}"),
    };
    let signed = signer(seed).sign(transaction);
    let (summary, created_ms) = ("pays".to_owned(), 1_000_000 - sequence);
    Entry { signed, summary, created_ms, state: State::Open, resumed: false }
}

fn file(keystore: &TempDir, entry: &Entry) -> PathBuf {
    let sender = entry.signed.transaction.sender.to_text(Network::Test);
    let folder = keystore.path().join("journal").join("01".repeat(32)).join(sender);
    folder.join(format!("{}.json", entry.id()))
}

#[test]
fn stored_transactions_are_found_until_they_are_removed() {
    let (keystore, journal) = journal();
    assert!(journal.all(NOW_MS).unwrap().entries.is_empty());
    let [first, second, other] = [entry(7, 0, 1), entry(7, 1, 2), entry(8, 0, 1)];
    for it in [&first, &second, &other] {
        journal.put(it).unwrap();
    }
    let account = signer(7).address();
    // The oldest first.
    assert_eq!(
        journal.of_account(&account, NOW_MS).unwrap().entries,
        [second.clone(), first.clone()]
    );
    assert_eq!(journal.all(NOW_MS).unwrap().entries.len(), 3);
    let calls = &first.signed.transaction.calls;
    assert_eq!(
        journal.equal(&account, calls, NOW_MS).unwrap().entries,
        std::slice::from_ref(&first)
    );
    assert_eq!(journal.find(&other.id()).unwrap().unwrap(), other);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let path = file(&keystore, &first);
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));

    let accepted = Entry { state: State::Accepted, resumed: true, ..first.clone() };
    journal.put(&accepted).unwrap();
    assert_eq!(journal.find(&first.id()).unwrap().unwrap(), accepted);
    for _ in 0..2 {
        journal.remove(&first).unwrap();
    }
    assert_eq!(journal.find(&first.id()).unwrap(), None);
    // Another chain, even with the same id, has a separate journal.
    let other_chain = Journal::beside(keystore.path(), &Hash([2; 32]), Network::Test);
    assert!(other_chain.all(NOW_MS).unwrap().entries.is_empty());
}

/// A row: a change of the file, which is reported and hides no other file.
#[test]
fn a_damaged_file_is_rejected_and_reported() {
    let (keystore, journal) = journal();
    let [good, bad] = [entry(7, 0, 1), entry(7, 1, 2)];
    journal.put(&good).unwrap();
    journal.put(&bad).unwrap();
    let path = file(&keystore, &bad);
    let text = fs::read_to_string(&path).unwrap();
    let bytes = hex::encode(encode(&bad.signed));
    let edited = bytes.replacen(&bytes[..2], "02", 1);
    let changed = [
        text[..text.len() / 2].to_owned(),
        String::new(),
        text.replace("\"version\": 2", "\"version\": 9"),
        text.replace("\"open\"", "\"opened\""),
        text.replace("\"resumed\"", "\"resumed_\""),
        text.replace(&bad.id().to_string(), &good.id().to_string()),
        text.replace(&bytes, &bytes[2..]),
        text.replace(&bytes, &edited),
        format!("{text}{}", " ".repeat(Journal::FILE_BYTES_MAX)),
    ];
    for changed in changed {
        fs::write(&path, &changed).unwrap();
        let entries = journal.of_account(&signer(7).address(), NOW_MS).unwrap();
        assert_eq!(entries.entries, std::slice::from_ref(&good));
        assert_eq!(entries.refused.len(), 1, "{:.200}", changed);
        assert!(journal.find(&bad.id()).is_err());
    }
    // Neither under another name, nor in another account's folder.
    fs::rename(&path, path.with_file_name(file_name(&Hash([9; 32])))).unwrap();
    assert_eq!(journal.all(NOW_MS).unwrap().refused.len(), 1);
    fs::remove_file(path.with_file_name(file_name(&Hash([9; 32])))).unwrap();
    let other = file(&keystore, &entry(8, 0, 1));
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::copy(file(&keystore, &good), other.with_file_name(file_name(&good.id()))).unwrap();
    let all = journal.all(NOW_MS).unwrap();
    assert_eq!((all.entries.len(), all.refused.len()), (1, 1));
}

/// A crash while writing leaves no transaction and no obstacle.
#[test]
fn a_crash_while_writing_leaves_nothing_that_looks_like_a_transaction() {
    let (keystore, journal) = journal();
    let it = entry(7, 0, 1);
    journal.put(&it).unwrap();
    let path = file(&keystore, &it);
    let [old, young] = [".new-abc.tmp", ".new-def.tmp"].map(|name| path.with_file_name(name));
    for it in [&old, &young] {
        fs::write(it, "{\"version\"").unwrap();
    }
    let modified = SystemTime::now() - 2 * UNFINISHED_AGE;
    File::options().append(true).open(&old).unwrap().set_modified(modified).unwrap();
    let entries = journal.all(NOW_MS).unwrap();
    assert_eq!((entries.entries.len(), entries.refused.len()), (1, 0));
    journal.tidy(&signer(7).address(), NOW_MS).unwrap();
    assert_eq!((old.exists(), young.exists(), path.exists()), (false, true, true));
}

/// A row: a state, and how long the same command finds it.
#[test]
fn final_transactions_are_kept_for_12_hours_after_they_were_seen() {
    let final_at = |seen_ms, reported| State::Final { height: 5, seen_ms, reported };
    let rows = [
        (State::Open, true),
        (State::Accepted, true),
        (final_at(NOW_MS, false), true),
        (final_at(NOW_MS - Journal::KEPT_MS, false), true),
        (final_at(NOW_MS - Journal::KEPT_MS, true), true),
        (final_at(NOW_MS - Journal::KEPT_MS - 1, false), false),
        (final_at(NOW_MS - Journal::KEPT_MS - 1, true), false),
        // A clock that was set back removes nothing.
        (final_at(NOW_MS + 1, false), true),
    ];
    for (state, is_kept) in rows {
        let (keystore, journal) = journal();
        let it = Entry { state, ..entry(7, 0, 1) };
        let account = signer(7).address();
        journal.put(&it).unwrap();
        let calls = &it.signed.transaction.calls;
        let found = |entries: Entries| entries.entries == std::slice::from_ref(&it);
        assert_eq!(found(journal.equal(&account, calls, NOW_MS).unwrap()), is_kept, "{state:?}");
        assert_eq!(found(journal.all(NOW_MS).unwrap()), is_kept, "{state:?}");
        journal.tidy(&account, NOW_MS).unwrap();
        assert_eq!(file(&keystore, &it).exists(), is_kept, "{state:?}");
    }
}

/// One that expired is no repetition and nothing that is pending, but it is known as long as others can wait for its
/// sequence.
#[test]
fn an_expired_transaction_is_kept_for_its_sequence() {
    let old = NOW_MS - Journal::KEPT_MS - 1;
    for (seen_ms, later, is_kept) in [
        (NOW_MS, None, true),
        (old, None, false),
        (old, Some(State::Open), true),
        (old, Some(State::Accepted), true),
        (old, Some(State::Final { height: 5, seen_ms: NOW_MS, reported: false }), false),
    ] {
        let (keystore, journal) = journal();
        let account = signer(7).address();
        let expired = Entry { state: State::Expired { seen_ms }, ..entry(7, 1, 1) };
        let earlier = entry(7, 0, 1);
        let later = later.map(|state| Entry { state, ..entry(7, 2, 1) });
        for it in [&expired, &earlier].into_iter().chain(&later) {
            journal.put(it).unwrap();
        }
        let calls = &expired.signed.transaction.calls;
        let has = |entries: Entries| entries.entries.contains(&expired);
        assert!(!has(journal.equal(&account, calls, NOW_MS).unwrap()), "{later:?}");
        assert!(!has(journal.all(NOW_MS).unwrap()), "{later:?}");
        journal.tidy(&account, NOW_MS).unwrap();
        assert_eq!(has(journal.of_account(&account, NOW_MS).unwrap()), is_kept, "{later:?}");
        assert_eq!(file(&keystore, &expired).exists(), is_kept, "{later:?}");
        assert!(file(&keystore, &earlier).exists(), "{later:?}");
    }
}

#[test]
fn a_full_journal_removes_shown_transactions_first() {
    let (_keystore, journal) = journal();
    let account = signer(7).address();
    let max = Journal::ENTRIES_MAX as u64;
    let [shown, seen] =
        [true, false].map(|reported| State::Final { height: 5, seen_ms: NOW_MS, reported });
    // Entries with a lower sequence are younger.
    let state = |sequence| match sequence {
        3 | 5 => shown,
        7 => seen,
        9 => State::Accepted,
        _ => State::Open,
    };
    let put = |sequence| {
        journal.tidy(&account, NOW_MS).unwrap();
        journal.put(&Entry { state: state(sequence), ..entry(7, sequence, 1) })
    };
    for sequence in 0..max {
        journal.put(&Entry { state: state(sequence), ..entry(7, sequence, 1) }).unwrap();
    }
    let has = |sequence| journal.find(&entry(7, sequence, 1).id()).unwrap().is_some();
    put(max).unwrap();
    assert!(!has(5) && has(3), "the older one that was shown was removed");
    put(max + 1).unwrap();
    assert!(!has(3));
    assert!(matches!(put(max + 2), Err(JournalError::Full(_))));
    assert!(has(7) && has(9) && has(0));
    // A new state of an existing one always fits, and so does another account.
    put(0).unwrap();
    journal.put(&entry(8, 0, 1)).unwrap();
    journal.remove(&entry(7, 0, 1)).unwrap();
    put(max + 2).unwrap();
}

#[test]
fn one_program_signs_for_an_account_at_a_time() {
    let (_keystore, journal) = journal();
    let lock = |seed| journal.try_lock(&signer(seed).address()).unwrap();
    let held = lock(7);
    assert!(held.is_some() && lock(7).is_none());
    assert!(lock(8).is_some());
    drop(held);
    assert!(lock(7).is_some());
}
