//! Counting the whole messages in WebSocket bytes.

use crate::frames::FrameCounter;

/// A frame with this first byte and payload, masked or not.
pub(crate) fn frame_of(first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let (bit, length) = (if masked { 0x80 } else { 0 }, payload.len());
    let mut frame = vec![first];
    match length {
        0..126 => frame.push(bit | length as u8),
        126..65_536 => {
            frame.push(bit | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(bit | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    let mask = if masked { [1, 2, 3, 4] } else { [0; 4] };
    if masked {
        frame.extend(mask);
    }
    frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    frame
}

/// The same with bytes that would count as frames where they are taken for headers.
fn frame(first: u8, length: usize, masked: bool) -> Vec<u8> {
    frame_of(first, &vec![0x81; length], masked)
}

const TEXT: u8 = 0x81;
const FIRST_PART: u8 = 0x01;
const PART: u8 = 0x00;
const LAST_PART: u8 = 0x80;
const PING: u8 = 0x89;

#[test]
fn whole_messages_are_counted_however_they_come() {
    for masked in [false, true] {
        let frames = [
            frame(TEXT, 0, masked),
            frame(PING, 5, masked),
            frame(TEXT, 125, masked),
            frame(FIRST_PART, 126, masked),
            frame(PING, 0, masked),
            frame(PART, 65_535, masked),
            frame(LAST_PART, 65_536, masked),
            frame(TEXT, 70_000, masked),
        ];
        let bytes = frames.concat();
        for piece in [1, 2, 3, 7, 1_000, bytes.len()] {
            let mut counter = FrameCounter::default();
            bytes.chunks(piece).for_each(|piece| counter.read(piece));
            assert_eq!(counter.messages, 4, "{masked} {piece}");
        }
    }
}
