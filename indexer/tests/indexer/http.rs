//! A server on a test's database, and a client of a few lines.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use ehb_indexer::progress::Progress;
use ehb_indexer::serve::{self, Settings};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::database::PATIENCE;

/// A server that ends with its owner.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) progress: Progress,
    task: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of an error, with its status.
    pub(crate) fn error(&self) -> String {
        format!("{} {}", self.status, self.json()["error"]["code"].as_str().unwrap_or("?"))
    }
}

impl Site {
    pub(crate) async fn start(database: &PgConnectOptions, settings: Settings) -> Self {
        let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let progress = Progress::default();
        let serving = serve::serve(listener, progress.clone(), database.clone(), settings);
        Self { address, progress, task: tokio::spawn(serving) }
    }

    /// Sends a request line with headers, and returns the open connection.
    pub(crate) async fn open(&self, request: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let text = format!("{request} HTTP/1.1\r\n{headers}\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// The answer to a request with these headers.
    pub(crate) async fn ask(&self, request: &str, headers: &str) -> Answer {
        let headers = format!("connection: close\r\n{headers}");
        let mut stream = self.open(request, &headers).await;
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        read.unwrap_or_else(|_| panic!("no answer to {request}")).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let chunked = headers.get("transfer-encoding").is_some_and(|it| it == "chunked");
        let body = if chunked { unchunked(body) } else { body.to_owned() };
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), "host: localhost\r\n").await
    }
}

fn unchunked(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        text.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    text
}

/// What in a value does not follow a schema: the parts of JSON Schema that the API's document uses.
pub(crate) fn misfits(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#'));
        return misfits(document, schema.unwrap_or_else(|| panic!("{reference}")), value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        one => one == kind,
    };
    let mut found = Vec::new();
    if !fits {
        found.push(format!("{at} is {value}, not {}", schema["type"]));
    }
    if let Some(text) = value.as_str().filter(|_| schema["pattern"].is_string()) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
            found.push(format!("{at} is {text:?}, not digits"));
        }
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|it| !it.contains(value)) {
        found.push(format!("{at} is {value}, not one of {allowed:?}"));
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(misfits(document, &schema["items"], item, &format!("{at}[]")));
    }
    if let (Value::Object(members), Some(properties)) = (value, schema["properties"].as_object()) {
        for (name, member) in members {
            match properties.get(name) {
                Some(schema) => {
                    found.extend(misfits(document, schema, member, &format!("{at}.{name}")));
                }
                None if schema["additionalProperties"] == false => {
                    found.push(format!("{at}.{name} is not described"));
                }
                None => {}
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if !members.contains_key(name.as_str().unwrap()) {
                found.push(format!("{at}.{name} is missing"));
            }
        }
    }
    found
}
