//! The limits of modules. They are part of the consensus rules: a change affects which modules can be
//! installed, and their behaviour at the limits.

use wasmparser::WasmFeatures;

/// The largest component, bytes; bounds the time that compiling takes.
pub const CODE_BYTES_MAX: usize = 1 << 20;
/// The largest function body, bytes.
pub const BODY_BYTES_MAX: usize = 128 << 10;
/// The maximum nesting of components, and of type declarations: a module's components are one level deep; an
/// encoded WIT package declares instance types in a component type in another one.
pub const NESTING_MAX: usize = 4;
/// The maximum length of a chain of types that refer to each other.
pub const TYPE_DEPTH_MAX: u64 = 64;
/// The maximum number of nodes in a type with every reference expanded.
pub const TYPE_SIZE_MAX: u64 = 100_000;
/// The maximum number of nodes in all types, imports, exports and aliases together, with every reference
/// expanded.
pub const TYPE_SIZES_MAX: u64 = 10_000_000;
/// The longest name, bytes.
pub const NAME_BYTES_MAX: usize = 512;
/// The maximum number of sections in a component, including nested ones.
pub const SECTIONS_MAX: u32 = 16_384;
/// The maximum number of custom sections.
pub const CUSTOM_SECTIONS_MAX: u32 = 16;
/// The maximum number of core modules in a component.
pub const CORE_MODULES_MAX: u32 = 8;
/// The maximum number of components in a component.
pub const COMPONENTS_MAX: u32 = 64;
/// The maximum number of types, of imports, of exports, of aliases and of instance arguments in a component,
/// including those in declarations. The largest module that ships has 1,400 types.
pub const COMPONENT_ENTRIES_MAX: u32 = 8_192;
/// The maximum number of types in core modules.
pub const CORE_TYPES_MAX: u32 = 1_024;
/// The maximum number of parameters of a core function.
pub const PARAMETERS_MAX: usize = 64;
/// The maximum number of data segments in core modules.
pub const DATA_SEGMENTS_MAX: u32 = 1_024;
/// The maximum number of element segments in core modules.
pub const ELEMENT_SEGMENTS_MAX: u32 = 64;
/// The maximum number of elements in all segments of core modules together.
pub const SEGMENT_ELEMENTS_MAX: u32 = 2_048;
/// The gas for making the instances of a module that is included in the price of a call; what is above that, each
/// call pays in addition. The modules that ship need up to 3,300.
pub const INSTANCE_INCLUDED_GAS: u64 = 8_192;
/// The gas for an element of a segment, which each call writes into a table: about 50 ns.
pub const ELEMENT_GAS: u64 = 50;
/// The gas for an import of a core module, which each call resolves: about 70 ns.
pub const IMPORT_GAS: u64 = 70;
/// The gas for a data segment, which each call can have to copy.
pub const SEGMENT_GAS: u64 = 12;
/// The number of bytes in data segments that a unit of gas pays for.
pub const DATA_BYTES_PER_GAS: u32 = 32;
/// The gas for a global, which each call initialises.
pub const GLOBAL_GAS: u64 = 3;
/// The maximum number of functions in a component.
pub const FUNCTIONS_MAX: usize = 4_000;
/// The maximum number of parameters and locals of a function.
pub const LOCALS_MAX: u32 = 1_000;
/// The maximum nesting of blocks, loops and conditions in a function, including its body: the time to compile
/// loops grows with its square. The modules that ship nest up to 106 deep.
pub const BLOCKS_DEEP_MAX: usize = 256;
/// The maximum number of globals, of imports and of exports in core modules.
pub const ENTRIES_MAX: u32 = 2_048;
/// The maximum number of core instances in a component. Three are usual: the module itself and two
/// small ones that the component encoder adds.
pub const CORE_INSTANCES_MAX: usize = 4;
/// The maximum number of component instances in a component.
pub const COMPONENT_INSTANCES_MAX: usize = 64;
/// The maximum number of tables in a component.
pub const TABLES_MAX: usize = 8;
/// The maximum number of elements in a table.
pub const TABLE_ELEMENTS_MAX: u64 = 10_000;
/// The maximum size of a module's memory, bytes.
pub const MEMORY_BYTES_MAX: usize = 16 << 20;
/// The largest custom section with the module's documentation, bytes.
pub const DOCUMENTATION_BYTES_MAX: usize = 256 << 10;
/// The maximum number of types in a module's functions, including nested ones. Each function counts the
/// module's error type again, with its dozens of cases: a business module of 80 functions has 22,000. A type
/// takes some hundred bytes, so a module's types take a few megabytes at most.
pub const TYPE_NODES_MAX: usize = 50_000;
/// The maximum number of values in one element of a list; inner lists count as one. Together with the limit
/// of list elements it bounds the memory that one value can make the host allocate.
pub const ELEMENT_NODES_MAX: usize = 64;

/// The stack for a module's calls, in slots of eight bytes, shared equally among the core instances.
///
/// The guards that count it are compiled into the module, so the depth at which calls trap is the same on
/// every machine and in every build. The slots of a function depend only on its operators, and are never less
/// than its frame on the native stack: [`FRAME_SLOTS`], and a slot for every value that the compiler can
/// have, as if each had its own place. Those are the parameters, the locals, the result of each operator, the
/// operands of a call on the stack, and a value of each local wherever control flow joins. Measured frames
/// take at most a seventh of that.
pub const STACK_SLOTS: u32 = 512 << 10;
/// The slots that every frame takes: return address, saved registers, fuel and context pointers.
pub const FRAME_SLOTS: u32 = 16;
/// The maximum number of slots of a function that calls nothing and has no guard, because at most one of them
/// is on the stack.
pub const LEAF_SLOTS_MAX: u32 = 4_096;
/// The maximum number of local values that branches pass in a function, counted for each branch; see
/// `install::shape`. The modules that ship have 8,000 in a function.
pub const PASSED_MAX: usize = 1 << 16;
/// The maximum compile time for each byte of code, nanoseconds of processor time by the measure of
/// `install::shape`. The modules that ship take 3,300, or 4,600 without their documentation.
///
/// A byte pays `GasSchedule::code_byte`, 2,500 gas by default. So no code costs more than about 4 ns of
/// compile time for a unit of gas.
pub const COMPILE_BYTE_NS_MAX: u64 = 8_000;
/// The compile time that any code can take in addition, nanoseconds; beginning its upload pays for that.
pub const COMPILE_BASE_NS: u64 = 10_000_000;

/// The maximum compile time for code of a size, nanoseconds of processor time.
pub fn compile_ns_max(code_bytes: usize) -> u64 {
    let bytes = u64::try_from(code_bytes).unwrap_or(u64::MAX);
    COMPILE_BASE_NS.saturating_add(bytes.saturating_mul(COMPILE_BYTE_NS_MAX))
}

/// The maximum nesting of loops in a function. The modules that ship nest them 2 deep; the compile time grows
/// with a high power of it.
pub const LOOPS_DEEP_MAX: usize = 16;

/// The only WebAssembly features that modules can use. Floats are not among them.
pub const FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL);
