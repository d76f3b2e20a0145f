//! An HTTP connection to a node or the indexer that costs its own side as little as possible, since both sides share the
//! processors here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection for one request at a time.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to the server at a URL.
    pub(crate) fn open(url: &str) -> anyhow::Result<Self> {
        let host = url.strip_prefix("http://").context("the address has no http://")?;
        let stream = TcpStream::connect(host).with_context(|| format!("cannot reach {host}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (stream, host) = (BufReader::new(stream), host.to_owned());
        Ok(Self { stream, host, request: Vec::new(), answer: Vec::new() })
    }

    /// The body of the answer to a request for a path, which succeeds.
    pub(crate) fn get(&mut self, path: &str) -> anyhow::Result<&[u8]> {
        self.request.clear();
        write!(self.request, "GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host)?;
        let status = self.exchange()?;
        ensure!(status == 200, "{path} was answered with {status}");
        Ok(&self.answer)
    }

    /// The JSON of a node's answer to a call, which has a result.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> anyhow::Result<&[u8]> {
        let body =
            json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        self.request.clear();
        write!(
            self.request,
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )?;
        self.exchange()?;
        let begin = self.answer.get(..64).unwrap_or(&self.answer);
        let has_result = begin.windows(9).any(|it| it == br#""result":"#);
        ensure!(has_result, "{method} was refused: {}", String::from_utf8_lossy(&self.answer));
        Ok(&self.answer)
    }

    /// Sends the request and reads the answer. Returns its status.
    fn exchange(&mut self) -> anyhow::Result<u16> {
        self.stream.get_mut().write_all(&self.request)?;
        let (status, length) = self.head().context("the answer has another form")?;
        self.answer.resize(length, 0);
        self.stream.read_exact(&mut self.answer)?;
        Ok(status)
    }

    /// Reads the head of an answer, and returns its status and the length of its body.
    fn head(&mut self) -> anyhow::Result<(u16, usize)> {
        let (mut line, mut length) = (String::new(), None);
        self.stream.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).context("it has no status")?.parse()?;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let text = line.trim_end();
            if text.is_empty() {
                return Ok((status, length.context("it has no length")?));
            }
            if let Some((name, value)) = text.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse()?);
            }
        }
    }
}
