//! Encodings of stored values, and damaged ones.

use ehb_types::{Code, Event, Failure, Hash, Name, Outcome, Receipt, Receipts};
use proptest::prelude::*;

use crate::signer::SignedRecord;
use crate::{StoreError, receipts, varint};

fn receipt(seed: u8, events: usize) -> Receipt {
    let outcome = if seed.is_multiple_of(3) {
        Outcome::Failure(Failure::new(Some(u16::from(seed)), Code::OutOfGas, "gas"))
    } else {
        Outcome::Success(vec![vec![seed; usize::from(seed)]])
    };
    let event = Event { call: 0, module: Name::new("wallet").unwrap(), data: vec![seed; 7] };
    let events = vec![event; events];
    Receipt { transaction: Hash([seed; 32]), outcome, gas_used: u64::from(seed), events }
}

proptest! {
    #[test]
    fn a_varint_reads_back(numbers in prop::collection::vec(any::<u64>(), 0..9), small in 0u64..300) {
        let mut bytes = Vec::new();
        for number in numbers.iter().chain([&small]) {
            varint::push(&mut bytes, *number);
        }
        let mut rest = bytes.as_slice();
        for number in numbers.iter().chain([&small]) {
            prop_assert_eq!(varint::take(&mut rest), Some(*number));
        }
        prop_assert_eq!(varint::take(&mut rest), None);
    }

    #[test]
    fn receipts_read_back_together_and_one_by_one(
        seeds in prop::collection::vec((any::<u8>(), 0usize..4), 0..40),
    ) {
        let all: Vec<Receipt> = seeds.iter().map(|(seed, events)| receipt(*seed, *events)).collect();
        let all = Receipts::from(all);
        let value = receipts::encode_all(&all);
        prop_assert_eq!(receipts::decode_all(&value).unwrap(), all.clone());
        for (index, receipt) in (0..).zip(&all) {
            let one = receipts::decode_one(&value, index).unwrap();
            prop_assert_eq!(one.as_ref(), Some(receipt));
        }
        let beyond = u32::try_from(all.len()).unwrap();
        prop_assert_eq!(receipts::decode_one(&value, beyond).unwrap(), None);
    }

    /// Damaged receipts are an error or other receipts, never a panic or a giant allocation.
    #[test]
    fn any_bytes_may_stand_for_receipts(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = receipts::decode_all(&bytes);
        let _ = receipts::decode_one(&bytes, 1);
    }
}

#[test]
fn a_varint_beyond_64_bits_is_refused() {
    let mut largest = Vec::new();
    varint::push(&mut largest, u64::MAX);
    assert_eq!(varint::take(&mut largest.as_slice()), Some(u64::MAX));
    largest[9] = 2;
    assert_eq!(varint::take(&mut largest.as_slice()), None);
    assert_eq!(varint::take(&mut [0x80u8; 11].as_slice()), None);
}

#[test]
fn receipts_that_were_cut_are_refused() {
    let value = receipts::encode_all(&vec![receipt(1, 1), receipt(2, 2)].into());
    for length in 0..value.len() {
        assert!(matches!(receipts::decode_all(&value[..length]), Err(StoreError::Damaged(_))));
        assert!(matches!(receipts::decode_one(&value[..length], 0), Err(StoreError::Damaged(_))));
    }
}

#[test]
fn a_signed_record_needs_its_sequence() {
    let record = SignedRecord { sequence: 3, bytes: b"vote".to_vec() };
    assert_eq!(SignedRecord::from_value(&record.to_value()).unwrap(), record);
    assert!(SignedRecord::from_value(b"short").is_err());
}
