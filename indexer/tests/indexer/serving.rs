//! The HTTP API: readiness, metrics, lists, cursors, errors and limits.

use std::collections::BTreeSet;

use ehb_indexer::progress::{Progress, now_ms};
use ehb_indexer::serve::{self, Settings};
use serde_json::{Value, json};

use crate::chain::{TestChain, account, sold, text};
use crate::database::{TestDatabase, execute, index_to, one};
use crate::http::{Site, misfits};
use crate::node::TestNode;

/// A database with a chain of every kind of rows, and a server on it.
pub(crate) async fn busy(test: &str, heights: u64) -> (TestDatabase, Site) {
    let chain = TestChain::busy(test, heights);
    let test = TestDatabase::new(test).await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], heights - 2).await.unwrap();
    let site = Site::start(&test.options, Settings::default()).await;
    (test, site)
}

#[tokio::test]
async fn readiness_follows_the_height_and_says_what_is_wrong() {
    let (test, site) = busy("readiness", 5).await;
    let progress: &Progress = &site.progress;
    assert_eq!(site.get("/health").await.status, 200);
    assert_eq!(site.get("/readyz").await.status, 503);
    progress.follow(Some(7), Some(now_ms()), 60_000);
    let ready = site.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["height"]), (200, &json!(7)));
    // As 'serve' sees it where the indexer has stopped.
    progress.follow(Some(7), Some(now_ms() - 61_000), 60_000);
    let stale = site.get("/readyz").await;
    assert!(stale.status == 503 && stale.body.contains("s old"), "{stale:?}");
    let mut connection = test.connect().await;
    serve::follow(&mut connection, progress).await.unwrap();
    let state = progress.state();
    // The blocks of this chain are from a later time: a clock that is behind shows no lag.
    assert_eq!((state.height, state.is_ready()), (Some(3), true));
    progress.fail("the database: gone");
    let failed = site.get("/readyz").await;
    assert!(failed.status == 503 && failed.body.contains("the database: gone"), "{failed:?}");
    test.end().await;
}

#[tokio::test]
async fn metrics_have_height_lag_readiness_and_answers() {
    let (test, site) = busy("metrics", 5).await;
    site.progress.follow(Some(7), Some(now_ms()), 60_000);
    assert_eq!(site.get("/nothing").await.error(), "404 NO_PATH");
    assert_eq!(site.ask("POST /metrics", "host: localhost\r\n").await.error(), "405 METHOD");
    let text = site.get("/metrics").await.body;
    for line in [
        "ehb_indexer_height 7",
        "ehb_indexer_blocks_behind 0",
        "ehb_indexer_ready 1",
        "ehb_indexer_answers_refused_total 2",
        "ehb_indexer_live_streams 0",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    test.end().await;
}

/// The resources by their names, as the document describes them.
pub(crate) fn lists(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap();
    let lists = paths.iter().filter(|(_, path)| {
        path["get"]["operationId"].as_str().is_some_and(|it| it.starts_with("list-"))
    });
    lists.map(|(path, _)| path.clone()).collect()
}

/// Each list, page by page of three rows: it has each row once, in the order of one export, and follows the document.
#[tokio::test]
async fn lists_are_complete_page_by_page_and_follow_the_document() {
    let (test, site) = busy("lists", 30).await;
    let document = site.get("/openapi.json").await.json();
    let mut filled = BTreeSet::new();
    for path in lists(&document) {
        let schema = &document["paths"][&path]["get"]["responses"]["200"]["content"]["application/json"]
            ["schema"];
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = site.get(&format!("{path}?limit=3{cursor}")).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            let page = answer.json();
            assert_eq!(misfits(&document, schema, &page, &path), [""; 0]);
            assert_eq!(page["freshness"]["height"], 28);
            rows.extend(page["data"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            assert_eq!(page["data"].as_array().unwrap().len(), 3, "{path}");
            cursor = format!("&cursor={next}");
        }
        let ids = rows.iter().filter_map(|it| it["id"].as_str()?.parse::<u64>().ok());
        assert!(ids.is_sorted_by(|a, b| a > b), "{path} is not ordered by number");
        let distinct: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
        assert_eq!(distinct.len(), rows.len(), "{path} has a row twice");
        let all = site.get(&format!("{path}?limit=200")).await.json();
        let first = &rows[..rows.len().min(200)];
        assert_eq!(all["data"].as_array().unwrap()[..first.len()], *first, "{path}");
        let csv = site.get(&format!("{path}?format=csv")).await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
        let ends = csv.body.matches("\r\n").count();
        assert_eq!(ends, rows.len() + 1, "{path}: {}", csv.body);
        if !rows.is_empty() {
            filled.insert(path);
        }
    }
    for expected in [
        "blocks",
        "transactions",
        "calls",
        "events",
        "modules",
        "validators",
        "parameters",
        "assets",
        "balances",
        "entries",
        "holds",
        "pending-payments",
        "supplies",
    ] {
        assert!(
            filled.contains(&format!("/v1/{expected}")),
            "{expected} has no rows here: {filled:?}"
        );
    }
    test.end().await;
}

/// Standard tools read it: it is parsed by the types of utoipa, and each reference leads somewhere.
#[tokio::test]
async fn the_openapi_document_is_valid() {
    let (test, site) = busy("openapi", 4).await;
    let answer = site.get("/openapi.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let parsed: utoipa::openapi::OpenApi = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(parsed.paths.paths.len(), answer.json()["paths"].as_object().unwrap().len());
    let document = answer.json();
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let get = &methods["get"];
        assert!(operations.insert(get["operationId"].as_str().unwrap()), "{path}");
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            let (place, name) = (&parameter["in"], parameter["name"].as_str().unwrap());
            assert_eq!(place == "path", path.contains(&format!("{{{name}}}")), "{path} {name}");
        }
        assert!(get["responses"]["200"]["content"].is_object(), "{path}");
    }
    for part in answer.body.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    test.end().await;
}

#[tokio::test]
async fn cursors_that_are_forged_or_of_another_list_are_refused() {
    let (test, site) = busy("cursors", 12).await;
    let page = site.get("/v1/events?module=shop&limit=2").await.json();
    let cursor = page["next"].as_str().unwrap().to_owned();
    assert_eq!(site.get(&format!("/v1/events?module=shop&cursor={cursor}")).await.status, 200);
    // A page can have another size.
    assert_eq!(
        site.get(&format!("/v1/events?limit=1&module=shop&cursor={cursor}")).await.status,
        200
    );
    let middle = if cursor.as_bytes()[30] == b'A' { "B" } else { "A" };
    let forged = format!("{}{middle}{}", &cursor[..30], &cursor[31..]);
    for path in [
        format!("/v1/events?module=shop&cursor={forged}"),
        format!("/v1/events?module=wallet&cursor={cursor}"),
        format!("/v1/events?cursor={cursor}"),
        format!("/v1/calls?module=shop&cursor={cursor}"),
        format!("/v1/events?module=shop&cursor={}", &cursor[..20]),
        "/v1/events?module=shop&cursor=".to_owned(),
        "/v1/events?module=shop&cursor=%00".to_owned(),
        format!("/v1/events?module=shop&cursor={}", "A".repeat(6_000)),
    ] {
        let answer = site.get(&path).await;
        assert_eq!(answer.error(), "400 BAD_CURSOR", "{path}: {answer:?}");
        assert!(answer.body.contains("begin without a cursor"), "{answer:?}");
    }
    // Another server of the same database takes it.
    let other = Site::start(&test.options, Settings::default()).await;
    assert_eq!(other.get(&format!("/v1/events?module=shop&cursor={cursor}")).await.status, 200);
    test.end().await;
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    let (test, site) = busy("requests", 5).await;
    let long = "x".repeat(9_000);
    let cases = [
        (
            "/v1/blocks?height=1",
            "400 UNKNOWN_PARAMETER",
            "it has from, to, hash, empty, since, until, proposer, cursor",
        ),
        ("/v1/blocks?from=-1", "400 BAD_VALUE", "expected a number from 0"),
        ("/v1/blocks?from=9223372036854775808", "400 BAD_VALUE", "expected a number from 0"),
        ("/v1/blocks?from=1;drop", "400 BAD_VALUE", "1;drop"),
        ("/v1/blocks?from=1&from=2", "400 BAD_QUERY", "from is given twice"),
        ("/v1/blocks?limit=0", "400 BAD_VALUE", "from 1 to 200"),
        ("/v1/blocks?limit=201", "400 BAD_VALUE", "from 1 to 200"),
        ("/v1/blocks?empty=no", "400 BAD_VALUE", "true or false"),
        ("/v1/blocks?format=xml", "400 BAD_VALUE", "json or csv"),
        ("/v1/blocks?format=csv&cursor=x", "400 BAD_QUERY", "an export has no cursor"),
        ("/v1/events?since=yesterday", "400 BAD_VALUE", "2027-01-15T08:00:00Z"),
        ("/v1/events?since=2027-02-29T00:00:00Z", "400 BAD_VALUE", "2027-01-15T08:00:00Z"),
        (&format!("/v1/blocks?hash={long}"), "400 BAD_QUERY", "longer than 8192 bytes"),
        (&format!("/v1/blocks?hash={}", &long[..2_000]), "400 BAD_QUERY", "longer than 1024 bytes"),
        ("/v1/blocks/99999999999999999999", "404 NOT_FOUND", "no block 99999999999999999999"),
        ("/v1/blocks/77", "404 NOT_FOUND", "no block 77"),
        ("/v1/transactions/x'y", "404 NOT_FOUND", "no transaction x'y"),
        ("/v1/accounts/nobody", "404 NOT_FOUND", "no account nobody"),
        ("/v1/search?q=", "400 BAD_VALUE", "1 to 200 bytes"),
        ("/v1/search?w=1", "400 UNKNOWN_PARAMETER", "it has q"),
        ("/v1/live?after=x", "400 BAD_VALUE", "the height of a block"),
        ("/v1/live?after=99999", "400 BAD_VALUE", "that the tables have"),
        ("/v2/blocks", "404 NO_PATH", "/openapi.json"),
    ];
    for (path, code, part) in cases {
        let answer = site.get(path).await;
        assert_eq!(answer.error(), code, "{path}: {answer:?}");
        assert!(answer.body.contains(part), "{path}: {answer:?}");
    }
    test.end().await;
}

/// Texts that attack SQL, HTML and CSV, a NUL, and numbers that JSON readers round.
#[tokio::test]
async fn hostile_texts_and_large_numbers_arrive_as_they_are() {
    let attack = "=cmd|'/c calc'!A1; drop table chain.block; -- <script>alert(1)</script>";
    let mut chain = TestChain::new("hostile");
    let mut done = sold(account(60), "a\0b", u64::MAX);
    done.memo = format!("{attack}\0");
    chain.push(vec![done, sold(account(61), "plain", (1 << 53) + 1)]);
    chain.push(Vec::new());
    let test = TestDatabase::new("hostile").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 1).await.unwrap();
    let site = Site::start(&test.options, Settings::default()).await;
    let listed = site.get("/v1/transactions?kind=transaction").await.json();
    let row = listed["data"].as_array().unwrap().iter().find(|it| it["index"] == 0).unwrap();
    assert_eq!(row["memo"], format!("{attack}\u{241b}0"));
    assert_eq!(row["gasLimit"], u64::MAX.to_string());
    let id = row["id"].as_str().unwrap();
    let shown = site.get(&format!("/v1/transactions/{id}")).await.json()["data"].clone();
    assert_eq!(shown["calls"][0]["result"], u64::MAX.to_string());
    assert_eq!(shown["events"][0]["value"]["amount"], u64::MAX.to_string());
    assert_eq!(shown["calls"][0]["arguments"]["item"], "a\u{241b}0b");
    let csv = site.get("/v1/transactions?format=csv&kind=transaction").await.body;
    assert!(csv.contains(&format!(",\"'{attack}\u{241b}0\",")), "{csv}");
    // A filter is a value and never SQL.
    for text in ["'; drop table chain.block; --", "%00", "\0", "\u{241b}", "$1", "\\"] {
        let text: String = text.bytes().map(|it| format!("%{it:02x}")).collect();
        let found = site.get(&format!("/v1/transactions?sender={text}")).await;
        assert_eq!((found.status, &found.json()["data"]), (200, &json!([])), "{text}");
        assert_eq!(site.get(&format!("/v1/search?q={text}")).await.status, 200, "{text}");
    }
    let found = site.get("/v1/search?q=drop%20table").await.json();
    assert_eq!(found["data"][0]["id"], id, "{found}");
    // Beyond 2^53 a number is a text, also within JSON.
    let mut connection = test.connect().await;
    execute(
        &mut connection,
        "insert into chain.parameter values ('test', 0, '{\"a\": [9007199254740993, 7]}')",
    )
    .await;
    let value = site.get("/v1/parameters?name=test").await.json()["data"][0]["value"].clone();
    assert_eq!(value, json!({"a": ["9007199254740993", 7]}));
    test.end().await;
}

#[tokio::test]
async fn items_are_found_by_id_address_and_words() {
    let (test, site) = busy("items", 12).await;
    let block = site.get("/v1/blocks/7").await.json()["data"].clone();
    let hash = block["hash"].as_str().unwrap();
    assert_eq!(site.get(&format!("/v1/blocks/{hash}")).await.json()["data"], block);
    let buyer = text(account(61));
    let mentioned = site.get(&format!("/v1/transactions?mentions={buyer}&limit=200")).await.json();
    assert!(!mentioned["data"].as_array().unwrap().is_empty());
    let shown = site.get(&format!("/v1/accounts/{buyer}")).await.json()["data"].clone();
    let heights: Vec<i64> = mentioned["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["height"].as_i64().unwrap())
        .collect();
    assert_eq!(shown["lastHeight"].as_i64(), heights.iter().max().copied());
    assert_eq!(shown["firstHeight"].as_i64(), heights.iter().min().copied());
    for (text, kind, id) in [
        ("7", "block", "7"),
        (hash, "block", "7"),
        (&buyer, "account", &buyer),
        ("SHOP", "module", "shop"),
        ("eur", "asset", "EUR"),
    ] {
        let found = site.get(&format!("/v1/search?q={text}")).await.json();
        let hit = |it: &Value| it["kind"] == kind && it["id"] == id;
        assert!(found["data"].as_array().unwrap().iter().any(hit), "{text}: {found}");
    }
    test.end().await;
}

/// A page in a browser must not read from a server that only the browser's machine reaches.
#[tokio::test]
async fn hosts_and_origins_follow_the_rules_of_the_rpc_server() {
    let (test, _) = busy("hosts", 4).await;
    let settings =
        Settings { allowed_hosts: vec!["board.example".to_owned()], ..Settings::default() };
    let site = Site::start(&test.options, settings).await;
    let cases = [
        ("host: localhost:1\r\n", 200, None),
        ("host: 127.0.0.1\r\n", 200, None),
        (
            "host: board.example\r\norigin: https://board.example\r\n",
            200,
            Some("https://board.example"),
        ),
        (
            "host: localhost\r\norigin: http://localhost:5173\r\n",
            200,
            Some("http://localhost:5173"),
        ),
        ("host: evil.example\r\n", 403, None),
        ("host: a@localhost\r\n", 403, None),
        ("host: localhost\r\norigin: https://evil.example\r\n", 403, None),
        ("host: localhost\r\norigin: null\r\n", 403, None),
        ("host: localhost\r\nhost: localhost\r\n", 403, None),
        ("", 403, None),
    ];
    for (headers, status, origin) in cases {
        let answer = site.ask("GET /v1/status", headers).await;
        assert_eq!(answer.status, status, "{headers}: {answer:?}");
        let allowed = answer.headers.get("access-control-allow-origin").map(String::as_str);
        assert_eq!(allowed, origin, "{headers}");
    }
    let preflight = "host: localhost\r\norigin: http://localhost:5173\r\naccess-control-request-method: GET\r\n";
    let answer = site.ask("OPTIONS /v1/blocks", preflight).await;
    assert_eq!(
        (answer.status, answer.headers["access-control-allow-methods"].as_str()),
        (204, "GET, HEAD, POST, PUT, DELETE")
    );
    test.end().await;
}

/// The names of addresses in one answer; unknown ones and what is no address are left out.
#[tokio::test]
async fn names_of_several_addresses_come_at_once() {
    let (test, site) = busy("names", 6).await;
    let [one, two] = [1, 2].map(|seed| text(account(seed)));
    let rows = format!(
        "insert into edr.account (address, kind, label, organisation, status, at_height, at_index, at_event)
         values ('{one}', 'account', null, 'acme', 'active', 0, 0, 0), ('{two}', 'module', 'shop', null, 'active', 0, 0, 1)"
    );
    execute(&mut test.connect().await, &rows).await;
    let path = format!("/v1/names?addresses={one},{two},ehbt1nobody,'");
    let found = site.get(&path).await.json();
    let rows = found["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{found}");
    for row in rows {
        assert!(row["kind"].is_string() && row.get("organisation").is_some(), "{row}");
    }
    assert!(found["freshness"]["height"].is_number(), "{found}");
    assert_eq!(site.get("/v1/names").await.json()["data"], json!([]));
    assert_eq!(site.get("/v1/names?of=a").await.error(), "400 UNKNOWN_PARAMETER");
    test.end().await;
}

/// The page is the answer to every path that a browser opens; the API and its errors stay what they are.
#[tokio::test]
async fn the_dashboard_is_served_beside_the_api() {
    let (test, _) = busy("pages", 4).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>EHB</title>").unwrap();
    let dashboard = serve::Dashboard::read(folder.path(), &["http://127.0.0.1:1".to_owned()]);
    let settings = Settings { dashboard: Some(dashboard.unwrap()), ..Settings::default() };
    let site = Site::start(&test.options, settings).await;
    let browser = "host: localhost\r\naccept: text/html\r\n";
    for path in ["/", "/market/orders/1", "/v2/blocks"] {
        let page = site.ask(&format!("GET {path}"), browser).await;
        assert_eq!(
            (page.status, page.headers["content-type"].as_str()),
            (200, "text/html; charset=utf-8")
        );
        assert!(page.headers["content-security-policy"].contains("http://127.0.0.1:1"), "{page:?}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
    }
    assert_eq!(site.ask("GET /v1/nothing", browser).await.error(), "404 NO_PATH");
    assert_eq!(site.ask("GET /v1/blocks", browser).await.status, 200);
    assert_eq!(site.get("/assets/old.js").await.error(), "404 NO_PATH");
    assert_eq!(site.ask("POST /market", browser).await.error(), "405 METHOD");
    let evil = "host: evil.example\r\naccept: text/html\r\n";
    assert_eq!(site.ask("GET /", evil).await.error(), "403 FORBIDDEN");
    test.end().await;
}

/// As on a replica, where every write fails.
#[tokio::test]
async fn a_database_that_cannot_be_written_is_served() {
    let (test, _) = busy("replica", 6).await;
    let mut connection = test.connect().await;
    execute(&mut connection, "alter database test_replica set default_transaction_read_only = on")
        .await;
    let site = Site::start(&test.options, Settings::default()).await;
    for path in ["/v1/blocks?limit=2", "/v1/search?q=EUR", "/v1/balances?format=csv", "/v1/status"]
    {
        assert_eq!(site.get(path).await.status, 200, "{path}");
    }
    execute(&mut connection, "set default_transaction_read_only = off").await;
    assert_eq!(one(&mut connection, "select count(*) from service.secret").await.unwrap(), "1");
    execute(&mut connection, "alter database test_replica reset default_transaction_read_only")
        .await;
    test.end().await;
}

#[tokio::test]
async fn a_database_without_tables_or_without_a_server_is_an_error_in_words() {
    let test = TestDatabase::new("empty").await;
    let site = Site::start(&test.options, Settings::default()).await;
    assert_eq!(site.get("/v1/blocks").await.error(), "503 DATABASE");
    assert_eq!(site.get("/health").await.status, 200);
    let nowhere = test.options.clone().socket("/nowhere");
    let site = Site::start(&nowhere, Settings::default()).await;
    assert!(site.get("/v1/blocks").await.error().starts_with("503 "));
    test.end().await;
}
