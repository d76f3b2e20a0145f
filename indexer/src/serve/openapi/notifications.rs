//! The part of the OpenAPI document about notifications.

use serde_json::{Value, json};

use super::sign_in::answer;
use super::{envelope, failures};

fn operation(id: &str, summary: &str, status: &str, response: Value) -> Value {
    let mut responses = failures();
    responses[status] = response;
    json!({"operationId": id, "summary": summary, "responses": responses})
}

fn done() -> Value {
    json!({"description": "It was set."})
}

fn body(schema: &Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

/// The methods of an account's preferences.
pub(super) fn preferences() -> Value {
    let choice = json!({
        "type": "object",
        "required": ["module"],
        "properties": {
            "module": {"type": "string"},
            "name": {"type": ["string", "null"], "description": "the event; null stands for all of the module"},
            "inApp": {"type": "boolean", "description": "whether it is among the notifications"},
            "webhook": {"type": "boolean", "description": "whether it is sent to webhookUrl"},
        },
        "additionalProperties": false,
    });
    let members = json!({
        "events": {"type": "array", "items": choice, "maxItems": 64},
        "webhookUrl": {"type": ["string", "null"]},
    });
    let new = json!({"type": "object", "required": ["events"], "properties": members, "additionalProperties": false});
    let mut known = members;
    known["webhookSecret"] =
        json!({"type": ["string", "null"], "description": "signs what is sent"});
    let known = json!({"type": "object", "properties": known, "additionalProperties": false});
    let shown = answer("The preferences.", &envelope(&json!({"data": known})));
    let get = operation(
        "preferences",
        "Of which events the account is notified, and where.",
        "200",
        shown,
    );
    let mut put = operation("set-preferences", "Replaces the preferences.", "204", done());
    put["requestBody"] = body(&new);
    json!({"get": get, "put": put})
}

/// The methods of an account's notifications.
pub(super) fn notifications() -> Value {
    let row = json!({
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "height": {"type": "integer"},
            "module": {"type": "string"},
            "name": {"type": "string"},
            "value": {},
            "time": {"type": "string", "format": "date-time"},
            "transaction": {"type": "string"},
            "unread": {"type": "boolean"},
        },
        "additionalProperties": false,
    });
    let page = json!({
        "data": {"type": "array", "items": row},
        "next": {"type": ["string", "null"], "description": "`before` of the next page; null on the last one"},
        "unread": {"type": "integer", "description": "the number of unread ones, 50 at most"},
    });
    let shown = answer("A page, the newest first.", &envelope(&page));
    let mut get = operation(
        "notifications",
        "Events about the account, as its preferences select them.",
        "200",
        shown,
    );
    get["parameters"] = json!([{"name": "before", "in": "query", "required": false, "schema": {"type": "string"},
        "description": "`next` of the previous page"}]);
    let mut put = operation("set-read", "Notes up to which height they are read.", "204", done());
    let read = json!({"type": "object", "required": ["readTo"], "properties": {"readTo": {"type": "integer"}},
        "additionalProperties": false});
    put["requestBody"] = body(&read);
    json!({"get": get, "put": put})
}
