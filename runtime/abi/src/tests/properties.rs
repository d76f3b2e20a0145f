//! Random values and bytes: JSON and canonical bytes round trip or are refused.

use proptest::collection::vec;
use proptest::prelude::*;

use super::NETWORK;
use super::generate::{types, values};
use crate::{Type, check, from_json, to_json};

proptest! {
    #[test]
    fn values_go_through_json_and_back((kind, bytes) in values()) {
        prop_assert_eq!(kind.check(), Ok(()));
        prop_assert_eq!(check(&kind, &bytes), Ok(()));
        let json = to_json(NETWORK, &kind, &bytes).unwrap();
        // Through text, as it is transferred.
        let json = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!(from_json(NETWORK, &kind, &json).unwrap(), bytes);
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(kind in types(), bytes in vec(0u8..5, 0..40)) {
        match to_json(NETWORK, &kind, &bytes) {
            Ok(json) => {
                prop_assert_eq!(check(&kind, &bytes), Ok(()));
                prop_assert_eq!(from_json(NETWORK, &kind, &json).unwrap(), bytes);
            }
            Err(error) => prop_assert_eq!(check(&kind, &bytes), Err(error)),
        }
    }

    #[test]
    fn a_cut_or_longer_value_is_refused((kind, bytes) in values(), cut in any::<prop::sample::Index>()) {
        let mut longer = bytes.clone();
        longer.push(0);
        prop_assert!(check(&kind, &longer).is_err());
        prop_assert!(check(&kind, &bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn a_value_is_never_shorter_than_its_minimum((kind, bytes) in values()) {
        prop_assert!(kind.bytes_min() > 0 && kind.bytes_min() <= bytes.len());
    }

    #[test]
    fn types_travel_as_json(kind in types()) {
        let text = serde_json::to_string(&kind).unwrap();
        prop_assert_eq!(serde_json::from_str::<Type>(&text).unwrap(), kind);
    }
}
