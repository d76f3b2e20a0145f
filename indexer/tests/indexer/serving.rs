use ehb_indexer::progress::Progress;
use ehb_indexer::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The whole answer to a request, as text.
async fn ask(progress: &Progress, request: &str) -> String {
    let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    tokio::select! {
        () = serve::serve(listener, progress.clone()) => unreachable!(),
        text = asked => text,
    }
}

#[tokio::test]
async fn readiness_follows_the_height_and_says_what_is_wrong() {
    let progress = Progress::default();
    assert!(ask(&progress, "GET /health").await.starts_with("HTTP/1.1 200"));
    assert!(ask(&progress, "GET /readyz").await.starts_with("HTTP/1.1 503"));
    progress.follow(Some(7));
    let ready = ask(&progress, "GET /readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("\"height\":7"), "{ready}");
    progress.fail("the database: gone");
    let failed = ask(&progress, "GET /readyz").await;
    assert!(
        failed.starts_with("HTTP/1.1 503") && failed.contains("the database: gone"),
        "{failed}"
    );
}

#[tokio::test]
async fn metrics_have_height_lag_and_readiness() {
    let progress = Progress::default();
    progress.follow(Some(7));
    let text = ask(&progress, "GET /metrics").await;
    for line in
        ["ehb_indexer_height 7", "ehb_indexer_blocks_behind 0", "ehb_indexer_ready 1", "# EOF"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(ask(&progress, "GET /nothing").await.starts_with("HTTP/1.1 404"));
    assert!(ask(&progress, "POST /metrics").await.starts_with("HTTP/1.1 405"));
}
