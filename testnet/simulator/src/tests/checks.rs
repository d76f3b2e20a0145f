use std::sync::Arc;

use ehb_consensus::Message;
use ehb_executor::Execution;
use ehb_replica::Commit;
use ehb_state::{Changes, MemoryStore, StateStore};
use ehb_types::{Block, CommitCertificate, Hash, Vote, VoteKind};

use super::NODES;
use crate::Setup;
use crate::checks::agreement::Agreement;
use crate::checks::conservation;
use crate::checks::durability::Durability;
use crate::checks::signing::Signing;
use crate::checks::transactions::Transactions;

/// The block after genesis, with a state root, and a time by which it differs from others.
fn commit(setup: &Setup, root: u8, later_ms: u64) -> Commit {
    let mut header = setup.header.clone();
    header.height = 1;
    header.parent = setup.header.hash();
    header.timestamp_ms += 1 + later_ms;
    let block = Block { header, transactions: Vec::new(), certificate: None, evidence: Vec::new() };
    let hash = block.hash();
    let changes = Changes { root: Hash([root; 32]), ..Changes::default() };
    Commit {
        hash,
        block: Arc::new(block),
        certificate: CommitCertificate { height: 1, round: 0, block: hash, signatures: Vec::new() },
        execution: Arc::new(Execution { changes, ..Execution::default() }),
        durable: true,
    }
}

#[test]
fn two_blocks_or_two_roots_at_one_height_are_noticed() {
    let setup = Setup::new(NODES).unwrap();
    let mut agreement = Agreement::default();
    assert_eq!(agreement.committed(0, &commit(&setup, 1, 0)), Ok(true));
    assert_eq!(agreement.committed(1, &commit(&setup, 1, 0)), Ok(false));
    let other_root = agreement.committed(2, &commit(&setup, 2, 0)).unwrap_err();
    assert!(other_root.starts_with("the state root of height 1 is"), "{other_root}");
    let other_block = agreement.committed(3, &commit(&setup, 1, 1)).unwrap_err();
    assert!(other_block.starts_with("the block of height 1 is"), "{other_block}");
}

#[test]
fn a_final_block_that_is_gone_is_noticed() {
    let setup = Setup::new(NODES).unwrap();
    let mut durability = Durability::default();
    let told = Arc::new(commit(&setup, 1, 0));
    durability.told(0, &told);
    assert_eq!(durability.restarted(0, std::slice::from_ref(&told)), Ok(()));
    assert!(durability.restarted(0, &[]).is_err());
    assert!(durability.restarted(0, &[Arc::new(commit(&setup, 1, 1))]).is_err());
    assert_eq!(durability.restarted(1, &[]), Ok(()), "it told nothing");
    assert!(durability.at_end(1, &[]).is_err(), "in the end all have what one told");
}

#[test]
fn a_second_signature_is_noticed_and_a_repeated_one_is_not() {
    let setup = Setup::new(NODES).unwrap();
    let key = &setup.validators[0].consensus;
    let vote = |block| {
        let validator = key.public_key();
        let vote = Vote { kind: VoteKind::Prevote, height: 1, round: 0, block, validator };
        Message::Vote(vote.sign(setup.chain_id(), key))
    };
    let mut signing = Signing::default();
    let own = key.public_key();
    assert_eq!(signing.sent(own, &vote(None)), Ok(()));
    assert_eq!(signing.sent(own, &vote(None)), Ok(()));
    assert!(signing.sent(own, &vote(Some(Hash([1; 32])))).is_err());
    let other = setup.validators[1].consensus.public_key();
    assert_eq!(signing.sent(other, &vote(Some(Hash([2; 32])))), Ok(()), "it only passes it on");
}

#[test]
fn a_changed_balance_is_noticed() {
    let setup = Setup::new(NODES).unwrap();
    let check = |state: &Arc<MemoryStore>| {
        conservation::check(&setup, &setup.library, state, &setup.header)
    };
    assert_eq!(check(&setup.state), Ok(()));
    // Some entry of the state is a balance: counting one up by one is noticed, whichever it is.
    let entries = setup.state.scan(b"", None, usize::MAX).unwrap();
    let noticed = entries.into_iter().filter(|(key, value)| {
        let mut value = value.clone();
        let Some(byte) = value.first_mut() else { return false };
        *byte ^= 1;
        let mut state = MemoryStore::clone(&setup.state);
        let entries = vec![(key.clone(), Some(value))];
        state.apply(&Changes { entries, ..Changes::default() });
        check(&Arc::new(state)).is_err_and(|what| what.contains("accounts have"))
    });
    assert!(noticed.count() >= setup.accounts.len());
}

#[test]
fn what_must_be_refused_and_is_not_is_noticed() {
    let mut transactions = Transactions::default();
    transactions.must_refuse(7);
    assert_eq!(transactions.answered(7, false), Ok(()));
    assert_eq!(transactions.answered(8, true), Ok(()));
    assert!(transactions.answered(7, true).is_err());
}
