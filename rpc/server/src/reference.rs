//! The page for people at `GET /`: all methods with their parameters, errors and examples, from the OpenRPC document. It
//! has no scripts, and nothing from elsewhere.

use std::sync::OnceLock;

use ehb_rpc_api::{METHODS, Method, OPENRPC, rpc_number};
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::pages::{Page, page};

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color-scheme:light dark;color:CanvasText;background:Canvas}code,pre{font:13px/1.45 ui-monospace,monospace}\
pre{overflow-x:auto;padding:.75rem;border:1px solid GrayText;border-radius:.4rem}h2{margin-top:2.5rem;\
overflow-wrap:anywhere}nav a{display:inline-block;margin-right:1rem}summary{cursor:pointer}";
/// The longest example that the page shows, bytes.
const EXAMPLE_BYTES_MAX: usize = 4 << 10;

/// The page.
pub(crate) fn reference() -> Page {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| Bytes::from(text(&examples()))).clone();
    let mut page = page(StatusCode::OK, HTML, text);
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    page
}

/// The first example of each method that has one.
fn examples() -> Vec<(String, Value)> {
    let document: Value = serde_json::from_str(OPENRPC).unwrap_or_default();
    let methods = document["methods"].as_array().into_iter().flatten();
    methods
        .map(|it| (it["name"].as_str().unwrap_or_default().to_owned(), it["examples"][0].clone()))
        .collect()
}

fn text(examples: &[(String, Value)]) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>EHB node: JSON-RPC methods</title><style>{STYLE}</style>\
         <h1>JSON-RPC methods of this node</h1><p>Call them with POST at this address, or over a WebSocket. \
         <code>rpc.discover</code> returns the same as an OpenRPC document, with the types of all parameters and \
         results.</p><nav>"
    );
    for Method { name, .. } in METHODS {
        link(&mut html, name);
    }
    html.push_str("</nav>");
    for method in METHODS {
        let example = examples.iter().find(|(name, _)| name == method.name).map(|(_, it)| it);
        section(&mut html, method, example.unwrap_or(&Value::Null));
    }
    html + "</html>\n"
}

fn link(html: &mut String, name: &str) {
    html.push_str(&format!("<a href=\"#{name}\">{name}</a> "));
}

fn section(html: &mut String, method: &Method, example: &Value) {
    let name = method.name;
    let (signature, about) = (escaped(&method.signature()), escaped(&method.description()));
    html.push_str(&format!(
        "<h2 id=\"{name}\"><code>{signature}</code></h2><p>{}</p>",
        with_code(&about)
    ));
    let errors = method.errors();
    if !errors.is_empty() {
        html.push_str("<p>Errors: ");
        for code in errors {
            let hint = escaped(code.hint());
            html.push_str(&format!("<code title=\"{hint}\">{} {code}</code> ", rpc_number(code)));
        }
        html.push_str("</p>");
    }
    let params = example["params"].as_array().into_iter().flatten();
    let params: serde_json::Map<String, Value> = params
        .map(|it| (it["name"].as_str().unwrap_or_default().to_owned(), it["value"].clone()))
        .collect();
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": name, "params": params});
    shown(html, "Example", &call);
    if example.get("result").is_some() {
        shown(html, "Its result", &example["result"]["value"]);
    }
}

fn shown(html: &mut String, title: &str, value: &Value) {
    let mut text = format!("{value:#}");
    if text.len() > EXAMPLE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(EXAMPLE_BYTES_MAX));
        text.push_str("\n...");
    }
    html.push_str(&format!(
        "<details><summary>{title}</summary><pre>{}</pre></details>",
        escaped(&text)
    ));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text between backticks as code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(
            |(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() },
        )
        .collect()
}
