use ehb_abi::TypeError;

/// Why a module is not installed. Equal on all nodes for equal code, but for [`Self::Machine`].
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
    /// Not a component, or it uses what no module may use: floats, threads, and so on.
    #[error("not a valid module: {0}")]
    Invalid(String),
    /// A start function would run before fuel is counted.
    #[error("the module has a start function; do its work in an exported function")]
    StartFunction,
    /// Core modules or core instances inside a nested component.
    #[error("core modules and instances may stand at the top level of the component only")]
    Nested,
    /// The component's types cannot be told as WIT.
    #[error("the module's interface cannot be read: {0}")]
    Interface(String),
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
    /// The documentation in the module tells another interface than the module has.
    #[error("the module's documentation section does not describe it: {0}")]
    Documentation(String),
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
    #[error("{module} imports from the host what it does not offer: {reason}")]
    HostMismatch {
        /// The module that imports.
        module: String,
        /// What is different.
        reason: String,
    },
    /// Two modules of one name.
    #[error("two modules are named {0}")]
    ModuleTwice(String),
    /// A module that cannot be brought to life: its segments lie outside of its memory or tables.
    #[error("the module cannot be instantiated: {0}")]
    Instantiation(String),
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

impl From<wasmparser::Error> for InstallError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.to_string())
    }
}
