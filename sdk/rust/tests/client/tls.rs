//! A node with a TLS proxy, as operators set it up for remote clients.

use std::env;
use std::process::{Command, Output};
use std::sync::Arc;

use ehb_sdk::api::{BlockNotice, Detail};
use ehb_sdk::{Client, Error};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{Running, alice, start, transfer};

/// The environment variable with the address for the helpers below.
const URL: &str = "EHB_TEST_URL";
/// The certificate that signed the server's; both are valid for a hundred years.
const AUTHORITY: &str = "tests/client/tls/authority.pem";

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Forwards TLS connections to the node, and returns the port.
async fn proxy(running: &Running) -> u16 {
    let node = running.url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = acceptor();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, node) = (acceptor.clone(), node.clone());
            tokio::spawn(async move {
                // A client that does not trust the certificate closes the connection.
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                let mut inside = TcpStream::connect(node).await.unwrap();
                let _ = copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

/// Runs a helper in a separate process: the trusted certificates are read from the environment, which is
/// shared by the whole process.
async fn run(helper: &'static str, url: String, authority: Option<String>) {
    let output: Output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([helper, "--exact", "--ignored", "--nocapture"]).env(URL, url);
        command.env_remove("SSL_CERT_DIR").env_remove("SSL_CERT_FILE");
        command.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
        command.output().unwrap()
    })
    .await
    .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn a_node_behind_tls_is_reached_by_either_scheme() {
    let running = start().await;
    let port = proxy(&running).await;
    // As of the run: a build cache may hold this test from a checkout at another place.
    let authority = format!("{}/{AUTHORITY}", env::var("CARGO_MANIFEST_DIR").unwrap());
    for url in [format!("https://127.0.0.1:{port}"), format!("wss://localhost:{port}/")] {
        run("tls::pays_and_follows", url, Some(authority.clone())).await;
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_rejected() {
    let running = start().await;
    let url = format!("https://127.0.0.1:{}", proxy(&running).await);
    run("tls::is_refused", url, None).await;
}

#[tokio::test]
#[ignore = "run by the tests above"]
async fn pays_and_follows() {
    let client = Client::connect(&env::var(URL).unwrap()).await.unwrap();
    let mut blocks = client.blocks(Some(1), Detail::Ids);
    let done = client.execute(&alice(), transfer(&client, "1").await).await.unwrap();
    let BlockNotice::Block { block } = blocks.next().await.unwrap() else { panic!("a gap") };
    assert!(block.header.height <= done.position.height);
}

#[tokio::test]
#[ignore = "run by the tests above"]
async fn is_refused() {
    let error = Client::connect(&env::var(URL).unwrap()).await.err().unwrap();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().to_lowercase().contains("certificate"), "{error}");
}
