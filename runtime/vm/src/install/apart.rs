//! Runs the checks and the compiler on separate threads, so that a panic there ends only the thread.

use super::InstallError;

/// The stack of the threads that check and compile code. The scan limits the recursion of libraries; tests at
/// those limits use a fraction of this stack.
const STACK_BYTES: usize = 64 << 20;

/// Processes untrusted code on a separate thread with a fixed stack, so that the outcome does not depend on
/// the calling thread. A panic ends the thread and becomes `panicked`: libraries contain assertions, which
/// fail for the same code on every node.
pub(crate) fn apart<T: Send>(
    panicked: InstallError,
    work: impl FnOnce() -> Result<T, InstallError> + Send,
) -> Result<T, InstallError> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("check-module".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| InstallError::Machine(format!("no thread to check code: {error}")))?
            .join()
            .unwrap_or(Err(panicked))
    })
}
