//! How a module's functions reach the chain, with one lowering of its error type for all of them.
//!
//! `wit-bindgen` writes into each exported function how the function's result becomes the component's
//! form. For a module's error, which has dozens of cases, that is kilobytes of code in each function,
//! half of the whole component. [`crate::export!`] compiles it once: [`answer`] lowers a refusal there
//! and then, by the one shared copy, and leaves in its place a case that costs nothing to lower; what
//! the exported function returns is then the refusal that was lowered before.

#[cfg(target_arch = "wasm32")]
mod component;

#[cfg(target_arch = "wasm32")]
pub use component::{Exported, Refusal, Slot, answer};

/// Hands a rule's result on to the chain: what every exported function ends with.
#[cfg(not(target_arch = "wasm32"))]
pub fn answer<T, E>(result: Result<T, E>) -> Result<T, E> {
    result
}

/// Exports a module's component: its name, the interface with the function `migrate`, its error type with
/// a case that carries nothing, where the shared interface `deadlines` is, and the module's own interfaces, each with the macro that `wit-bindgen`
/// made for it. Only in a component: `#[cfg(target_arch = "wasm32")]`.
///
/// Every function that may refuse ends with [`answer`](crate::answer), and refuses by this error type. The one
/// exception is `migrate`, which returns its result as it is: it is by its code that all refusals are lowered,
/// and what it returned after that would take the refusal's place.
///
/// ```ignore
/// ehb_contract::export! {
///     Wallet,
///     error: Error, placeholder: Error::KeyReused,
///     shared in bindings::exports::ehb::common,
///     in bindings::exports::ehb::wallet {
///         transfers::__export_ehb_wallet_transfers_1_0_0_cabi,
///         upgrade::__export_ehb_wallet_upgrade_1_0_0_cabi,
///     }
/// }
/// ```
#[macro_export]
macro_rules! export {
    (
        $component:ident,
        error: $error:ty, placeholder: $placeholder:expr,
        shared in $($shared:ident)::+,
        in $($root:ident)::+ { $($rest:tt)* }
    ) => {
        // Its refusals are of another type, and few: they are lowered where they are returned.
        $($shared)::+::deadlines::__export_ehb_common_deadlines_1_0_0_cabi!(
            $component with_types_in $($shared)::+::deadlines
        );
        const _: () = {
            use $($root)::+::upgrade;

            static REFUSED: $crate::exported::Slot<$error> = $crate::exported::Slot::new();

            /// Refuses with what is in the slot, so that the code that `wit-bindgen` made for one
            /// function lowers the refusals of all.
            struct Refuse;

            impl upgrade::Guest for Refuse {
                fn migrate() -> Result<(), $error> {
                    Err(REFUSED.take().unwrap_or($placeholder))
                }
            }

            // A result's payload is where the alignment of its parts puts it: with one part of the
            // largest alignment, in the same place for all functions.
            assert!(align_of::<$error>() == 8, "a case of the error needs a 64-bit number");

            impl $crate::exported::Refusal for $error {
                const PLACEHOLDER: Self = $placeholder;

                #[inline(never)]
                fn lower(self) -> *mut u8 {
                    REFUSED.put(self);
                    // SAFETY: the function has no parameters, and the pointer that it returns stays
                    // valid: it is that of a static.
                    unsafe { upgrade::_export_migrate_cabi::<Refuse>() }
                }
            }
        };
        $crate::export! { @interfaces $component, [$($root)::+], $($rest)* }
    };
    (@interfaces $component:ident, [$($root:tt)+],) => {};
    (@interfaces $component:ident, [$($root:tt)+], $interface:ident::$cabi:ident, $($rest:tt)*) => {
        // The macro writes this path in front of the function that it calls, so that each call
        // becomes `Exported | path::function(...)`: what the operator does is documented at its impls.
        $($root)+::$interface::$cabi!(
            $component with_types_in $crate::exported::Exported | $($root)+::$interface
        );
        $crate::export! { @interfaces $component, [$($root)+], $($rest)* }
    };
}
