//! Counts a component's items during the scan, and rejects it when a limit is exceeded.

use super::super::InstallError;
use super::super::limits::{
    COMPONENT_ENTRIES_MAX, COMPONENTS_MAX, CORE_MODULES_MAX, CORE_TYPES_MAX, CUSTOM_SECTIONS_MAX,
    DATA_SEGMENTS_MAX, ELEMENT_SEGMENTS_MAX, ENTRIES_MAX, FUNCTIONS_MAX, SECTIONS_MAX,
    SEGMENT_ELEMENTS_MAX, TABLES_MAX, TYPE_SIZES_MAX,
};

/// The items that are counted over the whole component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Section,
    Custom,
    Component,
    CoreModule,
    Instance,
    Argument,
    Type,
    Member,
    Alias,
    Import,
    Export,
    Canonical,
    CoreType,
    CoreImport,
    CoreExport,
    Function,
    Table,
    Memory,
    Global,
    Element,
    SegmentElement,
    Data,
}

impl Kind {
    /// Its name in an error, and the maximum.
    fn bound(self) -> (&'static str, u32) {
        match self {
            Self::Section => ("sections", SECTIONS_MAX),
            Self::Custom => ("custom sections", CUSTOM_SECTIONS_MAX),
            Self::Component => ("nested components", COMPONENTS_MAX),
            Self::CoreModule => ("core modules", CORE_MODULES_MAX),
            Self::Instance => ("instances", COMPONENTS_MAX * 2),
            Self::Argument => ("arguments of instances", COMPONENT_ENTRIES_MAX),
            Self::Type => ("types", COMPONENT_ENTRIES_MAX),
            Self::Member => ("fields, cases and parameters of types", COMPONENT_ENTRIES_MAX * 8),
            Self::Alias => ("aliases", COMPONENT_ENTRIES_MAX),
            Self::Import => ("imports", COMPONENT_ENTRIES_MAX),
            Self::Export => ("exports", COMPONENT_ENTRIES_MAX),
            Self::Canonical => ("lifted and lowered functions", ENTRIES_MAX),
            Self::CoreType => ("core types", CORE_TYPES_MAX),
            Self::CoreImport => ("imports of core modules", ENTRIES_MAX),
            Self::CoreExport => ("exports of core modules", ENTRIES_MAX),
            Self::Function => ("functions", u32::try_from(FUNCTIONS_MAX).unwrap_or(u32::MAX)),
            Self::Table => ("tables", u32::try_from(TABLES_MAX).unwrap_or(u32::MAX)),
            Self::Memory => ("memories", 1),
            Self::Global => ("globals", ENTRIES_MAX),
            Self::Element => ("element segments", ELEMENT_SEGMENTS_MAX),
            Self::SegmentElement => ("elements in its segments", SEGMENT_ELEMENTS_MAX),
            Self::Data => ("data segments", DATA_SEGMENTS_MAX),
        }
    }
}

/// The counts so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: [u32; Kind::Data as usize + 1],
    nodes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, kind: Kind, count: u32) -> Result<(), InstallError> {
        let counted = &mut self.counts[kind as usize];
        *counted = counted.saturating_add(count);
        let (what, max) = kind.bound();
        match *counted <= max {
            true => Ok(()),
            false => Err(InstallError::Limit { what, got: (*counted).into(), max: max.into() }),
        }
    }

    /// Counts the nodes of a type that the validator can walk.
    pub(super) fn nodes(&mut self, size: u32) -> Result<(), InstallError> {
        self.nodes = self.nodes.saturating_add(size.into());
        let what = "nodes in all of its types, every reference written out";
        match self.nodes <= TYPE_SIZES_MAX {
            true => Ok(()),
            false => Err(InstallError::Limit { what, got: self.nodes, max: TYPE_SIZES_MAX }),
        }
    }
}
