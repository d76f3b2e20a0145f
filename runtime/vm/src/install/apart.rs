use super::InstallError;

/// The stack of the threads that check and compile code. The scan bounds how deep libraries can call
/// themselves, and tests at those bounds use a fraction of it.
const STACK_BYTES: usize = 64 << 20;

/// Runs work on code that is not trusted on a thread of its own with a fixed stack, so that what becomes
/// of it does not depend on the thread that asks. A panic ends the thread and is `panicked`: libraries
/// assert here and there, for equal code on every node alike.
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
