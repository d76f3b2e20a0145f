//! The resources of the HTTP API as data: columns, keys and filters. The SQL, the CSV header and the OpenAPI document
//! follow from them.

mod business;
mod chain;
mod report;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

/// All resources: those of the chain, one for each business table, and the views of `report`.
pub(crate) static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    let tables = chain::CHAIN.iter().copied().chain(business::resources());
    tables.chain(report::resources()).collect()
});

/// A list that the API serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource {
    /// Its name in the path, `/v1/NAME`.
    pub(crate) name: &'static str,
    /// What a row is.
    pub(crate) about: &'static str,
    /// The tables.
    pub(crate) from: &'static str,
    /// The columns of a row.
    pub(crate) columns: &'static [Column],
    /// The names of the columns that identify a row, in the order of the list.
    pub(crate) key: &'static [&'static str],
    /// Whether the list begins with the greatest key.
    pub(crate) newest_first: bool,
    /// What the list can be restricted to.
    pub(crate) filters: &'static [Filter],
    /// What can be added to its rows.
    pub(crate) includes: &'static [Include],
    /// Whether it is computed from the rows of all organisations, so that it cannot be limited to those of one.
    pub(crate) of_all: bool,
}

/// A column of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its name in JSON and CSV.
    pub(crate) name: &'static str,
    /// Its SQL expression.
    pub(crate) sql: &'static str,
    /// Its type.
    pub(crate) kind: Kind,
    /// Whether it can be null.
    pub(crate) nullable: bool,
}

/// The type of a column or a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number: in JSON a number up to 2^53 - 1, from there on a text.
    Integer,
    /// A whole number that can be large: always decimal text.
    Amount,
    /// A text.
    Text,
    /// A number with a fraction: always decimal text.
    Decimal,
    /// A time, as in RFC 3339.
    Time,
    /// A day, as `YYYY-MM-DD`.
    Date,
    /// True or false.
    Bool,
    /// Any JSON, as the module's WIT defines it.
    Json,
}

/// What a client can have added to each row of a list: further rows, as a JSON array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Include {
    /// Its name in JSON and in the parameter.
    pub(crate) name: &'static str,
    /// Its SQL expression.
    pub(crate) sql: &'static str,
    /// What it adds.
    pub(crate) about: &'static str,
}

/// A restriction of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    /// Its name in the query.
    pub(crate) name: &'static str,
    /// The SQL condition; `{}` is the value.
    pub(crate) sql: &'static str,
    /// The type of the value.
    pub(crate) kind: Kind,
    /// What it selects.
    pub(crate) about: &'static str,
}

impl Kind {
    /// The SQL type to which a filter's value or a key's value is cast.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Integer => "bigint",
            Self::Amount | Self::Decimal => "numeric",
            Self::Text => "text",
            Self::Time => "timestamptz",
            Self::Date => "date",
            Self::Bool => "boolean",
            Self::Json => "jsonb",
        }
    }
}

impl Resource {
    /// The column with a name.
    pub(crate) fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|it| it.name == name)
    }
}
