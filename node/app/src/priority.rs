/// How nice the threads are that work for clients (`setpriority(2)`): where processors are short, such a thread gets
/// about a tenth of what one that executes blocks gets.
const CLIENTS_NICENESS: libc::c_int = 10;

/// Gives the calling thread less priority. Linux counts niceness by thread; where that fails, nothing else does.
#[expect(unsafe_code, reason = "no library at hand wraps this call of the system")]
pub(crate) fn lower() {
    // SAFETY: the call takes three numbers and touches no memory; zero stands for the calling thread.
    let failed = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, CLIENTS_NICENESS) } != 0;
    if failed {
        tracing::debug!("the threads for clients keep the usual priority");
    }
}
