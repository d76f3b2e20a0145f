//! Compiles the bound on call depth into a component.
//!
//! Every function that calls another one subtracts its slots from a global of its core module before its
//! first operator, traps if not enough are left, and adds them back at its end:
//!
//! ```wat
//! (local.tee $left (i32.sub (global.get $slots) (i32.const COST)))
//! (if (i32.lt_s (i32.const 0)) (then TRAP))
//! (global.set $slots (local.get $left))
//! (block RESULT ...the function, with `return` as a branch out of the block...)
//! (global.set $slots (i32.add (local.get $left) (i32.const COST)))
//! ```
//!
//! Small functions that call nothing are unchanged: at most one of them is on the stack.

use std::borrow::Cow;

use wasm_encoder::{
    BlockType, CodeSection, Component, ConstExpr, Encode, Function, GlobalType, Module,
    ModuleSection, RawSection, SectionId,
};
use wasmparser::{FunctionBody, GlobalSectionReader, Operator, Parser, Payload, ValType};

use super::InstallError;
use super::check::{Checked, CoreModule, Guard};
use super::limits::STACK_SLOTS;

/// The component with guards in all its core modules and without custom sections.
pub(crate) fn guard(code: &[u8], checked: &Checked) -> Result<Vec<u8>, InstallError> {
    let instances = u32::try_from(checked.core_instances.max(1)).unwrap_or(u32::MAX);
    let slots = STACK_SLOTS / instances;
    let mut component = Component::new();
    let mut modules = checked.core_modules.iter();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(code) {
        let payload = payload?;
        if depth == 1 {
            match (&payload, payload.as_section()) {
                (Payload::ModuleSection { unchecked_range, .. }, _) => {
                    let found = modules.next().ok_or_else(disagreement)?;
                    let module = core_module(section(code, unchecked_range)?, found, slots)?;
                    component.section(&ModuleSection(&module));
                }
                (Payload::CustomSection(_), _) | (_, None) => {}
                (_, Some((id, range))) => {
                    component.section(&RawSection { id, data: section(code, &range)? });
                }
            }
        }
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    Ok(component.finish())
}

/// An error for a difference between checking and guarding, which read the same bytes.
fn disagreement() -> InstallError {
    InstallError::Malformed("its sections are ambiguous")
}

fn section<'a>(code: &'a [u8], range: &std::ops::Range<usize>) -> Result<&'a [u8], InstallError> {
    code.get(range.clone()).ok_or_else(disagreement)
}

fn core_module(code: &[u8], found: &CoreModule, slots: u32) -> Result<Module, InstallError> {
    let mut module = Module::new();
    let mut bodies = CodeSection::new();
    let mut guards = found.guards.iter();
    let mut global_written = found.guards.iter().all(Option::is_none);
    for payload in Parser::new(0).parse_all(code) {
        let payload = payload?;
        match &payload {
            Payload::GlobalSection(globals) => {
                let data = globals_with_slots(section(code, &globals.range())?, globals, slots)?;
                let unchanged = section(code, &globals.range())?;
                let data = if global_written { Cow::Borrowed(unchanged) } else { Cow::Owned(data) };
                module.section(&RawSection { id: SectionId::Global.into(), data: &data });
                global_written = true;
            }
            Payload::CustomSection(_) | Payload::Version { .. } | Payload::End(_) => {}
            Payload::CodeSectionEntry(body) => {
                match guards.next().ok_or_else(disagreement)? {
                    Some(guard) => bodies.function(&guarded(body, *guard, found.globals)?),
                    None => bodies.raw(body.as_bytes()),
                };
            }
            other => {
                let (id, range) = other.as_section().ok_or_else(disagreement)?;
                if !global_written && comes_after_globals(id) {
                    let data = [1].into_iter().chain(slots_global(slots)).collect::<Vec<u8>>();
                    module.section(&RawSection { id: SectionId::Global.into(), data: &data });
                    global_written = true;
                }
                if id == u8::from(SectionId::Data) && !bodies.is_empty() {
                    module.section(&std::mem::take(&mut bodies));
                }
                if id != u8::from(SectionId::Code) {
                    module.section(&RawSection { id, data: section(code, &range)? });
                }
            }
        }
    }
    if !bodies.is_empty() {
        module.section(&bodies);
    }
    Ok(module)
}

/// Whether a section with this id comes after the globals. Ids ascend in a module, except for tags and the
/// data count.
fn comes_after_globals(id: u8) -> bool {
    let before = [SectionId::Type, SectionId::Import, SectionId::Function, SectionId::Table];
    let before = before.into_iter().chain([SectionId::Memory, SectionId::Tag]);
    !before.map(u8::from).any(|known| known == id)
}

/// The section's content with one more global at its end.
fn globals_with_slots(
    content: &[u8],
    globals: &GlobalSectionReader<'_>,
    slots: u32,
) -> Result<Vec<u8>, InstallError> {
    let mut data = Vec::new();
    (globals.count() + 1).encode(&mut data);
    let count_bytes =
        content.iter().position(|byte| byte & 0x80 == 0).ok_or_else(disagreement)? + 1;
    data.extend_from_slice(&content[count_bytes..]);
    data.extend(slots_global(slots));
    Ok(data)
}

fn slots_global(slots: u32) -> Vec<u8> {
    let mut data = Vec::new();
    let kind = GlobalType { val_type: wasm_encoder::ValType::I32, mutable: true, shared: false };
    kind.encode(&mut data);
    ConstExpr::i32_const(slots.cast_signed()).encode(&mut data);
    data
}

fn guarded(body: &FunctionBody<'_>, guard: Guard, global: u32) -> Result<Function, InstallError> {
    let (cost, left) = (guard.slots.cast_signed(), guard.locals);
    let mut locals = Vec::new();
    for group in body.get_locals_reader()? {
        let (count, kind) = group?;
        locals.push((count, value_type(kind)?));
    }
    locals.push((1, wasm_encoder::ValType::I32));
    let block = match guard.result {
        Some(kind) => BlockType::Result(value_type(kind)?),
        None => BlockType::Empty,
    };
    let mut function = Function::new(locals);
    let mut sink = function.instructions();
    sink.global_get(global).i32_const(cost).i32_sub().local_tee(left);
    sink.i32_const(0).i32_lt_s().if_(BlockType::Empty);
    // Dividing the smallest integer by -1 traps with a distinct reason; see `call::trapped`.
    sink.i32_const(i32::MIN).i32_const(-1).i32_div_s().drop();
    sink.end().local_get(left).global_set(global).block(block);
    copy_operators(body, &mut function)?;
    let mut sink = function.instructions();
    sink.local_get(left).i32_const(cost).i32_add().global_set(global).end();
    Ok(function)
}

/// Copies the body's operators, its last `end` included, which now ends the guard's block. A `return` becomes
/// a branch to that block's end; all other branches mean the same as before, because the block replaces the
/// function's own label.
fn copy_operators(body: &FunctionBody<'_>, function: &mut Function) -> Result<(), InstallError> {
    let bytes = body.as_bytes();
    let start = body.range().start;
    let mut operators = body.get_operators_reader()?;
    let mut copied = operators.original_position() - start;
    let mut depth = 0u32;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
            Operator::End => depth = depth.saturating_sub(1),
            Operator::Return => {
                function.raw(bytes[copied..offset - start].iter().copied());
                function.instructions().br(depth);
                copied = operators.original_position() - start;
            }
            _ => {}
        }
    }
    function.raw(bytes[copied..].iter().copied());
    Ok(())
}

fn value_type(kind: ValType) -> Result<wasm_encoder::ValType, InstallError> {
    match kind {
        ValType::I32 => Ok(wasm_encoder::ValType::I32),
        ValType::I64 => Ok(wasm_encoder::ValType::I64),
        _ => Err(InstallError::Malformed("it has values of an unknown type")),
    }
}
