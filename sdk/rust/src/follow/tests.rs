//! Followers: their start, gaps and dropped messages.

use ehb_rpc_api::{BlockNotice, Detail, GapReason, Position, ReceiptFilter, ReceiptNotice};

use super::line::{Lag, Subject};
use super::position::{BlocksFrom, ReceiptsFrom};

fn gap(from_height: u64, to_height: u64) -> BlockNotice {
    BlockNotice::Gap { from_height, to_height, reason: GapReason::Pruned }
}

fn moved(height: u64, index: u32) -> ReceiptNotice {
    ReceiptNotice::Receipts { next: Position { height, index }, receipts: vec![] }
}

/// A subscription that began "from now on" resumes there after a failure, not at a later head.
#[test]
fn the_starting_position_is_kept() {
    let mut blocks = BlocksFrom::new(None, Detail::Header);
    blocks.begin(7);
    blocks.begin(70);
    assert_eq!(blocks.advance(&gap(8, 9)), Ok(()));
    assert!(blocks.is_owed(10) && !blocks.is_owed(9));
    let mut receipts = ReceiptsFrom::new(ReceiptFilter::default(), None);
    receipts.begin(7);
    receipts.begin(70);
    assert!(receipts.advance(&moved(8, 0)).is_err());
    let notice = moved(8, 1);
    assert_eq!(receipts.advance(&notice), Ok(()));
}

/// A row: a notice that does not follow the previous one.
#[test]
fn gaps_and_repetitions_are_detected() {
    let mut blocks = BlocksFrom::new(Some(5), Detail::Full);
    for (from, to) in [(6, 6), (4, 5), (4, 4), (5, 4), (0, u64::MAX)] {
        assert!(blocks.advance(&gap(from, to)).is_err(), "{from} to {to}");
    }
    assert_eq!(blocks.advance(&gap(5, 7)), Ok(()));
    assert!(blocks.advance(&gap(5, 7)).is_err());

    let from = Position { height: 5, index: 3 };
    let mut receipts = ReceiptsFrom::new(ReceiptFilter::default(), Some(from));
    for (height, index) in [(5, 3), (5, 2), (4, 9)] {
        assert!(receipts.advance(&moved(height, index)).is_err(), "{height}.{index}");
    }
    let gap = ReceiptNotice::Gap { from_height: 5, to_height: 8 };
    assert_eq!(receipts.advance(&gap), Ok(()));
    assert!(receipts.advance(&gap).is_err());
}

/// After messages were dropped, only those that were kept before are passed on.
#[test]
fn what_comes_after_dropped_messages_is_fetched_again() {
    let after_a_gap = |has_lagged, received| Lag { has_lagged, received }.can_be_after_a_gap();
    assert!(!after_a_gap(false, 1) && !after_a_gap(false, 1_000));
    assert!(!after_a_gap(true, 1) && !after_a_gap(true, 32));
    assert!(after_a_gap(true, 33) && after_a_gap(true, 1_000));
}
