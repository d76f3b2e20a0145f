//! The lists of the views of `report`, which docs/reports.md describes. They are computed from rows of all organisations.

mod views;

use super::business::json_name;
use super::{Column, Filter, Kind, Resource};
use crate::schema::extension::quote;
use views::VIEWS;

/// A view as a list. Names of columns are those of the view, with spaces between them.
struct View {
    list: &'static str,
    view: &'static str,
    about: &'static str,
    columns: &'static [(Kind, &'static str)],
    key: &'static str,
    newest_first: bool,
    /// The columns by which it can be filtered. One with days can be, by the days, and one with heights by these.
    filters: &'static str,
}

/// The columns with a duration, which is a number of seconds in the list.
const DURATIONS: [&str; 3] = ["late", "median", "percentile_90"];

/// The lists of the views. They are made once, and live as long as the program.
pub(super) fn resources() -> impl Iterator<Item = Resource> {
    VIEWS.iter().map(of_view)
}

fn of_view(view: &'static View) -> Resource {
    let mut named: Vec<(Kind, &'static str)> = Vec::new();
    for (kind, names) in view.columns {
        named.extend(names.split(' ').map(|name| (*kind, name)));
    }
    let columns: Vec<Column> = named.iter().map(|(kind, name)| column(view, *kind, name)).collect();
    let key: Vec<&str> = view.key.split(' ').map(json_name).collect();
    Resource {
        name: view.list,
        about: format!("{}: the view `report.{}`.", view.about, view.view).leak(),
        from: format!("report.{} t", quote(view.view)).leak(),
        columns: columns.leak(),
        key: key.leak(),
        newest_first: view.newest_first,
        filters: filters(view, &named).leak(),
        includes: &[],
        of_all: true,
    }
}

fn column(view: &View, kind: Kind, name: &'static str) -> Column {
    let expression = format!("t.{}", quote(name));
    if DURATIONS.contains(&name) {
        return Column {
            name: format!("{}S", json_name(name)).leak(),
            sql: format!("extract(epoch from {expression})").leak(),
            kind,
            nullable: true,
        };
    }
    let is_key = view.key.split(' ').any(|key| key == name);
    // Rows are ordered by the key, in which nothing is a text without characters.
    let sql = if is_key && kind == Kind::Text {
        format!("coalesce({expression}, '')")
    } else {
        expression
    };
    Column { name: json_name(name), sql: sql.leak(), kind, nullable: !is_key }
}

fn filters(view: &View, columns: &[(Kind, &'static str)]) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for name in view.filters.split_whitespace() {
        let Some((kind, name)) = columns.iter().find(|(_, column)| *column == name) else {
            continue;
        };
        let Column { name, sql, .. } = column(view, *kind, name);
        let about = format!("rows with this value of {name}").leak();
        filters.push(Filter { name, sql: format!("{sql} = {{}}").leak(), kind: *kind, about });
    }
    let range = columns.iter().find(|(kind, name)| *kind == Kind::Date || *name == "height");
    if let Some((kind, column)) = range {
        let from = ("from", ">=", format!("from this {column} on"));
        for (name, sign, about) in [from, ("to", "<=", format!("up to this {column}"))] {
            filters.push(Filter {
                name,
                sql: format!("t.{} {sign} {{}}", quote(column)).leak(),
                kind: *kind,
                about: about.leak(),
            });
        }
    }
    filters
}

#[cfg(test)]
mod tests;
