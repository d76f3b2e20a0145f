//! The first check of a component's bytes, before any library reads them.
//!
//! Libraries that read WebAssembly are made for tools: some recurse for each level of nesting, walk a shared
//! type once for each reference, or allocate memory by counts that the file claims. A stack overflow there
//! ends the process, on every node, at every start. So this scan rejects all code that could cause it: it
//! reads the whole structure of the component itself, without recursion, in time linear in the bytes, and
//! accepts only the sections, items and types that modules use. It limits:
//!
//! - the nesting of components, and of declarations in declarations: [`NESTING_MAX`];
//! - the depth of references between types, the number of nodes of a type with every reference expanded
//!   (`TYPE_DEPTH_MAX`, `TYPE_SIZE_MAX`), and that of all types together;
//! - the number of all items, and the length of names.
//!
//! It does not read operators: `wasmparser` reads them sequentially, with a stack on the heap, and
//! [`super::check`] counts them meanwhile.
//!
//! The scan does not validate the component; `wasmparser`'s validator does so afterwards. After this scan the
//! validator's readers recurse at most [`NESTING_MAX`] deep, because nested declarations of component and
//! instance types are the only items that they read recursively, and its walks over types are bounded by
//! depth and size.

mod core;
mod reader;
mod tally;
mod types;

use super::InstallError;
use super::limits::{CODE_BYTES_MAX, NESTING_MAX};
use reader::Reader;
use tally::{Kind, Tally};
use types::{Item, Scope, Scopes, Sort};

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// The kind of component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// A module: core modules, and components that only rename types, one level deep.
    Module,
    /// An encoded WIT package: only types.
    Documentation,
}

/// Rejects bytes that could crash a library; see the module's documentation.
pub(crate) fn scan(code: &[u8], profile: Profile) -> Result<(), InstallError> {
    if profile == Profile::Module {
        limit("bytes of code", code.len(), CODE_BYTES_MAX)?;
    }
    let mut scanner = Scanner { profile, tally: Tally::default(), scopes: Scopes::default() };
    // The components that are being read, outermost first, each with its remaining bytes.
    let mut open = vec![scanner.begin(code)?];
    while let Some(reader) = open.last_mut() {
        if reader.is_empty() {
            open.pop();
            scanner.end()?;
            continue;
        }
        scanner.tally.add(Kind::Section, 1)?;
        let id = reader.byte()?;
        let content = reader.sized()?;
        if let Some(inner) = scanner.section(id, content)? {
            if open.len() >= NESTING_MAX {
                return Err(InstallError::Nested);
            }
            open.push(scanner.begin(inner)?);
        }
    }
    Ok(())
}

pub(super) fn malformed(problem: &'static str) -> InstallError {
    InstallError::Malformed(problem)
}

fn limit(what: &'static str, got: usize, max: usize) -> Result<(), InstallError> {
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    match got <= max {
        true => Ok(()),
        false => Err(InstallError::Limit { what, got: wide(got), max: wide(max) }),
    }
}

/// The state of the scan.
struct Scanner<'a> {
    profile: Profile,
    tally: Tally,
    scopes: Scopes<'a>,
}

impl<'a> Scanner<'a> {
    /// Begins a component, and returns its sections.
    fn begin(&mut self, code: &'a [u8]) -> Result<Reader<'a>, InstallError> {
        if code.starts_with(CORE_MODULE) {
            return Err(malformed(
                "it is a core module; turn it into a component with wit-component",
            ));
        }
        let sections =
            code.strip_prefix(COMPONENT).ok_or_else(|| malformed("it is no component"))?;
        self.scopes.push(Scope::component());
        Ok(Reader::new(sections))
    }

    /// Ends the innermost component, which becomes an item of the one around it.
    fn end(&mut self) -> Result<(), InstallError> {
        let done = self.scopes.pop()?.into_item();
        match self.scopes.len() {
            0 => Ok(()),
            _ => self.scopes.add(Sort::Component, done, &mut self.tally),
        }
    }

    /// Reads a section of a component; returns the content of one that is a component itself.
    fn section(&mut self, id: u8, content: &'a [u8]) -> Result<Option<&'a [u8]>, InstallError> {
        let mut reader = Reader::new(content);
        match id {
            0 => return self.custom(reader).map(|()| None),
            1 if self.profile == Profile::Module => {
                self.top_level_only()?;
                self.tally.add(Kind::CoreModule, 1)?;
                return core::module(content, &mut self.tally).map(|()| None);
            }
            4 if self.profile == Profile::Module => {
                self.tally.add(Kind::Component, 1)?;
                return Ok(Some(content));
            }
            9 => return Err(InstallError::StartFunction),
            2 | 8 if self.profile == Profile::Module => self.top_level_only()?,
            5 if self.profile == Profile::Module => {}
            6 | 7 | 10 | 11 => {}
            _ => return Err(malformed("it has a section that modules do not have")),
        }
        for _ in 0..reader.count()? {
            match id {
                2 => self.core_instance(&mut reader)?,
                5 => self.instance(&mut reader)?,
                6 => self.scopes.alias(&mut reader, &mut self.tally)?,
                7 => self.scopes.definition(&mut reader, self.profile, &mut self.tally)?,
                8 => self.canonical(&mut reader)?,
                10 => self.scopes.import(&mut reader, &mut self.tally)?,
                _ => self.scopes.export(&mut reader, &mut self.tally)?,
            }
        }
        match reader.is_empty() {
            true => Ok(None),
            false => Err(malformed("a section is longer than its items")),
        }
    }

    /// Core modules and their instances are allowed only in the outermost component.
    fn top_level_only(&self) -> Result<(), InstallError> {
        if self.scopes.len() == 1 { Ok(()) } else { Err(InstallError::Nested) }
    }

    fn custom(&mut self, mut reader: Reader<'a>) -> Result<(), InstallError> {
        self.tally.add(Kind::Custom, 1)?;
        reader.name().map(drop)
    }

    fn core_instance(&mut self, reader: &mut Reader<'a>) -> Result<(), InstallError> {
        self.tally.add(Kind::Instance, 1)?;
        match reader.byte()? {
            0x00 => {
                reader.number()?;
                for _ in 0..reader.count()? {
                    self.tally.add(Kind::Argument, 1)?;
                    reader.name()?;
                    reader.byte()?;
                    reader.number()?;
                }
                Ok(())
            }
            0x01 => {
                for _ in 0..reader.count()? {
                    self.tally.add(Kind::Export, 1)?;
                    reader.name()?;
                    reader.byte()?;
                    reader.number()?;
                }
                Ok(())
            }
            _ => Err(malformed("it makes a core instance in an unknown way")),
        }
    }

    fn instance(&mut self, reader: &mut Reader<'a>) -> Result<(), InstallError> {
        self.tally.add(Kind::Instance, 1)?;
        let made = match reader.byte()? {
            0x00 => {
                let component = reader.number()?;
                let made = self.scopes.get(Sort::Component, component)?.clone();
                for _ in 0..reader.count()? {
                    self.tally.add(Kind::Argument, 1)?;
                    reader.name()?;
                    let sort = Sort::read(reader)?;
                    let given = self.scopes.get(sort, reader.number()?)?;
                    // The validator compares it with what the component imports.
                    self.tally.nodes(given.size)?;
                }
                made
            }
            0x01 => {
                let mut exports = Scope::component();
                for _ in 0..reader.count()? {
                    self.tally.add(Kind::Export, 1)?;
                    let name = types::extern_name(reader)?;
                    let sort = Sort::read(reader)?;
                    let item = self.scopes.get(sort, reader.number()?)?.clone();
                    exports.offer(name, sort, item);
                }
                exports.into_item()
            }
            _ => return Err(malformed("it makes an instance in an unknown way")),
        };
        self.scopes.add(Sort::Instance, made, &mut self.tally)
    }

    /// A function that is lifted out of a core module, or lowered into one.
    fn canonical(&mut self, reader: &mut Reader<'a>) -> Result<(), InstallError> {
        self.tally.add(Kind::Canonical, 1)?;
        let kind = (reader.byte()?, reader.byte()?);
        reader.number()?;
        for _ in 0..reader.count()? {
            match reader.byte()? {
                0x00..=0x02 => {}
                0x03..=0x05 => drop(reader.number()?),
                _ => return Err(malformed("a function is lifted or lowered in an unknown way")),
            }
        }
        match kind {
            (0x00, 0x00) => {
                let item = self.scopes.get(Sort::Type, reader.number()?)?.clone();
                self.scopes.add(Sort::Function, item, &mut self.tally)
            }
            (0x01, 0x00) => Ok(()),
            _ => Err(malformed("it uses resources, tasks or threads")),
        }
    }
}

/// An item without a type of its own.
fn leaf<'a>() -> Item<'a> {
    Item { depth: 1, size: 1, exports: None }
}
