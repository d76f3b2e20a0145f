//! Verification of chains before anything is written.

use ehb_indexer::check::CheckError;
use ehb_types::{CommitCertificate, Hash};

use crate::chain::{TestChain, account, sold};

fn chain() -> TestChain {
    let mut chain = TestChain::new("check");
    for height in 1..6 {
        chain.push(vec![sold(account(60), "lamp", height)]);
    }
    chain
}

/// The error of the first block that is refused, when the one at a height is changed.
fn refused(change: impl FnOnce(&mut TestChain)) -> Option<CheckError> {
    let mut chain = chain();
    let mut checker = chain.checker();
    change(&mut chain);
    chain.blocks.into_iter().find_map(|block| checker.accept(block, None).err())
}

fn sign_again(chain: &mut TestChain, height: usize) {
    let certificate = chain.certificate(&chain.blocks[height].header);
    chain.blocks[height].certificate = Some(certificate);
}

#[test]
fn a_right_chain_passes_and_the_last_block_waits_for_its_proof() {
    let chain = chain();
    let heights: Vec<u64> = chain.checked().iter().map(|it| it.block.height()).collect();
    assert_eq!(heights, [0, 1, 2, 3, 4]);
}

#[test]
fn a_receipt_with_one_changed_byte_is_refused() {
    let error = refused(|chain| chain.blocks[3].receipts[0].events[0].data[70] ^= 1);
    assert_eq!(error, Some(CheckError::Receipts(3)));
    let error = refused(|chain| chain.blocks[3].receipts[0].gas_used += 1);
    assert_eq!(error, Some(CheckError::Receipts(3)));
}

#[test]
fn a_missing_receipt_is_refused() {
    let error = refused(|chain| chain.blocks[3].receipts.clear());
    assert_eq!(error, Some(CheckError::Receipts(3)));
}

#[test]
fn a_changed_header_is_refused() {
    let error = refused(|chain| chain.blocks[2].header.timestamp_ms += 1);
    assert!(matches!(error, Some(CheckError::Header { height: 2, .. })), "{error:?}");
}

#[test]
fn a_header_without_a_quorum_is_refused() {
    let error = refused(|chain| {
        let certificate = chain.blocks[2].certificate.take().unwrap();
        let signatures = certificate.signatures[..2].to_vec();
        chain.blocks[2].certificate = Some(CommitCertificate { signatures, ..certificate });
    });
    assert!(matches!(error, Some(CheckError::Header { height: 2, .. })), "{error:?}");
    let error = refused(|chain| chain.blocks[2].certificate = None);
    assert_eq!(error, Some(CheckError::NoCertificate(2)));
}

#[test]
fn another_body_is_refused() {
    let error = refused(|chain| chain.blocks[4].transactions.clear());
    assert_eq!(error, Some(CheckError::Body(4)));
}

#[test]
fn another_chain_is_refused_with_both_hashes() {
    let other = TestChain::busy("other", 4);
    let got = other.chain;
    let error = refused(|chain| chain.blocks[2] = other.blocks[2].clone());
    assert_eq!(error, Some(CheckError::Chain { expected: chain().chain, got }));
}

#[test]
fn blocks_out_of_order_are_refused() {
    let error = refused(|chain| chain.blocks.swap(2, 3));
    assert_eq!(error, Some(CheckError::Order { expected: 2, got: 3 }));
    let error = refused(|chain| drop(chain.blocks.remove(0)));
    assert_eq!(error, Some(CheckError::Order { expected: 0, got: 1 }));
}

/// Only validators who break the rules can make one; it must never be indexed.
#[test]
fn a_decided_block_on_another_parent_is_a_fork() {
    let ours = chain().blocks[2].header.hash();
    let parent = Hash([9; 32]);
    let error = refused(|chain| {
        chain.blocks[3].header.parent = parent;
        sign_again(chain, 3);
    });
    assert_eq!(error, Some(CheckError::Fork { height: 3, parent, ours }));
    let text = error.unwrap().to_string();
    assert!(text.contains(&parent.to_string()) && text.contains(&ours.to_string()), "{text}");
}

#[test]
fn a_made_up_genesis_is_refused_and_is_no_fork() {
    let error = refused(|chain| chain.blocks[0].header.timestamp_ms += 1);
    assert!(matches!(error, Some(CheckError::Genesis(_))), "{error:?}");
}

/// A receipt of another transaction under the right root cannot be, but the rows must not mix what the next header does
/// not prove yet.
#[test]
fn receipts_in_another_order_are_refused() {
    let mut chain = TestChain::new("order");
    chain.push(vec![sold(account(60), "a", 1), sold(account(61), "b", 2)]);
    let mut checker = chain.checker();
    checker.accept(chain.blocks[0].clone(), None).unwrap();
    let mut block = chain.blocks[1].clone();
    block.receipts.swap(0, 1);
    let error = checker.accept(block, None).unwrap_err();
    assert_eq!(error, CheckError::OtherTransaction { height: 1, index: 0 });
}

#[test]
fn validators_that_change_are_followed_by_headers() {
    let mut chain = TestChain::new("sets");
    let smaller = chain.smaller_set();
    chain.push_with(Vec::new(), Some(&smaller));
    chain.push(Vec::new());
    chain.push(Vec::new());
    let mut checker = chain.checker();
    for block in &chain.blocks {
        let needed = checker.needs_validators(block);
        assert_eq!(needed.is_some(), block.height() == 1);
        // Without the set, or with another one, the change is refused and nothing is forgotten.
        if needed.is_some() {
            assert!(checker.accept(block.clone(), None).is_err());
        }
        checker.accept(block.clone(), needed.map(|_| smaller.clone())).unwrap();
    }
    assert_eq!(checker.next_height(), 4);
}

/// After an endpoint was refused, the next one goes on where the last proven block was.
#[test]
fn a_refused_block_takes_nothing_back_but_the_one_that_waited() {
    let chain = chain();
    let mut checker = chain.checker();
    for block in &chain.blocks[..3] {
        checker.accept(block.clone(), None).unwrap();
    }
    let proven = chain.blocks[1].header.hash();
    checker.restart(ehb_indexer::check::Tip {
        height: Some(1),
        hash: proven,
        validators: Some(chain.set()),
    });
    assert_eq!(checker.next_height(), 2);
    let passed: Vec<u64> = chain.blocks[2..]
        .iter()
        .filter_map(|block| checker.accept(block.clone(), None).unwrap())
        .map(|it| it.block.height())
        .collect();
    assert_eq!(passed, [2, 3, 4]);
}
