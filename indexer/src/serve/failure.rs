//! The errors of the HTTP API, with stable codes and words that say what helps.

use http::StatusCode;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing has this path.
    #[error("there is no such path; the API is described at /openapi.json")]
    NoPath,
    /// The method is not supported.
    #[error("the path has no such method; the API is described at /openapi.json")]
    Method,
    /// The client must sign in, or its session has ended.
    #[error("{0}: sign in with a key of your account, as docs/indexer.md describes")]
    SignIn(String),
    /// The body of a request is not valid.
    #[error("the body is not valid: {0}")]
    Body(String),
    /// There is no such item.
    #[error("there is no {0}")]
    NotFound(String),
    /// A parameter that the resource does not have.
    #[error("{resource} has no parameter {name:?}; it has {known}")]
    Parameter {
        resource: &'static str,
        /// The parameter.
        name: String,
        /// Its parameters.
        known: String,
    },
    /// A value that is not valid.
    #[error("the parameter {name} is {value:?}, expected {expected}")]
    Value {
        /// The parameter.
        name: String,
        value: String,
        /// A description of valid values.
        expected: &'static str,
    },
    /// A cursor that this list did not return.
    #[error(
        "the cursor is not one that this list returned with these filters: begin without a cursor, and use 'next' of \
         each answer with the same filters"
    )]
    Cursor,
    /// The query string cannot be read.
    #[error("the query is not valid: {0}")]
    Query(String),
    /// The host or origin is not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// A limit of the server is reached.
    #[error("{0}; try again later")]
    Busy(&'static str),
    /// The query took too long.
    #[error("the query took longer than {0} s: restrict it by filters")]
    Slow(u64),
    /// The database cannot answer.
    #[error("the database cannot answer: {0}")]
    Database(String),
}

impl Failure {
    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoPath => "NO_PATH",
            Self::Method => "METHOD",
            Self::SignIn(_) => "SIGN_IN",
            Self::Body(_) => "BAD_BODY",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Parameter { .. } => "UNKNOWN_PARAMETER",
            Self::Value { .. } => "BAD_VALUE",
            Self::Cursor => "BAD_CURSOR",
            Self::Query(_) => "BAD_QUERY",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::Busy(_) => "BUSY",
            Self::Slow(_) => "SLOW",
            Self::Database(_) => "DATABASE",
        }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPath | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Parameter { .. }
            | Self::Value { .. }
            | Self::Cursor
            | Self::Query(_)
            | Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Busy(_) | Self::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Slow(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// The SQLSTATE of a statement that was cancelled, here always by its time limit.
const QUERY_CANCELED: &str = "57014";
/// The SQLSTATE of a write to a replica.
const READ_ONLY: &str = "25006";
/// Those of a role that does not exist, and of a table that it cannot read. The server changes its role only to limit rows.
const NO_ROLE: [&str; 3] = ["22023", "42501", "42704"];

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|it| it.code());
        match (code.as_deref(), &error) {
            (Some(QUERY_CANCELED), _) => Self::Slow(super::limits::STATEMENT_MAX.as_secs()),
            (Some(code), _) if NO_ROLE.contains(&code) => Self::Database(format!(
                "rows are not limited to organisations in it: run 'ehb-indexer db limit-rows' ({error})"
            )),
            (Some(READ_ONLY), _) => Self::Database(
                "it is a replica, where nothing can be set: use a server of the primary database"
                    .to_owned(),
            ),
            (_, sqlx::Error::PoolTimedOut) => Self::Busy("all database connections are in use"),
            _ => Self::Database(error.to_string()),
        }
    }
}
