//! Finds the ends of the heads of HTTP requests, which an empty line marks (RFC 9112, section 2.1). A line ends with a
//! line feed, before which a carriage return can be.

/// The part of the end of a head that was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum HeadEnd {
    /// None of it.
    #[default]
    Nothing,
    Line,
    /// The end of a line, and a carriage return after it.
    Return,
}

impl HeadEnd {
    /// Reads more bytes; returns the number of bytes up to and including the first end of a head, if there is one. An
    /// empty line in a body counts as an end, too.
    pub(crate) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if *self == Self::Nothing {
                at += bytes[at..].iter().position(|byte| *byte == b'\n')? + 1;
                *self = Self::Line;
            }
            let byte = *bytes.get(at)?;
            at += 1;
            *self = match byte {
                b'\n' => {
                    *self = Self::Nothing;
                    return Some(at);
                }
                b'\r' if *self == Self::Line => Self::Return,
                _ => Self::Nothing,
            };
        }
    }
}
