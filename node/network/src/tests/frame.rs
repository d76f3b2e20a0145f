use std::time::Duration;

use bytes::Bytes;
use expect_test::{Expect, expect};
use futures::io::Cursor;
use proptest::prelude::*;

use crate::Channel;
use crate::error::FrameError;
use crate::frame::{read_body, read_length, write_all};

const PATIENCE: Duration = Duration::from_secs(5);

async fn read(reader: &mut Cursor<Vec<u8>>, bytes_max: usize) -> Result<Bytes, FrameError> {
    let length = read_length(reader, Channel::Sync, bytes_max, PATIENCE).await?;
    read_body(reader, length, PATIENCE).await
}

async fn written(frames: &[Bytes]) -> Vec<u8> {
    let mut stream = Cursor::new(Vec::new());
    write_all(&mut stream, frames, &mut Vec::new(), PATIENCE).await.unwrap();
    stream.into_inner()
}

fn check(bytes: &[u8], expected: Expect) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let read = runtime.block_on(read(&mut Cursor::new(bytes.to_vec()), 10));
    expected.assert_eq(&match read {
        Ok(bytes) => format!("{bytes:?}"),
        Err(error) => error.to_string(),
    });
}

#[test]
fn a_frame_is_its_length_and_its_content() {
    check(b"\0\0\0\x03abc", expect![[r#"b"abc""#]]);
    check(b"\0\0\0\0", expect![[r#"b"""#]]);
    check(b"\0\0\0\x0a0123456789", expect![[r#"b"0123456789""#]]);
    check(b"\0\0\0\x0b0123456789a", expect!["a frame of 11 bytes on sync, where 10 are allowed"]);
    check(
        b"\xff\xff\xff\xff",
        expect!["a frame of 4294967295 bytes on sync, where 10 are allowed"],
    );
    check(b"", expect!["the stream was closed"]);
    check(b"\0\0", expect!["the stream broke: unexpected end of file"]);
    check(b"\0\0\0\x03ab", expect!["the stream broke: unexpected end of file"]);
}

proptest! {
    /// Small frames are coalesced and large ones are not; what is read is what was written.
    #[test]
    fn frames_survive_the_stream(lengths in proptest::collection::vec(0usize..40_000, 0..12)) {
        let frames: Vec<Bytes> = lengths.iter().map(|n| vec![*n as u8; *n].into()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut stream = Cursor::new(written(&frames).await);
            for frame in &frames {
                assert_eq!(&read(&mut stream, 40_000).await.unwrap(), frame);
            }
            assert!(matches!(read(&mut stream, 40_000).await, Err(FrameError::Closed)));
        });
    }
}
