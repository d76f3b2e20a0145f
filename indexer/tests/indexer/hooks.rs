//! Webhooks against endpoints that take, refuse, hang, redirect and never stop.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ehb_indexer::hook::{self, NewWebhook, Settings};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use sqlx::PgConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::chain::{TestChain, account, sold, text};
use crate::database::{PATIENCE, TestDatabase, index_to};
use crate::node::TestNode;

/// What an endpoint does with a request, from the number of requests so far and the request's id.
pub(crate) type Conduct = fn(usize, &str) -> &'static str;

/// An endpoint that keeps what it took.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    /// Head and body of each request.
    pub(crate) got: Arc<Mutex<Vec<(String, String)>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n";
/// Never answers.
const HANG: &str = "";
/// Answers with bytes without end.
const ENDLESS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";

pub(crate) async fn endpoint(conduct: Conduct) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let got: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let kept = got.clone();
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let kept = kept.clone();
            tokio::spawn(async move { drop(answer(stream, &kept, conduct).await) });
        }
    });
    Endpoint { address, got, tasks: vec![task] }
}

async fn answer(
    mut stream: TcpStream,
    kept: &Mutex<Vec<(String, String)>>,
    conduct: Conduct,
) -> std::io::Result<()> {
    let (mut text, mut buffer) = (String::new(), vec![0; 16 << 10]);
    let (head, body) = loop {
        let count = stream.read(&mut buffer).await?;
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = header(head, "content-length").parse().unwrap();
        if body.len() == length {
            break (head.to_owned(), body.to_owned());
        }
    };
    let id = header(&head, "ehb-delivery").to_owned();
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push((head, body));
        kept.len()
    };
    let words = conduct(number, &id);
    if words == HANG {
        return std::future::pending().await;
    }
    stream.write_all(words.as_bytes()).await?;
    if words == ENDLESS {
        loop {
            stream.write_all(&[b'x'; 64 << 10]).await?;
        }
    }
    Ok(())
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map_or("", |(_, value)| value)
}

impl Endpoint {
    pub(crate) fn ids(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        got.iter().map(|(head, _)| header(head, "ehb-delivery").to_owned()).collect()
    }

    fn hook(&self) -> NewWebhook {
        let url = format!("http://{}/events?x=1", self.address);
        let (module, name) = (Some("shop".to_owned()), Some("sold".to_owned()));
        NewWebhook { url, module, name, from_height: Some(0), ..NewWebhook::default() }
    }
}

/// Six sales in three blocks, of two buyers in turn.
async fn sales(name: &str) -> TestDatabase {
    let mut chain = TestChain::new(&name.replace('_', "-"));
    for height in 0..3 {
        chain.push(vec![
            sold(account(60), &format!("a{height}"), 1),
            sold(account(61), &format!("b{height}"), 1),
        ]);
    }
    chain.push(Vec::new());
    let test = TestDatabase::new(name).await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 3).await.unwrap();
    test
}

pub(crate) fn quick() -> Settings {
    Settings {
        private_addresses: true,
        attempt_max: Duration::from_secs(30),
        pause_first: Duration::from_millis(20),
        pause_max: Duration::from_millis(100),
        attempts_max: 4,
    }
}

/// Sends until the condition holds.
pub(crate) async fn send_until(
    test: &TestDatabase,
    settings: Settings,
    mut done: impl AsyncFnMut(&mut PgConnection) -> bool,
) {
    let mut connection = test.connect().await;
    let until = async {
        let deadline = Instant::now() + PATIENCE;
        while !done(&mut connection).await {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}");
            sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = hook::run(test.options.clone(), settings) => unreachable!(),
        () = until => {}
    }
}

async fn is_empty(connection: &mut PgConnection) -> bool {
    let webhooks = hook::list(connection).await.unwrap();
    webhooks.iter().all(|it| it.next_height == 4 && it.waiting == 0)
}

#[tokio::test]
async fn deliveries_are_signed_and_keep_the_order_of_each_subject() {
    let test = sales("hooks").await;
    let mut connection = test.connect().await;
    // The first attempt of the first sale and of another one fails.
    let shop = endpoint(
        |number, id| if number == 1 || (number < 6 && id == "2-1-0") { BROKEN } else { OK },
    )
    .await;
    let (_, secret) = hook::add(&mut connection, &shop.hook()).await.unwrap().unwrap();
    send_until(&test, quick(), is_empty).await;
    let got = shop.got.lock().unwrap().clone();
    for (head, body) in &got {
        assert!(head.starts_with("POST /events?x=1 HTTP/1.1"), "{head}");
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.{body}", header(head, "ehb-timestamp")).as_bytes());
        let expected = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
        assert_eq!(header(head, "ehb-signature"), expected);
    }
    let bodies: Vec<Value> = got.iter().map(|it| serde_json::from_str(&it.1).unwrap()).collect();
    assert_eq!(bodies[0]["module"], "shop");
    assert_eq!(bodies[0]["value"]["amount"], "1");
    for (place, buyer) in [(0, account(60)), (1, account(61))] {
        let subject = format!("shop/{}", text(buyer));
        let mut ids: Vec<&str> = bodies
            .iter()
            .filter(|it| it["subject"] == *subject)
            .map(|it| it["id"].as_str().unwrap())
            .collect();
        // A repeated attempt is next to the first one: nothing of the subject overtook it.
        ids.dedup();
        assert_eq!(ids, [1, 2, 3].map(|height| format!("{height}-{place}-0")));
    }
    // A restart sends nothing again.
    send_until(&test, quick(), is_empty).await;
    assert_eq!(shop.ids().len(), got.len());
    test.end().await;
}

/// Each on its own: none delays the endpoint that takes everything.
#[tokio::test]
async fn endpoints_that_hang_redirect_or_never_stop_are_bounded() {
    let test = sales("hostile_hooks").await;
    let mut connection = test.connect().await;
    let inner = endpoint(|_, _| OK).await;
    let redirects = endpoint(|_, _| {
        "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/admin\r\ncontent-length: 0\r\n\r\n"
    })
    .await;
    let (hangs, endless) = (endpoint(|_, _| HANG).await, endpoint(|_, _| ENDLESS).await);
    let mut ids = Vec::new();
    for it in [&inner, &redirects, &hangs, &endless] {
        ids.push(hook::add(&mut connection, &it.hook()).await.unwrap().unwrap().0);
    }
    let settings = Settings { attempt_max: Duration::from_secs(3), attempts_max: 2, ..quick() };
    send_until(&test, settings, is_empty).await;
    let listed = hook::list(&mut connection).await.unwrap();
    let dead: Vec<i64> = listed.iter().map(|it| it.dead).collect();
    // What an endpoint answers beside its status is not looked at.
    assert_eq!(dead, [0, 6, 6, 0]);
    let error = |place: usize| listed[place].last_error.clone().unwrap();
    assert!(
        error(1).contains("307") && error(1).contains("redirects are not followed"),
        "{}",
        error(1)
    );
    assert!(error(2).contains("did not answer within 3000 ms"), "{}", error(2));
    let mut taken = inner.ids();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 6);
    test.end().await;
}

#[tokio::test]
async fn dead_letters_are_listed_and_sent_again() {
    let test = sales("dead").await;
    let mut connection = test.connect().await;
    let shop = endpoint(|number, _| if number <= 24 { BROKEN } else { OK }).await;
    let (id, _) = hook::add(&mut connection, &shop.hook()).await.unwrap().unwrap();
    send_until(&test, quick(), is_empty).await;
    let dead = hook::dead_letters(&mut connection, id, 100).await.unwrap();
    assert_eq!(dead.len(), 6);
    assert_eq!((dead[0].height, dead[0].attempts), (1, 4));
    assert_eq!(
        dead[0].last_error.as_deref(),
        Some("the endpoint answered 500 Internal Server Error")
    );
    assert_eq!(hook::send_again(&mut connection, id).await.unwrap(), 6);
    send_until(&test, quick(), async |it| {
        is_empty(it).await && hook::dead_letters(it, id, 1).await.unwrap().is_empty()
    })
    .await;
    assert_eq!(shop.ids().len(), 30);
    assert!(hook::remove(&mut connection, id).await.unwrap());
    assert!(!hook::remove(&mut connection, id).await.unwrap());
    test.end().await;
}

#[tokio::test]
async fn private_addresses_are_refused_unless_they_are_allowed() {
    let test = sales("private").await;
    let mut connection = test.connect().await;
    let inner = endpoint(|_, _| OK).await;
    let port = inner.address.port();
    let hosts =
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"];
    for host in hosts {
        let url = format!("http://{host}:{port}/");
        hook::add(&mut connection, &NewWebhook { url, ..inner.hook() }).await.unwrap().unwrap();
    }
    let settings = Settings { private_addresses: false, ..quick() };
    send_until(&test, settings, is_empty).await;
    for webhook in hook::list(&mut connection).await.unwrap() {
        let error = webhook.last_error.unwrap();
        assert!(error.contains("not public") && error.contains("--webhooks-to-private"), "{error}");
        assert_eq!(webhook.dead, 6, "{}", webhook.url);
    }
    assert!(inner.ids().is_empty());
    test.end().await;
}

#[test]
fn urls_of_webhooks_are_checked() {
    assert!(hook::check_url("https://shop.example/events?x=1").is_ok());
    for url in [
        "",
        "shop.example",
        "ftp://shop.example/",
        "http://",
        "https://a:b@shop.example/",
        "file:///etc/passwd",
    ] {
        assert!(hook::check_url(url).is_err(), "{url}");
    }
    assert!(
        hook::check_url(&format!("http://a/{}", "x".repeat(3_000))).unwrap_err().contains("2048")
    );
}
