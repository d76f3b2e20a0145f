//! Views with typed columns for the events of any module, generated from its interface.

use std::collections::BTreeSet;

use ehb_abi::{Field, Interface, Type};
use sqlx::{Acquire, PgConnection};

/// The maximum length of a name in Postgres, bytes.
const NAME_BYTES_MAX: usize = 63;
/// The maximum number of columns in a view, besides those of the position. The rest of a payload is in
/// `value`.
const COLUMNS_MAX: usize = 200;
/// The maximum depth of nested records that are flattened into columns.
const RECORDS_DEEP_MAX: usize = 4;
/// The columns that each view begins with.
const POSITION: [(&str, &str); 5] = [
    ("at_height", "height"),
    ("at_index", "index"),
    ("at_event", "event"),
    ("at_call", "call"),
    ("at_time", "time"),
];

/// The definition of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its schema, `ext_` and the module's name.
    pub schema: String,
    /// Its name, the event's.
    pub name: String,
    /// The event's name in the module.
    pub event: String,
    /// The query.
    pub definition: String,
}

/// The views of a module's events.
pub fn views(module: &str, interface: &Interface) -> Vec<View> {
    let cases: Vec<(&str, Option<&Type>)> = match &interface.event {
        Some(Type::Variant(cases)) => {
            cases.iter().map(|case| (case.name.as_str(), case.kind.as_ref())).collect()
        }
        Some(Type::Enum(names)) => names.iter().map(|name| (name.as_str(), None)).collect(),
        Some(other) => vec![("event", Some(other))],
        None => Vec::new(),
    };
    let schema = identifier(&format!("ext_{module}"));
    let mut names = BTreeSet::new();
    let view = |(event, kind): (&str, Option<&Type>)| View {
        schema: schema.clone(),
        name: unique(identifier(event), &mut names),
        event: event.to_owned(),
        definition: definition(module, event, kind),
    };
    cases.into_iter().map(view).collect()
}

/// An identifier between quotes.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Creates the views of a module, or updates them to its newest interface. A view on which other views depend
/// is kept under another name.
pub async fn install(
    connection: &mut PgConnection,
    module: &str,
    interface: &Interface,
    height: i64,
) -> Result<(), sqlx::Error> {
    let views = views(module, interface);
    let Some(schema) = views.first().map(|view| quote(&view.schema)) else { return Ok(()) };
    run(connection, format!("create schema if not exists {schema}")).await?;
    for view in views {
        let known: Option<String> = sqlx::query_scalar(
            "select definition from indexer.extension_view where schema_name = $1 and view_name = $2",
        )
        .bind(&view.schema)
        .bind(&view.name)
        .fetch_optional(&mut *connection)
        .await?;
        if known.as_ref() == Some(&view.definition) {
            continue;
        }
        replace(connection, &view, height).await?;
        sqlx::query(
            "insert into indexer.extension_view (schema_name, view_name, module, event, definition)
             values ($1, $2, $3, $4, $5)
             on conflict (schema_name, view_name) do update set definition = excluded.definition",
        )
        .bind(&view.schema)
        .bind(&view.name)
        .bind(module)
        .bind(&view.event)
        .bind(&view.definition)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn replace(
    connection: &mut PgConnection,
    view: &View,
    height: i64,
) -> Result<(), sqlx::Error> {
    let name = format!("{}.{}", quote(&view.schema), quote(&view.name));
    let create = format!("create or replace view {name} as {}", view.definition);
    let mut savepoint = connection.begin().await?;
    match run(&mut savepoint, create.clone()).await {
        Ok(()) => return savepoint.commit().await,
        // Only columns at the end can be added in place.
        Err(sqlx::Error::Database(_)) => savepoint.rollback().await?,
        Err(error) => return Err(error),
    }
    let old = identifier(&format!("{}_before_{height}", shortened(&view.name)));
    run(connection, format!("alter view {name} rename to {}", quote(&old))).await?;
    run(connection, create).await
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

fn definition(module: &str, event: &str, kind: Option<&Type>) -> String {
    let mut columns: Vec<String> =
        POSITION.iter().map(|(name, column)| format!("{column} as {name}")).collect();
    let mut names: BTreeSet<String> = POSITION.iter().map(|(name, _)| (*name).to_owned()).collect();
    if let Some(kind) = kind {
        let mut found = Vec::new();
        spread("", "value", kind, 0, &mut found);
        for (name, expression) in found.into_iter().take(COLUMNS_MAX) {
            let name = unique(identifier(&name), &mut names);
            columns.push(format!("{expression} as {}", quote(&name)));
        }
    }
    format!(
        "select {} from chain.event where module = {} and name = {}",
        columns.join(", "),
        literal(module),
        literal(event)
    )
}

/// The columns of a value: one for each field of a record, or one.
fn spread(name: &str, path: &str, kind: &Type, depth: usize, columns: &mut Vec<(String, String)>) {
    match kind {
        Type::Record(fields) if depth < RECORDS_DEEP_MAX => {
            for Field { name: field, kind } in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}_{field}") };
                spread(&name, &format!("({path} -> {})", literal(field)), kind, depth + 1, columns);
            }
        }
        // If a record is absent, each field is null.
        Type::Option(inner) if !matches!(**inner, Type::Option(_)) => {
            spread(name, path, inner, depth, columns);
        }
        kind => {
            let name = if name.is_empty() { "value" } else { name };
            columns.push((name.to_owned(), expression(path, kind)));
        }
    }
}

/// A scalar as its SQL type; a list or a case as jsonb.
fn expression(path: &str, kind: &Type) -> String {
    let text = format!("({path} #>> '{{}}')");
    match kind {
        Type::Bool => format!("{text}::boolean"),
        Type::U8 | Type::U16 | Type::S8 | Type::S16 | Type::S32 => format!("{text}::integer"),
        Type::U32 => format!("{text}::bigint"),
        Type::U64 | Type::S64 => format!("{text}::numeric(20)"),
        Type::Char | Type::String | Type::Address | Type::Hash | Type::Enum(_) => text,
        Type::List(element) if **element == Type::U8 => text,
        _ => path.to_owned(),
    }
}

/// A quoted SQL name within the maximum length of Postgres. Longer names end with a hash of the whole name,
/// so that they stay distinct.
fn identifier(name: &str) -> String {
    let name = name.replace('-', "_");
    if name.len() <= NAME_BYTES_MAX {
        return name;
    }
    // FNV-1a, 32 bits.
    let mixed = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = name.bytes().fold(0x811c_9dc5, mixed);
    format!("{}_{hash:08x}", &name[..name.floor_char_boundary(NAME_BYTES_MAX - 9)])
}

/// A name with room for a suffix.
fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES_MAX - 28)]
}

/// The name, or the name with a number if it is taken.
fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{}_{number}", &name[..name.floor_char_boundary(NAME_BYTES_MAX - 5)]);
        number += 1;
    }
    candidate
}

pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
