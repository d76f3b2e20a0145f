//! Whatever comes in, there is an answer with a code, or none is due.

use ehb_rpc_api::{Base64, METHODS, Position};
use ehb_rpc_server::ModuleInfo;
use expect_test::expect;
use serde_json::{Value, json};

use crate::fake::{ALICE, BOB, transfer};
use crate::methods::example;
use crate::raw::{STATUS, error_text, start};

/// Cases in the manner of JSONTestSuite's `n_` files.
const NOT_JSON: &[&[u8]] = &[
    b"",
    b" ",
    b"{",
    b"[",
    b"[1,]",
    b"[1 true]",
    b"{\"a\":\"a\" 123}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":1",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":1}}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":1} x",
    b"{jsonrpc:\"2.0\",\"method\":\"chain_status\",\"id\":1}",
    b"{'jsonrpc':'2.0','method':'chain_status','id':1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":01}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":+1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"params\":[NaN],\"id\":1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"params\":[.5],\"id\":1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"chain\nstatus\",\"id\":1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"\\x00\",\"id\":1}",
    b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"method\":\"chain_status\",\"id\":1}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\",\"id\":1}",
    b"/* */{}",
    b"nul",
    b"\"\\",
];

#[tokio::test]
async fn what_is_not_json_is_a_parse_error() {
    let server = start().await;
    for text in NOT_JSON {
        let error = server.post_error(text).await;
        assert_eq!(error, "-32700 INVALID_REQUEST", "{}", String::from_utf8_lossy(text));
    }
    server.assert_answers().await;
}

#[tokio::test]
async fn a_compressed_request_is_named() {
    let server = start().await;
    let body = server.post(b"\x1f\x8b\x08\x00\x00").await.body;
    assert!(body.contains("compressed with gzip: send it uncompressed"), "{body}");
    let body = server.post(b"\xff\xfe{\x00").await.body;
    assert!(body.contains("the request is not UTF-8"), "{body}");
    server.assert_answers().await;
}

#[tokio::test]
async fn json_that_is_no_call_is_an_invalid_request() {
    let server = start().await;
    let calls = [
        "1",
        "null",
        "\"text\"",
        "{}",
        r#"{"id":1}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"1.0","method":"chain_status","id":1}"#,
        r#"{"jsonrpc":2.0,"method":"chain_status","id":1}"#,
        r#"{"method":"chain_status","id":1}"#,
        r#"{"jsonrpc":"2.0","method":1,"id":1}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","id":{}}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","id":true}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","id":1,"id":2}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","params":null,"id":1}"#,
        r#"[{"jsonrpc":"2.0","method":"chain_status","params":null,"id":1}]"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","params":"x","id":1}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","params":7,"id":1}"#,
        r#"{"jsonrpc":"2.0","method":"chain_status","method":"tx_submit","id":1}"#,
        "[]",
    ];
    for text in calls {
        let response = server.post(text).await;
        assert_eq!(response.error(), "-32600 INVALID_REQUEST", "{text}");
        for word in ["untagged", "enum", "struct", "RawValue"] {
            assert!(!response.body.contains(word), "{text}: {}", response.body);
        }
    }
    server.assert_answers().await;
}

#[tokio::test]
async fn an_id_is_any_number_text_or_null() {
    let server = start().await;
    for id in ["0", "-1", "1.5", "1e400", "18446744073709551616", "\"\"", "\"a\\u0000\"", "null"] {
        let call = format!(r#"{{"jsonrpc":"2.0","method":"chain_status","id":{id}}}"#);
        let unknown = format!(r#"{{"jsonrpc":"2.0","method":"chain_stop","id":{id}}}"#);
        let written = format!("\"id\":{id},");
        for text in [&call, &unknown, &format!("[{call}]"), &format!("[{unknown},{call}]")] {
            let body = server.post(text).await.body;
            assert!(body.contains(&written), "{text}: {body}");
        }
    }
}

#[tokio::test]
async fn deep_json_is_refused_without_recursion() {
    let server = start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 100_000;
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let call = |params: &str| {
            format!(r#"{{"jsonrpc":"2.0","method":"module_call","params":{params},"id":1}}"#)
        };
        let whole = server.post(&deep).await.body;
        assert!(whole.contains("-32600") && whole.contains("INVALID_REQUEST"), "{whole}");
        assert_eq!(server.post_error(open.repeat(depth)).await, "-32700 INVALID_REQUEST");
        assert_eq!(server.post_error(call(&deep)).await, "-32602 INVALID_REQUEST");
        let arguments = format!(r#"["wallet","balance",{deep}]"#);
        assert_eq!(server.post_error(call(&arguments)).await, "-32602 INVALID_REQUEST");
    }
    // Brackets in strings are not nesting.
    let text = "[{".repeat(1_000);
    let call = json!({"jsonrpc": "2.0", "method": "account_get", "params": [text], "id": 1});
    assert_eq!(server.post_error(call.to_string()).await, "-32602 INVALID_REQUEST");
    server.assert_answers().await;
}

#[tokio::test]
async fn huge_requests_are_refused() {
    let server = start().await;
    let text = "a".repeat(3 << 20);
    let call = json!({"jsonrpc": "2.0", "method": "tx_submit", "params": [text], "id": 1});
    let response = server.post(call.to_string()).await;
    assert_eq!((response.status, &*response.error()), (413, "-32065 LIMIT_EXCEEDED"));
    server.assert_answers().await;
}

#[tokio::test]
async fn batches_are_answered_call_by_call_and_bounded() {
    let server = start().await;
    let status = json!({"jsonrpc": "2.0", "method": "chain_status", "id": 1});
    let unknown = json!({"jsonrpc": "2.0", "method": "chain_stop", "id": "b"});
    let silent = json!({"jsonrpc": "2.0", "method": "chain_status"});
    let response = server.post(json!([status, unknown, silent, 7]).to_string()).await;
    let answers: Vec<Value> = serde_json::from_str(&response.body).unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["result"]["height"], 0);
    assert_eq!(error_text(&answers[1]), "-32601 INVALID_REQUEST");
    assert_eq!(answers[1]["id"], "b");
    assert_eq!(error_text(&answers[2]), "-32600 INVALID_REQUEST");

    let notifications = server.post(json!([silent, silent]).to_string()).await;
    assert_eq!((notifications.status, notifications.body.as_str()), (204, ""));

    let many: Vec<&Value> = vec![&status; 101];
    assert_eq!(server.post_error(json!(many).to_string()).await, "-32065 LIMIT_EXCEEDED");
    let empty_calls = format!("[{}1]", "1,".repeat(100_000));
    assert_eq!(server.post_error(empty_calls).await, "-32065 LIMIT_EXCEEDED");
    server.assert_answers().await;
}

#[tokio::test]
async fn wrong_parameters_say_what_is_wrong() {
    let server = start().await;
    let deep = (0..130).fold(json!(0), |inner, _| json!({ "a": inner }));
    let calls = [
        json!(["module_call", ["wallet", "balance", deep]]),
        json!(["tx_submit", ["AQID"]]),
        json!(["account_get", []]),
        json!(["account_get", [7]]),
        json!(["account_get", ["ehbt1nonsense"]]),
        json!(["account_get", {"adress": "x"}]),
        json!(["chain_getBlock", [-1]]),
        json!(["chain_getBlock", [1.5]]),
        json!(["chain_getBlock", ["xyz"]]),
        json!(["chain_getBlock", [0, "everything"]]),
        json!(["chain_getBlock", [18446744073709551615u64]]),
        json!(["tx_submit", ["0xabc"]]),
        json!(["tx_submit", ["0xab"]]),
        json!(["tx_submit", ["0Xab"]]),
        json!(["tx_submit", ["%%%"]]),
        json!(["tx_submitBatch", [["AQID", "AQI"]]]),
        json!(["tx_wait", ["00", 1]]),
        json!(["tx_wait", ["0".repeat(64), 60_001]]),
        json!(["module_call", ["no-such", "f", {}]]),
        json!(["module_call", ["wallet", "no-such", {}]]),
        json!(["module_call", ["wallet", "balance", {}]]),
        json!(["module_call", ["wallet", "balance", {"account": 5}]]),
        json!(["module_call", ["wallet", "balance", ["a", "b"]]]),
        json!(["state_getProof", [{"key": "0x00", "modul": "wallet"}]]),
        json!(["state_getProof", [{"key": "0x00"}, 99]]),
        json!(["state_getProof", {"key": {"module": "wallet"}}]),
        json!(["state_getProof", {"key": {"module": 5, "key": "0x00"}}]),
        json!(["account_nextSequence", {"address": "x", "lane": 4294967296u64}]),
        json!(["account_nextSequence", {"address": "x"}]),
        json!(["chain_getHeader", "text"]),
    ];
    let mut table = String::new();
    for call in calls {
        let (method, params) = (&call[0], &call[1]);
        let request = json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1});
        let answer: Value =
            serde_json::from_str(&server.post(request.to_string()).await.body).unwrap();
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        let message: String = message.chars().take(110).collect();
        table.push_str(&format!("{}: {message}\n", error_text(&answer)));
    }
    expect![[r#"
        -32602 INVALID_REQUEST: the parameters are wrong: a value is nested too deep: at most 127 levels
        -32000 MALFORMED_TRANSACTION: the bytes are not a transaction: not a canonical encoding: its 3 bytes end in the middle of a value
        -32602 INVALID_REQUEST: the parameters are wrong: account_get(address, at) needs the parameter address
        -32602 INVALID_REQUEST: the parameters are wrong: address must be text; got 7
        -32602 INVALID_REQUEST: "ehbt1nonsense" is not an address: a letter or the checksum is wrong; check it for typing errors
        -32602 INVALID_REQUEST: the parameters are wrong: account_get(address, at) has no parameter "adress"
        -32602 INVALID_REQUEST: the parameters are wrong: at must be a height as a number, a block's hash as 64 hex digits, or a time as {"tim
        -32602 INVALID_REQUEST: the parameters are wrong: at must be a height as a number, a block's hash as 64 hex digits, or a time as {"tim
        -32602 INVALID_REQUEST: the parameters are wrong: at must be a height as a number, a block's hash as 64 hex digits, or a time as {"tim
        -32602 INVALID_REQUEST: the parameters are wrong: detail must be "header", "ids", "full" or "canonical"; got "everything"
        -32060 NOT_FOUND: no block is decided at height 18446744073709551615; the head is 0
        -32602 INVALID_REQUEST: the parameters are wrong: transaction must be a transaction in padded base64 (RFC 4648), not in hex; got "0xab
        -32602 INVALID_REQUEST: the parameters are wrong: transaction must be a transaction in padded base64 (RFC 4648), not in hex; got "0xab
        -32602 INVALID_REQUEST: the parameters are wrong: transaction must be a transaction in padded base64 (RFC 4648), not in hex; got "0Xab
        -32602 INVALID_REQUEST: the parameters are wrong: transaction must be a transaction in padded base64 (RFC 4648), not in hex; got "%%%"
        -32602 INVALID_REQUEST: the parameters are wrong: transactions[1] must be a transaction in padded base64 (RFC 4648), not in hex; got "
        -32602 INVALID_REQUEST: the parameters are wrong: id must be a hash: 64 hex digits in lower case; got "00"
        -32602 INVALID_REQUEST: timeoutMs is 60001; it can be 60000 at most
        -32030 UNKNOWN_MODULE: no module is installed under the name no-such
        -32031 UNKNOWN_FUNCTION: the module wallet has no function no-such
        -32032 BAD_ARGUMENTS: account: is missing
        -32032 BAD_ARGUMENTS: account: expected an address, got 5
        -32032 BAD_ARGUMENTS: account: "a" is not an address: a letter or the checksum is wrong; check it for typing errors
        -32602 INVALID_REQUEST: the parameters are wrong: key has no member "modul"; it can have module, key
        -32060 NOT_FOUND: no block is decided at height 99; the head is 0
        -32602 INVALID_REQUEST: the parameters are wrong: key.key is missing
        -32602 INVALID_REQUEST: the parameters are wrong: key.module must be a name: 1 to 64 of a-z, 0-9 and -, starting with a letter; got 5
        -32602 INVALID_REQUEST: the parameters are wrong: lane must be a whole number from 0 to 4294967295; got 4294967296
        -32602 INVALID_REQUEST: the parameters are wrong: account_nextSequence(address, lane) needs the parameter lane
        -32600 INVALID_REQUEST: the request is no JSON-RPC call: params must be an array or an object, or be left out
    "#]].assert_eq(&table);
    server.assert_answers().await;
}

/// One row a call with a parameter too many: what is said of it.
#[tokio::test]
async fn parameters_that_no_method_has_are_refused() {
    let server = start().await;
    let account = crate::fake::text(ALICE);
    let calls = [
        json!(["chain_status", [1]]),
        json!(["chain_status", {"verbose": true}]),
        json!(["chain_getParameters", [null, null]]),
        json!(["chain_getBlock", {"at": 0, "detial": "ids"}]),
        json!(["chain_getBlock", [0, "ids", 0, null]]),
        json!(["chain_getHeader", [0, 1]]),
        json!(["account_get", [account, 1, 2]]),
        json!(["account_get", {"address": account, "lane": 0}]),
        json!(["account_nextSequence", [account, 0, 0]]),
        json!(["tx_submit", ["", ""]]),
        json!(["tx_submitBatch", [[], []]]),
        json!(["tx_simulate", {"transaction": "", "": 1}]),
        json!(["tx_get", {"id": "00", "i\nd": 1}]),
        json!(["tx_getReceipt", {"id": "00", "n".repeat(100): 1}]),
        json!(["tx_getProof", ["00", 1]]),
        json!(["tx_wait", {"id": "00", "timeout_ms": 1}]),
        json!(["module_list", {"after": "a"}]),
        json!(["module_describe", ["wallet", 1, 2]]),
        json!(["module_call", ["wallet", "balance", [account], null, 1, 2]]),
        json!(["state_getProof", [{"key": "0x00"}, 0, 1]]),
    ];
    let mut table = String::new();
    for call in calls {
        let request = json!({"jsonrpc": "2.0", "method": call[0], "params": call[1], "id": 1});
        let answer: Value =
            serde_json::from_str(&server.post(request.to_string()).await.body).unwrap();
        assert_eq!(error_text(&answer), "-32602 INVALID_REQUEST", "{request}");
        table.push_str(answer["error"]["message"].as_str().unwrap());
        table.push('\n');
    }
    expect![[r#"
        the parameters are wrong: chain_status() has no parameter 1
        the parameters are wrong: chain_status() has no parameter "verbose"
        the parameters are wrong: chain_getParameters(at) has no parameter 2
        the parameters are wrong: chain_getBlock(at, detail, fromIndex) has no parameter "detial"
        the parameters are wrong: chain_getBlock(at, detail, fromIndex) has no parameter 4
        the parameters are wrong: chain_getHeader(at) has no parameter 2
        the parameters are wrong: account_get(address, at) has no parameter 3
        the parameters are wrong: account_get(address, at) has no parameter "lane"
        the parameters are wrong: account_nextSequence(address, lane) has no parameter 3
        the parameters are wrong: tx_submit(transaction) has no parameter 2
        the parameters are wrong: tx_submitBatch(transactions) has no parameter 2
        the parameters are wrong: tx_simulate(transaction) has no parameter ""
        the parameters are wrong: tx_get(id, transaction) has no parameter "i\nd"
        the parameters are wrong: tx_getReceipt(id) has no parameter "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
        the parameters are wrong: tx_getProof(id) has no parameter 2
        the parameters are wrong: tx_wait(id, timeoutMs, transaction) has no parameter "timeout_ms"
        the parameters are wrong: module_list(at) has no parameter "after"
        the parameters are wrong: module_describe(module, at) has no parameter 3
        the parameters are wrong: module_call(module, function, arguments, sender, at) has no parameter 6
        the parameters are wrong: state_getProof(key, at) has no parameter 3
    "#]].assert_eq(&table);
    let mut socket = server.socket().await;
    for (method, known) in [
        ("chain_subscribeBlocks", "fromHeight, detail"),
        ("tx_subscribeReceipts", "filter, from"),
        ("tx_unsubscribeReceipts", "subscription"),
    ] {
        let params = json!({"after": 1});
        let call = json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1});
        let answer = socket.ask(&call.to_string()).await.unwrap();
        assert_eq!(error_text(&answer), "-32602 INVALID_REQUEST", "{method}");
        let message = answer["error"]["message"].as_str().unwrap();
        let expected = format!("{method}({known}) has no parameter \"after\"");
        assert!(message.contains(&expected), "{message}");
    }
    server.assert_answers().await;
}

/// One row: a message and its error, over a WebSocket as over HTTP.
#[tokio::test]
async fn bad_messages_over_a_websocket_are_answered() {
    let server = start().await;
    let mut socket = server.socket().await;
    let status = json!({"jsonrpc": "2.0", "method": "chain_status", "id": 1});
    let deep = "[".repeat(100_000);
    let many = json!(vec![&status; 101]).to_string();
    let rows = [
        ("", "-32700 INVALID_REQUEST"),
        ("{", "-32700 INVALID_REQUEST"),
        ("nul", "-32700 INVALID_REQUEST"),
        ("7", "-32600 INVALID_REQUEST"),
        ("[]", "-32600 INVALID_REQUEST"),
        (r#"{"jsonrpc":"2.0","method":7,"id":1}"#, "-32600 INVALID_REQUEST"),
        (
            r#"{"jsonrpc":"2.0","method":"chain_status","params":null,"id":1}"#,
            "-32600 INVALID_REQUEST",
        ),
        (r#"{"jsonrpc":"2.0","method":"chain_status","id":1,"id":2}"#, "-32600 INVALID_REQUEST"),
        (r#"{"jsonrpc":"2.0","method":"chain_stop","id":1}"#, "-32601 INVALID_REQUEST"),
        (r#"{"jsonrpc":"2.0","method":"rpc_refused","id":1}"#, "-32601 INVALID_REQUEST"),
        (
            r#"{"jsonrpc":"2.0","method":"account_get","params":[7],"id":1}"#,
            "-32602 INVALID_REQUEST",
        ),
        (&deep, "-32700 INVALID_REQUEST"),
        (&many, "-32065 LIMIT_EXCEEDED"),
    ];
    for (message, expected) in rows {
        let shown: String = message.chars().take(60).collect();
        let answer = socket.ask(message).await.unwrap();
        assert_eq!(error_text(&answer), expected, "{shown}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty(), "{answer}");
        assert_eq!(server.post_error(message).await, expected, "{shown}");
    }
    // A call of the method for refused messages returns an error of bounded length.
    let params = json!([-1, "NOT_FOUND", "x".repeat(100_000)]);
    let call = json!({"jsonrpc": "2.0", "method": "rpc_refused", "params": params, "id": 1});
    let answer = socket.ask(&call.to_string()).await.unwrap();
    assert_eq!(answer["error"]["message"].as_str().unwrap().len(), 512, "{answer}");
    assert_eq!(server.post_error(call.to_string()).await, "-32601 INVALID_REQUEST");
    // Ids that the library cannot hold are answered as well, with what is wrong.
    let answer = socket.ask(r#"{"jsonrpc":"2.0","method":"chain_status","id":-1}"#).await.unwrap();
    assert_eq!(
        (error_text(&answer), &answer["id"]),
        ("-32600 INVALID_REQUEST".to_owned(), &Value::Null)
    );
    let answer = socket.ask(&status.to_string()).await.unwrap();
    assert_eq!(answer["result"]["chainId"], "ehb-test");

    // What is too long is skipped, and answered like everything else.
    let text = "a".repeat(2 << 20);
    let call = json!({"jsonrpc": "2.0", "method": "tx_submit", "params": [text], "id": 1});
    let answer = socket.ask(&call.to_string()).await.unwrap();
    assert_eq!(error_text(&answer), "-32065 LIMIT_EXCEEDED", "{answer}");
    let answer = socket.ask(&status.to_string()).await.unwrap();
    assert_eq!(answer["result"]["chainId"], "ehb-test");
    // A subscription in a batch has one answer, and the others have theirs.
    let subscription = json!({"jsonrpc": "2.0", "method": "chain_subscribeBlocks", "id": 7});
    let answers = socket.ask(&json!([subscription, status]).to_string()).await.unwrap();
    assert_eq!(error_text(&answers[0]), "-32602 INVALID_REQUEST", "{answers}");
    assert_eq!(answers[1]["result"]["chainId"], "ehb-test", "{answers}");
    let answer = socket.ask(&status.to_string()).await.unwrap();
    assert_eq!(answer["result"]["chainId"], "ehb-test");
    server.assert_answers().await;
}

#[tokio::test]
async fn texts_of_errors_are_short() {
    let server = start().await;
    let long = "\u{1F600}x".repeat(10_000);
    let calls = [
        json!(["account_get", [long]]),
        json!(["account_get", {long.as_str(): 1}]),
        json!(["chain_getBlock", [long]]),
        json!(["chain_getBlock", [0, long]]),
        json!(["tx_wait", [long]]),
        json!(["module_call", [long, "f", {}]]),
        json!(["module_call", ["wallet", long, {}]]),
        json!(["module_call", ["wallet", "balance", {"account": long}]]),
        json!(["module_call", ["wallet", "balance", {long.as_str(): 1}]]),
        json!([long, []]),
    ];
    for call in calls {
        let request = json!({"jsonrpc": "2.0", "method": call[0], "params": call[1], "id": 1});
        let body = server.post(request.to_string()).await.body;
        let answer: Value = serde_json::from_str(&body).unwrap();
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(!message.is_empty() && message.len() <= 512, "{} bytes: {message}", message.len());
        assert_eq!(answer["error"]["data"]["message"], message);
    }
}

#[tokio::test]
async fn a_chunked_request_is_bounded_as_well() {
    let server = start().await;
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let good = format!(
        "{head}{}0\r\n\r\n",
        STATUS.chars().map(|it| chunk(&it.to_string())).collect::<String>()
    );
    assert_eq!(server.send(good.as_bytes()).await.status, 200);

    let endless = format!("{head}{}", chunk(&" ".repeat(64 << 10)).repeat(33));
    let response = server.send(endless.as_bytes()).await;
    assert_eq!((response.status, &*response.error()), (413, "-32065 LIMIT_EXCEEDED"));

    let malformed = format!("{head}xyz\r\n");
    let response = server.send(malformed.as_bytes()).await;
    assert_eq!((response.status, &*response.error()), (400, "-32600 INVALID_REQUEST"));
    server.assert_answers().await;
}

/// Each piece of a body costs far more than its bytes: one that consists of tiny pieces is refused, and white space in
/// one of known length makes no pieces.
#[tokio::test]
async fn a_body_is_not_cut_into_tiny_pieces() {
    let server = start().await;
    let lines = "\n".repeat(1 << 20);
    let response = server.post(format!("{lines}{STATUS}{lines}")).await;
    assert_eq!(response.status, 413, "{}", response.body);
    let response = server.post(format!("{lines}{STATUS}")).await;
    assert_eq!(response.status, 200, "{}", response.body);
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    for body in ["1\r\n \r\n".repeat(20_000), format!("{:x}\r\n{lines}\r\n", lines.len())] {
        let response = server.send(format!("{head}{body}0\r\n\r\n").as_bytes()).await;
        assert_eq!((response.status, &*response.error()), (400, "-32600 INVALID_REQUEST"));
        assert!(response.body.contains("pieces"), "{}", response.body);
    }
    server.assert_answers().await;
}

#[tokio::test]
async fn arguments_that_name_a_key_twice_are_refused() {
    let server = start().await;
    let account = crate::fake::text(ALICE);
    let call = format!(
        r#"{{"jsonrpc":"2.0","method":"module_call","id":1,
            "params":["wallet","balance",{{"account":"{account}","account":"{account}"}}]}}"#
    );
    assert_eq!(server.post_error(call).await, "-32602 INVALID_REQUEST");
    server.assert_answers().await;
}

#[tokio::test]
async fn an_internal_error_hides_its_details() {
    let server = start().await;
    let mut transaction = crate::fake::transaction(ALICE, BOB, 1, 0);
    transaction.memo = "panic".to_owned();
    let bytes = json!(Base64(ehb_types::encode(&transaction)));
    let call = json!({"jsonrpc": "2.0", "method": "tx_simulate", "params": [bytes], "id": 1});
    let response = server.post(call.to_string()).await;
    let answer: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(error_text(&answer), "-32603 INTERNAL");
    assert!(!response.body.contains("secret"), "{}", response.body);
    server.assert_answers().await;
}

/// What a call of a batch did is answered, however long the answers of the other calls are.
#[tokio::test]
async fn long_answers_in_a_batch_hide_no_other_answer() {
    let server = start().await;
    let long = |info: &mut ModuleInfo| info.wit = "x".repeat(1_400_000);
    server.node.upgrade(Position { height: 0, index: 0 }, long);
    let part =
        json!({"jsonrpc": "2.0", "method": "module_describe", "params": ["wallet"], "id": "part"});
    let submit = |sequence, id| {
        let signed = Base64(transfer(ALICE, BOB, 1, sequence).encoded().to_vec());
        json!({"jsonrpc": "2.0", "method": "tx_submit", "params": [signed], "id": id})
    };
    let mut calls = vec![submit(0, "first")];
    calls.extend(vec![part; 97]);
    calls.push(submit(1, "last"));
    let response = server.post(json!(calls).to_string()).await;
    let answers: Vec<Value> = serde_json::from_str(&response.body).unwrap();
    assert_eq!(answers.len(), calls.len(), "{}", &response.body[..300.min(response.body.len())]);
    let waiting: Vec<String> = server.node.waiting().iter().map(ToString::to_string).collect();
    let submitted = |id: &str| {
        let answer = answers.iter().find(|answer| answer["id"] == id).unwrap();
        answer["result"].as_str().map(|id| waiting.contains(&id.to_owned()))
    };
    // What is refused was not carried out.
    assert_eq!(submitted("first"), Some(true));
    assert_eq!(waiting.len(), 1 + usize::from(submitted("last") == Some(true)));
    let refused: Vec<&Value> = answers.iter().filter(|it| it.get("error").is_some()).collect();
    assert!(refused.len() > 10, "the answers are not long enough: {}", response.body.len());
    for answer in refused {
        assert_eq!(error_text(answer), "-32065 LIMIT_EXCEEDED");
    }
}

/// Words of Rust and of its JSON library, which mean nothing to a client.
const RUST_WORDS: [&str; 24] = [
    "u8", "u16", "u32", "u64", "i32", "i64", "usize", "bool", "boolean", "string", "str", "unit",
    "struct", "map", "sequence", "seq", "tuple", "newtype", "variant", "enum", "untagged", "field",
    "column", "integer",
];

/// One of each type of JSON, and numbers and texts that are wrong in their own ways.
fn of_each_type() -> Vec<&'static str> {
    let deep = r#"{"a":[{"b":[null]}]}"#;
    let keys = r#"{"key":5,"height":"x","ids":[7],"timestampMs":-1,"module":[]}"#;
    let twice = r#"{"key":"0x00","key":"0x01"}"#;
    vec![
        "null",
        "true",
        "-1",
        "1.5",
        "4294967296",
        "18446744073709551616",
        "1e400",
        "\"\"",
        "\"x\"",
        "\"0Xab\"",
        "\"0xAB\"",
        "\"Ab\"",
        "[]",
        "[[]]",
        "[1,2]",
        "[\"0xab\"]",
        "{}",
        deep,
        keys,
        twice,
    ]
}

/// Every method, every parameter by name and by position, every type of JSON.
#[tokio::test]
async fn errors_of_parameters_are_in_words_of_json() {
    let server = start().await;
    let mut socket = server.socket().await;
    let mut refused = 0;
    for method in METHODS {
        let example = example(method);
        for (place, parameter) in method.parameters.iter().enumerate() {
            for wrong in of_each_type() {
                let right =
                    |at: usize| example.get(method.parameters[at].name).unwrap_or(&Value::Null);
                let others: Vec<_> = (0..place).map(|at| format!("{},", right(at))).collect();
                let by_position = format!("[{}{wrong}]", others.concat());
                let mut members = vec![format!("\"{}\":{wrong}", parameter.name)];
                for (name, value) in example.as_object().unwrap() {
                    if name != parameter.name {
                        members.push(format!("\"{name}\":{value}"));
                    }
                }
                let by_name = format!("{{{}}}", members.join(","));
                for params in [by_position, by_name] {
                    let name = method.name;
                    socket
                        .send(&format!(
                            r#"{{"jsonrpc":"2.0","method":"{name}","params":{params},"id":"asked"}}"#
                        ))
                        .await;
                    let answer = loop {
                        let message = socket.next().await.unwrap();
                        if message["id"] == "asked" {
                            break message;
                        }
                    };
                    let Some(message) = answer["error"]["message"].as_str() else { continue };
                    let words = message.split(|it: char| !it.is_alphanumeric());
                    let rust: Vec<_> = words.filter(|it| RUST_WORDS.contains(it)).collect();
                    assert!(rust.is_empty(), "{name} {params}: {message}");
                    if message.starts_with("the parameters are wrong") {
                        refused += 1;
                        let error = error_text(&answer);
                        assert_eq!(error, "-32602 INVALID_REQUEST", "{name} {params}");
                        let names_it = message.contains(parameter.name)
                            || message.contains(" needs the parameter ")
                            || parameter.kind == "Strict";
                        assert!(names_it, "{name} {params}: {message}");
                    }
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
    server.assert_answers().await;
}
