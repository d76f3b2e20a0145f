//! Real processes on real disks and sockets: what users and operators do, and what happens to them.
//!
//! The programs are those beside this test's folder, so they must be built first: `make test` does it,
//! by hand it is `cargo build --release --bins`. Nothing here sleeps and hopes: every wait is for a
//! condition, with a deadline. Each network has a folder of its own and is gone at the end of its test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![expect(clippy::print_stderr, reason = "the test harness captures it")]

mod accounts;
mod crash;
mod damage;
mod demo;
mod files;
mod flood;
mod forming;
mod frozen;
mod governance;
mod hung_disk;
mod impostor;
mod indexer;
mod lifecycle;
mod load;
mod modules;
mod net;
mod organisations;
mod peers;
mod printing;
mod program;
mod quorum;
mod quotas;
mod readiness;
mod refusals;
mod repeated;
mod settings;
mod signer;
mod slow_line;
mod space;
mod states;
mod unlock;
mod upgrade;
mod validators;
mod versions;
mod wrong_modules;
