//! The encoding of frames, and the headers that are rejected.

use std::time::Duration;

use bytes::Bytes;
use expect_test::{Expect, expect};
use futures::io::Cursor;
use proptest::prelude::*;

use crate::error::FrameError;
use crate::frame::{Frame, Header, read_content, read_header, skip_content, write_all};
use crate::kind::Kinds;
use crate::{Channel, FrameKind};

const PATIENCE: Duration = Duration::from_secs(5);

async fn read(reader: &mut Cursor<Vec<u8>>) -> Result<(u16, Bytes), FrameError> {
    let Header { kind, bytes } = read_header(reader, PATIENCE).await?;
    Ok((kind, read_content(reader, bytes, PATIENCE, |_| {}).await?))
}

async fn written(frames: &[Frame]) -> Vec<u8> {
    let mut stream = Cursor::new(Vec::new());
    write_all(&mut stream, frames, &mut Vec::new(), PATIENCE).await.unwrap();
    stream.into_inner()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(future)
}

fn check(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&match run(read(&mut Cursor::new(bytes.to_vec()))) {
        Ok((kind, bytes)) => format!("{kind} {bytes:?}"),
        Err(error) => error.to_string(),
    });
}

#[test]
fn a_frame_consists_of_length_kind_and_content() {
    check(b"\0\0\0\x03\0\x07abc", expect![[r#"7 b"abc""#]]);
    check(b"\0\0\0\0\x01\0", expect![[r#"256 b"""#]]);
    check(b"", expect!["the stream was closed"]);
    check(b"\0\0", expect!["the stream broke: unexpected end of file"]);
    check(b"\0\0\0\x03\0\x07ab", expect!["the stream broke: unexpected end of file"]);
    check(b"\xff\xff\xff\xff\0\x07ab", expect!["the stream broke: unexpected end of file"]);
}

fn kind(number: u16, channel: Channel, bytes_max: usize, since: u16) -> FrameKind {
    FrameKind { number, name: "kind", channel, bytes_max, since }
}

/// A frame that is too large for its kind, or on the wrong channel, is the sender's fault; a frame that only
/// this node does not need is skipped.
#[test]
fn a_frame_is_accepted_or_rejected_by_its_header() {
    let body = kind(7, Channel::Blocks, 1_000, 1);
    let kinds = Kinds::new(&[body, kind(8, Channel::Blocks, 50, 2)]).unwrap();
    kinds.take_up_to(&body, 100);
    let rows = [
        ((7, 0), Channel::Blocks, 1),
        ((7, 100), Channel::Blocks, 1),
        ((7, 101), Channel::Blocks, 1),
        ((7, 1_000), Channel::Blocks, 1),
        ((7, 1_001), Channel::Blocks, 1),
        ((7, 100), Channel::Consensus, 1),
        ((8, 50), Channel::Blocks, 2),
        ((8, 50), Channel::Blocks, 1),
        ((9, 10), Channel::Blocks, 1),
        ((0, 10), Channel::Blocks, 1),
        ((9, 1 << 20), Channel::Consensus, 1),
        ((9, (1 << 20) + 1), Channel::Consensus, 1),
    ];
    let judged = rows.map(|(frame, channel, version)| {
        let judged = match kinds.admit(frame, channel, version) {
            Ok(admission) => format!("{admission:?}"),
            Err(error) => error.to_string(),
        };
        format!("{frame:?}: {judged}")
    });
    expect![[r#"
        (7, 0): Take
        (7, 100): Take
        (7, 101): Skip
        (7, 1000): Skip
        (7, 1001): a frame of kind 7 on blocks has 1001 bytes, more than the maximum of 1000
        (7, 100): a frame of kind kind arrived on the wrong channel consensus
        (8, 50): Take
        (8, 50): Skip
        (9, 10): Skip
        (0, 10): Skip
        (9, 1048576): Skip
        (9, 1048577): a frame of kind 9 on consensus has 1048577 bytes, more than the maximum of 1048576"#]]
    .assert_eq(&judged.join("\n"));
    // It never accepts more than the kind allows.
    kinds.take_up_to(&body, 5_000);
    assert!(kinds.admit((7, 1_001), Channel::Blocks, 1).is_err());
    for wrong in [kind(0, Channel::Sync, 1, 1), kind(7, Channel::Consensus, 2 << 20, 1)] {
        assert!(Kinds::new(&[wrong]).is_err(), "{wrong:?}");
    }
    assert!(Kinds::new(&[body, body]).is_err());
}

proptest! {
    /// Small frames are coalesced and large ones are not; reading returns what was written.
    #[test]
    fn frames_survive_the_stream(lengths in proptest::collection::vec(0usize..200_000, 0..12)) {
        let frames: Vec<Frame> = lengths
            .iter()
            .map(|n| Frame { kind: *n as u16, content: vec![*n as u8; *n].into() })
            .collect();
        run(async {
            let mut stream = Cursor::new(written(&frames).await);
            for (index, frame) in frames.iter().enumerate() {
                if index % 3 == 2 {
                    let header = read_header(&mut stream, PATIENCE).await.unwrap();
                    skip_content(&mut stream, header.bytes, PATIENCE).await.unwrap();
                    continue;
                }
                let read = read(&mut stream).await.unwrap();
                assert_eq!(read, (frame.kind, frame.content.clone()));
            }
            assert!(matches!(read(&mut stream).await, Err(FrameError::Closed)));
        });
    }
}
