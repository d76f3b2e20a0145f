//! The lists of views against the page that describes the views, which a test compares with the database.

use std::collections::BTreeMap;

use super::VIEWS;

const PAGE: &str = include_str!("../../../../../docs/reports.md");

/// Views that are no lists of their own.
const LISTED_ELSEWHERE: [&str; 3] = ["balances", "freshness", "statement"];

/// The columns of each view, as the page has them.
fn described() -> BTreeMap<&'static str, Vec<&'static str>> {
    let sections = PAGE.split("\n### `").skip(1);
    let views = sections.filter_map(|section| {
        let (name, rest) = section.split_once('`')?;
        let rows = rest.split("\n| ").skip(2).take_while(|row| row.starts_with('`'));
        let columns = rows.flat_map(|row| row.split(" | ").next().unwrap_or_default().split(", "));
        // A function has a parameter.
        (!name.contains('(')).then(|| (name, columns.map(|it| it.trim_matches('`')).collect()))
    });
    views.collect()
}

#[test]
fn each_view_is_a_list_with_all_of_its_columns() {
    let mut described = described();
    for name in LISTED_ELSEWHERE {
        assert!(described.remove(name).is_some(), "{name}");
    }
    for view in VIEWS {
        let columns: Vec<&str> = view.columns.iter().flat_map(|(_, it)| it.split(' ')).collect();
        assert_eq!(described.remove(view.view).as_ref(), Some(&columns), "{}", view.view);
        for name in view.key.split(' ').chain(view.filters.split_whitespace()) {
            assert!(columns.contains(&name), "{} has no column {name}", view.view);
        }
    }
    assert!(described.is_empty(), "views without a list: {described:?}");
}
