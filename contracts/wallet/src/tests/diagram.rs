//! The README's diagrams.

use ehb_contract::table::{diagram, with_diagrams};
use expect_test::expect_file;

use crate::states::{ALLOWANCE, HOLD, PAYMENT, PERMIT, REQUEST, SUPPLY};

/// The README's diagrams are those of the code; `UPDATE_EXPECT=1` draws them.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let diagrams = [
        ("hold", diagram(&HOLD)),
        ("allowance", diagram(&ALLOWANCE)),
        ("pending payment", diagram(&PAYMENT)),
        ("permit", diagram(&PERMIT)),
        ("request", diagram(&REQUEST)),
        ("supply", diagram(&SUPPLY)),
    ];
    let drawn = with_diagrams(include_str!("../../README.md"), &diagrams);
    expect_file!["../../README.md"].assert_eq(&drawn);
}
