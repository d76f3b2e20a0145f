//! Servers for tests, and plain HTTP by hand.

use std::net::SocketAddr;
use std::sync::Arc;

use ehb_rpc_server::{Server, ServerConfig, Usage};
use serde_json::Value;
use soketto::handshake::{Client as Handshake, ServerResponse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use crate::fake::FakeNode;

/// A running server. It ends with the test.
pub(crate) struct Running {
    pub(crate) node: Arc<FakeNode>,
    pub(crate) address: SocketAddr,
    pub(crate) usage: Arc<Usage>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn start() -> Running {
    start_with(|_| {}).await
}

pub(crate) async fn start_with(configure: impl FnOnce(&mut ServerConfig)) -> Running {
    start_node(FakeNode::new(), configure).await
}

pub(crate) async fn start_node(
    node: Arc<FakeNode>,
    configure: impl FnOnce(&mut ServerConfig),
) -> Running {
    let mut config = ServerConfig::at(([127, 0, 0, 1], 0).into());
    configure(&mut config);
    let server = Server::bind(config, node.clone()).await.unwrap();
    let (address, usage) = (server.address(), server.usage());
    let task = tokio::spawn(server.run(std::future::pending()));
    Running { node, address, usage, task }
}

/// What a request by hand gave.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// The error in the body: its number and its data's code. It says what was wrong and what to do.
    pub(crate) fn error(&self) -> String {
        let answer: Value = serde_json::from_str(&self.body).unwrap();
        let data = &answer["error"]["data"];
        assert!(!data["message"].as_str().unwrap().is_empty(), "{answer}");
        assert!(!data["hint"].as_str().unwrap().is_empty(), "{answer}");
        error_text(&answer)
    }
}

impl Running {
    /// Sends a JSON-RPC text by HTTP.
    pub(crate) async fn post(&self, body: impl AsRef<[u8]>) -> Response {
        self.request("POST / HTTP/1.1", &[], body.as_ref()).await
    }

    /// The error of an answer: its number and its data's code.
    pub(crate) async fn post_error(&self, body: impl AsRef<[u8]>) -> String {
        let response = self.post(body).await;
        let answer: Value = serde_json::from_str(&response.body).unwrap();
        error_text(&answer)
    }

    /// Asserts that the server answers a good call, as if nothing had been before it.
    pub(crate) async fn assert_answers(&self) {
        let answer: Value = serde_json::from_str(&self.post(STATUS).await.body).unwrap();
        assert_eq!(answer["result"]["chainId"], "ehb-test");
    }

    /// Opens a WebSocket by hand.
    pub(crate) async fn socket(&self) -> Socket {
        let stream = TcpStream::connect(self.address).await.unwrap().compat();
        let host = self.address.to_string();
        let mut handshake = Handshake::new(stream, &host, "/");
        let response = handshake.handshake().await.unwrap();
        assert!(matches!(response, ServerResponse::Accepted { .. }), "{response:?}");
        let (sender, receiver) = handshake.into_builder().finish();
        Socket { sender, receiver }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(&format!("GET {path} HTTP/1.1"), &[], b"").await
    }

    /// Sends a request whose header lines are the usual ones, but for those given.
    pub(crate) async fn request(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let mut head = format!("{line}\r\nconnection: close\r\n");
        let length = body.len().to_string();
        let usual = [
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("content-length", &length),
        ];
        // Either of these two determines the length of the body.
        let given = |name| {
            headers.iter().any(|(given, _)| {
                *given == name || (*given == "transfer-encoding" && name == "content-length")
            })
        };
        for (name, value) in headers.iter().chain(usual.iter().filter(|(name, _)| !given(*name))) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send(&[head.as_bytes(), body].concat()).await
    }

    /// Sends bytes and reads until the server closes the connection.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Response {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (mut read, mut write) = stream.split();
        let mut answer = Vec::new();
        let send = async {
            // The server may answer, and close, before it has read all.
            let _ = write.write_all(bytes).await;
        };
        let receive = async {
            let _ = read.read_to_end(&mut answer).await;
        };
        tokio::join!(send, receive);
        split(&answer)
    }
}

/// A call that works.
pub(crate) const STATUS: &str = r#"{"jsonrpc":"2.0","method":"chain_status","id":1}"#;

/// A WebSocket that sends arbitrary data.
pub(crate) struct Socket {
    sender: soketto::Sender<Compat<TcpStream>>,
    receiver: soketto::Receiver<Compat<TcpStream>>,
}

impl Socket {
    /// Sends a message, and returns the next one that comes in; none when the server closes.
    pub(crate) async fn ask(&mut self, text: &str) -> Option<Value> {
        self.send(text).await;
        self.next().await
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, text: &str) {
        self.sender.send_text(text).await.unwrap();
        self.sender.flush().await.unwrap();
    }

    /// The next message; none when the server closes.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        let mut message = Vec::new();
        match self.receiver.receive_data(&mut message).await {
            Ok(_) => Some(serde_json::from_slice(&message).unwrap()),
            Err(soketto::connection::Error::Closed) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

fn split(answer: &[u8]) -> Response {
    let text = String::from_utf8_lossy(answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Response { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// The number of an answer's error and the code in its data.
pub(crate) fn error_text(answer: &Value) -> String {
    let error = &answer["error"];
    format!("{} {}", error["code"], error["data"]["code"].as_str().unwrap_or("NO CODE"))
}
