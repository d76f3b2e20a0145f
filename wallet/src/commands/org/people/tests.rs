//! The CSV file of accounts, and its division into transactions.

use super::*;

/// A row: the file, and what is wrong with it, or its consents and roles.
#[test]
fn people_are_read_line_by_line() {
    let rows_of: &[(&str, &str)] = &[
        ("", "the first line must be \"consent,roles\""),
        ("a.json,clerk\n", "the first line must be \"consent,roles\""),
        ("consent,roles\n", "[]"),
        (
            "\u{feff}consent,roles\r\na.json,clerk seller\r\n\nb.json\n",
            "[a.json: clerk seller, b.json: ]",
        ),
        ("consent,roles\n c.json , \n", "[c.json: ]"),
        ("consent,roles\n,clerk\n", "line 2: expected FILE,ROLES without quotes"),
        ("consent,roles\n\"a.json\",clerk\n", "line 2: expected FILE,ROLES without quotes"),
        ("consent,roles\na.json,Clerk\n", "line 2: \"Clerk\" is not a role"),
        ("consent,roles\na.json,clerk,seller\n", "line 2: \"clerk,seller\" is not a role"),
    ];
    for (text, expected) in rows_of {
        let shown = match rows(text) {
            Err(error) => error,
            Ok(rows) => {
                let row = |row: &Row<'_>| {
                    let roles: Vec<&str> = row.roles.iter().map(RoleName::as_str).collect();
                    format!("{}: {}", row.consent, roles.join(" "))
                };
                format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(", "))
            }
        };
        assert!(shown.starts_with(expected), "{text:?}: {shown}");
    }
    let many = format!("{HEADER}\n{}", "a.json\n".repeat(PEOPLE_MAX + 1));
    assert!(rows(&many).unwrap_err().contains("more than 100000"));
}

/// A row: bytes and gas of people, the bounds, and how many are in each transaction.
#[test]
fn people_are_divided_by_bytes_and_gas() {
    let rows: &[(&[(u64, u64)], u64, u64, &[usize])] = &[
        (&[], 10, 10, &[]),
        (&[(1, 1); 5], 10, 10, &[5]),
        (&[(4, 1); 5], 10, 10, &[2, 2, 1]),
        (&[(1, 4); 5], 10, 10, &[2, 2, 1]),
        (&[(5, 5), (5, 5), (1, 1)], 10, 10, &[2, 1]),
        // One that does not fit goes alone, and the chain refuses it with its reason.
        (&[(1, 1), (99, 1), (1, 1)], 10, 10, &[1, 1, 1]),
    ];
    for (people, bytes_max, gas_max, expected) in rows {
        let person = |(bytes, gas): &(u64, u64)| Person {
            organisation: String::new(),
            address: String::new(),
            new: Value::Null,
            bytes: *bytes,
            gas: *gas,
        };
        let people: Vec<Person> = people.iter().map(person).collect();
        let parts = parts(&people, *bytes_max, *gas_max);
        assert_eq!(parts.iter().map(|it| it.len()).collect::<Vec<_>>(), *expected);
    }
}
