//! The OpenAPI document, generated from the resources.

mod notifications;
mod sign_in;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::limits::{PAGE_DEFAULT, PAGE_MAX, VALUE_BYTES_MAX};
use super::query::{COUNTED, INCLUDE};
use super::resource::{Column, Filter, Kind, RESOURCES, Resource};

/// The path of the document.
pub(crate) const PATH: &str = "/openapi.json";

/// The document as text. It is made once.
pub(crate) static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());

fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for resource in RESOURCES.iter() {
        schemas.insert(schema_name(resource), row_schema(resource));
        paths.insert(format!("/v1/{}", resource.name), json!({"get": list(resource)}));
    }
    for (path, about, parameter) in DETAILS {
        paths.insert((*path).to_owned(), json!({"get": detail(path, about, parameter)}));
    }
    paths.insert("/v1/{list}/counts".to_owned(), json!({"get": counts()}));
    paths.insert("/v1/search".to_owned(), json!({"get": search()}));
    paths.insert("/v1/names".to_owned(), json!({"get": names()}));
    paths.insert("/v1/live".to_owned(), json!({"get": live()}));
    paths.insert("/v1/status".to_owned(), json!({"get": freshness_only()}));
    paths.insert("/v1/challenge".to_owned(), json!({"get": sign_in::challenge()}));
    paths.insert("/v1/session".to_owned(), sign_in::session());
    paths.insert("/v1/preferences".to_owned(), notifications::preferences());
    paths.insert("/v1/notifications".to_owned(), notifications::notifications());
    schemas.insert("Freshness".to_owned(), freshness());
    schemas.insert("Error".to_owned(), error());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "EHB indexer",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The chain as lists. Amounts and other 64-bit numbers are decimal texts, in base units. \
                Each answer says which block it is from.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": sign_in::schemes()},
        // Where the operator asks for it.
        "security": [{}, {"session": []}, {"cookie": []}],
    })
}

/// The paths of single items: what they return, and the name of their parameter.
const DETAILS: &[(&str, &str, &str)] = &[
    ("/v1/blocks/{block}", "A block by its height or hash.", "block"),
    ("/v1/transactions/{id}", "A transaction by its id, with its calls and events.", "id"),
    (
        "/v1/accounts/{address}",
        "What an account owns, and when it was first and last seen.",
        "address",
    ),
];

/// The name of a resource's row in the schemas: `pending-payments` is `PendingPayments`.
pub(crate) fn schema_name(resource: &Resource) -> String {
    let words = resource.name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

fn list(resource: &Resource) -> Value {
    let mut parameters: Vec<Value> = resource.filters.iter().map(filter).collect();
    let query = |name: &str, schema: Value, about: &str| json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema});
    parameters.push(query(
        "cursor",
        json!({"type": "string"}),
        "`next` of the previous page, with the same filters",
    ));
    let limit =
        json!({"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT});
    parameters.push(query("limit", limit, "rows in a page; a page with large rows can be shorter"));
    let format = json!({"type": "string", "enum": ["json", "csv"], "default": "json"});
    parameters.push(query("format", format, "csv returns all rows as one file"));
    let order = json!({"type": "string"});
    parameters.push(query(
        "order",
        order,
        "the name of a column that is no JSON, by whose value rows are ordered, the largest first after a '-'; numbers and \
         times that are missing come last",
    ));
    if !resource.includes.is_empty() {
        let lines = resource.includes.iter().map(|it| format!("`{}`: {}", it.name, it.about));
        let about = format!(
            "what each row has besides, with commas; not in CSV. {}",
            lines.collect::<Vec<_>>().join("; ")
        );
        parameters.push(query(INCLUDE, json!({"type": "string"}), &about));
    }
    let rows = json!({"type": "array", "items": reference(&schema_name(resource))});
    let next = json!({"type": ["string", "null"], "description": "the cursor of the next page; null on the last one"});
    let mut responses = failures();
    responses["200"] = json!({
        "description": "A page, or all rows as CSV.",
        "content": {
            "application/json": {"schema": envelope(&json!({"data": rows, "next": next}))},
            "text/csv": {"schema": {"type": "string"}},
        },
    });
    json!({
        "operationId": format!("list-{}", resource.name),
        "summary": resource.about,
        "parameters": parameters,
        "responses": responses,
    })
}

fn counts() -> Value {
    let names: Vec<&str> = RESOURCES.iter().map(|it| it.name).collect();
    let value = json!({
        "type": "object",
        "required": ["value", "count"],
        "properties": {"value": {"type": ["string", "null"]}, "count": {"type": "integer"}},
        "additionalProperties": false,
    });
    let values = json!({"type": "array", "items": value});
    let mut responses = failures();
    responses["200"] = json!({
        "description": format!("The {PAGE_MAX} most frequent values as texts, the most frequent first."),
        "content": {"application/json": {"schema": envelope(&json!({"data": values}))}},
    });
    json!({
        "operationId": "counts",
        "summary": "How many rows of a list have each value of a column. It takes the filters of the list.",
        "parameters": [
            {"name": "list", "in": "path", "required": true, "schema": {"type": "string", "enum": names}},
            {"name": COUNTED, "in": "query", "required": true, "schema": {"type": "string"},
                "description": "the name of a column that is no JSON"},
        ],
        "responses": responses,
    })
}

fn detail(path: &str, about: &str, parameter: &str) -> Value {
    let mut responses = failures();
    responses["200"] = json!({
        "description": about,
        "content": {"application/json": {"schema": envelope(&json!({"data": {"type": "object"}}))}},
    });
    responses["404"] = failure("There is no such item.");
    json!({
        "operationId": format!("get-{}", path.split('/').nth(2).unwrap_or_default()),
        "summary": about,
        "parameters": [{"name": parameter, "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": responses,
    })
}

fn names() -> Value {
    let name = json!({
        "type": "object",
        "required": ["address", "kind", "label", "organisation", "status"],
        "properties": {
            "address": {"type": "string"},
            "kind": {"type": "string", "enum": ["account", "module"]},
            "label": {"type": ["string", "null"]},
            "organisation": {"type": ["string", "null"]},
            "status": {"type": "string"},
        },
    });
    let names = json!({"type": "array", "items": name});
    let mut responses = failures();
    responses["200"] = json!({
        "description": "The accounts and modules that the chain knows.",
        "content": {"application/json": {"schema": envelope(&json!({"data": names}))}},
    });
    json!({
        "operationId": "names",
        "summary": "What the chain knows about some addresses, separated by commas.",
        "parameters": [{"name": "addresses", "in": "query", "required": true, "schema": {"type": "string", "maxLength": VALUE_BYTES_MAX}}],
        "responses": responses,
    })
}

fn search() -> Value {
    let hit = json!({
        "type": "object",
        "required": ["kind", "id", "title"],
        "properties": {
            "kind": {"type": "string", "enum": ["block", "transaction", "account", "module", "asset", "organisation", "product", "store",
                "posting", "entry"]},
            "id": {"type": "string"},
            "title": {"type": ["string", "null"]},
        },
    });
    let hits = json!({"type": "array", "items": hit});
    let mut responses = failures();
    responses["200"] = json!({
        "description": "The exact item of this height, hash, id, address or name, and items with these words in a \
            title, summary, memo, name or reference.",
        "content": {"application/json": {"schema": envelope(&json!({"data": hits}))}},
    });
    json!({
        "operationId": "search",
        "summary": "Finds items by an exact id or by words.",
        "parameters": [{"name": "q", "in": "query", "required": true, "schema": {"type": "string", "minLength": 1}}],
        "responses": responses,
    })
}

fn live() -> Value {
    let mut responses = failures();
    responses["200"] = json!({
        "description": "Server-sent events `block`, whose id is the height.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    });
    let after = json!({"type": "integer", "minimum": 0});
    json!({
        "operationId": "live",
        "summary": "New blocks as server-sent events, from the head or after a height on.",
        "parameters": [
            {"name": "Last-Event-ID", "in": "header", "required": false, "schema": after,
                "description": "the height after which to resume; browsers send it by themselves"},
            {"name": "after", "in": "query", "required": false, "schema": after,
                "description": "the same, for the first connection"},
        ],
        "responses": responses,
    })
}

fn freshness_only() -> Value {
    let mut responses = failures();
    responses["200"] = json!({
        "description": "The last block in the tables.",
        "content": {"application/json": {"schema": envelope(&json!({}))}},
    });
    json!({"operationId": "status", "summary": "How fresh the tables are.", "responses": responses})
}

/// An answer's members, and the freshness that each answer has.
fn envelope(members: &Value) -> Value {
    let mut properties = members.as_object().cloned().unwrap_or_default();
    properties.insert("freshness".to_owned(), reference("Freshness"));
    let required: Vec<String> = properties.keys().cloned().collect();
    json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
}

fn failures() -> Value {
    json!({
        "400": failure("A parameter or the cursor is not valid."),
        "401": failure("The client must sign in, or its session has ended."),
        "403": failure("The host or origin is not allowed, or the list adds rows of all organisations."),
        "503": failure("A limit is reached, or the database cannot answer."),
        "504": failure("The query took too long."),
    })
}

fn failure(about: &str) -> Value {
    json!({"description": about, "content": {"application/json": {"schema": reference("Error")}}})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn filter(filter: &Filter) -> Value {
    json!({
        "name": filter.name,
        "in": "query",
        "required": false,
        "description": filter.about,
        "schema": match filter.kind {
            Kind::Integer => json!({"type": "integer", "minimum": 0}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Time => json!({"type": "string", "format": "date-time"}),
            Kind::Date => json!({"type": "string", "format": "date"}),
            Kind::Decimal => json!({"type": "string", "pattern": "^[0-9]{1,20}([.][0-9]{1,20})?$"}),
            Kind::Amount => json!({"type": "string", "pattern": "^[0-9]{1,20}$"}),
            Kind::Text | Kind::Json => json!({"type": "string"}),
        },
    })
}

fn row_schema(resource: &Resource) -> Value {
    let included = resource.includes.iter().map(|it| {
        (
            it.name.to_owned(),
            json!({"type": "array", "description": format!("on request, {}", it.about)}),
        )
    });
    let columns = resource.columns.iter().map(|it| (it.name.to_owned(), column(it)));
    let properties: Map<String, Value> = columns.chain(included).collect();
    let required: Vec<&str> = resource.columns.iter().map(|it| it.name).collect();
    json!({
        "type": "object",
        "description": resource.about,
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn column(column: &Column) -> Value {
    let kinds: &[&str] = match column.kind {
        // From 2^53 on, a text.
        Kind::Integer => &["integer", "string"],
        Kind::Amount | Kind::Decimal | Kind::Text | Kind::Time | Kind::Date => &["string"],
        Kind::Bool => &["boolean"],
        Kind::Json => &["object", "array", "string", "integer", "number", "boolean"],
    };
    let kinds: Vec<&str> = kinds.iter().copied().chain(column.nullable.then_some("null")).collect();
    let mut schema = json!({"type": kinds});
    if column.kind == Kind::Time {
        schema["format"] = "date-time".into();
    }
    if column.kind == Kind::Date {
        schema["format"] = "date".into();
    }
    if column.kind == Kind::Decimal {
        schema["format"] = "decimal".into();
    }
    if column.kind == Kind::Amount {
        schema["pattern"] = "^-?[0-9]{1,39}$".into();
    }
    schema
}

fn freshness() -> Value {
    json!({
        "type": "object",
        "description": "Which block an answer is from.",
        "required": ["height", "time", "lagMs"],
        "properties": {
            "height": {"type": ["integer", "null"]},
            "time": {"type": ["string", "null"], "format": "date-time"},
            "lagMs": {"type": ["integer", "null"], "description": "age of the block by the server's clock"},
        },
        "additionalProperties": false,
    })
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
    })
}
