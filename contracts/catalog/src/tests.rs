#[expect(clippy::panic, reason = "a test fails by panic")]
mod bounds;
mod paid;
mod random;
mod scenes;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod sections;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod stage;
mod stories;
mod vm;
