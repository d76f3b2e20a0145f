//! The README's diagrams.

use ehb_contract::table::{diagram, with_diagrams};
use expect_test::expect_file;

use crate::states::{LISTING, RATING, STORE, SUB_ORDER};

/// The README's diagrams are those of the code; `UPDATE_EXPECT=1` draws them.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let diagrams = [
        ("sub-order", diagram(&SUB_ORDER)),
        ("rating", diagram(&RATING)),
        ("listing", diagram(&LISTING)),
        ("store", diagram(&STORE)),
    ];
    let drawn = with_diagrams(include_str!("../../README.md"), &diagrams);
    expect_file!["../../README.md"].assert_eq(&drawn);
}
