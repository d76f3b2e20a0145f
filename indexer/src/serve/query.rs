//! Turns the query string of a list into SQL.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::cursor::Secret;
use super::failure::Failure;
use super::limits::{PAGE_DEFAULT, PAGE_MAX, QUERY_BYTES_MAX, VALUE_BYTES_MAX};
use super::resource::{Filter, Kind, Resource};
use crate::project::text::escape;

/// The parameters that each list has besides its filters.
pub(crate) const COMMON: [&str; 3] = ["cursor", "limit", "format"];

/// A checked request for rows of a resource.
pub(crate) struct Query {
    /// The resource.
    pub(crate) resource: &'static Resource,
    /// The list and its filters, to which cursors are bound.
    pub(crate) list: String,
    /// The rows in a page.
    pub(crate) limit: usize,
    /// Whether all rows are wanted as CSV.
    pub(crate) csv: bool,
    cursor: Option<String>,
    filters: Vec<(&'static Filter, String)>,
}

/// SQL with the values of its parameters, all of them texts.
pub(crate) struct Statement {
    /// The SQL; each row is one text, a JSON object.
    pub(crate) sql: String,
    /// The values.
    pub(crate) values: Vec<String>,
}

/// The parameters of a query string, each at most once.
pub(crate) fn parameters(query: &str) -> Result<BTreeMap<String, String>, Failure> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(Failure::Query(format!("it is longer than {QUERY_BYTES_MAX} bytes")));
    }
    let mut found = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let (name, value) = (name.into_owned(), value.into_owned());
        if value.len() > VALUE_BYTES_MAX && name != "cursor" {
            let text = format!("the value of {name} is longer than {VALUE_BYTES_MAX} bytes");
            return Err(Failure::Query(text));
        }
        if found.insert(name.clone(), value).is_some() {
            return Err(Failure::Query(format!("{name} is given twice")));
        }
    }
    Ok(found)
}

impl Query {
    /// Parses the query string of a resource.
    pub(crate) fn parse(resource: &'static Resource, query: &str) -> Result<Self, Failure> {
        let mut given = parameters(query)?;
        let wrong = |name: &str, value: &str, expected| Failure::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            expected,
        };
        let csv = match given.remove("format").as_deref() {
            None | Some("json") => false,
            Some("csv") => true,
            Some(other) => return Err(wrong("format", other, "json or csv")),
        };
        let limit = match given.remove("limit") {
            None => PAGE_DEFAULT,
            Some(text) => match text.parse() {
                Ok(limit @ 1..=PAGE_MAX) => limit,
                _ => return Err(wrong("limit", &text, "a number from 1 to 200")),
            },
        };
        let cursor = given.remove("cursor");
        if csv && cursor.is_some() {
            return Err(Failure::Query("an export has no cursor: it contains all rows".to_owned()));
        }
        let mut filters = Vec::new();
        let mut list = format!("/v1/{}?", resource.name);
        for (name, value) in given {
            let Some(filter) = resource.filters.iter().find(|it| it.name == name) else {
                let known = resource.filters.iter().map(|it| it.name).chain(COMMON);
                let known = known.collect::<Vec<_>>().join(", ");
                return Err(Failure::Parameter { resource: resource.name, name, known });
            };
            if let Some(expected) = problem(filter.kind, &value) {
                return Err(Failure::Value { name, value, expected });
            }
            let _ = write!(list, "{name}={}:{value}&", value.len());
            let value = if filter.kind == Kind::Text { escape(&value).into_owned() } else { value };
            filters.push((filter, value));
        }
        Ok(Self { resource, list, limit, csv, cursor, filters })
    }

    /// The SQL for a page, or for all rows of an export. It selects one row more than the page has.
    pub(crate) fn statement(&self, secret: &Secret) -> Result<Statement, Failure> {
        let resource = self.resource;
        let mut values = Vec::new();
        let mut bind = |value: String, kind: Kind| {
            values.push(value);
            format!("${}::text::{}", values.len(), kind.sql())
        };
        let mut conditions = Vec::new();
        for (filter, value) in &self.filters {
            let value = bind(value.clone(), filter.kind);
            conditions.push(filter.sql.replace("{}", &value));
        }
        let keys: Vec<_> = resource.key.iter().filter_map(|it| resource.column(it)).collect();
        let expressions: Vec<&str> = keys.iter().map(|it| it.sql).collect();
        if let Some(cursor) = &self.cursor {
            let key = secret.key(&self.list, cursor)?;
            if key.len() != keys.len() {
                return Err(Failure::Cursor);
            }
            let after: Vec<String> =
                key.into_iter().zip(&keys).map(|(value, it)| bind(value, it.kind)).collect();
            let sign = if resource.newest_first { "<" } else { ">" };
            conditions.push(format!("({}) {sign} ({})", expressions.join(", "), after.join(", ")));
        }
        let columns = resource.columns.iter().map(|it| match it.kind {
            Kind::Amount => format!("({})::text as \"{}\"", it.sql, it.name),
            Kind::Decimal => format!("trim_scale({})::text as \"{}\"", it.sql, it.name),
            _ => format!("{} as \"{}\"", it.sql, it.name),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let mut sql =
            format!("select row_to_json(q)::text from (select {columns} from {}", resource.from);
        if !conditions.is_empty() {
            let _ = write!(sql, " where {}", conditions.join(" and "));
        }
        let direction = if resource.newest_first { " desc" } else { "" };
        let order = expressions.iter().map(|it| format!("{it}{direction}")).collect::<Vec<_>>();
        let _ = write!(sql, " order by {}", order.join(", "));
        if !self.csv {
            let _ = write!(sql, " limit {}", self.limit + 1);
        }
        sql.push_str(") q");
        Ok(Statement { sql, values })
    }
}

/// What would be valid, if a value is not.
pub(crate) fn problem(kind: Kind, value: &str) -> Option<&'static str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let valid = match kind {
        Kind::Integer => value.len() <= 19 && digits(value) && value.parse::<i64>().is_ok(),
        Kind::Amount => value.len() <= 20 && digits(value),
        Kind::Bool => matches!(value, "true" | "false"),
        Kind::Decimal => is_decimal(value),
        Kind::Time => is_time(value),
        Kind::Date => value.len() == 10 && is_time(value),
        Kind::Text | Kind::Json => true,
    };
    let expected = match kind {
        Kind::Integer => "a number from 0 to 9223372036854775807",
        Kind::Amount => "a number of at most 20 digits",
        Kind::Bool => "true or false",
        Kind::Decimal => "a number such as 12.5",
        Kind::Time => "a time such as 2027-01-15T08:00:00Z",
        Kind::Date => "a day such as 2027-01-15",
        Kind::Text | Kind::Json => "a text",
    };
    (!valid).then_some(expected)
}

/// Whether a text is a number of at most 20 digits, which can have as many after a point.
fn is_decimal(text: &str) -> bool {
    let digits =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && digits(fraction)
}

/// Whether a text is `YYYY-MM-DD`, or that with `THH:MM:SS`, a fraction, and `Z`. Only ranges that Postgres accepts
/// are valid.
fn is_time(text: &str) -> bool {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let Some(time) = time.strip_suffix('Z') else { return false };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let numbers = |text: &str, sign: char, lengths: [usize; 3]| -> Option<[u32; 3]> {
        let mut parts = text.split(sign);
        let mut numbers = [0; 3];
        for (number, length) in numbers.iter_mut().zip(lengths) {
            let part = parts.next().filter(|it| it.len() == length)?;
            *number = part.bytes().all(|it| it.is_ascii_digit()).then(|| part.parse().ok())??;
        }
        parts.next().is_none().then_some(numbers)
    };
    let Some([year, month, day]) = numbers(date, '-', [4, 2, 2]) else { return false };
    let Some([hour, minute, second]) = numbers(time, ':', [2, 2, 2]) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    year > 0
        && (1..=12).contains(&month)
        && (1..=days).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|it| it.is_ascii_digit())
}
