//! Turns the query string of a list into SQL.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::cursor::Secret;
use super::failure::Failure;
use super::limits::{PAGE_DEFAULT, PAGE_MAX, QUERY_COUNTEDTES_MAX, VALUE_COUNTEDTES_MAX};
use super::resource::{Column, Filter, Include, Kind, Resource};
use crate::project::text::escape;

/// The parameters that each list has besides its filters.
pub(crate) const COMMON: [&str; 4] = ["cursor", "limit", "format", "order"];
/// The parameter of lists to whose rows something can be added.
pub(crate) const INCLUDE: &str = "include";
/// The parameter of counts: the column by which rows are counted.
pub(crate) const COUNTED: &str = "column";
/// The name of the value by which the rows of a statement are ordered, where it is not their key.
pub(crate) const ORDERED: &str = "~order";

/// A checked request for rows of a resource.
pub(crate) struct Query {
    /// The resource.
    pub(crate) resource: &'static Resource,
    /// The list, its filters and its order, to which cursors are bound.
    pub(crate) list: String,
    /// The rows in a page.
    pub(crate) limit: usize,
    /// Whether all rows are wanted as CSV.
    pub(crate) csv: bool,
    /// The order, if it is not that of the key.
    pub(crate) order: Option<Order>,
    cursor: Option<String>,
    includes: Vec<&'static Include>,
    filters: Vec<Given>,
}

/// An order by a column. Among equal values, rows are ordered by their key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    column: &'static Column,
    descending: bool,
}

/// A filter and its value.
type Given = (&'static Filter, String);

/// A checked request for the number of rows with each value of a column.
pub(crate) struct CountQuery {
    /// The resource.
    pub(crate) resource: &'static Resource,
    by: &'static Column,
    filters: Vec<Given>,
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
    if query.len() > QUERY_COUNTEDTES_MAX {
        return Err(Failure::Query(format!("it is longer than {QUERY_COUNTEDTES_MAX} bytes")));
    }
    let mut found = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let (name, value) = (name.into_owned(), value.into_owned());
        if value.len() > VALUE_COUNTEDTES_MAX && name != "cursor" {
            let text = format!("the value of {name} is longer than {VALUE_COUNTEDTES_MAX} bytes");
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
        let order = given.remove("order");
        let includes = if resource.includes.is_empty() { None } else { given.remove(INCLUDE) };
        let includes = included(resource, includes.as_deref().unwrap_or_default())?;
        if csv && !includes.is_empty() {
            return Err(Failure::Query("an export has the columns of the list alone".to_owned()));
        }
        let own = (!resource.includes.is_empty()).then_some(INCLUDE);
        let filters = filters(resource, given, own.into_iter().chain(COMMON))?;
        let mut list = format!("/v1/{}?", resource.name);
        for (filter, value) in &filters {
            let _ = write!(list, "{}={}:{value}&", filter.name, value.len());
        }
        if let Some(order) = &order {
            let _ = write!(list, "order={order}&");
        }
        let order = order.map(|it| Order::parse(resource, &it)).transpose()?;
        Ok(Self { resource, list, limit, csv, order, cursor, includes, filters })
    }

    /// The SQL for a page, or for all rows of an export. It selects one row more than the page has.
    pub(crate) fn statement(&self, secret: &Secret) -> Result<Statement, Failure> {
        let resource = self.resource;
        let mut values = Vec::new();
        let mut conditions = conditions(&self.filters, &mut values);
        let ordered = self.order.map(Order::sql);
        let keys = resource.key.iter().filter_map(|it| resource.column(it));
        let keys = keys.map(|it| (it.sql.to_owned(), it.kind.sql()));
        let keys: Vec<(String, &str)> = ordered.clone().into_iter().chain(keys).collect();
        let expressions: Vec<&str> = keys.iter().map(|(sql, _)| sql.as_str()).collect();
        let descending = self.order.map_or(resource.newest_first, |it| it.descending);
        if let Some(cursor) = &self.cursor {
            let key = secret.key(&self.list, cursor)?;
            if key.len() != keys.len() {
                return Err(Failure::Cursor);
            }
            let after: Vec<String> = key
                .into_iter()
                .zip(&keys)
                .map(|(value, (_, kind))| bind(value, kind, &mut values))
                .collect();
            let sign = if descending { "<" } else { ">" };
            conditions.push(format!("({}) {sign} ({})", expressions.join(", "), after.join(", ")));
        }
        let columns = resource.columns.iter().map(|it| match it.kind {
            Kind::Amount => format!("({})::text as \"{}\"", it.sql, it.name),
            Kind::Decimal => format!("trim_scale({})::text as \"{}\"", it.sql, it.name),
            _ => format!("{} as \"{}\"", it.sql, it.name),
        });
        let included = self.includes.iter().map(|it| format!("{} as \"{}\"", it.sql, it.name));
        let ordered = ordered.map(|(sql, _)| format!("({sql})::text as \"{ORDERED}\""));
        let columns: Vec<String> = columns.chain(included).chain(ordered).collect();
        let columns = columns.join(", ");
        let mut sql =
            format!("select row_to_json(q)::text from (select {columns} from {}", resource.from);
        sql.push_str(&filtered(&conditions));
        let direction = if descending { " desc" } else { "" };
        let order = expressions.iter().map(|it| format!("{it}{direction}")).collect::<Vec<_>>();
        let _ = write!(sql, " order by {}", order.join(", "));
        if !self.csv {
            let _ = write!(sql, " limit {}", self.limit + 1);
        }
        sql.push_str(") q");
        Ok(Statement { sql, values })
    }
}

impl Order {
    /// Parses the name of a column, after a minus sign for the largest value first.
    fn parse(resource: &Resource, text: &str) -> Result<Self, Failure> {
        let name = text.strip_prefix('-').unwrap_or(text);
        let column = resource.column(name).filter(|it| it.kind != Kind::Json);
        let expected = "the name of a column that is no JSON, or '-' and the name";
        let column = column.ok_or_else(|| wrong("order", text, expected))?;
        Ok(Self { column, descending: name != text })
    }

    /// The expression and its SQL type. Numbers, days and times that are missing come last, like texts that are missing in a
    /// descending order.
    fn sql(self) -> (String, &'static str) {
        let sql = self.column.sql;
        let sign = if self.descending { "-" } else { "" };
        match self.column.kind {
            Kind::Integer | Kind::Amount | Kind::Decimal => {
                (format!("coalesce(({sql})::numeric, '{sign}Infinity')"), "numeric")
            }
            Kind::Time | Kind::Date => {
                let kind = self.column.kind.sql();
                (format!("coalesce({sql}, '{sign}infinity'::{kind})"), kind)
            }
            Kind::Bool => (format!("coalesce({sql}, false)"), "boolean"),
            Kind::Text | Kind::Json => (format!("coalesce({sql}, '')"), "text"),
        }
    }
}

impl CountQuery {
    /// Parses the query string of the counts of a resource.
    pub(crate) fn parse(resource: &'static Resource, query: &str) -> Result<Self, Failure> {
        let mut given = parameters(query)?;
        let name = given.remove(COUNTED).unwrap_or_default();
        let by = resource.column(&name).filter(|it| it.kind != Kind::Json);
        let by = by.ok_or_else(|| wrong(COUNTED, &name, "the name of a column that is no JSON"))?;
        Ok(Self { resource, by, filters: filters(resource, given, [COUNTED].into_iter())? })
    }

    /// The SQL, for the most frequent values.
    pub(crate) fn statement(&self) -> Statement {
        let mut values = Vec::new();
        let conditions = filtered(&conditions(&self.filters, &mut values));
        let sql = format!(
            "select row_to_json(q)::text from (
                 select ({})::text as value, count(*) as count from {}{conditions}
                 group by 1 order by 2 desc, 1 limit {PAGE_MAX}
             ) q",
            self.by.sql, self.resource.from
        );
        Statement { sql, values }
    }
}

fn wrong(name: &str, value: &str, expected: &'static str) -> Failure {
    Failure::Value { name: name.to_owned(), value: value.to_owned(), expected }
}

/// What is to be added to the rows of a list: names with commas between them.
fn included(resource: &'static Resource, names: &str) -> Result<Vec<&'static Include>, Failure> {
    let names = names.split(',').filter(|it| !it.is_empty());
    let found = names.map(|name| {
        let found = resource.includes.iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            wrong(INCLUDE, name, "names that the API's description lists, with commas")
        })
    });
    found.collect()
}

/// The filters of a resource among parameters, which can have no other ones than these and `others`.
fn filters(
    resource: &'static Resource,
    given: BTreeMap<String, String>,
    others: impl Iterator<Item = &'static str>,
) -> Result<Vec<Given>, Failure> {
    let others: Vec<&str> = others.collect();
    let mut filters = Vec::new();
    for (name, value) in given {
        let Some(filter) = resource.filters.iter().find(|it| it.name == name) else {
            let known = resource.filters.iter().map(|it| it.name).chain(others);
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(Failure::Parameter { resource: resource.name, name, known });
        };
        if let Some(expected) = problem(filter.kind, &value) {
            return Err(Failure::Value { name, value, expected });
        }
        let value = if filter.kind == Kind::Text { escape(&value).into_owned() } else { value };
        filters.push((filter, value));
    }
    Ok(filters)
}

/// The conditions of filters, whose values become parameters.
fn conditions(filters: &[Given], values: &mut Vec<String>) -> Vec<String> {
    let condition = |(filter, value): &Given| {
        filter.sql.replace("{}", &bind(value.clone(), filter.kind.sql(), values))
    };
    filters.iter().map(condition).collect()
}

/// The SQL of a new parameter of a type.
fn bind(value: String, kind: &str, values: &mut Vec<String>) -> String {
    values.push(value);
    format!("${}::text::{kind}", values.len())
}

fn filtered(conditions: &[String]) -> String {
    if conditions.is_empty() {
        String::new()
    } else {
        format!(" where {}", conditions.join(" and "))
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
