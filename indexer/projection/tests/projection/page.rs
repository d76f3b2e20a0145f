//! The documentation of tables, and the consistency of their declarations.

use std::collections::BTreeSet;

use ehb_projection::TABLES;
use ehb_projection::cell::Kind;
use ehb_projection::table::Table;
use expect_test::expect_file;

fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().copied().flatten().copied()
}

/// The page of columns is generated from the declarations.
#[test]
fn the_page_of_tables_is_that_of_the_declarations() {
    let mut page = "# Business tables\n\n\
        Generated from the declarations in `indexer/projection`; `UPDATE_EXPECT=1` writes it again.\n\n\
        Each row ends with the position of the event that changed it last: `at_height` (bigint), `at_index` and \
        `at_event` (integer). Rows of a history are only appended, and have the value after the change. Amounts are in \
        base units of their asset; `..._ms` are milliseconds since 1970 (UTC). **Bold** columns are the key; `?` marks \
        those that can be null.\n"
        .to_owned();
    let schemas: BTreeSet<&str> = tables().map(Table::schema).collect();
    for schema in schemas {
        page += &format!("\n## `{schema}`\n");
        for table in tables().filter(|it| it.schema() == schema) {
            let history = if table.is_history { " *History.*" } else { "" };
            page += &format!("\n### `{}`\n\n{}{history}\n\n", table.name, table.about.trim());
            page += "| Column | Type | |\n|---|---|---|\n";
            for column in table.columns {
                let is_key = table.key().any(|name| name == column.name);
                let name = if is_key {
                    format!("**`{}`**", column.name)
                } else {
                    format!("`{}`", column.name)
                };
                let kind = match column.kind {
                    Kind::Bool => "boolean",
                    Kind::Count => "bigint",
                    Kind::Number => "numeric(20)",
                    Kind::Text => "text",
                    Kind::Json => "jsonb",
                };
                let null = if column.optional { "?" } else { "" };
                page += &format!("| {name} | {kind}{null} | {} |\n", column.about.trim());
            }
        }
    }
    expect_file!["../../../../docs/tables.md"].assert_eq(&page);
}

/// Keys and indexes name columns, and no name is used twice.
#[test]
fn declarations_are_consistent() {
    let mut names = BTreeSet::new();
    for table in tables() {
        assert!(names.insert(table.name), "{} is declared twice", table.name);
        let indexes = table.indexes.iter().flat_map(|of| of.split(", "));
        let indexes = indexes.map(|it| it.split(' ').next().unwrap());
        for column in table.key().chain(indexes) {
            assert!(table.place(column).is_some(), "{} has no column {column}", table.name);
        }
        let columns: BTreeSet<&str> = table.all_columns().map(|(name, _)| name).collect();
        assert_eq!(columns.len(), table.all_columns().count(), "{}", table.name);
        assert!(!table.group.is_empty(), "{}", table.name);
    }
}
