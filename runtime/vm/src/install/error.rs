//! The reasons why code is rejected: for receipts, where they are equal on all nodes, and for logs.

use ehb_abi::TypeError;

/// Why a module is not installed. Equal on all nodes for equal code, except for [`Self::Machine`].
///
/// The texts are our own. The error of a library is separate, in [`InstallError::detail`]: its text changes
/// with its version, so it belongs in a log and never in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// The module exceeds a limit.
    #[error("the module has {got} {what}; at most {max} are allowed")]
    Limit {
        /// The limited item.
        what: &'static str,
        /// The module's number.
        got: u64,
        /// The maximum.
        max: u64,
    },
    /// Its structure is not that of a module's component.
    #[error("not a valid module: {0}")]
    Malformed(&'static str),
    /// It is invalid WebAssembly, or uses a forbidden feature: floats, threads, and so on.
    #[error(
        "not a valid module: it breaks WebAssembly's rules or uses a feature that modules cannot \
         have, such as floats; check it with `wasm-tools validate --features=-floats`"
    )]
    Invalid(Detail),
    /// A library failed on it, as it does on every node.
    #[error("not a valid module: reading it fails")]
    Unreadable,
    /// The compiler failed on it, as it does on every node, because all have the same compiler.
    #[error("the compiler cannot compile the module")]
    NotCompiled(Detail),
    /// A start function would run before fuel is counted.
    #[error("the module has a start function; do its work in an exported function")]
    StartFunction,
    /// Core modules or core instances inside a nested component.
    #[error("core modules and instances are allowed only at the top level of the component")]
    Nested,
    /// The component's types cannot be expressed in WIT.
    #[error("the module's interface cannot be read: {problem}")]
    Interface {
        /// The problem.
        problem: &'static str,
        /// The library's error.
        detail: Detail,
    },
    /// A type without a canonical encoding.
    #[error("{place}: {problem}")]
    Type {
        /// The interface and function.
        place: String,
        /// The problem.
        problem: TypeProblem,
    },
    /// An exported interface whose package has another name than the module.
    #[error("the exported interface {0} must belong to the package that the module is named after")]
    ForeignExport(String),
    /// A function or type that is exported or imported outside any interface.
    #[error("{0} is outside any interface; put it into one")]
    OutsideInterface(String),
    /// Two exported functions of one name.
    #[error("two exported functions are named {0}; users call functions by name alone")]
    FunctionTwice(String),
    /// An `events` interface that is not `emit: func(e: event)` alone.
    #[error("{0} must consist of one function `emit` with one parameter and no result")]
    Events(String),
    /// The documentation in the module declares another interface than the module has.
    #[error("the module's documentation section does not describe it: {problem}")]
    Documentation {
        /// The problem.
        problem: String,
        /// The library's error.
        detail: Detail,
    },
    /// An unknown import.
    #[error("the import {import} is unknown: {reason}")]
    UnknownImport {
        /// The import's name.
        import: String,
        /// Why it is unknown.
        reason: String,
    },
    /// An imported function that its exporter exports with another signature.
    #[error("{importer} imports {import} as {wanted}, but it is {offered}")]
    MismatchedImport {
        /// The module that imports.
        importer: String,
        /// The imported function.
        import: String,
        /// The signature that the importer expects.
        wanted: String,
        /// The signature that the exporter has.
        offered: String,
    },
    /// A host function that does not exist or has another signature.
    #[error("{module} imports a host function that does not exist or has another signature")]
    HostMismatch {
        /// The module that imports.
        module: String,
        /// The library's error.
        detail: Detail,
    },
    /// Two modules of one name.
    #[error("two modules are named {0}")]
    ModuleTwice(String),
    /// A segment of the module is outside of its memory or tables.
    #[error("the module cannot be instantiated: a segment is outside of its memory or table")]
    Instantiation(Detail),
    /// This machine failed, not the module.
    #[error("this machine could not prepare the module: {0}")]
    Machine(String),
}

/// The problem with a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeProblem {
    /// A kind of value that the rules do not support.
    #[error("values of type {0} are not allowed")]
    Forbidden(&'static str),
    /// It has too many members, or nests too deep.
    #[error(transparent)]
    Shape(#[from] TypeError),
    /// All functions together have too many types.
    #[error("the module has too many types")]
    TooMany,
    /// A list whose elements are too large.
    #[error("the elements of a list consist of too many values")]
    Element,
    /// A function's name is too long to be called.
    #[error("a transaction cannot contain this name")]
    Name,
}

/// A library's error for rejected code; for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    pub(crate) fn of(error: &dyn std::fmt::Display) -> Self {
        Self(format!("{error:#}"))
    }
}

/// The kinds of [`InstallError`] in receipts. The order is that of the kernel's WIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize)]
pub enum InstallCode {
    /// [`InstallError::Limit`].
    TooMuch,
    /// [`InstallError::Malformed`], [`InstallError::Unreadable`], [`InstallError::Nested`].
    Malformed,
    /// [`InstallError::Invalid`].
    Invalid,
    /// [`InstallError::StartFunction`].
    StartFunction,
    /// [`InstallError::Interface`], and every other error in the module's declarations.
    Interface,
    /// [`InstallError::Documentation`].
    Documentation,
    /// An unknown import, or one with another signature.
    Import,
    /// [`InstallError::Instantiation`].
    Instantiation,
    /// [`InstallError::NotCompiled`].
    NotCompiled,
}

impl InstallError {
    /// Its kind; none if the machine failed, which is not the module's fault.
    pub fn code(&self) -> Option<InstallCode> {
        Some(match self {
            Self::Limit { .. } => InstallCode::TooMuch,
            Self::Malformed(_) | Self::Unreadable | Self::Nested => InstallCode::Malformed,
            Self::Invalid(_) => InstallCode::Invalid,
            Self::StartFunction => InstallCode::StartFunction,
            Self::Interface { .. }
            | Self::Type { .. }
            | Self::ForeignExport(_)
            | Self::OutsideInterface(_)
            | Self::FunctionTwice(_)
            | Self::ModuleTwice(_)
            | Self::Events(_) => InstallCode::Interface,
            Self::Documentation { .. } => InstallCode::Documentation,
            Self::UnknownImport { .. }
            | Self::MismatchedImport { .. }
            | Self::HostMismatch { .. } => InstallCode::Import,
            Self::Instantiation(_) => InstallCode::Instantiation,
            Self::NotCompiled(_) => InstallCode::NotCompiled,
            Self::Machine(_) => return None,
        })
    }

    /// A library's error, for the log.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Invalid(detail)
            | Self::NotCompiled(detail)
            | Self::Instantiation(detail)
            | Self::Interface { detail, .. }
            | Self::Documentation { detail, .. }
            | Self::HostMismatch { detail, .. } => Some(detail.0.as_str()),
            _ => None,
        }
        .filter(|detail| !detail.is_empty())
    }

    /// The error with the library's text, for operators and logs; receipts never contain it.
    pub fn for_log(&self) -> String {
        match self.detail() {
            Some(detail) => format!("{self} ({detail})"),
            None => self.to_string(),
        }
    }

    /// A module whose interface cannot be read, with our own reason.
    pub(crate) fn interface(problem: &'static str) -> Self {
        Self::Interface { problem, detail: Detail::default() }
    }
}

impl From<wasmparser::Error> for InstallError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(Detail::of(&error))
    }
}
