//! Tests of how the files of the dashboard are served.

use std::fs;
use std::path::Path;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Dashboard;

fn built() -> (tempfile::TempDir, Dashboard) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    write("index.html", "<!doctype html>");
    write("assets/index-1a2b.js", "export {}");
    write("assets/index-1a2b.js.br", "compressed");
    write(".hidden", "secret");
    let nodes =
        ["http://127.0.0.1:9650/rpc", "ws://127.0.0.1:9651", "https://user:word@node.example"];
    let dashboard = Dashboard::read(folder.path(), &nodes.map(str::to_owned)).unwrap();
    (folder, dashboard)
}

fn headers(of: &[(HeaderName, &'static str)]) -> HeaderMap {
    of.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
}

/// One row a request: its path and headers; status, type, encoding and caching of the answer.
#[test]
fn files_and_pages_have_their_types_and_encodings() {
    let (_folder, dashboard) = built();
    let html = &[(ACCEPT, "text/html,application/xhtml+xml;q=0.9")][..];
    let br = &[(ACCEPT_ENCODING, "gzip, deflate, br")][..];
    let no_br = &[(ACCEPT_ENCODING, "gzip, br;q=0")][..];
    type Row<'a> = (&'a str, &'a [(HeaderName, &'static str)], Option<[&'a str; 3]>);
    let rows: &[Row<'_>] = &[
        ("/", html, Some(["text/html; charset=utf-8", "", "no-cache"])),
        ("/market/orders/1", html, Some(["text/html; charset=utf-8", "", "no-cache"])),
        ("/index.html", &[], Some(["text/html; charset=utf-8", "", "no-cache"])),
        (
            "/assets/index-1a2b.js",
            br,
            Some(["text/javascript; charset=utf-8", "br", "public, max-age=31536000, immutable"]),
        ),
        (
            "/assets/index-1a2b.js",
            no_br,
            Some(["text/javascript; charset=utf-8", "", "public, max-age=31536000, immutable"]),
        ),
        ("/assets/index-1a2b.js.br", &[], None),
        ("/assets/other.js", &[(ACCEPT, "*/*")], None),
        ("/.hidden", &[], None),
        ("/../Cargo.toml", &[], None),
        ("/market", &[(ACCEPT, "application/json")], None),
    ];
    for (path, given, expected) in rows {
        let reply = dashboard.answer(path, &headers(given));
        let found = reply.map(|it| {
            assert_eq!(it.status(), StatusCode::OK, "{path}");
            [CONTENT_TYPE, CONTENT_ENCODING, CACHE_CONTROL]
                .map(|name| it.headers().get(name).map_or("", |it| it.to_str().unwrap()).to_owned())
        });
        let expected = expected.map(|it| it.map(str::to_owned));
        assert_eq!(found, expected, "{path}");
    }
}

/// A browser that has the file gets no body; one that has another version gets it.
#[test]
fn an_unchanged_file_is_not_sent_again() {
    let (_folder, dashboard) = built();
    let first = dashboard.answer("/index.html", &HeaderMap::new()).unwrap();
    let mut again = HeaderMap::new();
    again.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
    let same = dashboard.answer("/index.html", &again).unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    again.insert(IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
    assert_eq!(dashboard.answer("/index.html", &again).unwrap().status(), StatusCode::OK);
}

/// Pages can ask the nodes over HTTP, and nothing else; a password in an address of a node is not passed on.
#[test]
fn the_content_policy_names_the_nodes() {
    let (_folder, dashboard) = built();
    let page = dashboard.answer("/index.html", &HeaderMap::new()).unwrap();
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'; connect-src 'self' http://127.0.0.1:9650; "));
    assert!(policy.contains("require-trusted-types-for 'script'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("node.example"), "{policy}");
    let settings = dashboard.answer("/dashboard.json", &HeaderMap::new()).unwrap();
    assert_eq!(settings.headers()[CONTENT_TYPE], "application/json");
}

/// A folder without a page is refused with what helps.
#[test]
fn another_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Dashboard::read(folder.path(), &[]).unwrap_err().to_string();
    assert!(error.contains("make dashboard"), "{error}");
}

/// A pipe would keep the server from starting, and a link could lead to a file that nobody is to see.
#[test]
fn what_is_no_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<html>").unwrap();
    for make in [
        (|path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap()) as fn(&Path),
        |path| std::os::unix::fs::symlink("/etc/passwd", path).unwrap(),
        |path| std::os::unix::fs::symlink("nothing", path).unwrap(),
    ] {
        let path = folder.path().join("more.js");
        make(&path);
        let error = Dashboard::read(folder.path(), &[]).unwrap_err().to_string();
        assert!(error.contains("more.js is neither a file nor a folder"), "{error}");
        fs::remove_file(path).unwrap();
    }
}
