//! The names and numbers of states, actions and kinds of items, as derived traits.

use alloc::string::String;

use crate::common::{Item, Refusal};

/// States, actions or kinds, each with the name that refusals, diagrams and the WIT have for it. It is derived:
/// the bindings of a module do so for every enum of its WIT.
pub trait Named: Copy + PartialEq + 'static {
    /// All of them, in their order.
    const ALL: &'static [(Self, &'static str)];

    /// The name in the WIT, in kebab-case.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, name)| *name)
    }

    /// The named item.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }
}

/// The kinds of items that a module has. It is derived, with [`Named`]; new ones come last.
pub trait Kind: Named {
    /// The kind's number, under which deadlines are stored.
    fn number(self) -> u8;

    /// The kind that has this number; none if no kind has it.
    fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).map(|(kind, _)| *kind)
    }

    /// An item of this kind.
    fn item(self, id: u64) -> Item {
        Item { kind: String::from(self.name()), id }
    }

    /// The refusal where there is no item of this kind and number.
    fn unknown(self, id: u64) -> Refusal {
        Refusal::UnknownItem(self.item(id))
    }

    /// The kind of an item.
    ///
    /// # Errors
    /// `unknown-item` where the module has no such kind.
    fn of(item: &Item) -> Result<Self, Refusal> {
        Self::of_name(&item.kind).ok_or_else(|| Refusal::UnknownItem(item.clone()))
    }
}
