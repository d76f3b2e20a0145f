//! Each check finds the violation that it is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_abi::{Field, Type};
use ehb_consensus::ConsensusMessage;
use ehb_executor::{Execution, Installation};
use ehb_kernel::accounts;
use ehb_mempool::{Loss, Slot};
use ehb_replica::Commit;
use ehb_state::{Changes, Entry, MemoryStore, Overlay, StateStore};
use ehb_types::{
    Account, Address, Block, Code, CommitCertificate, Event, Hash, Header, Name, Outcome, Policy,
    Receipt, Rejection, Roles, SecretKey, Status, Transaction, Vote, VoteKind,
};
use ehb_workload::Call;
use serde_json::json;

use super::NODES;
use crate::Setup;
use crate::afterwards::Afterwards;
use crate::checks::agreement::Agreement;
use crate::checks::authors::Authors;
use crate::checks::conservation::{self, Conservation};
use crate::checks::durability::Durability;
use crate::checks::exits;
use crate::checks::fates::{Fates, View};
use crate::checks::signing::Signing;
use crate::checks::transactions::Transactions;

/// A block of height 1 with a state root, and a time that distinguishes it from others.
fn commit(root: u8, later_ms: u64) -> Commit {
    let header = Header { height: 1, timestamp_ms: 1 + later_ms, ..Header::blank(Hash::ZERO) };
    let key = SecretKey::from_seed(&[1; 32]);
    let block = Block::sign(header, Vec::new(), None, Vec::new(), &key);
    let hash = block.hash();
    let changes = Changes { root: Hash([root; 32]), ..Changes::default() };
    Commit {
        hash,
        block: block.into(),
        certificate: CommitCertificate { height: 1, round: 0, block: hash, signatures: Vec::new() },
        execution: Arc::new(Execution { changes, ..Execution::default() }),
        durable: true,
    }
}

#[test]
fn two_blocks_or_two_roots_at_one_height_are_detected() {
    let mut agreement = Agreement::default();
    assert_eq!(agreement.committed(0, &commit(1, 0)), Ok(true));
    assert_eq!(agreement.committed(1, &commit(1, 0)), Ok(false));
    let other_root = agreement.committed(2, &commit(2, 0)).unwrap_err();
    assert!(other_root.starts_with("the state root of height 1 is"), "{other_root}");
    let other_block = agreement.committed(3, &commit(1, 1)).unwrap_err();
    assert!(other_block.starts_with("the block of height 1 is"), "{other_block}");
}

#[test]
fn a_forged_builder_is_detected() {
    let mut authors = Authors::default();
    let header = &commit(1, 0).block.header;
    assert!(authors.committed(0, header).unwrap_err().contains("which never sent it"));
    authors.sent(1, header.hash());
    authors.sent(0, header.hash());
    assert!(authors.committed(0, header).unwrap_err().contains("and is of node 1"));
    assert_eq!(authors.committed(1, header), Ok(()));
}

#[test]
fn a_lost_final_block_is_detected() {
    let mut durability = Durability::default();
    let reported = Arc::new(commit(1, 0));
    durability.finalized(0, &reported);
    assert_eq!(durability.restarted(0, std::slice::from_ref(&reported)), Ok(()));
    assert!(durability.restarted(0, &[]).is_err());
    assert!(durability.restarted(0, &[Arc::new(commit(1, 1))]).is_err());
    assert_eq!(durability.restarted(1, &[]), Ok(()), "it reported nothing");
    assert!(
        durability.at_end(1, &[]).is_err(),
        "in the end all nodes have every block that one reported"
    );
}

/// The time of the block after which a transaction is looked at, milliseconds.
const BLOCK_MS: u64 = 40_000;

/// A transaction is accepted and can run when the chain resumes; then a block with a later time expires it.
fn fate_after(is_time_wrong: bool, is_silent: bool) -> Result<bool, String> {
    let loss = Loss::Expired { height: 1, timestamp_ms: BLOCK_MS };
    fate_of(loss, is_time_wrong, is_silent)
}

/// A transaction is accepted and can run when the chain resumes; then it is lost.
fn fate_of(loss: Loss, is_time_wrong: bool, is_silent: bool) -> Result<bool, String> {
    let slot = Slot { sender: Address(Hash::ZERO.0), lane: 0, sequence: 0, valid_until_ms: 30_000 };
    let mut fates = Fates::default();
    (fates.is_time_wrong, fates.is_silent) = (is_time_wrong, is_silent);
    fates.submitted(1, 0, 0, (Hash::ZERO, slot));
    fates.answered(1, true);
    let header = |timestamp_ms| Header { timestamp_ms, ..Header::blank(Hash::ZERO) };
    let (before, after) = (header(1), header(BLOCK_MS));
    let view = |head, loss: Option<Loss>| View {
        life: 0,
        head,
        now_ms: 1_000,
        height: None,
        next: 0,
        free: 1,
        is_pending: loss.is_none(),
        loss,
    };
    fates.begin(|_, _, _| Some(view(&before, None)));
    fates.look(|_, _, _| Some(view(&after, Some(loss.clone()))))
}

#[test]
fn a_transaction_that_expires_although_it_could_run_is_detected() {
    let wrong = fate_after(false, false).unwrap_err();
    assert!(wrong.contains("now it is Expired"), "{wrong}");
    assert_eq!(fate_after(true, false), Ok(true), "a block may have the time of a wrong clock");
    assert_eq!(fate_after(false, true), Ok(true), "the chain waits for a validator");
}

#[test]
fn a_transaction_is_dropped_only_if_its_sender_is_frozen() {
    let dropped = |code| Loss::Dropped(Rejection::new(code, "why"));
    assert_eq!(fate_of(dropped(Code::InactiveSender), false, false), Ok(true));
    let wrong = fate_of(dropped(Code::MempoolFull), false, false).unwrap_err();
    assert!(wrong.contains("now it is Dropped"), "{wrong}");
}

#[test]
fn a_transaction_of_a_frozen_account_in_a_block_is_detected() {
    let key = SecretKey::from_seed(&[2; 32]);
    let policy = Policy::Key(key.public_key());
    let sender = Address::of_account(&policy);
    let organisation = Name::new("org").unwrap();
    let mut account =
        Account { policy, organisation, roles: Roles::default(), status: Status::Active };
    // A block in which the account sends something and after which it has this status.
    let mut committed = |transactions: &mut Transactions, sequence, status| {
        account.status = status;
        let mut state = Overlay::new(Arc::new(MemoryStore::default()));
        accounts::put_account(&mut state, &sender, &account);
        let entries = state.clone().into_entries();
        let transaction = Transaction {
            version: Transaction::VERSION,
            chain: Hash::ZERO,
            sender,
            lane: 0,
            sequence,
            valid_until_ms: 0,
            gas_limit: 0,
            calls: Vec::new(),
            memo: String::new(),
        };
        let header = Header { height: 1 + sequence, ..Header::blank(Hash::ZERO) };
        let sent = vec![transaction.sign(&[&key]).into()];
        let block = Block::sign(header, sent, None, Vec::new(), &key);
        let changes = Changes { entries, ..Changes::default() };
        let execution = Arc::new(Execution { changes, ..Execution::default() });
        transactions.committed(&Commit { block: block.into(), execution, ..commit(1, 0) }, &state)
    };
    let mut transactions = Transactions::default();
    assert_eq!(committed(&mut transactions, 0, Status::Active), Ok(()));
    assert_eq!(committed(&mut transactions, 1, Status::Frozen), Ok(()), "frozen by this block");
    let wrong = committed(&mut transactions, 2, Status::Active).unwrap_err();
    assert!(wrong.contains("of the inactive"), "{wrong}");
}

#[test]
fn equivocation_is_detected_and_repetition_is_not() {
    let key = &SecretKey::from_seed(&[1; 32]);
    let vote = |block| {
        let validator = key.public_key();
        let vote = Vote { kind: VoteKind::Prevote, height: 1, round: 0, block, validator };
        ConsensusMessage::Vote(vote.sign(&Hash::ZERO, key))
    };
    let mut signing = Signing::default();
    let own = key.public_key();
    assert_eq!(signing.sent(own, &vote(None)), Ok(()));
    assert_eq!(signing.sent(own, &vote(None)), Ok(()));
    assert!(signing.sent(own, &vote(Some(Hash([1; 32])))).is_err());
    let other = SecretKey::from_seed(&[2; 32]).public_key();
    assert_eq!(signing.sent(other, &vote(Some(Hash([2; 32])))), Ok(()), "it only forwards it");
}

/// One in this many bytes, or entries, of the modules is changed.
const CHANGED_ONE_IN: usize = 2;

/// The chain after genesis, with open orders, milestones, purchases and holds.
fn at_genesis(setup: &Setup, state: Arc<MemoryStore>) -> Afterwards<'_> {
    Afterwards::new(setup, &setup.library, setup.header.clone(), state, setup.roots.state)
}

fn is_success(receipt: &Receipt) -> bool {
    matches!(receipt.outcome, Outcome::Success(_))
}

/// A state with one entry changed or removed.
fn changed(state: &MemoryStore, key: &[u8], value: Option<Vec<u8>>) -> Arc<MemoryStore> {
    let mut state = state.clone();
    let entries = vec![(key.to_vec(), value)];
    state.apply(&Changes { entries, ..Changes::default() });
    Arc::new(state)
}

#[test]
fn a_changed_entry_in_the_books_of_any_module_is_detected() {
    let setup = Setup::new(NODES).unwrap();
    let check = |state| conservation::check(&setup, &setup.library, state, &setup.header);
    let counted = check(setup.state.clone()).unwrap();
    assert_eq!((counted.escrows, counted.open, counted.holds), (22, 22, 26));
    // Changes each byte of an entry by one: some of them are amounts.
    let mut noticed: BTreeSet<(String, &str)> = BTreeSet::new();
    let entries = setup.state.scan(b"m/", None, usize::MAX).unwrap();
    for (index, (key, value)) in entries.into_iter().enumerate() {
        let module = String::from_utf8_lossy(&key).split('/').nth(1).unwrap().to_owned();
        // Changing the upper bytes of a number, which are 0, would make a count too large to read.
        let places = (0..value.len()).filter(|place| value[*place] != 0);
        for place in places.filter(|place| (place + index).is_multiple_of(CHANGED_ONE_IN)) {
            let mut value = value.clone();
            value[place] ^= 1;
            let Err(what) = check(changed(&setup.state, &key, Some(value))) else { continue };
            let codes = ["SUPPLY", "HELD", "ESCROW", "STOCK", "CREDIT"];
            let code = codes.into_iter().find(|code| what.contains(code));
            noticed.extend(code.map(|code| (module.clone(), code)));
        }
    }
    let expected = [
        ("credit", "CREDIT"),
        ("credit", "ESCROW"),
        ("jobs", "ESCROW"),
        ("marketplace", "ESCROW"),
        ("marketplace", "STOCK"),
        ("wallet", "HELD"),
        ("wallet", "SUPPLY"),
    ];
    let missed: Vec<_> = expected
        .into_iter()
        .filter(|(module, code)| !noticed.contains(&((*module).to_owned(), *code)))
        .collect();
    assert_eq!(missed, [], "{noticed:?}");
}

#[test]
fn a_hold_resolved_twice_is_detected() {
    let setup = Setup::new(NODES).unwrap();
    let arguments = json!({ "hold": "1" });
    let release = Call { who: "bob", module: "wallet", function: "release-hold", arguments };
    let receipts = at_genesis(&setup, setup.state.clone()).block(1, &[release]).unwrap();
    assert!(receipts.iter().all(is_success), "{receipts:?}");
    let mut conservation = Conservation::default();
    assert_eq!(conservation.record(&setup, 1, &receipts), Ok(None));
    let again = conservation.record(&setup, 2, &receipts).unwrap().unwrap();
    assert_eq!((again.code, again.subject.as_str()), ("RESOLVED_TWICE", "hold 1"));
}

/// An upgrade appends a field to the event of a released hold: earlier events are read without it, later ones with it.
#[test]
#[expect(clippy::panic, reason = "a test fails by panic")]
fn events_are_read_by_the_interface_of_their_height() {
    let setup = Setup::new(NODES).unwrap();
    let arguments = json!({ "hold": "1" });
    let release = Call { who: "bob", module: "wallet", function: "release-hold", arguments };
    let before = at_genesis(&setup, setup.state.clone()).block(1, &[release]).unwrap();
    let mut after = before.clone();
    let is_release = |event: &&mut Event| event.module.as_str() == "wallet";
    let events = after.iter_mut().flat_map(|receipt| &mut receipt.events);
    let changed = events.filter(is_release).map(|event| event.data.extend(7_u64.to_le_bytes()));
    assert_eq!(changed.count(), 1);

    let mut interface = setup.modules.get("wallet").unwrap().interface().clone();
    let Some(Type::Variant(cases)) = &mut interface.event else { panic!("{interface:?}") };
    let released = cases.iter_mut().find(|case| case.name == "hold-released").unwrap();
    let Some(Type::Record(fields)) = &mut released.kind else { panic!("{released:?}") };
    fields.push(Field { name: "appended".to_owned(), kind: Type::U64 });
    let upgrade = Installation {
        index: 0,
        call: 1,
        module: Name::new("wallet").unwrap(),
        code: Hash::ZERO,
        wit: String::new(),
        interface,
    };
    let mut conservation = Conservation::default();
    assert!(conservation.record(&setup, 1, &after).is_err());
    conservation.installed(2, &[upgrade]);
    // An earlier call of the transaction that upgrades it, and an earlier block.
    assert_eq!(conservation.record(&setup, 2, &before), Ok(None));
    assert!(conservation.record(&setup, 1, &after).is_err());
    let again = conservation.record(&setup, 3, &after).unwrap().unwrap();
    assert_eq!((again.code, again.subject.as_str()), ("RESOLVED_TWICE", "hold 1"));
}

#[test]
fn an_item_that_cannot_be_closed_is_detected() {
    let setup = Setup::new(NODES).unwrap();
    let ended =
        |state: Arc<MemoryStore>| exits::check(&setup, &setup.library, at_genesis(&setup, state));
    assert_eq!(ended(setup.state.clone()), Ok(()));
    // Some entries are deadlines: without it an item stays open.
    let entries = setup.state.scan(b"m/", None, usize::MAX).unwrap();
    let without = |(key, _): &Entry| changed(&setup.state, key, None);
    let left =
        entries.iter().step_by(CHANGED_ONE_IN).filter_map(|entry| ended(without(entry)).err());
    let left: Vec<String> = left.filter(|what| what.starts_with("no account can close")).collect();
    assert!(left.len() >= 4, "{left:?}");
}

#[test]
fn an_accepted_invalid_transaction_is_detected() {
    let mut transactions = Transactions::default();
    transactions.must_refuse(7);
    assert_eq!(transactions.answered(7, false), Ok(()));
    assert_eq!(transactions.answered(8, true), Ok(()));
    assert!(transactions.answered(7, true).is_err());
}
