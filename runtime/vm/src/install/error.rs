use ehb_abi::TypeError;

/// Why a module is not installed. Equal on all nodes for equal code, but for [`Self::Machine`].
///
/// The texts are our own. What a library said is kept apart, in [`InstallError::detail`]: its words
/// change with its version, so they belong into a log and never into a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// More of something than a module may have.
    #[error("the module has {got} {what}; at most {max} are allowed")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much the module has.
        got: u64,
        /// How much it may have.
        max: u64,
    },
    /// Its structure is not that of a component as modules have it.
    #[error("not a valid module: {0}")]
    Malformed(&'static str),
    /// It breaks WebAssembly's rules, or uses what no module may use: floats, threads, and so on.
    #[error(
        "not a valid module: it breaks WebAssembly's rules or uses a feature that modules cannot \
         have, such as floats; check it with `wasm-tools validate --features=-floats`"
    )]
    Invalid(Detail),
    /// A library gave up on it, as it does on every node.
    #[error("not a valid module: reading it fails")]
    Unreadable,
    /// The compiler gave up on it, as it does on every node, since all have the same one.
    #[error("the compiler cannot compile the module")]
    NotCompiled(Detail),
    /// A start function would run before fuel is counted.
    #[error("the module has a start function; do its work in an exported function")]
    StartFunction,
    /// Core modules or core instances inside a nested component.
    #[error("core modules and instances may stand at the top level of the component only")]
    Nested,
    /// The component's types cannot be told as WIT.
    #[error("the module's interface cannot be read: {problem}")]
    Interface {
        /// What is wrong.
        problem: &'static str,
        /// What the library said.
        detail: Detail,
    },
    /// A type that has no canonical form.
    #[error("{place}: {problem}")]
    Type {
        /// The interface and function.
        place: String,
        /// What is wrong.
        problem: TypeProblem,
    },
    /// An exported interface whose package has another name than the module.
    #[error("the exported interface {0} must belong to the package that the module is named after")]
    ForeignExport(String),
    /// A function or type that is exported or imported outside any interface.
    #[error("{0} stands outside any interface; put it into one")]
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
        /// What is wrong.
        problem: String,
        /// What the library said.
        detail: Detail,
    },
    /// An import that nothing offers.
    #[error("the import {import} is unknown: {reason}")]
    UnknownImport {
        /// The import's name.
        import: String,
        /// Why nothing offers it.
        reason: String,
    },
    /// An imported function that its exporter offers with another signature.
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
    /// A function of the host that does not exist, or is another one than imported.
    #[error("{module} imports from the host a function that it does not offer in this form")]
    HostMismatch {
        /// The module that imports.
        module: String,
        /// What the library said.
        detail: Detail,
    },
    /// Two modules of one name.
    #[error("two modules are named {0}")]
    ModuleTwice(String),
    /// A module whose segments are outside of its memory or tables.
    #[error("the module cannot be instantiated: a segment is outside of its memory or table")]
    Instantiation(Detail),
    /// This machine failed, not the module.
    #[error("this machine could not prepare the module: {0}")]
    Machine(String),
}

/// What is wrong with a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeProblem {
    /// A kind of value that the rules cannot carry.
    #[error("values of type {0} are not allowed")]
    Forbidden(&'static str),
    /// Its members are too many, or it nests too deep.
    #[error(transparent)]
    Shape(#[from] TypeError),
    /// The types of all functions together are too many.
    #[error("the module's types are too many")]
    TooMany,
    /// A list whose elements are too large.
    #[error("the elements of a list consist of too many values")]
    Element,
    /// A function's name that is too long to be called.
    #[error("the name is no name that a transaction can carry")]
    Name,
}

/// What a library said of code that is refused; for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    pub(crate) fn of(error: &dyn std::fmt::Display) -> Self {
        Self(format!("{error:#}"))
    }
}

/// The kinds of [`InstallError`], as receipts name them. The order is that of the kernel's WIT.
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
    /// [`InstallError::Interface`], and every other refusal of what the module declares.
    Interface,
    /// [`InstallError::Documentation`].
    Documentation,
    /// An import that nothing offers, or not in this form.
    Import,
    /// [`InstallError::Instantiation`].
    Instantiation,
    /// [`InstallError::NotCompiled`].
    NotCompiled,
}

impl InstallError {
    /// Its kind; none of a machine that failed, which says nothing about the module.
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

    /// What a library said, for the log.
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

    /// The error with what a library said, for operators and logs; receipts never hold it.
    pub fn for_log(&self) -> String {
        match self.detail() {
            Some(detail) => format!("{self} ({detail})"),
            None => self.to_string(),
        }
    }

    /// A module whose interface cannot be read, for a reason of our own.
    pub(crate) fn interface(problem: &'static str) -> Self {
        Self::Interface { problem, detail: Detail::default() }
    }
}

impl From<wasmparser::Error> for InstallError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(Detail::of(&error))
    }
}
