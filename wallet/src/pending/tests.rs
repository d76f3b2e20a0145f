use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use ehb_sdk::{Name, SecretKey, Signer, Transaction};
use tempfile::TempDir;

use super::*;

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

fn pending(seed: u8, sequence: u64, argument: u8) -> Pending {
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
    Pending { signed, summary: "pays".to_owned(), created_ms: 1_000 - sequence, accepted: false }
}

fn file(keystore: &TempDir, pending: &Pending) -> PathBuf {
    let sender = pending.signed.transaction.sender.to_text(Network::Test);
    let folder = keystore.path().join("pending").join("01".repeat(32)).join(sender);
    folder.join(format!("{}.json", pending.id()))
}

#[test]
fn what_is_put_in_is_found_until_it_is_removed() {
    let (keystore, journal) = journal();
    assert!(journal.all().unwrap().pending.is_empty());
    let [first, second, other] = [pending(7, 0, 1), pending(7, 1, 2), pending(8, 0, 1)];
    for it in [&first, &second, &other] {
        journal.put(it).unwrap();
    }
    let account = signer(7).address();
    // The oldest first.
    assert_eq!(journal.of_account(&account).unwrap().pending, [second.clone(), first.clone()]);
    assert_eq!(journal.all().unwrap().pending.len(), 3);
    let calls = &first.signed.transaction.calls;
    assert_eq!(journal.equal(&account, calls).unwrap().pending, std::slice::from_ref(&first));
    assert_eq!(journal.find(&other.id()).unwrap().unwrap(), other);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let path = file(&keystore, &first);
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));

    let accepted = Pending { accepted: true, ..first.clone() };
    journal.put(&accepted).unwrap();
    assert_eq!(journal.find(&first.id()).unwrap().unwrap(), accepted);
    for _ in 0..2 {
        journal.remove(&first).unwrap();
    }
    assert_eq!(journal.find(&first.id()).unwrap(), None);
    // Another chain, even under the same id, is none of this one's business.
    let other_chain = Journal::beside(keystore.path(), &Hash([2; 32]), Network::Test);
    assert!(other_chain.all().unwrap().pending.is_empty());
}

/// One row a change of the file: it is told, and hides no other.
#[test]
fn a_damaged_file_is_refused_and_told() {
    let (keystore, journal) = journal();
    let [good, bad] = [pending(7, 0, 1), pending(7, 1, 2)];
    journal.put(&good).unwrap();
    journal.put(&bad).unwrap();
    let path = file(&keystore, &bad);
    let text = fs::read_to_string(&path).unwrap();
    let bytes = hex::encode(encode(&bad.signed));
    let edited = bytes.replacen(&bytes[..2], "02", 1);
    let changed = [
        text[..text.len() / 2].to_owned(),
        String::new(),
        text.replace("\"version\": 1", "\"version\": 9"),
        text.replace("\"accepted\"", "\"accepted_\""),
        text.replace(&bad.id().to_string(), &good.id().to_string()),
        text.replace(&bytes, &bytes[2..]),
        text.replace(&bytes, &edited),
        format!("{text}{}", " ".repeat(Journal::FILE_BYTES_MAX)),
    ];
    for changed in changed {
        fs::write(&path, &changed).unwrap();
        let entries = journal.of_account(&signer(7).address()).unwrap();
        assert_eq!(entries.pending, std::slice::from_ref(&good));
        assert_eq!(entries.refused.len(), 1, "{:.200}", changed);
        assert!(journal.find(&bad.id()).is_err());
    }
    // Neither under another name, nor in another account's folder.
    fs::rename(&path, path.with_file_name(file_name(&Hash([9; 32])))).unwrap();
    assert_eq!(journal.all().unwrap().refused.len(), 1);
    fs::remove_file(path.with_file_name(file_name(&Hash([9; 32])))).unwrap();
    let other = file(&keystore, &pending(8, 0, 1));
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::copy(file(&keystore, &good), other.with_file_name(file_name(&good.id()))).unwrap();
    let all = journal.all().unwrap();
    assert_eq!((all.pending.len(), all.refused.len()), (1, 1));
}

/// What a crash while writing leaves behind is no transaction, and in nobody's way.
#[test]
fn a_crash_while_writing_leaves_nothing_that_looks_like_a_transaction() {
    let (keystore, journal) = journal();
    let it = pending(7, 0, 1);
    journal.put(&it).unwrap();
    let path = file(&keystore, &it);
    fs::write(path.with_file_name(".new-abc.tmp"), "{\"version\"").unwrap();
    let entries = journal.all().unwrap();
    assert_eq!((entries.pending.len(), entries.refused.len()), (1, 0));
}

#[test]
fn a_journal_has_a_bound() {
    let (_keystore, journal) = journal();
    let all: Vec<Pending> =
        (0..=Journal::PENDING_MAX as u64).map(|sequence| pending(7, sequence, 1)).collect();
    for it in &all[..Journal::PENDING_MAX] {
        journal.put(it).unwrap();
    }
    assert!(matches!(journal.put(&all[Journal::PENDING_MAX]), Err(JournalError::Full(_))));
    // A new state of one that is there has room, and so has another account.
    journal.put(&all[0]).unwrap();
    journal.put(&pending(8, 0, 1)).unwrap();
    journal.remove(&all[0]).unwrap();
    journal.put(&all[Journal::PENDING_MAX]).unwrap();
}

#[test]
fn one_program_signs_for_an_account_at_a_time() {
    let (_keystore, journal) = journal();
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let lock = journal.lock(&signer(7).address()).unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), 1);
}
