//! Types and names in components: index spaces, with the depth and size of their items.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::InstallError;
use super::super::limits::{NESTING_MAX, TYPE_DEPTH_MAX, TYPE_SIZE_MAX};
use super::reader::Reader;
use super::tally::{Kind, Tally};
use super::{Profile, leaf, malformed};

/// The kinds of items that have types. Core items and values have no index space here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Function,
    Type,
    Component,
    Instance,
}

impl Sort {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, InstallError> {
        Self::of(reader.byte()?)
    }

    fn of(byte: u8) -> Result<Self, InstallError> {
        match byte {
            0x01 => Ok(Self::Function),
            0x03 => Ok(Self::Type),
            0x04 => Ok(Self::Component),
            0x05 => Ok(Self::Instance),
            _ => Err(malformed("it passes on core modules, core types or values")),
        }
    }
}

/// The exports by name.
type Exports<'a> = Rc<BTreeMap<&'a [u8], (Sort, Item<'a>)>>;

/// A type, or an item with a type.
#[derive(Clone)]
pub(super) struct Item<'a> {
    /// The longest chain of references in it.
    pub(super) depth: u32,
    /// The number of its nodes with every reference expanded.
    pub(super) size: u32,
    /// The exports of an instance or a component, or of a type of one.
    pub(super) exports: Option<Exports<'a>>,
}

impl Item<'_> {
    /// Adds a referenced item.
    fn refer(&mut self, to: &Self) {
        self.depth = self.depth.max(to.depth.saturating_add(1));
        self.size = self.size.saturating_add(to.size);
    }
}

/// A component, or the type of a component or an instance, while it is read.
pub(super) struct Scope<'a> {
    spaces: [Vec<Item<'a>>; 4],
    exports: BTreeMap<&'a [u8], (Sort, Item<'a>)>,
    /// The depth and size of its imports and exports.
    whole: Item<'a>,
}

impl<'a> Scope<'a> {
    pub(super) fn component() -> Self {
        Self { spaces: Default::default(), exports: BTreeMap::new(), whole: leaf() }
    }

    /// Records an export.
    pub(super) fn offer(&mut self, name: &'a [u8], sort: Sort, item: Item<'a>) {
        self.whole.refer(&item);
        self.exports.insert(name, (sort, item));
    }

    /// The item that represents it outside.
    pub(super) fn into_item(self) -> Item<'a> {
        Item { exports: Some(Rc::new(self.exports)), ..self.whole }
    }
}

/// The open scopes, outermost first.
#[derive(Default)]
pub(super) struct Scopes<'a>(Vec<Scope<'a>>);

impl<'a> Scopes<'a> {
    pub(super) fn push(&mut self, scope: Scope<'a>) {
        self.0.push(scope);
    }

    pub(super) fn pop(&mut self) -> Result<Scope<'a>, InstallError> {
        self.0.pop().ok_or_else(|| malformed("it ends twice"))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn innermost(&mut self) -> Result<&mut Scope<'a>, InstallError> {
        self.0.last_mut().ok_or_else(|| malformed("it ends twice"))
    }

    pub(super) fn get(&self, sort: Sort, index: u32) -> Result<&Item<'a>, InstallError> {
        self.outer(sort, 0, index)
    }

    fn outer(&self, sort: Sort, outwards: u32, index: u32) -> Result<&Item<'a>, InstallError> {
        let scope = self.0.iter().rev().nth(outwards as usize);
        let item = scope.and_then(|scope| scope.spaces[sort as usize].get(index as usize));
        item.ok_or_else(|| malformed("it refers to an item that comes later or never"))
    }

    /// Adds an item to the innermost scope, if it is not too deep or large.
    pub(super) fn add(
        &mut self,
        sort: Sort,
        item: Item<'a>,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        let (depth, size) = (item.depth.into(), item.size.into());
        if depth > TYPE_DEPTH_MAX {
            let (what, max) = ("types within types", TYPE_DEPTH_MAX);
            return Err(InstallError::Limit { what, got: depth, max });
        }
        if size > TYPE_SIZE_MAX {
            let (what, max) = ("nodes in a type, every reference written out", TYPE_SIZE_MAX);
            return Err(InstallError::Limit { what, got: size, max });
        }
        tally.nodes(item.size)?;
        self.innermost()?.spaces[sort as usize].push(item);
        Ok(())
    }

    pub(super) fn import(
        &mut self,
        reader: &mut Reader<'a>,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        tally.add(Kind::Import, 1)?;
        extern_name(reader)?;
        let (sort, item) = self.described(reader)?;
        self.innermost()?.whole.refer(&item);
        self.add(sort, item, tally)
    }

    /// An export of a component, which is itself an item there.
    pub(super) fn export(
        &mut self,
        reader: &mut Reader<'a>,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        tally.add(Kind::Export, 1)?;
        let name = extern_name(reader)?;
        let sort = Sort::read(reader)?;
        let mut item = self.get(sort, reader.number()?)?.clone();
        match reader.byte()? {
            0x00 => {}
            0x01 => {
                // The validator compares the two.
                tally.nodes(item.size)?;
                let described;
                (described, item) = self.described(reader)?;
                if described != sort {
                    return Err(malformed("an export has a type of another kind"));
                }
            }
            _ => return Err(malformed("an export has an unknown form")),
        }
        self.innermost()?.offer(name, sort, item.clone());
        self.add(sort, item, tally)
    }

    pub(super) fn alias(
        &mut self,
        reader: &mut Reader<'a>,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        tally.add(Kind::Alias, 1)?;
        let kind = reader.byte()?;
        if kind == 0x00 {
            // Of a core item; only core instances export those.
            reader.byte()?;
            if reader.byte()? != 0x01 {
                return Err(malformed("it passes on core modules, core types or values"));
            }
            reader.number()?;
            return reader.name().map(drop);
        }
        let sort = Sort::of(kind)?;
        let item = match reader.byte()? {
            0x00 => {
                let instance = self.get(Sort::Instance, reader.number()?)?;
                let exports = instance.exports.as_ref();
                let found = exports.and_then(|exports| exports.get(reader.name().ok()?));
                let found = found.filter(|(found, _)| *found == sort);
                found.ok_or_else(|| malformed("it names an export that is not there"))?.1.clone()
            }
            0x02 => self.outer(sort, reader.number()?, reader.number()?)?.clone(),
            _ => return Err(malformed("an alias has an unknown form")),
        };
        self.add(sort, item, tally)
    }

    /// Reads the description of an import or a declared export.
    fn described(&mut self, reader: &mut Reader<'a>) -> Result<(Sort, Item<'a>), InstallError> {
        let sort = Sort::read(reader)?;
        let item = match sort {
            Sort::Type => match reader.byte()? {
                0x00 => self.get(Sort::Type, reader.number()?)?.clone(),
                0x01 => leaf(),
                _ => return Err(malformed("a type is bounded in an unknown way")),
            },
            Sort::Function => self.get(Sort::Type, reader.number()?)?.clone(),
            Sort::Component | Sort::Instance => {
                let item = self.get(Sort::Type, reader.number()?)?.clone();
                if item.exports.is_none() {
                    return Err(malformed("a type is used as that of an instance"));
                }
                item
            }
        };
        Ok((sort, item))
    }

    /// Reads the definition of a type with all declarations in it.
    pub(super) fn definition(
        &mut self,
        reader: &mut Reader<'a>,
        profile: Profile,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        // For each type of a component or an instance that is open: how many declarations are left,
        // and whether it may have imports.
        let mut open: Vec<(u32, bool)> = Vec::new();
        self.begin_type(reader, profile, &mut open, tally)?;
        while let Some((left, imports)) = open.last_mut() {
            if *left == 0 {
                open.pop();
                let done = self.pop()?.into_item();
                self.add(Sort::Type, done, tally)?;
                continue;
            }
            *left -= 1;
            match reader.byte()? {
                0x01 => self.begin_type(reader, profile, &mut open, tally)?,
                0x02 => self.alias(reader, tally)?,
                0x03 if *imports => self.import(reader, tally)?,
                0x04 => {
                    tally.add(Kind::Export, 1)?;
                    let name = extern_name(reader)?;
                    let (sort, item) = self.described(reader)?;
                    self.innermost()?.offer(name, sort, item.clone());
                    self.add(sort, item, tally)?;
                }
                _ => return Err(malformed("a type has an unknown declaration")),
            }
        }
        Ok(())
    }

    /// Reads a type; for a component or an instance only the number of declarations that follow.
    fn begin_type(
        &mut self,
        reader: &mut Reader<'a>,
        profile: Profile,
        open: &mut Vec<(u32, bool)>,
        tally: &mut Tally,
    ) -> Result<(), InstallError> {
        tally.add(Kind::Type, 1)?;
        let kind = reader.byte()?;
        if let 0x41 | 0x42 = kind {
            let is_component = kind == 0x41;
            if open.len() >= NESTING_MAX || (is_component && profile == Profile::Module) {
                return Err(InstallError::Nested);
            }
            open.push((reader.count()?, is_component));
            self.push(Scope::component());
            return Ok(());
        }
        let item = self.value_or_function(kind, reader, tally)?;
        self.add(Sort::Type, item, tally)
    }

    fn value_or_function(
        &self,
        kind: u8,
        reader: &mut Reader<'a>,
        tally: &mut Tally,
    ) -> Result<Item<'a>, InstallError> {
        let mut item = leaf();
        let mut many = |reader: &mut Reader<'a>| {
            let count = reader.count()?;
            tally.add(Kind::Member, count)?;
            Ok::<_, InstallError>(count)
        };
        match kind {
            kind if is_primitive(kind) => {}
            // A resource of a core type, with or without a destructor.
            0x3f => {
                reader.byte()?;
                if reader.byte()? != 0 {
                    reader.number()?;
                }
            }
            // A function, or an asynchronous one.
            0x40 | 0x43 => {
                for _ in 0..many(reader)? {
                    reader.name()?;
                    self.value(reader, &mut item)?;
                }
                match reader.byte()? {
                    0x00 => self.value(reader, &mut item)?,
                    _ => drop(reader.byte()?),
                }
            }
            0x72 => {
                for _ in 0..many(reader)? {
                    reader.name()?;
                    self.value(reader, &mut item)?;
                }
            }
            0x71 => {
                for _ in 0..many(reader)? {
                    reader.name()?;
                    self.optional(reader, &mut item)?;
                    reader.byte()?;
                }
            }
            0x6f => {
                for _ in 0..many(reader)? {
                    self.value(reader, &mut item)?;
                }
            }
            0x6d | 0x6e => {
                for _ in 0..many(reader)? {
                    reader.name()?;
                    item.size = item.size.saturating_add(1);
                }
            }
            // A list or an option.
            0x6b | 0x70 => self.value(reader, &mut item)?,
            0x6a => {
                self.optional(reader, &mut item)?;
                self.optional(reader, &mut item)?;
            }
            // A stream or a future.
            0x65 | 0x66 => self.optional(reader, &mut item)?,
            // An owned or borrowed resource.
            0x68 | 0x69 => item.refer(self.get(Sort::Type, reader.number()?)?),
            _ => return Err(malformed("it has a type of an unknown kind")),
        }
        Ok(item)
    }

    fn optional(&self, reader: &mut Reader<'a>, item: &mut Item<'a>) -> Result<(), InstallError> {
        match reader.byte()? {
            0x00 => Ok(()),
            _ => self.value(reader, item),
        }
    }

    fn value(&self, reader: &mut Reader<'a>, item: &mut Item<'a>) -> Result<(), InstallError> {
        if is_primitive(reader.peek()?) {
            reader.byte()?;
            item.size = item.size.saturating_add(1);
            return Ok(());
        }
        item.refer(self.get(Sort::Type, reader.signed_index()?)?);
        Ok(())
    }
}

/// The name of an import or export of a component.
pub(super) fn extern_name<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], InstallError> {
    match reader.byte()? {
        0x00 | 0x01 => reader.name(),
        _ => Err(malformed("a name has an unknown form")),
    }
}

fn is_primitive(byte: u8) -> bool {
    matches!(byte, 0x64 | 0x73..=0x7f)
}
