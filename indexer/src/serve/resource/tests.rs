//! The lists of the HTTP API, one for each table.

use std::collections::BTreeSet;

use super::business::list_name;
use super::{Kind, RESOURCES};
use crate::project::TABLES;
use crate::serve::query::{COMMON, COUNTED, INCLUDE};

/// Each business table has a list under its own name, whose keys and filters are columns.
#[test]
fn each_table_has_a_list() {
    let mut names = BTreeSet::new();
    for resource in RESOURCES.iter() {
        assert!(names.insert(resource.name), "{} is served twice", resource.name);
        assert!(!resource.key.is_empty(), "{}", resource.name);
        for key in resource.key {
            let column = resource.column(key);
            assert!(column.is_some(), "{} has no {key}", resource.name);
            let column = column.unwrap();
            // Otherwise the order would be that of the text.
            let is_ordered = column.kind != Kind::Amount || column.sql.starts_with("t.");
            assert!(is_ordered, "{} {key}", resource.name);
        }
        let columns: BTreeSet<&str> = resource.columns.iter().map(|it| it.name).collect();
        assert_eq!(columns.len(), resource.columns.len(), "{}", resource.name);
        let filters: BTreeSet<&str> = resource.filters.iter().map(|it| it.name).collect();
        assert_eq!(filters.len(), resource.filters.len(), "{}", resource.name);
        for filter in resource.filters {
            assert_eq!(filter.sql.matches("{}").count(), 1, "{} {}", resource.name, filter.name);
            assert_ne!(filter.kind, Kind::Json, "{} {}", resource.name, filter.name);
            let taken = COMMON.contains(&filter.name) || [INCLUDE, COUNTED].contains(&filter.name);
            assert!(!taken, "{} {}", resource.name, filter.name);
        }
    }
    for table in TABLES.iter().copied().flatten() {
        assert!(names.contains(list_name(table).as_str()), "{}", table.name);
    }
    for name in [
        "categories",
        "contracts",
        "disputes",
        "entries",
        "evidence",
        "grants",
        "milestones",
        "pending-payments",
        "postings",
        "stock",
        "stores",
        "sub-orders",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}
