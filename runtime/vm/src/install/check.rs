//! The checks that need no compiler: the contents of a component, and the size of its frames.

use std::ops::Range;

use wasmparser::{
    ComponentInstance, ConstExpr, Data, DataKind, Element, ElementItems, ElementKind, Encoding,
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Instance, Operator, Parser, Payload,
    TypeRef, ValType, ValidPayload, Validator, ValidatorResources, WasmModuleResources,
};

use super::InstallError;
use super::limits::{
    BLOCKS_DEEP_MAX, BODY_BYTES_MAX, COMPONENT_INSTANCES_MAX, CORE_INSTANCES_MAX,
    DATA_BYTES_PER_GAS, DOCUMENTATION_BYTES_MAX, ELEMENT_GAS, ENTRIES_MAX, FEATURES, FRAME_SLOTS,
    FUNCTIONS_MAX, GLOBAL_GAS, IMPORT_GAS, LEAF_SLOTS_MAX, LOCALS_MAX, LOOPS_DEEP_MAX,
    MEMORY_BYTES_MAX, PASSED_MAX, SEGMENT_GAS, TABLE_ELEMENTS_MAX, TABLES_MAX, compile_ns_max,
};
use super::shape::Shape;

/// The custom section with the module's WIT package and its doc comments.
pub const DOCUMENTATION_SECTION: &str = "ehb-wit";

/// The results of the checks.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The core modules in order.
    pub(crate) core_modules: Vec<CoreModule>,
    /// The number of core instances that share [`super::limits::STACK_SLOTS`].
    pub(crate) core_instances: usize,
    /// The gas for making all core instances, which each call does.
    pub(crate) instance_gas: u64,
    /// An upper bound of the compile time of all functions, nanoseconds of processor time.
    pub(crate) compile_ns: u64,
    /// The content of the documentation section.
    pub(crate) documentation: Option<Range<usize>>,
}

/// A core module in the component.
#[derive(Debug, Default)]
pub(crate) struct CoreModule {
    /// Its globals, imported ones included.
    pub(crate) globals: u32,
    /// The work that making an instance of it takes.
    pub(crate) making: Making,
    /// For each function body, in order: its guard, or none if it calls nothing.
    pub(crate) guards: Vec<Option<Guard>>,
}

/// The work that making an instance of a core module takes. Segments for a memory or table of the module itself, at
/// constant offsets, take none: they are in an image that is mapped.
#[derive(Debug, Default)]
pub(crate) struct Making {
    imports: u32,
    imported_memories: u32,
    imported_tables: u32,
    globals: u32,
    elements: u32,
    /// Whether the elements are written at each instantiation. One segment that cannot be in the image keeps others
    /// out of it.
    writes_elements: bool,
    data_segments: u32,
    data_bytes: u32,
    writes_data: bool,
}

impl Making {
    /// The gas for one instance.
    fn gas(&self) -> u64 {
        let elements = if self.writes_elements { self.elements } else { 0 };
        let (segments, bytes) =
            if self.writes_data { (self.data_segments, self.data_bytes) } else { (0, 0) };
        u64::from(self.imports) * IMPORT_GAS
            + u64::from(self.globals) * GLOBAL_GAS
            + u64::from(elements) * ELEMENT_GAS
            + u64::from(segments) * SEGMENT_GAS
            + u64::from(bytes / DATA_BYTES_PER_GAS)
    }

    fn import(&mut self, kind: TypeRef) {
        self.imports += 1;
        self.imported_memories += u32::from(matches!(kind, TypeRef::Memory(_)));
        self.imported_tables += u32::from(matches!(kind, TypeRef::Table(_)));
    }

    fn element_segment(&mut self, segment: &Element<'_>) {
        if let ElementItems::Functions(functions) = &segment.items {
            self.elements = self.elements.saturating_add(functions.count());
        }
        if let ElementKind::Active { table_index, offset_expr } = &segment.kind {
            let is_imported = table_index.unwrap_or(0) < self.imported_tables;
            self.writes_elements |= is_imported || !is_constant(offset_expr);
        }
    }

    fn data_segment(&mut self, segment: &Data<'_>) {
        let bytes = u32::try_from(segment.data.len()).unwrap_or(u32::MAX);
        self.data_segments += 1;
        self.data_bytes = self.data_bytes.saturating_add(bytes);
        if let DataKind::Active { memory_index, offset_expr } = &segment.kind {
            let is_imported = *memory_index < self.imported_memories;
            self.writes_data |= is_imported || !is_constant(offset_expr);
        }
    }
}

/// Whether an offset is a number in the code. The scan accepts expressions of one operator only.
fn is_constant(offset: &ConstExpr<'_>) -> bool {
    matches!(offset.get_operators_reader().read(), Ok(Operator::I32Const { .. }))
}

/// The guard of a function, which counts its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    /// The function's frame, in slots.
    pub(crate) slots: u32,
    /// The number of its parameters and locals.
    pub(crate) locals: u32,
    /// Its result; multiple results are not enabled.
    pub(crate) result: Option<ValType>,
}

/// Checks the code of a component against all limits in [`super::limits`].
pub(crate) fn check(code: &[u8]) -> Result<Checked, InstallError> {
    let mut checker = Checker {
        validator: Validator::new_with_features(FEATURES),
        allocations: FuncValidatorAllocations::default(),
        nesting: Vec::new(),
        found: Checked::default(),
        functions: 0,
        tables: 0,
        memories: 0,
        component_instances: 0,
    };
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    for payload in parser.parse_all(code) {
        checker.payload(&payload?)?;
    }
    let (what, got) = ("nanoseconds to compile for its size", checker.found.compile_ns);
    let max = compile_ns_max(code.len());
    if got > max {
        return Err(InstallError::Limit { what, got, max });
    }
    Ok(checker.found)
}

struct Checker {
    validator: Validator,
    allocations: FuncValidatorAllocations,
    nesting: Vec<Encoding>,
    found: Checked,
    functions: usize,
    tables: usize,
    memories: usize,
    component_instances: usize,
}

impl Checker {
    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), InstallError> {
        self.structure(payload)?;
        if let ValidPayload::Func(function, body) = self.validator.payload(payload)? {
            let guard = self.function(function, &body)?;
            self.core_module(|module| module.guards.push(guard));
        }
        Ok(())
    }

    /// Whether the payload is in the outermost component.
    fn at_top(&self) -> bool {
        self.nesting.len() == 1
    }

    fn core_module(&mut self, change: impl FnOnce(&mut CoreModule)) {
        if let Some(module) = self.found.core_modules.last_mut() {
            change(module);
        }
    }

    fn structure(&mut self, payload: &Payload<'_>) -> Result<(), InstallError> {
        match payload {
            Payload::Version { encoding, .. } => self.nesting.push(*encoding),
            Payload::End(_) => drop(self.nesting.pop()),
            Payload::ModuleSection { .. } if !self.at_top() => return Err(InstallError::Nested),
            Payload::ModuleSection { .. } => self.found.core_modules.push(CoreModule::default()),
            Payload::ComponentSection { .. } if !self.at_top() => return Err(InstallError::Nested),
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.core_instance(module_index)?;
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    if let ComponentInstance::Instantiate { .. } = instance? {
                        self.component_instance()?;
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == DOCUMENTATION_SECTION => {
                if self.at_top() {
                    let what = "bytes of documentation";
                    limit(what, section.data().len(), DOCUMENTATION_BYTES_MAX)?;
                    let start = section.data_offset();
                    self.found.documentation = Some(start..start + section.data().len());
                }
            }
            inner => return self.core_section(inner),
        }
        Ok(())
    }

    fn core_instance(&mut self, module: u32) -> Result<(), InstallError> {
        if !self.at_top() {
            return Err(InstallError::Nested);
        }
        // The scan accepts no core modules but those that are defined here.
        let module = self.found.core_modules.get(module as usize);
        let gas = module.map_or(0, |module| module.making.gas());
        self.found.instance_gas = self.found.instance_gas.saturating_add(gas);
        self.found.core_instances += 1;
        limit("core instances", self.found.core_instances, CORE_INSTANCES_MAX)
    }

    fn component_instance(&mut self) -> Result<(), InstallError> {
        if !self.at_top() {
            return Err(InstallError::Nested);
        }
        self.component_instances += 1;
        limit("component instances", self.component_instances, COMPONENT_INSTANCES_MAX)
    }

    fn core_section(&mut self, payload: &Payload<'_>) -> Result<(), InstallError> {
        match payload {
            Payload::ImportSection(section) => {
                entries("imports", section.count())?;
                let mut globals = 0;
                for import in section.clone().into_imports() {
                    let kind = import?.ty;
                    globals += u32::from(matches!(kind, TypeRef::Global(_)));
                    self.core_module(|module| module.making.import(kind));
                }
                self.core_module(|module| module.globals += globals);
            }
            Payload::ElementSection(section) => {
                for segment in section.clone() {
                    let segment = segment?;
                    self.core_module(|module| module.making.element_segment(&segment));
                }
            }
            Payload::DataSection(section) => {
                for segment in section.clone() {
                    let segment = segment?;
                    self.core_module(|module| module.making.data_segment(&segment));
                }
            }
            Payload::ExportSection(section) => entries("exports", section.count())?,
            Payload::GlobalSection(section) => {
                entries("globals", section.count())?;
                self.core_module(|module| {
                    module.globals += section.count();
                    module.making.globals += section.count();
                });
            }
            Payload::FunctionSection(section) => {
                self.functions += usize::try_from(section.count()).unwrap_or(usize::MAX);
                limit("functions", self.functions, FUNCTIONS_MAX)?;
            }
            Payload::TableSection(section) => {
                for table in section.clone() {
                    self.tables += 1;
                    limit("tables", self.tables, TABLES_MAX)?;
                    let got = table?.ty.initial;
                    if got > TABLE_ELEMENTS_MAX {
                        let (what, max) = ("elements in a table", TABLE_ELEMENTS_MAX);
                        return Err(InstallError::Limit { what, got, max });
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    self.memories += 1;
                    limit("memories", self.memories, 1)?;
                    let bytes = memory?.initial.saturating_mul(64 << 10);
                    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                    limit("bytes of initial memory", bytes, MEMORY_BYTES_MAX)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Validates one function and measures its frame.
    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<Option<Guard>, InstallError> {
        limit("bytes in a function", body.range().len(), BODY_BYTES_MAX)?;
        let signature = function.resources.sub_type_at(function.ty);
        let signature = signature.map(|kind| kind.unwrap_func());
        let result = signature.and_then(|kind| kind.results().first().copied());
        let mut validator = function.into_validator(std::mem::take(&mut self.allocations));
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        let locals = validator.len_locals();
        limit("parameters and locals in a function", locals as usize, LOCALS_MAX as usize)?;

        let mut operators = body.get_operators_reader()?;
        let mut shape = Shape::new(locals);
        let (mut height, mut calls) = (0u32, false);
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            validator.op(offset, &operator)?;
            shape.operator(&operator);
            calls |= matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. });
            height = height.max(validator.operand_stack_height());
            limit(
                "blocks within blocks in a function",
                validator.control_stack_height() as usize,
                BLOCKS_DEEP_MAX,
            )?;
            limit("loops within loops in a function", shape.loops_open(), LOOPS_DEEP_MAX)?;
        }
        operators.finish()?;
        self.allocations = validator.into_allocations();
        let counted = shape.counted();
        let passed = usize::try_from(counted.passed).unwrap_or(usize::MAX);
        limit("values passed by branches in a function", passed, PASSED_MAX)?;
        self.found.compile_ns = self.found.compile_ns.saturating_add(counted.compile_ns());
        let values = u64::from(locals) + u64::from(height) + counted.values();
        let slots = u32::try_from(values).unwrap_or(u32::MAX).saturating_add(FRAME_SLOTS);
        Ok((calls || slots > LEAF_SLOTS_MAX).then_some(Guard { slots, locals, result }))
    }
}

fn entries(what: &'static str, count: u32) -> Result<(), InstallError> {
    limit(what, count as usize, ENTRIES_MAX as usize)
}

fn limit(what: &'static str, got: usize, max: usize) -> Result<(), InstallError> {
    if got <= max {
        return Ok(());
    }
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Err(InstallError::Limit { what, got: wide(got), max: wide(max) })
}
