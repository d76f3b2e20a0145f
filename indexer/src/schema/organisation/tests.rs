//! Each table has a rule, and each rule's columns exist.

use std::collections::BTreeSet;

use super::Rule::{Accounts, Organisations, Programme, Store, With};
use super::rules::{BUSINESS, CHAIN};
use crate::project::TABLES;
use crate::project::table::Table;

#[expect(clippy::panic, reason = "a test fails by panic")]
fn table(name: &str) -> &'static Table {
    let found = TABLES.iter().copied().flatten().find(|it| it.name == name);
    found.copied().unwrap_or_else(|| panic!("there is no table {name}"))
}

#[test]
fn each_business_table_has_one_rule() {
    let declared: BTreeSet<&str> = TABLES.iter().copied().flatten().map(|it| it.name).collect();
    let ruled: BTreeSet<&str> = BUSINESS.iter().map(|it| it.0).collect();
    assert_eq!(ruled, declared);
    assert_eq!(ruled.len(), BUSINESS.len(), "a table has two entries");
    assert!(CHAIN.iter().chain(BUSINESS).all(|(_, rules)| !rules.is_empty()));
}

#[test]
fn each_column_of_a_rule_exists() {
    for (name, rules) in BUSINESS {
        let has =
            |name: &str, column: &str| table(name).all_columns().any(|(known, _)| known == column);
        for rule in *rules {
            let columns: Vec<&str> = match rule {
                Accounts(columns) | Organisations(columns) => columns.to_vec(),
                Store(column) | Programme(column) => vec![column],
                With(other, columns) => {
                    assert!(columns.iter().all(|(_, theirs)| has(other, theirs)), "{other}");
                    columns.iter().map(|(column, _)| *column).collect()
                }
                _ => Vec::new(),
            };
            for column in columns {
                assert!(has(name, column), "{name} has no column {column}");
            }
        }
    }
}
