//! External text in a terminal.

use super::clean;

#[test]
fn external_text_cannot_control_the_terminal() {
    for (text, shown) in [
        ("invoice 42", "invoice 42"),
        ("Zürich, 東京, ½", "Zürich, 東京, ½"),
        ("\u{1b}[2Jgone", "\u{fffd}[2Jgone"),
        ("two\nlines\tand a tab", "two\u{fffd}lines\u{fffd}and a tab"),
        ("a\u{202e}b", "a\u{fffd}b"),
        ("\u{9b}31m", "\u{fffd}31m"),
        ("nul\0", "nul\u{fffd}"),
    ] {
        assert_eq!(clean(text), shown, "{text:?}");
    }
}
