//! What a module may consist of. The limits are part of the consensus rules: whoever changes one
//! changes which modules can be installed, and what they do at their edges.

use wasmparser::WasmFeatures;

/// The largest component, bytes; bounds the time that compiling takes.
pub const CODE_BYTES_MAX: usize = 1 << 20;
/// The largest function body, bytes.
pub const BODY_BYTES_MAX: usize = 128 << 10;
/// How deep components nest, and declarations of types within each other: a module's components are one
/// level deep, an encoded WIT package declares the types of instances within that of a component within
/// another.
pub const NESTING_MAX: usize = 4;
/// How many types can refer to each other in a chain.
pub const TYPE_DEPTH_MAX: u64 = 64;
/// How many nodes a type can have when every reference in it is written out.
pub const TYPE_SIZE_MAX: u64 = 100_000;
/// How many nodes all types, imports, exports and aliases can have together, every reference written out.
pub const TYPE_SIZES_MAX: u64 = 10_000_000;
/// The longest name, bytes.
pub const NAME_BYTES_MAX: usize = 512;
/// How many sections a component can have, those of all that is within it counted.
pub const SECTIONS_MAX: u32 = 16_384;
/// How many of the sections can be custom ones.
pub const CUSTOM_SECTIONS_MAX: u32 = 16;
/// How many core modules a component can contain.
pub const CORE_MODULES_MAX: u32 = 8;
/// How many components a component can contain.
pub const COMPONENTS_MAX: u32 = 64;
/// How many types, imports, exports, aliases and arguments of instances, each, a component can have,
/// those in declarations counted. The largest module that ships has 1,400 types.
pub const COMPONENT_ENTRIES_MAX: u32 = 8_192;
/// How many types core modules can have.
pub const CORE_TYPES_MAX: u32 = 1_024;
/// How many parameters a function of a core module can have.
pub const PARAMETERS_MAX: usize = 64;
/// How many segments of data core modules can have.
pub const DATA_SEGMENTS_MAX: u32 = 1_024;
/// How many segments of table elements core modules can have.
pub const ELEMENT_SEGMENTS_MAX: u32 = 64;
/// How many functions a component can define.
pub const FUNCTIONS_MAX: usize = 4_000;
/// How many parameters and locals a function can have.
pub const LOCALS_MAX: u32 = 1_000;
/// How deep blocks, loops and conditions can nest in a function, its body counted: the time to compile
/// loops grows by the square of it. The modules that ship nest up to 106 deep.
pub const BLOCKS_DEEP_MAX: usize = 256;
/// How many globals, imports and exports, each, core modules can have.
pub const ENTRIES_MAX: u32 = 2_048;
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
/// instances.
///
/// The guards that count it are compiled into the module, so the depth at which calls trap is the
/// same on every machine and in every build. What a function takes follows from its operators alone, and
/// is never less than its frame on the native stack: [`FRAME_SLOTS`], and a slot for every value that the
/// compiler can have, as if it kept each in a place of its own. Those are the parameters, the locals, what
/// each operator yields, what lies on the operand stack for a call, and a value of each local wherever
/// control flow joins. Frames that were measured take a seventh of that at most.
pub const STACK_SLOTS: u32 = 512 << 10;
/// The slots that every frame takes: return address, saved registers, fuel and context pointers.
pub const FRAME_SLOTS: u32 = 16;
/// The most slots of a function that calls nothing and has no guard, because one of them at most is on
/// the stack.
pub const LEAF_SLOTS_MAX: u32 = 4_096;
/// How many values of locals branches can pass in a function, each at each branch; see `install::shape`.
/// The modules that ship have 8,000 in a function.
pub const PASSED_MAX: usize = 1 << 16;
/// What code may take to compile for each of its bytes, nanoseconds of processor time by the measure of
/// `install::shape`. The modules that ship take 3,300, or 4,600 without their documentation.
///
/// A byte pays `GasSchedule::code_byte`, 2,500 gas by default. So no code costs more than some 4 ns of
/// the compiler's time for a unit of gas.
pub const COMPILE_BYTE_NS_MAX: u64 = 8_000;
/// What any code may take to compile beside that, nanoseconds; installing it pays for that much.
pub const COMPILE_BASE_NS: u64 = 10_000_000;

/// How long code of a size may take to compile, nanoseconds of processor time.
pub fn compile_ns_max(code_bytes: usize) -> u64 {
    let bytes = u64::try_from(code_bytes).unwrap_or(u64::MAX);
    COMPILE_BASE_NS.saturating_add(bytes.saturating_mul(COMPILE_BYTE_NS_MAX))
}

/// How deep loops can nest in a function. The modules that ship nest them 2 deep; compiling takes time by
/// a high power of it.
pub const LOOPS_DEEP_MAX: usize = 16;

/// The only WebAssembly features that modules may use. Floats are not among them.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL);
