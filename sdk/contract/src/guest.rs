//! A module's replacement of the standard library: an allocator and a panic handler.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::cell::Cell;
use core::panic::PanicInfo;

/// Bytes of a page of WebAssembly memory.
const PAGE_BYTES: usize = 65_536;

unsafe extern "C" {
    /// The first byte after the stack and the data; only its address is used.
    static __heap_base: u8;
}

/// Takes memory upwards from the heap's base and never frees any: an instance lives for one
/// call, so its memory as a whole is what is given back.
struct Bump {
    next: Cell<*mut u8>,
}

// SAFETY: a module's instance has one thread.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump { next: Cell::new((&raw const __heap_base).cast_mut()) };

impl Bump {
    /// Moves the heap's end up to `end`, where memory allows it.
    fn advance(&self, end: usize) -> bool {
        let have = memory_size(0) * PAGE_BYTES;
        if end > have {
            let pages = (end - have).div_ceil(PAGE_BYTES);
            if memory_grow(0, pages) == usize::MAX {
                return false;
            }
        }
        self.next.set(end as *mut u8);
        true
    }
}

// SAFETY: pieces are aligned, are inside the memory and never overlap, since `next` only grows.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // An alignment is a power of two, and the heap ends far below the last address.
        let mask = layout.align() - 1;
        let start = (self.next.get() as usize).wrapping_add(mask) & !mask;
        match start.checked_add(layout.size()) {
            Some(end) if self.advance(end) => start as *mut u8,
            _ => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _piece: *mut u8, _layout: Layout) {}

    /// A growing vector is mostly the latest piece: it then grows where it is.
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if piece as usize + layout.size() == self.next.get() as usize {
            return match (piece as usize).checked_add(size) {
                Some(end) if self.advance(end) => piece,
                _ => core::ptr::null_mut(),
            };
        }
        if size <= layout.size() {
            return piece;
        }
        // SAFETY: the caller's size and the old piece's alignment make a layout, as the trait asks.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both pieces hold that many bytes and do not overlap.
            unsafe { core::ptr::copy_nonoverlapping(piece, moved, layout.size()) };
        }
        moved
    }
}

/// A panic is a trap: the chain undoes the transaction and says so in its receipt.
#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    unreachable()
}
