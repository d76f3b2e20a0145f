//! Encodes a compiled module as a component: validated, without names, and with its WIT attached.

use std::mem;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasm_encoder::{
    Component, ComponentSection, ComponentSectionId, CustomSection, Encode, ExportSection, Module,
    RawSection, Section,
};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;
use wit_parser::Resolve;

/// The custom section that carries the module's WIT package in binary form, with its documentation,
/// which a component by itself does not keep.
const WIT_SECTION: &str = "ehb-wit";

/// How the functions are named that free what a call returned. A call has an instance of its own,
/// whose memory is gone with it: nobody would call them, and each instance would look them up.
const POST_RETURN: &str = "cabi_post_";

/// Turns core WebAssembly into a component: encoded and validated, without names, with its WIT. The
/// last of the WIT folders is the module's own, those before it are what it uses.
pub(crate) fn make(core: &[u8], wit_folders: &[PathBuf]) -> Result<Vec<u8>> {
    let core = without_post_returns(core)?;
    let component = ComponentEncoder::default().validate(true).module(&core)?.encode()?;
    let mut component = strip(&component)?;
    let wit = encode_wit(wit_folders)?;
    CustomSection { name: WIT_SECTION.into(), data: wit.into() }
        .append_to_component(&mut component);
    Ok(component)
}

fn without_post_returns(core: &[u8]) -> Result<Vec<u8>> {
    let mut output = Module::HEADER.to_vec();
    for payload in Parser::new(0).parse_all(core) {
        let payload = payload?;
        match &payload {
            Payload::ExportSection(exports) => {
                let mut kept = ExportSection::new();
                for export in exports.clone() {
                    let export = export?;
                    if !export.name.starts_with(POST_RETURN) {
                        kept.export(export.name, export.kind.into(), export.index);
                    }
                }
                kept.append_to(&mut output);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    RawSection { id, data: &core[range] }.append_to(&mut output);
                }
            }
        }
    }
    Ok(output)
}

fn encode_wit(wit_folders: &[PathBuf]) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let mut package = None;
    for folder in wit_folders {
        let (pushed, _) = resolve.push_dir(folder)?;
        package = Some(pushed);
    }
    let package = package.context("the module has no WIT folder")?;
    wit_component::encode(&resolve, package)
}

/// Drops the custom sections, at all depths: names and the producers' versions are of no use to a
/// node, and would let the module's hash change without its rules.
fn strip(component: &[u8]) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut outer = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                output.extend_from_slice(&Component::HEADER);
            }
            Payload::Version { encoding: Encoding::Module, .. } => {
                output.extend_from_slice(&Module::HEADER);
            }
            // The following payloads are nested, up to its end.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                outer.push(mem::take(&mut output));
            }
            Payload::End(_) => {
                let Some(mut around) = outer.pop() else { return Ok(output) };
                let section = if output.starts_with(&Component::HEADER) {
                    ComponentSectionId::Component
                } else {
                    ComponentSectionId::CoreModule
                };
                around.push(section as u8);
                output.encode(&mut around);
                output = around;
            }
            Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    RawSection { id, data: &component[range] }.append_to(&mut output);
                }
            }
        }
    }
    bail!("the component has no end")
}
