//! The README's diagrams.

use ehb_contract::table::{diagram, with_diagrams};
use expect_test::expect_file;

use crate::states::{APPLICATION, ATTESTATION, CONTRACT, MILESTONE, OFFER, POSTING, RATING};

/// The README's diagrams are those of the code; `UPDATE_EXPECT=1` draws them.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let diagrams = [
        ("posting", diagram(&POSTING)),
        ("application", diagram(&APPLICATION)),
        ("offer", diagram(&OFFER)),
        ("contract", diagram(&CONTRACT)),
        ("milestone", diagram(&MILESTONE)),
        ("rating", diagram(&RATING)),
        ("attestation", diagram(&ATTESTATION)),
    ];
    let drawn = with_diagrams(include_str!("../../README.md"), &diagrams);
    expect_file!["../../README.md"].assert_eq(&drawn);
}
