//! The SQL of the business tables, generated from their declarations.

use std::collections::BTreeSet;

use crate::project::TABLES;
use crate::project::cell::Kind;
use crate::project::table::{AT_COLUMNS, Table};

use super::extension::{literal, quote};

/// The statements that create the schemas and tables.
pub fn create() -> String {
    let tables = || TABLES.iter().copied().flatten().copied();
    let schemas: BTreeSet<&str> = tables().map(Table::schema).collect();
    let schemas = schemas.into_iter().map(|it| format!("create schema {};\n", quote(it)));
    schemas.chain(tables().map(of_table)).collect()
}

/// The SQL type of a column.
pub(crate) fn kind(column: &str, kind: Kind) -> &'static str {
    match kind {
        _ if AT_COLUMNS[1..].contains(&column) => "integer",
        Kind::Bool => "boolean",
        Kind::Count => "bigint",
        Kind::Number => "numeric(20)",
        Kind::Text => "text",
        Kind::Json => "jsonb",
    }
}

/// The quoted name of a table.
pub(crate) fn name(table: &Table) -> String {
    let name = table.name.split_once('.').map_or(table.name, |(_, name)| name);
    format!("{}.{}", quote(table.schema()), quote(name))
}

/// Quoted names of columns.
pub(crate) fn columns<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quote).collect::<Vec<_>>().join(", ")
}

fn of_table(table: &Table) -> String {
    let is_optional =
        |name: &str| table.columns.iter().any(|column| column.name == name && column.optional);
    let declared = table.all_columns().map(|(name, of)| {
        let null = if is_optional(name) { "" } else { " not null" };
        format!("    {} {}{null}", quote(name), kind(name, of))
    });
    let key = format!("    primary key ({})", columns(table.key()));
    let declared: Vec<String> = declared.chain([key]).collect();
    let table_name = name(table);
    let mut sql = format!("create table {table_name} (\n{}\n);\n", declared.join(",\n"));
    sql += &format!("comment on table {table_name} is {};\n", literal(table.about.trim()));
    for column in table.columns.iter().filter(|it| !it.about.is_empty()) {
        let (name, about) = (quote(column.name), literal(column.about.trim()));
        sql += &format!("comment on column {table_name}.{name} is {about};\n");
    }
    // The API lists a history by position, and 'verify' reads what changed since a height.
    let of_history = table.is_history.then_some(AT_COLUMNS[0]);
    let indexes = table.indexes.iter().copied().chain(of_history);
    sql.extend(indexes.map(|of| format!("create index on {table_name} ({of});\n")));
    sql
}
