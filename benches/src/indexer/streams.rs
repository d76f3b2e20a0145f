//! Many clients of the indexer's live stream.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The clients at one address: the indexer limits them, and a machine has many loopback addresses.
const AT_ONE_ADDRESS: usize = 30;

/// Open streams, each read by a task.
pub(super) struct Streams {
    tasks: JoinSet<anyhow::Result<u64>>,
    stop: watch::Sender<bool>,
}

impl Streams {
    /// Opens streams, and waits until each has its first block.
    pub(super) async fn open(url: &str, count: usize) -> anyhow::Result<Self> {
        // Each stream is an open file.
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        let server: SocketAddr = url.trim_start_matches("http://").parse()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let mut stream = connect(server, number).await?;
            let first = next(&mut stream).await?;
            let mut stopped = stopped.clone();
            tasks.spawn(async move {
                let mut last = first;
                loop {
                    tokio::select! {
                        height = next(&mut stream) => {
                            let height = height?;
                            ensure!(height == last + 1, "block {height} followed block {last}");
                            last = height;
                        }
                        _ = stopped.wait_for(|stop| *stop) => return Ok(last),
                    }
                }
            });
        }
        Ok(Self { tasks, stop })
    }

    /// Closes all streams. Returns the last block that all of them had.
    pub(super) async fn close(mut self) -> anyhow::Result<u64> {
        self.stop.send_replace(true);
        let mut least = u64::MAX;
        while let Some(last) = self.tasks.join_next().await {
            least = least.min(last?.context("a live stream broke off")?);
        }
        Ok(least)
    }
}

async fn connect(server: SocketAddr, number: usize) -> anyhow::Result<BufReader<TcpStream>> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(2 + number / AT_ONE_ADDRESS)?;
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
    let mut stream = socket.connect(server).await.context("cannot open a live stream")?;
    stream.write_all(format!("GET /v1/live HTTP/1.1\r\nhost: {server}\r\n\r\n").as_bytes()).await?;
    Ok(BufReader::new(stream))
}

/// The height of the next block in the stream. Lengths of chunks and other lines are skipped.
async fn next(stream: &mut BufReader<TcpStream>) -> anyhow::Result<u64> {
    let mut line = Vec::new();
    loop {
        line.clear();
        ensure!(stream.read_until(b'\n', &mut line).await? > 0, "the stream has ended");
        if let Some(height) = line.strip_prefix(b"id: ") {
            return Ok(std::str::from_utf8(height)?.trim().parse()?);
        }
    }
}
