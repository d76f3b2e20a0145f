//! HTTP statuses instead of answers: a node's list of hosts, a wrong path, a proxy.

use ehb_sdk::{Client, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers each request with a status; its address.
async fn server(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn a_status_instead_of_an_answer_is_explained() {
    let rows = [
        ("403 Forbidden", "rpc.hosts"),
        ("404 Not Found", "leave out the path"),
        ("413 Content Too Large", "2 MiB"),
        ("415 Unsupported Media Type", "Content-Type"),
        ("307 Temporary Redirect", "redirects requests, which is not followed"),
        ("308 Permanent Redirect", "(HTTP status 308)"),
        ("200 OK", "does not speak JSON-RPC"),
        ("204 No Content", "does not speak JSON-RPC"),
        ("503 Service Unavailable", "busy or not ready (HTTP status 503)"),
    ];
    for (status, words) in rows {
        let error: Error = Client::connect(&server(status).await).await.err().unwrap();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(words) && !text.contains("Malformed request"), "{text}");
    }
}
