//! Edits of source text. Each fails if the place that it changes is gone or is not the only one.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::mirror::Sources;

/// The text of a source file.
fn text<'a>(sources: &'a mut Sources, file: &str) -> Result<&'a mut Vec<u8>> {
    let found = sources.get_mut(Path::new(file));
    found.with_context(|| format!("the next release changes {file}, which does not exist"))
}

/// Replaces a file's text by what `edit` returns.
fn change(
    sources: &mut Sources,
    file: &str,
    edit: impl FnOnce(&str) -> Result<String>,
) -> Result<()> {
    let bytes = text(sources, file)?;
    let edited = edit(std::str::from_utf8(bytes)?)
        .with_context(|| format!("the next release cannot change {file}"))?;
    *bytes = edited.into_bytes();
    Ok(())
}

/// Where a text is, which must be there once.
fn place(whole: &str, part: &str) -> Result<usize> {
    let mut places = whole.match_indices(part);
    match (places.next(), places.next()) {
        (Some((place, _)), None) => Ok(place),
        (None, _) => bail!("{part:?} is not there any more"),
        _ => bail!("{part:?} is there more than once"),
    }
}

/// Adds lines at the end of a record or variant of WIT.
pub(crate) fn grow(sources: &mut Sources, file: &str, block: &str, lines: &str) -> Result<()> {
    change(sources, file, |text| {
        let begin = place(text, &format!("    {block} {{\n"))?;
        let end = text[begin..].find("\n    }\n").context("the block has no end")?;
        let end = begin + end + 1;
        Ok(format!("{}{lines}\n{}", &text[..end], &text[end..]))
    })
}

/// Replaces a text.
pub(crate) fn replace(sources: &mut Sources, file: &str, from: &str, to: &str) -> Result<()> {
    change(sources, file, |text| {
        let begin = place(text, from)?;
        Ok(format!("{}{to}{}", &text[..begin], &text[begin + from.len()..]))
    })
}

/// Makes a map of stored values read an earlier layout too.
pub(crate) fn read_earlier(
    sources: &mut Sources,
    file: &str,
    map: &str,
    earlier: &str,
) -> Result<()> {
    change(sources, file, |text| {
        let begin = place(text, &format!("pub const {map}: "))?;
        let end = begin + text[begin..].find(';').context("the declaration has no end")?;
        let declaration = &text[begin..end];
        let prefix = declaration.split_once("Map::new(").and_then(|(_, it)| it.strip_suffix(')'));
        let prefix =
            prefix.with_context(|| format!("{declaration:?} has an earlier layout already"))?;
        let grown = format!("Map::with_earlier({prefix}, &[{earlier}])");
        let declaration = declaration.replace(&format!("Map::new({prefix})"), &grown);
        Ok(format!("{}{declaration}{}", &text[..begin], &text[end..]))
    })
}

/// Adds text at the end of a file.
pub(crate) fn append(sources: &mut Sources, file: &str, added: &str) -> Result<()> {
    change(sources, file, |text| Ok(format!("{text}{added}")))
}
