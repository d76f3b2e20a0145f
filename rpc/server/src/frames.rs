//! Counts the messages in one direction of a WebSocket (RFC 6455, section 5.2), without keeping them.

/// Reads the bytes of one direction, in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct FrameCounter {
    /// The header that is being read: at most two bytes, eight of the length and four of the mask.
    header: [u8; 14],
    header_bytes: usize,
    /// The remaining payload of the frame, bytes.
    payload_left: u64,
    /// The number of complete messages.
    pub(crate) messages: u64,
}

pub(crate) const FINAL: u8 = 0x80;
pub(crate) const RESERVED: u8 = 0x70;
pub(crate) const OPCODE: u8 = 0x0F;
pub(crate) const CONTROL: u8 = 0x08;
pub(crate) const MASKED: u8 = 0x80;

impl FrameCounter {
    /// Processes more bytes.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.payload_left > 0 {
                let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
                let taken = left.min(bytes.len());
                bytes = &bytes[taken..];
                self.payload_left -= taken as u64;
                self.end_frame_if_whole();
                continue;
            }
            self.header[self.header_bytes] = bytes[0];
            self.header_bytes += 1;
            bytes = &bytes[1..];
            let header = &self.header[..self.header_bytes];
            if header.len() == header_length(header) {
                self.payload_left = payload_length(header);
                self.end_frame_if_whole();
            }
        }
    }

    fn end_frame_if_whole(&mut self) {
        if self.payload_left > 0 {
            return;
        }
        let first = self.header[0];
        if first & CONTROL == 0 && first & FINAL != 0 {
            self.messages += 1;
        }
        self.header_bytes = 0;
    }
}

/// The length of a frame's header, according to its beginning.
pub(crate) fn header_length(header: &[u8]) -> usize {
    let Some(second) = header.get(1) else { return 2 };
    let mask = if second & MASKED == 0 { 0 } else { 4 };
    2 + mask + length_bytes(*second)
}

/// The length of a frame's payload, from its whole header.
pub(crate) fn payload_length(header: &[u8]) -> u64 {
    let second = header.get(1).copied().unwrap_or_default();
    match length_bytes(second) {
        0 => u64::from(second & !MASKED),
        bytes => {
            header[2..].iter().take(bytes).fold(0, |length, byte| length << 8 | u64::from(*byte))
        }
    }
}

/// The number of further bytes of the payload's length.
fn length_bytes(second: u8) -> usize {
    match second & !MASKED {
        126 => 2,
        127 => 8,
        _ => 0,
    }
}
