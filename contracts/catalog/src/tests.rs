#[expect(clippy::panic, reason = "a test fails by panic")]
mod sections;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod vm;
