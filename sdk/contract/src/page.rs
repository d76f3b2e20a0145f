//! Pages of lists: each scans one entry more than it holds, to know whether another page follows.

use alloc::vec::Vec;

use crate::common::Refusal;
use crate::{Host, Map, Pack, checks, trap};

/// A page of a scan, and the key after which the next page starts, if there is one. `scan` gets the number
/// of entries to read.
///
/// # Errors
/// `out-of-range` for a limit outside 1 to [`checks::PAGE_ENTRIES_MAX`].
pub fn page<K: Clone, V>(
    limit: u32,
    scan: impl FnOnce(u32) -> Vec<(K, V)>,
) -> Result<(Vec<(K, V)>, Option<K>), Refusal> {
    checks::page(limit)?;
    let mut found = scan(limit + 1);
    let more = cut(&mut found, limit);
    let next = found.last().filter(|_| more).map(|(key, _)| key.clone());
    Ok((found, next))
}

/// A page of the records whose numbers an index has, and the number after which the next page starts, if there
/// is one. `scan` reads the index.
///
/// # Errors
/// As [`page`].
pub fn listed<V: Pack, T>(
    host: &Host,
    records: &Map<u64, V>,
    limit: u32,
    scan: impl FnOnce(u32) -> Vec<(u64, T)>,
) -> Result<(Vec<V>, Option<u64>), Refusal> {
    let (found, next) = page(limit, scan)?;
    let record = |(id, _)| match records.get(host, &id) {
        Some(record) => record,
        None => trap("an index has the number of no record"),
    };
    Ok((found.into_iter().map(record).collect(), next))
}

/// Cuts a list of one entry more than a page holds to the page; false where nothing was cut.
pub(crate) fn cut<T>(found: &mut Vec<T>, limit: u32) -> bool {
    let limit = limit as usize;
    let more = found.len() > limit;
    found.truncate(limit);
    more
}

/// The values of a scan, without their keys.
pub fn values<K, V>(found: Vec<(K, V)>) -> Vec<V> {
    found.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::{page, values};
    use crate::common::Refusal;

    #[test]
    fn a_page_says_whether_another_follows() {
        let scan = |limit: u32| (0..limit.min(3)).map(|key| (key, "x")).collect::<Vec<_>>();
        let keys = |limit| {
            let (found, next) = page(limit, scan)?;
            assert_eq!(values(found.clone()).len(), found.len());
            Ok((found.len(), next))
        };
        assert_eq!(keys(2), Ok((2, Some(1))));
        assert_eq!(keys(3), Ok((3, None)));
        assert_eq!(keys(100), Ok((3, None)));
        for limit in [0, 101] {
            let refused = Refusal::out_of_range("limit", u64::from(limit), 1, 100);
            assert_eq!(keys(limit), Err(refused));
        }
    }
}
