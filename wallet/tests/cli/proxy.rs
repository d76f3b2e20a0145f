//! A proxy that passes on what it gets, and answers itself where a transaction is submitted.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A proxy before a node. Its threads end with the test's process.
pub(crate) struct Proxy {
    pub(crate) url: String,
    fails: Arc<AtomicBool>,
}

impl Proxy {
    /// Answers submissions with a status; with 200 it adds an error of its own.
    pub(crate) fn before(node: SocketAddr, status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fails = Arc::new(AtomicBool::new(true));
        let shared = fails.clone();
        thread::spawn(move || {
            for outside in listener.incoming().flatten() {
                let fails = shared.clone();
                thread::spawn(move || serve(outside, (node, status), &fails));
            }
        });
        Self { url, fails }
    }

    /// Passes all answers on from now on.
    pub(crate) fn mend(&self) {
        self.fails.store(false, Ordering::Relaxed);
    }
}

/// One request after the other; `None` when the client ends the connection.
fn serve(
    mut outside: TcpStream,
    (node, status): (SocketAddr, u16),
    fails: &AtomicBool,
) -> Option<()> {
    let mut requests = BufReader::new(outside.try_clone().unwrap());
    let mut inside = TcpStream::connect(node).unwrap();
    let mut answers = BufReader::new(inside.try_clone().unwrap());
    loop {
        let (head, body) = message(&mut requests)?;
        inside.write_all(&[head.as_bytes(), &body].concat()).ok()?;
        let (answer_head, answer) = message(&mut answers)?;
        let request = String::from_utf8_lossy(&body).into_owned();
        let fails = fails.load(Ordering::Relaxed) && request.contains("\"tx_submit\"");
        let answered = match fails {
            true if status != 200 => {
                format!("HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\n\r\n").into_bytes()
            }
            true => {
                let request: serde_json::Value = serde_json::from_str(&request).unwrap();
                let error = serde_json::json!({"code": -32603, "message": "upstream timed out"});
                let id = request["id"].clone();
                let answer = serde_json::json!({"jsonrpc": "2.0", "id": id, "error": error});
                let answer = answer.to_string();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
                format!("{head}{}\r\n\r\n{answer}", answer.len()).into_bytes()
            }
            false => [answer_head.as_bytes(), &answer].concat(),
        };
        outside.write_all(&answered).ok()?;
    }
}

/// Head and body of a message of HTTP/1.1 that says how long it is.
fn message(stream: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let begin = head.len();
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
        let line = head[begin..].trim_end().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
