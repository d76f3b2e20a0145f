//! The components that ship, as the node runs them, under generated business.

#[expect(clippy::panic, reason = "a test fails by panic")]
mod bounds;
mod paid;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod played;
mod random;
mod scenes;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod stage;
mod stories;
mod vm;
