//! The sentences of actions.

use super::*;

const KERNEL_WIT: &str = include_str!("../../../../../runtime/executor/wit/kernel.wit");

#[test]
fn each_action_of_the_kernel_has_a_sentence() {
    let (_, cases) = KERNEL_WIT.split_once("variant action {").unwrap();
    let (cases, _) = cases.split_once('}').unwrap();
    let cases = cases.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    for name in cases.filter_map(|line| Some(line.split_once('(')?.0)) {
        let action = json!({ name: {} });
        assert_ne!(of_action(&action), action.to_string());
    }
}
