//! What a module may consist of. The limits are part of the consensus rules: whoever changes one
//! changes which modules can be installed, and what they do at their edges.

use wasmparser::WasmFeatures;

/// The largest component, bytes; bounds the time that compiling takes.
pub const CODE_BYTES_MAX: usize = 1 << 20;
/// The largest function body, bytes.
pub const BODY_BYTES_MAX: usize = 128 << 10;
/// How many functions a component can define.
pub const FUNCTIONS_MAX: usize = 4_000;
/// How many parameters and locals a function can have.
pub const LOCALS_MAX: u32 = 1_000;
/// How deep blocks, loops and conditions can nest in a function, its body counted: the time to compile
/// loops grows by the square of it. The modules that ship nest up to 106 deep.
pub const BLOCKS_DEEP_MAX: usize = 256;
/// How many globals, imports and exports, each, a core module can have.
pub const ENTRIES_MAX: u32 = 10_000;
/// How many core modules a component can instantiate. Three are usual: the module itself and two
/// small ones that the component encoder adds.
pub const CORE_INSTANCES_MAX: usize = 4;
/// How many component instances a component can make of the components nested in it.
pub const COMPONENT_INSTANCES_MAX: usize = 64;
/// How many tables a component can define.
pub const TABLES_MAX: usize = 8;
/// How many elements a table can have.
pub const TABLE_ELEMENTS_MAX: u64 = 10_000;
/// How far a module's memory can grow, bytes.
pub const MEMORY_BYTES_MAX: usize = 16 << 20;
/// The largest custom section with the module's documentation, bytes.
pub const DOCUMENTATION_BYTES_MAX: usize = 256 << 10;
/// How many types, counted with every type within them, a module's functions can name. Each function
/// counts the module's error type anew, with its dozens of cases: a business module of 80 functions
/// has 22,000. A node holds some hundred bytes, so that a module's types take a few megabytes at most.
pub const TYPE_NODES_MAX: usize = 50_000;
/// How many values one element of a list can consist of; inner lists count as one. Together with
/// the bound on list elements it bounds what one value can make the host allocate.
pub const ELEMENT_NODES_MAX: usize = 64;

/// The stack that a module's calls may take, in slots of eight bytes, shared equally among the core
/// instances. A function takes a slot for each parameter, local and operand that it can hold at
/// once, and some for what the compiler adds; see [`FRAME_SLOTS`] and [`OPERATORS_PER_SLOT`].
///
/// The guards that count it are compiled into the module, so the depth at which calls trap is the
/// same on every machine and in every build. Native stack has to be left when they trap:
/// the engine gives more than twice the slots' bytes.
pub const STACK_SLOTS: u32 = 48 << 10;
/// The slots that every frame takes: return address, saved registers, fuel and context pointers.
pub const FRAME_SLOTS: u32 = 16;
/// A slot for so many operators: values that the compiler keeps in places of their own.
pub const OPERATORS_PER_SLOT: u32 = 16;

/// The only WebAssembly features that modules may use. Floats are not among them.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL);
