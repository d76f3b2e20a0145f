//! Whether stdout was closed when the process began.
//!
//! Rust's runtime opens `/dev/null` in place of closed standard channels before `main`, so a result would vanish
//! without an error. The loader calls the function here before that.

/// Whether stdout was closed. False where that cannot be known.
pub(crate) fn stdout_was_closed() -> bool {
    #[cfg(target_os = "linux")]
    return linux::stdout_was_closed();
    #[cfg(not(target_os = "linux"))]
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::atomic::{AtomicBool, Ordering};

    static CLOSED: AtomicBool = AtomicBool::new(false);

    #[used]
    #[expect(unsafe_code, reason = "only the loader runs code before Rust's runtime")]
    // SAFETY: the section is an array of functions of this type, which the loader calls once.
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        #[expect(unsafe_code, reason = "the call of the system takes a number, no pointer")]
        // SAFETY: it reads the flags of a descriptor, and fails if it is closed.
        let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
        CLOSED.store(flags == -1, Ordering::Relaxed);
    }

    pub(super) fn stdout_was_closed() -> bool {
        // The reference keeps the linker from leaving the function out.
        let _ = std::hint::black_box(&LOOK);
        CLOSED.load(Ordering::Relaxed)
    }
}
