//! The signals that end a command, after it has stopped what it started.

use ehb_localnet::{INTERRUPTED, coded};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The error for an interruption by the user.
pub(crate) fn interrupted(when: &str) -> anyhow::Error {
    coded(INTERRUPTED, format!("interrupted {when}"))
}

/// Ctrl-C, SIGTERM and the end of the terminal, from the creation of this value on. From then on they do not end this
/// process by themselves, so it is created only where something is about to be started that must be stopped first.
pub(crate) struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
    /// None where it is ignored, as nohup has it.
    hangup: Option<Signal>,
}

impl StopSignal {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let hangup = match is_ignored(SignalKind::hangup()) {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        Ok(Self { interrupt, terminate, hangup })
    }

    /// Waits for one of the signals.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = received(&mut self.hangup) => {}
        }
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether this process ignores a signal: the mask of proc(5), bit 0 for signal 1.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    (mask >> (kind.as_raw_value() - 1)) & 1 == 1
}
