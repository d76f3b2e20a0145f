//! Scans core modules: all sections except the operators of functions.

use super::super::InstallError;
use super::super::limits::{BODY_BYTES_MAX, LOCALS_MAX, PARAMETERS_MAX};
use super::reader::Reader;
use super::tally::{Kind, Tally};
use super::{CORE_MODULE, limit, malformed};

/// Scans a core module.
pub(super) fn module(code: &[u8], tally: &mut Tally) -> Result<(), InstallError> {
    let sections = code.strip_prefix(CORE_MODULE);
    let mut reader = Reader::new(sections.ok_or_else(|| malformed("it has no core module"))?);
    while !reader.is_empty() {
        tally.add(Kind::Section, 1)?;
        let id = reader.byte()?;
        section(id, Reader::new(reader.sized()?), tally)?;
    }
    Ok(())
}

fn section(id: u8, mut reader: Reader<'_>, tally: &mut Tally) -> Result<(), InstallError> {
    if id == 0 {
        tally.add(Kind::Custom, 1)?;
        return reader.name().map(drop);
    }
    if id == 8 {
        return Err(InstallError::StartFunction);
    }
    let count = reader.number()?;
    if id == 9 {
        return elements(count, reader, tally);
    }
    let (kind, item): (Kind, fn(&mut Reader<'_>) -> Result<(), InstallError>) = match id {
        1 => (Kind::CoreType, function_type),
        2 => (Kind::CoreImport, import),
        3 => (Kind::Function, |reader| reader.number().map(drop)),
        4 => (Kind::Table, table),
        5 => (Kind::Memory, limits),
        6 => (Kind::Global, global),
        7 => (Kind::CoreExport, export),
        // Counted where they are declared.
        10 => (Kind::Section, body),
        11 => (Kind::Data, data),
        // The number of data segments, counted by the validator.
        12 if reader.is_empty() => return Ok(()),
        _ => return Err(malformed("a core module has a section that modules do not have")),
    };
    if id != 10 {
        tally.add(kind, count)?;
    }
    for _ in 0..count {
        item(&mut reader)?;
    }
    at_end(&reader)
}

fn at_end(reader: &Reader<'_>) -> Result<(), InstallError> {
    match reader.is_empty() {
        true => Ok(()),
        false => Err(malformed("a section is longer than its items")),
    }
}

fn function_type(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    if reader.byte()? != 0x60 {
        return Err(malformed("a core type is not that of a function"));
    }
    for what in ["parameters in a function", "results in a function"] {
        let count = reader.count()? as usize;
        limit(what, count, PARAMETERS_MAX)?;
        for _ in 0..count {
            value_type(reader)?;
        }
    }
    Ok(())
}

/// Numbers, vectors and the two plain references. The validator decides which of them are allowed.
fn value_type(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    match reader.byte()? {
        0x6f | 0x70 | 0x7b..=0x7f => Ok(()),
        _ => Err(malformed("it has values of an unknown type")),
    }
}

fn import(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    reader.name()?;
    reader.name()?;
    match reader.byte()? {
        0x00 => reader.number().map(drop),
        0x01 => table(reader),
        0x02 => limits(reader),
        0x03 => {
            value_type(reader)?;
            reader.byte().map(drop)
        }
        _ => Err(malformed("a core module imports something of an unknown kind")),
    }
}

fn table(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    value_type(reader)?;
    limits(reader)
}

/// The initial and maximum size of a memory or table.
fn limits(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    let flags = reader.byte()?;
    if flags > 1 {
        return Err(malformed("a memory or table is shared, or has 64-bit addresses"));
    }
    reader.number()?;
    if flags == 1 {
        reader.number()?;
    }
    Ok(())
}

fn global(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    value_type(reader)?;
    reader.byte()?;
    constant(reader)
}

/// An expression of one operator, and its end.
fn constant(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    match reader.byte()? {
        0x41 => reader.skip_signed(5)?,
        0x42 => reader.skip_signed(10)?,
        0x43 => drop(reader.take(4)?),
        0x44 => drop(reader.take(8)?),
        0x23 | 0xd2 => drop(reader.number()?),
        0xd0 => drop(reader.byte()?),
        _ => return Err(malformed("a constant is not one operator")),
    }
    match reader.byte()? {
        0x0b => Ok(()),
        _ => Err(malformed("a constant is not one operator")),
    }
}

fn export(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    reader.name()?;
    reader.byte()?;
    reader.number().map(drop)
}

/// Segments of function indices, which are put into tables at instantiation.
fn elements(count: u32, mut reader: Reader<'_>, tally: &mut Tally) -> Result<(), InstallError> {
    tally.add(Kind::Element, count)?;
    for _ in 0..count {
        element(&mut reader, tally)?;
    }
    at_end(&reader)
}

fn element(reader: &mut Reader<'_>, tally: &mut Tally) -> Result<(), InstallError> {
    let flags = reader.number()?;
    match flags {
        0 => constant(reader)?,
        2 => {
            reader.number()?;
            constant(reader)?;
            reader.byte()?;
        }
        _ => return Err(malformed("an element segment is not one of function indices")),
    }
    let count = reader.count()?;
    tally.add(Kind::SegmentElement, count)?;
    for _ in 0..count {
        reader.number()?;
    }
    Ok(())
}

fn data(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    match reader.number()? {
        0 => constant(reader)?,
        1 => {}
        2 => {
            reader.number()?;
            constant(reader)?;
        }
        _ => return Err(malformed("a data segment has an unknown form")),
    }
    reader.sized().map(drop)
}

/// A function's locals. Its operators are read by [`crate::install::check`].
fn body(reader: &mut Reader<'_>) -> Result<(), InstallError> {
    let body = reader.sized()?;
    limit("bytes in a function", body.len(), BODY_BYTES_MAX)?;
    let mut reader = Reader::new(body);
    let groups = reader.count()?;
    limit("groups of locals in a function", groups as usize, LOCALS_MAX as usize)?;
    let mut locals = 0usize;
    for _ in 0..groups {
        locals = locals.saturating_add(reader.number()? as usize);
        limit("parameters and locals in a function", locals, LOCALS_MAX as usize)?;
        value_type(&mut reader)?;
    }
    Ok(())
}
