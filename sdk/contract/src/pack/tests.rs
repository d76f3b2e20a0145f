//! The encoding of stored values.

use proptest::prelude::*;

use crate::{Address, Pack, packed};

#[derive(Clone, Debug, PartialEq, Pack)]
struct Sample {
    small: u8,
    big: u64,
    flag: bool,
    text: String,
    address: Address,
    maybe: Option<u32>,
    many: Vec<(u16, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Pack)]
enum Supply {
    Unlimited,
    Capped(u16),
    Closed,
}

fn packed(value: &impl Pack) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut bytes);
    bytes
}

#[test]
fn cases_are_stored_under_their_numbers() {
    let cases = [Supply::Unlimited, Supply::Capped(0x0102), Supply::Closed];
    let bytes = [&[0][..], &[1, 2, 1], &[2]];
    for (case, bytes) in cases.into_iter().zip(bytes) {
        assert_eq!(packed(&case), bytes);
        assert_eq!(unpacked(bytes), Some(case));
    }
    assert_eq!(unpacked::<Supply>(&[3]), None);
    assert_eq!(unpacked::<Supply>(&[1, 2]), None);
    assert_eq!(packed!(Supply::Closed, 3_u8), [2, 3]);
}

fn unpacked<T: Pack>(mut bytes: &[u8]) -> Option<T> {
    T::unpack(&mut bytes).filter(|_| bytes.is_empty())
}

fn sample() -> impl Strategy<Value = Sample> {
    let parts = (any::<u8>(), any::<u64>(), any::<bool>(), ".*", any::<[u8; 32]>());
    let lists = (any::<Option<u32>>(), prop::collection::vec(any::<(u16, i64)>(), 0..5));
    (parts, lists).prop_map(|((small, big, flag, text, address), (maybe, many))| {
        let address = Address::from_bytes(&address);
        Sample { small, big, flag, text, address, maybe, many }
    })
}

#[test]
fn the_bytes_are_those_of_borsh() {
    assert_eq!(packed(&0x0102_u16), [2, 1]);
    assert_eq!(packed(&-2_i32), [0xfe, 0xff, 0xff, 0xff]);
    assert_eq!(packed(&"ab".to_owned()), [2, 0, 0, 0, b'a', b'b']);
    assert_eq!(packed(&vec![Some(true), None]), [2, 0, 0, 0, 1, 1, 0]);
    assert_eq!(packed(&(3_u8, ())), [3]);
    assert_eq!(packed(&Address::from_bytes(&[7; 32])), [7; 32]);
}

#[test]
fn what_is_no_value_is_refused() {
    assert_eq!(unpacked::<bool>(&[2]), None);
    assert_eq!(unpacked::<Option<u8>>(&[2, 1]), None);
    assert_eq!(unpacked::<String>(&[1, 0, 0, 0, 0xff]), None);
    assert_eq!(unpacked::<String>(&[0xff, 0xff, 0xff, 0xff, b'a']), None);
    assert_eq!(unpacked::<Vec<u8>>(&[0xff, 0xff, 0xff, 0xff, 1]), None);
    assert_eq!(unpacked::<u32>(&[1, 2, 3]), None);
}

proptest! {
    #[test]
    fn values_come_back(value in sample()) {
        let bytes = packed(&value);
        prop_assert_eq!(unpacked::<Sample>(&bytes), Some(value));
        for end in 0..bytes.len() {
            prop_assert_eq!(unpacked::<Sample>(&bytes[..end]), None);
        }
    }

    #[test]
    fn any_bytes_are_a_value_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        if let Some(value) = unpacked::<Sample>(&bytes) {
            prop_assert_eq!(packed(&value), bytes);
        }
    }
}
