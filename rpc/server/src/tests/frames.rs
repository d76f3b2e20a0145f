use crate::frames::FrameCounter;

/// A frame with this first byte and payload, masked or not.
fn frame(first: u8, payload: usize, masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload {
        0..126 => frame.push(mask | payload as u8),
        126..65_536 => {
            frame.push(mask | 126);
            frame.extend((payload as u16).to_be_bytes());
        }
        _ => {
            frame.push(mask | 127);
            frame.extend((payload as u64).to_be_bytes());
        }
    }
    if masked {
        frame.extend([1, 2, 3, 4]);
    }
    // Bytes that would count as frames where they are taken for headers.
    frame.resize(frame.len() + payload, 0x81);
    frame
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
            let read: usize = bytes.chunks(piece).map(|it| counter.read(it, 1 << 20)).sum();
            assert_eq!((counter.messages, read), (4, bytes.len()), "{masked} {piece}");
        }
    }
}

#[test]
fn nothing_follows_the_header_of_a_message_that_is_too_long() {
    let parts = [frame(FIRST_PART, 600, true), frame(PART, 401, true), frame(TEXT, 1, true)];
    let mut counter = FrameCounter::default();
    let read = counter.read(&parts.concat(), 1_000);
    assert_eq!(read, parts[0].len() + 8);
    assert!(counter.too_long);
    assert_eq!((counter.read(b"more", 1_000), counter.messages), (0, 0));
}
