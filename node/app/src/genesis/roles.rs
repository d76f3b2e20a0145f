//! The roles that this release knows.

use std::collections::BTreeSet;

use anyhow::bail;
use ehb_types::{ADMINISTRATOR, MANAGER, Name, Parameters};

/// The roles that count for the whole network, for which the kernel and the modules of this release ask.
const NETWORK_ROLES: [&str; 5] =
    ["arbiter", ehb_executor::DEPLOYER, "issuer", "platform-admin", ehb_executor::UPGRADER];

/// Whether organisations grant the role to their own accounts.
pub(super) fn is_of_organisations(role: &Name, parameters: &Parameters) -> bool {
    parameters.accounts.organisation_roles.contains(role)
}

/// Whether anything asks for the role.
pub(super) fn is_known(role: &Name, parameters: &Parameters) -> bool {
    let names = [ADMINISTRATOR, MANAGER].into_iter().chain(NETWORK_ROLES);
    names.into_iter().any(|it| it == role.as_str()) || is_of_organisations(role, parameters)
}

/// Checks that this release knows all roles.
pub(super) fn check_known(roles: &BTreeSet<Name>, parameters: &Parameters) -> anyhow::Result<()> {
    let Some(role) = roles.iter().find(|it| !is_known(it, parameters)) else { return Ok(()) };
    bail!(
        "nothing in this release asks for the role {role}: check its spelling, or add it to the \
         parameter accounts.organisation_roles if organisations use it for rules of their own"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The text of the sources below a folder, but no tests.
    fn sources(folder: &Path) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match () {
                () if path.is_dir() && name != "tests" => text += &sources(&path),
                () if name.ends_with(".rs") && name != "tests.rs" => {
                    text += &std::fs::read_to_string(&path).unwrap();
                }
                () => {}
            }
        }
        text
    }

    /// The constants among the arguments of a call, whose text begins after its opening bracket.
    fn constants(call: &str) -> Vec<&str> {
        let mut depth = 1;
        let end = call.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let words = call[..end.unwrap_or(0)].split(|c: char| !c.is_alphanumeric() && c != '_');
        let is_constant =
            |it: &&str| it.len() > 1 && it.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        words.filter(is_constant).collect()
    }

    /// A module that asks for a new role brings it here, or into the roles of organisations.
    #[test]
    #[expect(clippy::panic, reason = "a test fails by panic")]
    fn the_roles_for_which_modules_ask_are_known() {
        // As of the run: a build cache may hold this test from a checkout at another place.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        let root = Path::new(&package).join("../..");
        let modules = ["wallet", "credit", "marketplace", "jobs", "dispute"];
        let modules: String =
            modules.iter().map(|it| sources(&root.join(format!("contracts/{it}/src")))).collect();
        let libraries = ["sdk/contract/src", "runtime/executor/src"];
        let libraries: String = libraries.iter().map(|it| sources(&root.join(it))).collect();
        let roles = std::fs::read_to_string(root.join("runtime/types/src/roles.rs")).unwrap();
        let text = modules + &libraries + &roles;
        let mut asked = BTreeSet::new();
        let checks = ["has_role(", "check_role("];
        for name in checks.iter().flat_map(|it| text.split(it).skip(1)).flat_map(constants) {
            let one = text.split_once(&format!("const {name}: &str = ")).map(|it| it.1);
            let list = || text.split_once(&format!("const {name}: &[&str] = ")).map(|it| it.1);
            let declared = one.or_else(list).unwrap_or_else(|| panic!("no constant {name}"));
            let (declared, _) = declared.split_once(';').unwrap();
            asked.extend(declared.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        assert!(asked.len() > 3, "{asked:?}");
        for role in &asked {
            assert!(is_known(&Name::new(role.as_str()).unwrap(), &Parameters::default()), "{role}");
        }
        for role in NETWORK_ROLES {
            assert!(text.contains(&format!("\"{role}\"")), "nothing asks for {role}");
        }
    }
}
