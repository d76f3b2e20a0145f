use alloc::string::String;

use crate::common::{Item, Refusal};

/// States, actions or kinds, each with the name that refusals, diagrams and the WIT have for it.
pub trait Named: Copy + PartialEq + 'static {
    /// All of them, in their order.
    const ALL: &'static [(Self, &'static str)];

    /// The name.
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(one, _)| *one == self).map_or("", |(_, name)| *name)
    }

    /// What has the name.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(one, _)| *one)
    }
}

/// The kinds of items that a module has, made by [`crate::kinds!`].
pub trait Kind: Named {
    /// The kind's number, under which deadlines are stored.
    fn number(self) -> u8;

    /// The kind with a number.
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

/// Implements [`Named`], for an enum that the WIT has: `names!(OfferState { Made: "made" });`, or for one
/// that is defined with it: `names! { /// What can be done. pub enum Action { /// Accept. Accept = "accept" } }`.
#[macro_export]
macro_rules! names {
    ($type:ident { $($case:ident : $name:literal),* $(,)? }) => {
        impl $crate::Named for $type {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$case, $name)),*];

            fn name(self) -> &'static str {
                match self { $(Self::$case => $name),* }
            }
        }
    };
    (
        $(#[$about:meta])*
        $visibility:vis enum $type:ident { $($(#[$of_case:meta])* $case:ident = $name:literal),* $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $type { $($(#[$of_case])* $case),* }
        $crate::names!($type { $($case: $name),* });
    };
}

/// Defines the kinds of items that a module has, with their names. New ones come last: their places are
/// the numbers under which deadlines are stored.
#[macro_export]
macro_rules! kinds {
    (
        $(#[$about:meta])*
        $visibility:vis enum $type:ident { $($(#[$of_case:meta])* $case:ident = $name:literal),* $(,)? }
    ) => {
        $crate::names! {
            $(#[$about])*
            $visibility enum $type { $($(#[$of_case])* $case = $name),* }
        }

        impl $crate::Kind for $type {
            fn number(self) -> u8 {
                self as u8
            }
        }

        impl $type {
            /// An item of this kind.
            $visibility fn item(self, id: u64) -> $crate::common::Item {
                $crate::Kind::item(self, id)
            }

            /// The refusal where there is no item of this kind and number.
            $visibility fn unknown(self, id: u64) -> $crate::common::Refusal {
                $crate::Kind::unknown(self, id)
            }
        }
    };
}
