//! The part of the OpenAPI document about sign-in.

use serde_json::{Value, json};

use super::{failure, failures};

/// How a session is sent.
pub(super) fn schemes() -> Value {
    json!({
        "session": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "ehb_session"},
    })
}

/// The path that returns a challenge.
pub(super) fn challenge() -> Value {
    let body = json!({
        "type": "object",
        "required": ["challenge", "expiresS"],
        "properties": {
            "challenge": {"type": "string", "description": "the text that the keys of the account sign"},
            "expiresS": {"type": "integer", "description": "seconds since 1970 (UTC)"},
        },
        "additionalProperties": false,
    });
    let mut responses = failures();
    responses["200"] = answer("A challenge.", &body);
    let account = json!({"name": "account", "in": "query", "required": true, "schema": {"type": "string"},
        "description": "the address of the account"});
    json!({
        "operationId": "challenge",
        "summary": "The text that an account signs to sign in.",
        "parameters": [account],
        "responses": responses,
    })
}

/// The methods of a session.
pub(super) fn session() -> Value {
    let member = json!({
        "type": "object",
        "required": ["account", "organisation", "roles", "seesAll", "expiresS"],
        "properties": {
            "account": {"type": "string"},
            "organisation": {"type": "string"},
            "roles": {"type": "array", "items": {"type": "string"}},
            "seesAll": {"type": "boolean",
                "description": "whether it sees the rows of all organisations where rows are limited"},
            "expiresS": {"type": "integer", "description": "seconds since 1970 (UTC)"},
        },
        "additionalProperties": false,
    });
    let with = |members: Value| json!({"type": "object", "properties": members, "additionalProperties": false});
    let operation = |id: &str, summary: &str, status: &str, response: Value| {
        let mut responses = failures();
        responses[status] = response;
        json!({"operationId": id, "summary": summary, "responses": responses})
    };
    let get = operation(
        "session",
        "The account that is signed in.",
        "200",
        answer("The account as the tables have it now.", &with(json!({"data": member}))),
    );
    let opened = with(json!({"data": member, "token": {"type": "string"}}));
    let mut post = operation(
        "sign-in",
        "Opens a session for the account that signed a challenge.",
        "200",
        answer("The session, also as a cookie.", &opened),
    );
    let signature = json!({
        "type": "object",
        "required": ["key", "signature"],
        "properties": {"key": {"type": "string"}, "signature": {"type": "string"}},
        "additionalProperties": false,
    });
    let signed = json!({
        "type": "object",
        "required": ["challenge", "signatures"],
        "properties": {
            "challenge": {"type": "string"},
            "signatures": {"type": "array", "items": signature, "minItems": 1, "maxItems": ehb_types::KEYS_MAX},
        },
        "additionalProperties": false,
    });
    post["requestBody"] =
        json!({"required": true, "content": {"application/json": {"schema": signed}}});
    let delete = operation(
        "sign-out",
        "Makes a browser forget its session.",
        "204",
        json!({"description": "The cookie is removed."}),
    );
    let mut methods = json!({"get": get, "post": post, "delete": delete});
    for method in ["get", "post"] {
        methods[method]["responses"]["401"] = failure(
            "The challenge, a signature or the session is not valid, or the account is not active.",
        );
    }
    methods
}

/// An answer of JSON.
pub(super) fn answer(about: &str, schema: &Value) -> Value {
    json!({"description": about, "content": {"application/json": {"schema": schema}}})
}
