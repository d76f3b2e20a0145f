//! The lists of the business tables, which follow from their declarations.

use super::{Column, Filter, Kind, Resource};
use crate::project::TABLES;
use crate::project::cell::Kind as CellKind;
use crate::project::table::{AT_COLUMNS, Table};
use crate::schema::declared;
use crate::schema::extension::quote;

/// The id of the transaction that last changed a row.
const TRANSACTION: Column = Column {
    name: "transaction",
    sql: "(select x.id from chain.transaction x where x.height = t.at_height and x.index = t.at_index)",
    kind: Kind::Text,
    nullable: true,
};

/// The column with the time of a row's block, and what it is in JSON and CSV.
const TIME_COLUMN: &str = "time_ms";
const TIME: Column = Column {
    name: "time",
    sql: "to_timestamp(time_ms / 1000.0)",
    kind: Kind::Time,
    nullable: false,
};

/// Restrictions of a history, whose rows never change.
const HISTORY_FILTERS: [Filter; 4] = [
    Filter {
        name: "from",
        sql: "at_height >= {}",
        kind: Kind::Integer,
        about: "from this height on",
    },
    Filter { name: "to", sql: "at_height <= {}", kind: Kind::Integer, about: "up to this height" },
    Filter {
        name: "since",
        sql: "at_height >= (select min(b.height) from chain.block b where b.time >= {})",
        kind: Kind::Time,
        about: "from this time on",
    },
    Filter {
        name: "until",
        sql: "at_height <= (select max(b.height) from chain.block b where b.time < {})",
        kind: Kind::Time,
        about: "before this time",
    },
];

/// Columns by which rows can be restricted without an index: they serve beside other filters.
const FURTHER: [(&str, &str); 3] =
    [("emo.entry", "kind"), ("emo.posting", "visibility"), ("pss.product", "state")];

/// Restrictions by text, for which `service.sql` has indexes.
const TEXT_FILTERS: [(&str, Filter); 4] = [
    ("pss.store", words("stores with these words in their name")),
    ("pss.product", words("products with these words in title or summary")),
    ("emo.posting", words("postings with these words in title, summary or skills")),
    (
        "emo.entry",
        Filter {
            name: "reference",
            sql: "reference <> '' and reference = {}",
            kind: Kind::Text,
            about: "entries with this reference",
        },
    ),
];

const fn words(about: &'static str) -> Filter {
    Filter {
        name: "q",
        sql: "words @@ websearch_to_tsquery('simple', {})",
        kind: Kind::Text,
        about,
    }
}

/// The lists of all business tables. They are made once, and live as long as the program.
pub(super) fn resources() -> impl Iterator<Item = Resource> {
    TABLES.iter().copied().flatten().map(|table| of_table(table))
}

fn of_table(table: &'static Table) -> Resource {
    let key = key(table);
    let columns: Vec<Column> = table
        .columns
        .iter()
        .map(|it| it.name)
        .chain(AT_COLUMNS)
        .map(|it| column(table, it))
        .collect();
    let names: Vec<&str> = key.iter().map(|name| json_name(name)).collect();
    let newest_first = is_newest_first(table);
    let order = match (table.is_history, newest_first) {
        (true, _) => " The newest first.",
        (false, true) => " The largest number first.",
        (false, false) => "",
    };
    Resource {
        name: list_name(table).leak(),
        about: format!("{}{order}", table.about.trim()).leak(),
        from: format!("{} t", declared::name(table)).leak(),
        columns: [columns, vec![TRANSACTION]].concat().leak(),
        key: names.leak(),
        newest_first,
        filters: filters(table).leak(),
        includes: &[],
        of_all: false,
    }
}

/// The columns by which a list is ordered.
fn key(table: &'static Table) -> Vec<&'static str> {
    let at: &[&str] = if table.is_history { &AT_COLUMNS } else { &[] };
    let rest = table.key().filter(|name| !at.contains(name));
    at.iter().copied().chain(rest).collect()
}

/// Numbers are counted upwards, so the newest row of a table has the largest.
fn is_newest_first(table: &Table) -> bool {
    let last = table.key().last().and_then(|name| kind_of(table, name));
    table.is_history || matches!(last, Some(CellKind::Number | CellKind::Count))
}

fn kind_of(table: &Table, name: &str) -> Option<CellKind> {
    table.all_columns().find(|(column, _)| *column == name).map(|(_, kind)| kind)
}

fn column(table: &Table, name: &'static str) -> Column {
    if name == TIME_COLUMN {
        return TIME;
    }
    let declared = table.columns.iter().find(|it| it.name == name);
    Column {
        name: json_name(name),
        // With the table's name: an order by `"id"` alone would be one by the text in the answer.
        sql: format!("t.{}", quote(name)).leak(),
        kind: kind_of(table, name).map_or(Kind::Text, api_kind),
        nullable: declared.is_some_and(|it| it.optional),
    }
}

fn api_kind(kind: CellKind) -> Kind {
    match kind {
        CellKind::Bool => Kind::Bool,
        CellKind::Count => Kind::Integer,
        CellKind::Number => Kind::Amount,
        CellKind::Text => Kind::Text,
        CellKind::Json => Kind::Json,
    }
}

/// The columns of the key, of indexes and of [`FURTHER`], and what histories and texts have besides.
fn filters(table: &'static Table) -> Vec<Filter> {
    let indexed = table.indexes.iter().flat_map(|of| of.split(", "));
    let indexed = indexed.filter_map(|it| it.split(' ').next());
    let mut filters: Vec<Filter> = Vec::new();
    let further = FURTHER.iter().filter(|(of, _)| *of == table.name).map(|(_, name)| *name);
    for name in table.key().chain(indexed).chain(further).filter(|name| !AT_COLUMNS.contains(name))
    {
        let column = column(table, name);
        if filters.iter().all(|it| it.name != column.name) {
            let sql = format!("{} = {{}}", column.sql).leak();
            let about = format!("rows with this value of {}", column.name).leak();
            filters.push(Filter { name: column.name, sql, kind: column.kind, about });
        }
    }
    if table.is_history {
        filters.extend(HISTORY_FILTERS);
    }
    filters.extend(TEXT_FILTERS.into_iter().filter(|(name, _)| *name == table.name).map(|it| it.1));
    filters
}

/// The name of a column in JSON: `order_id` is `orderId`.
pub(super) fn json_name(name: &'static str) -> &'static str {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    words.fold(first, |text, word| text + &capital(word)).leak()
}

/// The name of a table's list: `emo.sub_order` is `sub-orders`.
pub(super) fn list_name(table: &Table) -> String {
    let name = table.name.split_once('.').map_or(table.name, |(_, name)| name).replace('_', "-");
    // Nouns without a plural.
    if ["stock", "evidence"].contains(&name.as_str()) {
        return name;
    }
    match name.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{name}s"),
    }
}
