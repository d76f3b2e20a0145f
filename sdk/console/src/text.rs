//! External text that people see: it cannot control their terminal.

/// Makes external text harmless on a terminal: characters that move the cursor, change colours or reverse the
/// reading direction would let a reference or a name fake other output.
pub fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
