//! The index of a module's deadlines, its interface `ehb:common/deadlines`, and checks of a single deadline.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::common::{DueItem, DuePage, Item, Refusal};
use crate::{Host, Kind, Map, checks, page, trap};

#[cfg(test)]
mod tests;

/// The deadlines of all items of a module, in the order in which they pass: what the interface
/// `ehb:common/deadlines` reads, and what a module changes whenever an item gets another deadline.
pub struct Deadlines<K> {
    index: Map<Place, ()>,
    kinds: PhantomData<fn() -> K>,
}

/// A deadline in the index: time, kind, number.
pub(crate) type Place = (u64, u8, u64);

/// How many items `advance-due` reads at once: a scan costs about two entries.
const SCANNED_AT_ONCE: u32 = 8;

/// The item that `advance-due` advances.
pub(crate) struct Advancing {
    place: Place,
    /// Whether its step has removed its deadline: else it is due again at once.
    is_removed: bool,
    /// Whether its step ended another item or made one due: then the index is read again.
    changed_others: bool,
}

impl Advancing {
    fn of(place: Place) -> Self {
        Self { place, is_removed: false, changed_others: false }
    }

    /// Whether what was read of the index is still so, but for this item.
    fn is_settled(&self) -> bool {
        self.is_removed && !self.changed_others
    }
}

impl<K: Kind> Deadlines<K> {
    /// The deadlines under this first byte.
    pub const fn new(prefix: u8) -> Self {
        Self { index: Map::new(prefix), kinds: PhantomData }
    }

    /// Sets an item's deadline in place of the one that it had; none for an item that has none.
    pub fn change(
        &self,
        host: &mut Host,
        kind: K,
        id: u64,
        before_ms: Option<u64>,
        after_ms: Option<u64>,
    ) {
        if before_ms == after_ms {
            return;
        }
        if let Some(before_ms) = before_ms {
            self.remove(host, kind, id, before_ms);
        }
        if let Some(after_ms) = after_ms {
            self.add(host, kind, id, after_ms);
        }
    }

    /// Adds the deadline of an item.
    pub fn add(&self, host: &mut Host, kind: K, id: u64, deadline_ms: u64) {
        if host.advancing.is_some() {
            let is_due = deadline_ms <= host.time_ms();
            if let Some(advancing) = &mut host.advancing {
                advancing.changed_others |= is_due;
            }
        }
        self.index.set(host, &(deadline_ms, kind.number(), id), &());
    }

    /// Removes the deadline of an item.
    pub fn remove(&self, host: &mut Host, kind: K, id: u64, deadline_ms: u64) {
        let place = (deadline_ms, kind.number(), id);
        if let Some(advancing) = &mut host.advancing {
            let is_own = advancing.place == place;
            advancing.is_removed |= is_own;
            advancing.changed_others |= !is_own;
        }
        self.index.remove(host, &place);
    }

    /// The function `advance` of the interface; `step` takes an item's default step, and refuses where its
    /// deadline has not passed.
    ///
    /// # Errors
    /// `unknown-item` for a kind that the module does not have, and what `step` refuses with.
    pub fn advance<E: Into<Refusal>>(
        &self,
        host: &mut Host,
        item: &Item,
        step: impl FnOnce(&mut Host, K, u64) -> Result<(), E>,
    ) -> Result<(), Refusal> {
        step(host, K::of(item)?, item.id).map_err(Into::into)
    }

    /// The function `advance-due` of the interface.
    ///
    /// # Errors
    /// `out-of-range`, and what `step` refuses with: then nothing is advanced.
    pub fn advance_due<E: Into<Refusal>>(
        &self,
        host: &mut Host,
        limit: u32,
        mut step: impl FnMut(&mut Host, K, u64) -> Result<(), E>,
    ) -> Result<Vec<DueItem>, Refusal> {
        checks::advance_due(limit)?;
        let mut advanced = Vec::new();
        loop {
            let wanted = SCANNED_AT_ONCE.min(limit - advanced.len() as u32);
            let due = self.due(host, None, wanted);
            let mut is_last = due.len() < SCANNED_AT_ONCE as usize;
            for (place, kind) in due {
                host.advancing = Some(Advancing::of(place));
                let done = step(host, kind, place.2);
                let advancing = host.advancing.take();
                done.map_err(Into::into)?;
                advanced.push(shown(place, kind));
                if !advancing.is_some_and(|advancing| advancing.is_settled()) {
                    is_last = false;
                    break;
                }
            }
            if is_last || advanced.len() >= limit as usize {
                return Ok(advanced);
            }
        }
    }

    /// The function `list-due` of the interface.
    ///
    /// # Errors
    /// `out-of-range`, and `unknown-item` for a cursor of a kind that the module does not have.
    pub fn list(
        &self,
        host: &Host,
        after: Option<&DueItem>,
        limit: u32,
    ) -> Result<DuePage, Refusal> {
        checks::page(limit)?;
        let after = match after {
            Some(due) => Some((due.deadline_ms, K::of(&due.item)?.number(), due.item.id)),
            None => None,
        };
        let mut found = self.due(host, after, limit + 1);
        let more = page::cut(&mut found, limit);
        let due: Vec<_> = found.into_iter().map(|(place, kind)| shown(place, kind)).collect();
        Ok(DuePage { next: due.last().filter(|_| more).cloned(), due })
    }

    /// All deadlines, passed or not, in their order: time, the kind's number, the item's number.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn all(&self, host: &Host) -> Vec<(u64, u8, u64)> {
        self.index.keys(host)
    }

    /// The first deadlines that have passed.
    fn due(&self, host: &Host, after: Option<Place>, limit: u32) -> Vec<(Place, K)> {
        let now_ms = host.time_ms();
        let found = self.index.scan(host, after.as_ref(), limit).into_iter();
        let passed = found.take_while(|((deadline_ms, ..), ())| *deadline_ms <= now_ms);
        passed.filter_map(|(place, ())| Some((place, K::of_number(place.1)?))).collect()
    }
}

/// Defines the functions of the interface `ehb:common/deadlines`: of the index, and the function that takes an
/// item's default step. A module calls it in its rules.
#[macro_export]
macro_rules! deadlines {
    ($deadlines:expr, $step:path) => {
        /// See `deadlines.advance`.
        pub fn advance(
            host: &mut $crate::Host,
            item: $crate::common::Item,
        ) -> Result<(), $crate::common::Refusal> {
            $deadlines.advance(host, &item, $step)
        }

        /// See `deadlines.advance-due`.
        pub fn advance_due(
            host: &mut $crate::Host,
            limit: u32,
        ) -> Result<::alloc::vec::Vec<$crate::common::DueItem>, $crate::common::Refusal> {
            $deadlines.advance_due(host, limit, $step)
        }

        /// See `deadlines.list-due`.
        pub fn list_due(
            host: &$crate::Host,
            after: Option<$crate::common::DueItem>,
            limit: u32,
        ) -> Result<$crate::common::DuePage, $crate::common::Refusal> {
            $deadlines.list(host, after.as_ref(), limit)
        }
    };
}

fn shown((deadline_ms, _, id): Place, kind: impl Kind) -> DueItem {
    DueItem { deadline_ms, item: kind.item(id) }
}

fn known(deadline_ms: Option<u64>) -> u64 {
    deadline_ms.unwrap_or_else(|| trap("an item whose state has a deadline has none"))
}

/// Passes for a deadline that has not been reached. Traps for an item without one: its state was checked before.
///
/// # Errors
/// `too-late`.
pub fn check_before(
    host: &Host,
    item: impl FnOnce() -> Item,
    deadline_ms: impl Into<Option<u64>>,
) -> Result<(), Refusal> {
    let (deadline_ms, now_ms) = (known(deadline_ms.into()), host.time_ms());
    if now_ms < deadline_ms { Ok(()) } else { Err(Refusal::too_late(item(), deadline_ms, now_ms)) }
}

/// Passes for a deadline that has been reached. Traps for an item without one: its state was checked before.
///
/// # Errors
/// `too-early`.
pub fn check_due(
    host: &Host,
    item: impl FnOnce() -> Item,
    deadline_ms: impl Into<Option<u64>>,
) -> Result<(), Refusal> {
    let (deadline_ms, now_ms) = (known(deadline_ms.into()), host.time_ms());
    if now_ms < deadline_ms { Err(Refusal::too_early(item(), deadline_ms, now_ms)) } else { Ok(()) }
}
