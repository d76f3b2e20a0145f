//! Lowers the priority of threads that serve clients, so that they do not delay the execution of blocks.

/// The niceness of the threads that serve clients (`setpriority(2)`): if the processors are busy, such a
/// thread gets about a tenth of the time of one that executes blocks.
const CLIENTS_NICENESS: libc::c_int = 10;

/// Lowers the priority of the calling thread. On Linux niceness is a property of the thread; a failure is
/// harmless.
#[expect(unsafe_code, reason = "no library at hand wraps this call of the system")]
pub(crate) fn lower() {
    // SAFETY: the call takes three numbers and touches no memory; zero stands for the calling thread.
    let failed = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, CLIENTS_NICENESS) } != 0;
    if failed {
        tracing::debug!("the threads for clients keep the normal priority");
    }
}
