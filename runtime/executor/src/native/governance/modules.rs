//! Actions that install, pause, resume and remove modules.

use ehb_kernel::chain::ModuleStatus;
use ehb_kernel::governance::Installation;

use super::actions::Change;
use crate::native::gas::Gas;
use crate::native::{Native, Problem};

impl Native<'_> {
    pub(super) fn install_new(
        &mut self,
        installation: &Installation,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let new = self.install(installation, gas)?;
        let imports: Vec<&str> = new.imports().iter().map(|it| it.as_str()).collect();
        let imports = match imports.is_empty() {
            true => String::new(),
            false => format!(", calls {}", imports.join(", ")),
        };
        let after = format!("active, code {}{imports}", new.code_hash());
        Ok(Change::new(subject(&installation.module), None, Some(after)))
    }

    /// Pauses or resumes a module.
    pub(super) fn pause(
        &mut self,
        module: &str,
        is_paused: bool,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        self.set_paused(module, is_paused, gas)?;
        let [before, after] = match is_paused {
            true => [ModuleStatus::Active, ModuleStatus::Paused],
            false => [ModuleStatus::Paused, ModuleStatus::Active],
        };
        Ok(status_change(module, before, after))
    }

    pub(super) fn remove(&mut self, module: &str, gas: &mut Gas<'_>) -> Result<Change, Problem> {
        let before = self.remove_module(module, gas)?;
        Ok(status_change(module, before, ModuleStatus::Removed))
    }
}

fn subject(module: &str) -> String {
    format!("module {module}")
}

fn status_change(module: &str, before: ModuleStatus, after: ModuleStatus) -> Change {
    let text = |status: ModuleStatus| Some(status.as_str().to_owned());
    Change::new(subject(module), text(before), text(after))
}
