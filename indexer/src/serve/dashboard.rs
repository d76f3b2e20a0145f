//! The files of the dashboard, read into memory when the server starts, and the content policy under which pages run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use hyper::body::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::reply::{Reply, bytes, text};

/// The page, which shows each path that is no file.
const PAGE: &str = "/index.html";
/// The path with what the page must know of this server.
const SETTINGS: &str = "/dashboard.json";
/// The folder of files whose names contain their hash.
const HASHED: &str = "/assets/";
/// The ending of a file's compressed form.
const BROTLI: &str = ".br";
/// The limits of what is read: files, and bytes of all of them.
const FILES_MAX: usize = 512;
const BYTES_MAX: u64 = 32 << 20;

/// The files of the dashboard. Clones share them.
#[derive(Clone, Debug)]
pub struct Dashboard(Arc<Files>);

#[derive(Debug, Default)]
struct Files {
    by_path: BTreeMap<String, File>,
    policy: Option<HeaderValue>,
    settings: String,
}

/// A file as it was built.
#[derive(Debug)]
struct File {
    kind: &'static str,
    plain: Bytes,
    brotli: Option<Bytes>,
    tag: HeaderValue,
}

impl Dashboard {
    /// Reads the files in a folder. Pages can ask these nodes for proofs. Errors: the folder holds no dashboard, or more than
    /// one.
    pub fn read(folder: &Path, nodes: &[String]) -> io::Result<Self> {
        let (mut raw, mut left) = (BTreeMap::new(), BYTES_MAX);
        collect(folder, "", &mut left, &mut raw)?;
        if !raw.contains_key(PAGE) {
            let text = format!(
                "there is no index.html in {}: 'make dashboard' builds it",
                folder.display()
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, text));
        }
        let nodes: Vec<String> = nodes.iter().filter_map(|url| origin(url)).collect();
        let mut files = Files {
            policy: Some(policy(&nodes).map_err(io::Error::other)?),
            settings: json!({"nodes": nodes}).to_string(),
            ..Files::default()
        };
        let plain = raw.iter().filter(|(path, _)| !path.ends_with(BROTLI));
        for (path, content) in plain {
            let tag = format!("\"{}\"", hex::encode(Sha256::digest(content)));
            let file = File {
                kind: kind(path),
                plain: content.clone(),
                brotli: raw.get(&format!("{path}{BROTLI}")).cloned(),
                tag: HeaderValue::from_str(&tag).map_err(io::Error::other)?,
            };
            files.by_path.insert(path.clone(), file);
        }
        Ok(Self(Arc::new(files)))
    }

    /// The file with a path, or the page where a browser opens another path; none where neither is asked for.
    pub(crate) fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Reply> {
        if path == SETTINGS {
            return Some(text(StatusCode::OK, "application/json", self.0.settings.clone()));
        }
        let (path, file) = match self.0.by_path.get(path) {
            Some(file) => (path, file),
            None if has(headers, &ACCEPT, "text/html") => (PAGE, self.0.by_path.get(PAGE)?),
            None => return None,
        };
        let mut reply = if headers.get(IF_NONE_MATCH) == Some(&file.tag) {
            bytes(StatusCode::NOT_MODIFIED, file.kind, Bytes::new())
        } else if let Some(brotli) =
            file.brotli.as_ref().filter(|_| has(headers, &ACCEPT_ENCODING, "br"))
        {
            let mut reply = bytes(StatusCode::OK, file.kind, brotli.clone());
            reply.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            reply
        } else {
            bytes(StatusCode::OK, file.kind, file.plain.clone())
        };
        let age = if path.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let headers = reply.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(age));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(ETAG, file.tag.clone());
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if let Some(policy) = &self.0.policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        Some(reply)
    }
}

/// Reads a folder and those in it; `left` is how many bytes may still be read.
fn collect(
    folder: &Path,
    prefix: &str,
    left: &mut u64,
    found: &mut BTreeMap<String, Bytes>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|it| !it.starts_with('.')) else { continue };
        let path = format!("{prefix}/{name}");
        let about = entry.metadata()?;
        if about.is_dir() {
            collect(&entry.path(), &path, left, found)?;
            continue;
        }
        // A pipe would never end, and a link can lead to what nobody is to see.
        if !about.is_file() {
            let text = format!("{} is neither a file nor a folder", entry.path().display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let (fits, count) = (left.checked_sub(about.len()), found.len());
        let Some(rest) = fits.filter(|_| count < FILES_MAX) else {
            let text = format!("{} holds more than a dashboard", folder.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        };
        *left = rest;
        found.insert(path, fs::read(entry.path())?.into());
    }
    Ok(())
}

/// What pages may load and run: files of this server, its answers, and answers of these nodes. Scripts cannot turn texts into
/// markup.
fn policy(nodes: &[String]) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    HeaderValue::from_str(&format!(
        "default-src 'self'; connect-src 'self' {}; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        nodes.join(" ")
    ))
}

/// Scheme and host of a node that a page can ask. An address with a password is not passed on.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let fits = matches!(scheme, "http" | "https") && !authority.contains('@');
    fits.then(|| format!("{scheme}://{authority}"))
}

/// The content type by the ending of a name.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Whether a header with a list names a value.
fn has(headers: &HeaderMap, name: &http::HeaderName, value: &str) -> bool {
    let lists = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
    let mut items = lists.flat_map(|it| it.split(','));
    items.any(|it| {
        let mut parts = it.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(value));
        is_named && !parts.any(|it| matches!(it, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests;
