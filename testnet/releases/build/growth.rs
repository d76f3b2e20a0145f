//! The additions of the next release to each module.

use anyhow::{Context, Result};

use crate::edits;
use crate::mirror::{MODULES, Sources};

/// The additions to a module: a refusal, and a field at the end of a record that is stored, returned and emitted.
pub(crate) struct Growth {
    module: &'static str,
    /// The record, in `types.wit`.
    record: &'static str,
    /// The new field, the time of the block that made the item.
    field: &'static str,
    /// The map that stores the record, in `keys.rs`.
    map: &'static str,
    /// The file with the function that makes an item.
    rules: &'static str,
    /// The end of the only expression that makes one, and how it ends with the field.
    made: (&'static str, &'static str),
    /// A check in that function, and the text that it checks: the new refusal follows it.
    checked: (&'static str, &'static str),
}

const GROWTHS: [Growth; 4] = [
    Growth {
        module: "wallet",
        record: "hold",
        field: "placed-ms",
        map: "HOLDS",
        rules: "holds.rs",
        made: (
            "remaining, expires_ms, reference };",
            "remaining, expires_ms, reference, placed_ms: Some(host.time_ms()) };",
        ),
        checked: (
            r#"checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;"#,
            "reference",
        ),
    },
    Growth {
        module: "credit",
        record: "programme",
        field: "created-ms",
        map: "PROGRAMMES",
        rules: "programmes.rs",
        made: (
            "payout_change: None,\n        };",
            "payout_change: None, created_ms: Some(host.time_ms()) };",
        ),
        checked: ("checks::unit(&unit)?;", "name"),
    },
    Growth {
        module: "jobs",
        record: "posting",
        field: "posted-ms",
        map: "POSTINGS",
        rules: "postings.rs",
        made: ("hired: 0 };", "hired: 0, posted_ms: Some(host.time_ms()) };"),
        checked: ("checks::details(&details, host.time_ms())?;", "details.title"),
    },
    Growth {
        module: "marketplace",
        record: "category",
        field: "created-ms",
        map: "CATEGORIES",
        rules: "catalogue.rs",
        made: (
            "let category = Category { id, parent, depth, name };",
            "let category = Category { id, parent, depth, name, created_ms: Some(host.time_ms()) };",
        ),
        checked: ("let depth = match parent {", "name"),
    },
];

/// The additions to a module of this name.
pub(crate) fn of(module: &str) -> Result<&'static Growth> {
    let found = GROWTHS.iter().find(|it| it.module == module);
    found.with_context(|| format!("the next release adds nothing to the module {module}"))
}

impl Growth {
    /// Changes the sources of the module.
    pub(crate) fn apply(&self, sources: &mut Sources) -> Result<()> {
        let file = |name: &str| format!("{MODULES}/{}/{name}", self.module);
        let error = "        /// Release 2 uses this text itself.\n        reserved-text(string),";
        edits::grow(sources, &file("wit/types.wit"), "variant error", error)?;
        let field = format!(
            "        /// The time of the block that made it; none if release 1 did.\n        {}: option<u64>,",
            self.field
        );
        let record = format!("record {}", self.record);
        edits::grow(sources, &file("wit/types.wit"), &record, &field)?;
        edits::read_earlier(sources, &file("src/keys.rs"), self.map, "of_release_1")?;
        edits::append(sources, &file("src/keys.rs"), OF_RELEASE_1)?;
        let rules = file(&format!("src/rules/{}", self.rules));
        edits::replace(sources, &rules, self.made.0, self.made.1)?;
        let (check, text) = self.checked;
        let refusal = format!(
            "if {text} == \"reserved by release 2\" {{ return Err(Error::ReservedText({text}.clone())); }}\n"
        );
        let checked = if check.ends_with(';') {
            format!("{check}\n{refusal}")
        } else {
            format!("{refusal}{check}")
        };
        edits::replace(sources, &rules, check, &checked)
    }
}

/// Reads a stored record that lacks the new field: it is optional and the last one.
const OF_RELEASE_1: &str = "
/// Reads a value that release 1 stored.
fn of_release_1<V: ehb_contract::Pack>(bytes: &mut &[u8]) -> Option<V> {
    let mut value = bytes.to_vec();
    ehb_contract::Pack::pack(&None::<u64>, &mut value);
    *bytes = &[];
    let mut rest = value.as_slice();
    let value = V::unpack(&mut rest)?;
    rest.is_empty().then_some(value)
}
";
