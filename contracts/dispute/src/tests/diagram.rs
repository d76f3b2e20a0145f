//! The README's diagrams.

use ehb_contract::table::{diagram, with_diagrams};
use expect_test::expect_file;

use crate::states::DISPUTE;

/// The README's diagram is the table of transitions. `UPDATE_EXPECT=1` draws it again.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let drawn = with_diagrams(include_str!("../../README.md"), &[("dispute", diagram(&DISPUTE))]);
    expect_file!["../../README.md"].assert_eq(&drawn);
}
