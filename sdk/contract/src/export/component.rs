//! Lowers the refusal of a call, and returns it in place of the exported function's own result.

use core::cell::Cell;
use core::ops::BitOr;
use core::ptr;

/// An error type whose lowering all exported functions share; [`crate::export!`] implements it.
pub trait Refusal: Sized {
    /// A case that carries nothing, and so costs each exported function next to nothing to lower.
    const PLACEHOLDER: Self;

    /// The place of the component's form of a result with this error.
    fn lower(self) -> *mut u8;
}

/// A place for one value. An instance lives for one call and has one thread.
pub struct Slot<T>(Cell<Option<T>>);

// SAFETY: a module's instance has one thread.
unsafe impl<T> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it is in a static")]
    pub const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Puts a value there.
    pub fn put(&self, value: T) {
        self.0.set(Some(value));
    }

    /// Takes the value away.
    pub fn take(&self) -> Option<T> {
        self.0.take()
    }
}

/// Where the refusal of this call was lowered to; null before there is one.
struct Lowered(Cell<*mut u8>);

// SAFETY: a module's instance has one thread.
unsafe impl Sync for Lowered {}

static LOWERED: Lowered = Lowered(Cell::new(ptr::null_mut()));

/// Hands a rule's result on to the chain: what every exported function ends with.
#[inline(always)]
pub fn answer<T, E: Refusal>(result: Result<T, E>) -> Result<T, E> {
    match result {
        Ok(value) => Ok(value),
        Err(refusal) => {
            LOWERED.0.set(refusal.lower());
            Err(E::PLACEHOLDER)
        }
    }
}

/// The result of an exported function: `Exported | value` is `value`, unless [`answer`] has lowered a
/// refusal, which then takes its place.
pub struct Exported;

impl BitOr<*mut u8> for Exported {
    type Output = *mut u8;

    #[inline(always)]
    fn bitor(self, result: *mut u8) -> *mut u8 {
        let lowered = LOWERED.0.get();
        if lowered.is_null() { result } else { lowered }
    }
}

/// A function that returns one small value refuses nothing.
impl BitOr<i32> for Exported {
    type Output = i32;

    #[inline(always)]
    fn bitor(self, result: i32) -> i32 {
        result
    }
}

/// The function that is called after a call's result has been read returns nothing.
impl BitOr<()> for Exported {
    type Output = ();

    #[inline(always)]
    fn bitor(self, (): ()) {}
}
