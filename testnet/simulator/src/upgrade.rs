//! The calls that upload the code of a module in parts, and install it as a new version or a new module.

use ehb_executor::KERNEL;
use ehb_kernel::{chain, upload};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Address, Call, Hash, Name};
use serde_json::json;

use crate::Setup;
use crate::releases::Release;

/// The number of parts in which code is uploaded.
const PARTS: usize = 2;

/// The upgrade of a module, or the installation of a new one.
pub(crate) struct Upgrade {
    module: Name,
    code: Hash,
    /// The calls that upload the code, each with the offset of its part, bytes.
    parts: Vec<(u32, Call)>,
    /// The call that installs it.
    install: Call,
}

impl Upgrade {
    pub(crate) fn new(setup: &Setup, release: &Release) -> Result<Self, String> {
        let Release { module, code, hash } = release;
        let part_bytes = code.len().div_ceil(PARTS).max(1);
        let mut parts = Vec::new();
        for part in code.chunks(part_bytes) {
            let offset = u32::try_from(parts.len() * part_bytes).map_err(|it| it.to_string())?;
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let arguments = json!({
                "module": module,
                "code": hash,
                "size": code.len(),
                "offset": offset,
                "part": format!("0x{hex}"),
            });
            parts.push((offset, setup.call(KERNEL, "upload-code", &arguments)?));
        }
        let code = json!({ "module": module, "code": hash });
        let install = match setup.modules.get(module) {
            Some(_) => setup.call(KERNEL, "upgrade-modules", &json!({ "upgrades": [code] }))?,
            None => setup.call(KERNEL, "install-module", &code)?,
        };
        let module = Name::new(*module).map_err(|error| error.to_string())?;
        Ok(Self { module, code: *hash, parts, install })
    }

    /// The next call of the upgrade in a state; none if the version is installed.
    pub(crate) fn next(
        &self,
        state: &Overlay,
        owner: &Address,
    ) -> Result<Option<&Call>, StoreError> {
        let installed = chain::modules(state)?;
        if installed.iter().any(|(name, it)| *name == self.module && it.code == self.code) {
            return Ok(None);
        }
        let brought = upload::get(state, owner, &self.module)?.filter(|it| it.code == self.code);
        let from = brought.map_or(0, |it| it.uploaded);
        let part = self.parts.iter().find(|(offset, _)| *offset == from);
        Ok(Some(part.map_or(&self.install, |(_, call)| call)))
    }
}
